"""The memory that a process may have: the machine's, or the limit of its control groups."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from nbapp import memory

MACHINE = int(psutil.virtual_memory().total)


@pytest.mark.parametrize(
    ("groups", "limits", "found"),
    [
        ("0::/\n", {"memory.max": "1000\n"}, 1000),
        ("0::/a/b\n", {"a/b/memory.max": "max\n", "a/memory.max": "2000\n"}, 2000),
        ("0::/a/b\n", {"a/b/memory.max": "500\n", "a/memory.max": "2000\n"}, 500),
        ("4:memory:/box\n0::/\n", {"memory/box/memory.limit_in_bytes": "3000\n"}, 3000),
        ("4:cpu,memory:/\n", {"memory/memory.limit_in_bytes": str(2**63)}, MACHINE),
        ("0::/\n", {"memory.max": "max\n"}, MACHINE),
        ("0::/gone\n", {}, MACHINE),
        ("", {}, MACHINE),
    ],
)
def test_the_smallest_limit_counts(tmp_path: Path, groups: str, limits: dict[str, str], found: int) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(groups)
    for name, limit in limits.items():
        file = tmp_path / "sys/fs/cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(limit)
    assert memory.total(tmp_path) == found


def test_what_is_free_is_what_the_limit_leaves_without_what_was_read_from_files(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/box\n")
    group = tmp_path / "sys/fs/cgroup/box"
    group.mkdir(parents=True)
    for name, text in {"max": "5000\n", "current": "4500\n", "stat": "anon 100\ninactive_file 1000\n"}.items():
        (group / f"memory.{name}").write_text(text)
    assert memory.free(tmp_path) == 1500


def test_this_machine_has_memory() -> None:
    assert 0 < memory.total() <= MACHINE
    assert 0 < memory.free() <= memory.total()
