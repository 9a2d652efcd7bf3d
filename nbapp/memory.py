"""How much memory this process may have: the machine's, or less where its container has a limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil

_ROOT = Path("/")


def total(root: Path = _ROOT) -> int:
    """The memory in bytes that this process may take before the system ends it; `root` is for tests."""
    machine = int(psutil.virtual_memory().total)
    return min([machine, *_limits(root)])


def _limits(root: Path) -> Iterator[int]:
    """The limits of the groups that the process is in; both versions of control groups, and the groups around it."""
    groups = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, place = line.split(":", 2)
        if controllers == "":
            yield from _upwards(groups, place, "memory.max")
        elif "memory" in controllers.split(","):
            yield from _upwards(groups / "memory", place, "memory.limit_in_bytes")


def _upwards(top: Path, place: str, file: str) -> Iterator[int]:
    folder = top / place.strip("/")
    for group in (folder, *folder.parents):
        if not group.is_relative_to(top):
            return
        limit = _text(group / file).strip()  # "max", and a number beyond any machine's, stand for none
        if limit.isdecimal():
            yield int(limit)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""  # another system, or a group that this process may not see
