"""Results of `nbapp.cache` that another process computed: found when all they rest on is the same, and only then.

Each step is a process of its own, which shares nothing with the others but a folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

_HEAD = """
import os, sys, time
import nbapp
from nbapp.persistence.current import CURRENT
CURRENT.use({"where": os.environ["WHERE"], "limit": 10**9, "key": os.environ["KEY"]}, for_visitors=True)

def slowly():
    print("working")
    time.sleep(0.1)
"""
LOAD = """
@nbapp.cache(persist=True)
def load(n):
    slowly()
    return list(range(n))
"""
Start = Callable[..., "subprocess.Popen[str]"]
Run = Callable[..., list[str]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts a process that runs these lines after one another."""

    def started(*parts: str) -> subprocess.Popen[str]:
        code = _HEAD + "".join(textwrap.dedent(part) + "\n" for part in parts)
        environment = {"WHERE": str(tmp_path / "results"), "KEY": str(tmp_path / "key"), "PATH": "", "PYTHONPATH": "."}
        command = [sys.executable, "-c", code]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)

    return started


@pytest.fixture
def run(start: Start) -> Run:
    """What such a process prints."""

    def ran(*parts: str) -> list[str]:
        process = start(*parts)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
        return said.split("\n")[:-1]

    return ran


def test_a_result_of_an_earlier_process_is_found(run: Run) -> None:
    """And tells that it is."""
    show = "print(load(3), load.why(3))"
    assert run(LOAD, show)[0] == "working"
    said = "hit: another process computed it for these arguments, code and all that it reads"
    assert run(LOAD, show) == [f"[0, 1, 2] {said}"]
    assert run(LOAD, "print(load(4))") == ["working", "[0, 1, 2, 3]"]


def test_other_code_finds_nothing(run: Run) -> None:
    """Its own, and that of what it calls."""
    run(LOAD, "load(3)")
    assert run(LOAD.replace("range(n)", "range(n + 0)"), "print(load(3))") == ["working", "[0, 1, 2]"]
    changed = "def slowly():\n    print('working anew')\n    time.sleep(0.1)"
    assert run(changed, LOAD, "print(load(3))") == ["working anew", "[0, 1, 2]"]


@pytest.mark.parametrize("value", ["2", "{'a': [2]}", "os.path.join", "lambda: 2"])
def test_another_value_of_a_global_finds_nothing(run: Run, value: str) -> None:
    """Whatever it holds; and the same one does."""
    code = "@nbapp.cache(persist=True)\ndef load():\n    slowly()\n    return str(scale)[:3]"
    assert run("scale = 1", code, "load()") == ["working"]
    assert run(f"scale = {value}", code, "load()") == ["working"]
    assert run("scale = 1", code, "load()") == []


def test_a_file_that_changed_finds_nothing(run: Run, tmp_path: Path) -> None:
    """One that an argument names."""
    path = tmp_path / "data.txt"
    path.write_text("one")
    code = f"@nbapp.cache(persist=True)\ndef load(path):\n    slowly()\n    return open(path).read()\nprint(load({str(path)!r}))"
    assert run(code) == ["working", "one"]
    assert run(code) == ["one"]
    path.write_text("other")
    assert run(code) == ["working", "other"]


def test_what_stands_for_something_of_a_process_is_never_found(run: Run) -> None:
    """The number of a connection is the same in every process, and the connection is not."""
    code = "import sqlite3\n@nbapp.cache(persist=True)\ndef load(db):\n    slowly()\n    return db.execute('select 1').fetchone()"
    for _ in range(2):
        assert run(code, "print(load(sqlite3.connect(':memory:')))") == ["working", "(1,)"]


def test_a_global_that_stands_for_something_of_a_process_is_never_found(run: Run) -> None:
    """Nor is what is behind one of several names."""
    code = "import sqlite3\ndb = sqlite3.connect(':memory:')\n@nbapp.cache(persist=True)\ndef load():\n    slowly()\n    return len([db])"
    for _ in range(2):
        assert run(code, "print(load())") == ["working", "1"]


MADE = "class Point:\n    def __init__(self, x):\n        self.x = x\n    def where(self):\n        return self.x"


def test_objects_of_the_notebooks_classes_come_back(run: Run) -> None:
    """As instances of the class that is there now, which is the same."""
    code = "@nbapp.cache(persist=True)\ndef load():\n    slowly()\n    return [Point(1), Point(2)]"
    show = "print([point.where() for point in load()], type(load()[0]) is Point)"
    assert run(MADE, code, show) == ["working", "[1, 2] True"]
    assert run(MADE, code, show) == ["[1, 2] True"]
    assert run(MADE.replace("self.x\n", "self.x\n#"), code, show) == ["[1, 2] True"]
    assert run(MADE.replace("return self.x", "return -self.x"), code, show) == ["working", "[-1, -2] True"]


def test_a_result_that_holds_code_stays_in_its_process(run: Run) -> None:
    """It works, and is computed by each."""
    code = "@nbapp.cache(persist=True)\ndef load(n):\n    slowly()\n    return lambda: n\nprint(load(3)(), load(3)())"
    for _ in range(2):
        assert run(code) == ["working", "3 3"]


def test_arrays_and_frames_come_back_to_be_written(run: Run) -> None:
    """Small and large; each caller's is its own, and what could not be written cannot."""
    code = """
    import numpy as np, pandas as pd
    @nbapp.cache(persist=True)
    def load():
        slowly()
        fixed = np.arange(4)
        fixed.flags.writeable = False
        return np.zeros(600_000), np.arange(3), fixed, pd.DataFrame({"a": [1.5, 2], "b": ["x", "y"]})
    for _ in range(2):
        large, small, fixed, frame = load()
        large[5] = small[0] = 7
        frame.loc[0, "a"] = 9
        print(large.sum(), small, fixed.flags.writeable, frame.to_dict("list"))
    """
    shown = ["7.0 [7 1 2] False {'a': [9.0, 2.0], 'b': ['x', 'y']}"] * 2
    assert run(code) == ["working", *shown]
    assert run(code) == shown


def test_a_result_grows_old_in_all_processes(run: Run) -> None:
    """`ttl` counts from when it was computed."""
    code = LOAD.replace("persist=True", "persist=True, ttl=600")
    later = """
    for clock in ("time", "monotonic"):
        setattr(time, clock, lambda real=getattr(time, clock): real() + 600)
    """
    assert run(code, "load(3)") == ["working"]
    assert run(code, "load(3)", later, "load(3)") == ["working"]
    assert run(code, later, "load(3)") == []
    assert run(code, "load(3)") == ["working"]  # the clock was set back: nobody knows how old it is
    assert run(code, "load(3)") == []


def test_what_is_cleared_is_cleared_for_all(run: Run) -> None:
    """Also what another process was computing meanwhile: see tests/persistence."""
    run(LOAD, "load(3)")
    assert run(LOAD, "load(3); load.clear(); load(3)") == ["working"]
    run(LOAD, "load.clear()")
    assert run(LOAD, "load(3)") == ["working"]


def test_two_that_need_a_result_at_the_same_time_compute_it_once(start: Start) -> None:
    """The others wait; also async ones."""
    slow = LOAD.replace("slowly()", "print('working'); time.sleep(2)")
    processes = [start(slow, "print(load(3))") for _ in range(4)]
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert sorted(said) == ["[0, 1, 2]\n"] * 3 + ["working\n[0, 1, 2]\n"]


def test_one_that_dies_leaves_the_work_to_the_next(start: Start) -> None:
    """Nobody waits for ever."""
    slow = LOAD.replace("slowly()", "print('working', flush=True); time.sleep(float(sys.argv[0] == '-c'))")
    first = start(slow.replace("time.sleep(", "time.sleep(60 * "), "load(3)")
    assert first.stdout is not None
    assert first.stdout.readline() == "working\n"
    second = start(slow.replace("time.sleep(", "time.sleep(60 * "), "load(3)")
    first.kill()
    first.wait()
    assert second.stdout is not None
    assert second.stdout.readline() == "working\n"
    for process in (first, second):
        process.kill()
        process.communicate()


def test_async_functions_share_too(run: Run) -> None:
    """As others do."""
    code = """
    import asyncio
    @nbapp.cache(persist=True)
    async def load(n):
        slowly()
        return list(range(n))
    async def both():
        return await asyncio.gather(load(3), load(3))
    print(asyncio.run(both()))
    """
    assert run(code) == ["working", "[[0, 1, 2], [0, 1, 2]]"]
    assert run(code) == ["[[0, 1, 2], [0, 1, 2]]"]


def test_what_a_visitor_gave_is_not_written(run: Run) -> None:
    """What others stored is still found."""
    run(LOAD, "load(3)")
    assert run(LOAD, "CURRENT.hold_back('typed'); load(3); load(4)") == ["working"]
    assert run(LOAD, "load(4)") == ["working"]


def test_what_knows_the_user_is_not_written(run: Run) -> None:
    """From the moment on in which code asks who it is."""
    known = "from nbapp.visitor import User, become\nbecome(User('ann'))"
    assert run(LOAD, known, "load(3); nbapp.user; load(4)") == ["working"] * 2
    assert run(LOAD, "load(3); load(4)") == ["working"]


def test_what_takes_no_time_is_not_written(run: Run, tmp_path: Path) -> None:
    """Computing is quicker."""
    code = "@nbapp.cache(persist=True)\ndef load(n):\n    return [n]\nprint(load(3))"
    run(code)
    assert list((tmp_path / "results").rglob("*.result")) == []


def test_who_does_not_ask_for_it_shares_nothing(run: Run, tmp_path: Path) -> None:
    """A function that asks the network is asked again by the next process."""
    for _ in range(2):
        assert run(LOAD.replace("(persist=True)", ""), "load(3)") == ["working"]
    assert not (tmp_path / "results").exists()


def test_a_module_of_the_authors_that_changed_finds_nothing(run: Run, tmp_path: Path) -> None:
    """Also one that no code names: it may have told a library what to call."""
    plugin = tmp_path / "plugin.py"
    plugin.write_text("import numpy\nnumpy.how = lambda: 1")
    old(plugin)
    code = [
        f"sys.path.insert(0, {str(tmp_path)!r})",
        "import plugin, numpy",
        LOAD.replace("list(range(n))", "numpy.how()"),
    ]
    assert run(*code, "print(load(3))") == ["working", "1"]
    assert run(*code, "print(load(3))") == ["1"]
    plugin.write_text("import numpy\nnumpy.how = lambda: 22")
    old(plugin)
    assert run(*code, "print(load(3))") == ["working", "22"]


def test_a_module_written_after_the_process_began_keeps_results_in_it(run: Run, tmp_path: Path) -> None:
    """What is loaded may be another version than what lies there."""
    (tmp_path / "plugin.py").write_text("x = 1")
    code = [f"sys.path.insert(0, {str(tmp_path)!r})", "import plugin, os", "os.utime(plugin.__file__)", LOAD]
    for _ in range(2):
        assert run(*code, "load(3)") == ["working"]


def test_a_module_that_the_function_imports_keeps_results_in_the_process(run: Run, tmp_path: Path) -> None:
    """Its first call does not know yet what it reads."""
    (tmp_path / "plugin.py").write_text("def how():\n    return 1")
    old(tmp_path / "plugin.py")
    body = "import plugin\n    return plugin.how()"
    code = [f"sys.path.insert(0, {str(tmp_path)!r})", LOAD.replace("return list(range(n))", body)]
    for _ in range(2):
        assert run(*code, "print(load(3))") == ["working", "1"]


def test_an_entry_that_does_not_load_is_computed_anew(run: Run, tmp_path: Path) -> None:
    """A class is not where it was: told, dropped, never raised."""
    code = ["import types, array", LOAD.replace("list(range(n))", "array.array('i', [n])")]
    assert run(*code, "print(load(3))") == ["working", "array('i', [3])"]
    lost = """
    original, real = array._array_reconstructor, time.sleep
    del array._array_reconstructor
    def found_again(seconds):
        array._array_reconstructor = original
        real(seconds)
    time.sleep = found_again
    """
    said = run(*code, lost, "print(load(3))")
    assert said[-2:] == ["working", "array('i', [3])"]
    assert "a stored result does not load, and is computed again: " in said[0]


@pytest.mark.parametrize("tampered", ["cut off", "flipped"])
def test_damaged_entries_are_computed_anew(run: Run, tmp_path: Path, tampered: str) -> None:
    """Cut off, or changed in one bit."""
    run(LOAD, "load(3)")
    (entry,) = (tmp_path / "results").rglob("*.result")
    data = entry.read_bytes()
    entry.write_bytes(data[:-10] if tampered == "cut off" else data[:200] + bytes([data[200] ^ 1]) + data[201:])
    assert run(LOAD, "print(load(3))") == ["working", "[0, 1, 2]"]


def old(path: Path) -> None:
    """A file that was there before any process began."""
    os.utime(path, (1, 1))
