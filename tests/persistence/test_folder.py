"""A folder of results: whole files or none, whatever is ended or lies in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from nbapp.persistence.folder import Folder
from tests.persistence.places import results

# Writers are copies of one process, so that thousands of them are a matter of a minute.
_KILLS = """
import json, os, random, signal, sys, time
from pathlib import Path
from tests.persistence.places import results

folder, count, chance = sys.argv[1], int(sys.argv[2]), random.Random(int(sys.argv[3]))
there = results(folder)
name = there.name("load", "one")
found = {"read": 0, "missed": 0, "mixed": 0, "killed in the middle": 0}

def write(number):
    there.put(name, {"number": number}, [bytes([number % 251]) * 400_000])

write(0)
for _ in range(count):
    if (writer := os.fork()) == 0:
        for number in range(10**9):
            write(number)
    time.sleep(chance.uniform(0, 0.006))
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    entry = there.find(name)
    found["read"] += entry is not None
    found["missed"] += entry is None
    found["mixed"] += entry is not None and set(bytes(entry.parts[0])) != {entry.header["number"] % 251}
    for left in Path(folder).rglob("*.part"):
        left.unlink()  # else they fill the disk before they are old enough to be swept away
        found["killed in the middle"] += 1
print(json.dumps(found))
"""


def _kills(folder: Path, count: int) -> None:
    """Writers are ended at some moment, and each time somebody reads."""
    command = [sys.executable, "-c", _KILLS, str(folder), str(count), str(time.time_ns() % 10**9)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    assert found.pop("killed in the middle") > 0
    assert found == {"read": count, "missed": 0, "mixed": 0}, command


def test_writers_that_are_killed_leave_a_whole_result(tmp_path: Path) -> None:
    """The one before, or the new one; `make soak` kills more of them."""
    _kills(tmp_path, 100)


@pytest.mark.soak
def test_ten_thousand_writers_that_are_killed_leave_whole_results(tmp_path: Path) -> None:
    """As above."""
    _kills(tmp_path, 10_000)


def test_what_killed_writers_left_is_swept_away_in_time(tmp_path: Path) -> None:
    """Not what is being written now."""
    folder = tmp_path / "a"
    folder.mkdir()
    old, new = folder / ".b-1-ff.part", folder / ".b-2-ff.part"
    for file in (old, new, folder / ".b.lock"):
        file.touch()
    os.utime(old, (0, 0))
    os.utime(folder / ".b.lock", (0, 0))
    Folder(tmp_path).sweep()
    assert [file.name for file in folder.iterdir()] == [new.name]


def test_what_is_no_file_is_no_result(tmp_path: Path) -> None:
    """A link, a pipe, a folder, a file without end: none is followed, waited for or read."""
    there = Folder(tmp_path)
    there.put("a/secret", [b"secret"])
    folder = tmp_path / "a"
    (folder / "link.result").symlink_to(folder / "secret.result")
    os.mkfifo(folder / "pipe.result")
    (folder / "folder.result").mkdir()
    with (folder / "large.result").open("wb") as file:
        file.truncate(10**10)
    opened = psutil.Process().num_fds()
    for name in ("pipe", "large", "folder"):
        assert there.get(f"a/{name}", 10**6) is None
    assert psutil.Process().num_fds() == opened
    for name in ("link", "folder"):
        found = results(tmp_path).find(f"a/{name}")
        assert found is None


def test_names_lead_nowhere_else(tmp_path: Path) -> None:
    """They are made of hashes; anything else is a mistake of ours."""
    for name in ("../a/b", "a/../b", "a", "/a/b", "a/b/c", "a/b.result"):
        with pytest.raises(ValueError, match="no name"):
            Folder(tmp_path).get(name, 10)


def test_others_cannot_look_in(tmp_path: Path) -> None:
    """Folders and files are the user's."""
    there = Folder(tmp_path / "results")
    there.put("a/b", [b"x"])
    for path in (tmp_path / "results", tmp_path / "results" / "a"):
        assert path.stat().st_mode & 0o077 == 0
    assert (tmp_path / "results" / "a" / "b.result").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_may_only_be_read_still_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result is found; that it was used now cannot be noted. Root may write anywhere, so the system call refuses."""
    there = results(tmp_path)
    name = there.name("load", "one")
    assert name is not None
    there.put(name, {}, [b"x"])

    def refuses(*_: object, **__: object) -> None:
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(os, "utime", refuses)
    assert there.find(name) is not None


def test_the_right_to_compute_ends_with_its_process(tmp_path: Path) -> None:
    """However it ends."""
    code = "import sys, time; from nbapp.persistence.folder import Folder; from pathlib import Path\n"
    code += "f = Folder(Path(sys.argv[1])).claim('a/b'); print(f.take(), flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        mine = Folder(tmp_path).claim("a/b")
        assert not mine.take()
        holder.kill()
        holder.wait()
    assert mine.take()
    mine.release()
    assert list((tmp_path / "a").iterdir()) == []
