"""How much memory this process may have, and what of it is free: the machine's, or less in a container with a limit."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

if sys.platform == "linux":
    import resource

_ROOT = Path("/")
_UNUSED = 256 * 2**20  # bytes that libraries ask for and never use: the stacks of their threads


def total(root: Path = _ROOT) -> int:
    """The memory in bytes that this process may take before the system ends it; `root` is for tests."""
    machine = int(psutil.virtual_memory().total)
    return min([machine, *_limits(root)])


def free(root: Path = _ROOT) -> int:
    """The memory in bytes that is not taken, of the machine and of each container around this process."""
    machine = int(psutil.virtual_memory().available)
    return min([machine, *(limit - used for limit, used in _groups(root))])


def bound(nbytes: int) -> None:
    """Let what this process takes from now on be about so many bytes: what would take more at once raises MemoryError.

    Only where the system can (Linux). Counted is what is asked for, used or not, and libraries ask for a good deal that
    they never use; so this is a bound for one large demand, and not the only one.
    """
    if sys.platform == "linux":
        now = _taken()
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = now + nbytes + _UNUSED
        resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))


def _taken() -> int:
    """What counts for RLIMIT_DATA at this moment, in bytes."""
    found = re.search(r"^VmData:\s*(\d+) kB", _text(Path("/proc/self/status")), re.MULTILINE)
    return 1024 * int(found[1]) if found else 0


def _limits(root: Path) -> Iterator[int]:
    return (limit for limit, _ in _groups(root))


def _groups(root: Path) -> Iterator[tuple[int, int]]:
    """The limit and what is taken of the groups that the process is in; both versions of control groups, and the groups
    around it."""
    groups = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, place = line.split(":", 2)
        if controllers == "":
            yield from _upwards(groups, place, "memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            yield from _upwards(groups / "memory", place, "memory.limit_in_bytes", "memory.usage_in_bytes")


def _upwards(top: Path, place: str, most: str, taken: str) -> Iterator[tuple[int, int]]:
    folder = top / place.strip("/")
    for group in (folder, *folder.parents):
        if not group.is_relative_to(top):
            return
        limit, used = _text(group / most).strip(), _text(group / taken).strip()
        if limit.isdecimal():  # "max", and a number beyond any machine's, stand for none
            yield int(limit), int(used) - _given_back(group) if used.isdecimal() else 0


def _given_back(group: Path) -> int:
    """What a group has taken to remember files, which the system takes back when it is needed."""
    lines = (line.split() for line in _text(group / "memory.stat").splitlines())
    found = [int(number) for name, number in lines if name in ("inactive_file", "total_inactive_file")]
    return max(found, default=0)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""  # another system, or a group that this process may not see
