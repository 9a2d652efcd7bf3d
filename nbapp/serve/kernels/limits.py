"""How long a page may be open, and how much memory its kernel may take."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from nbapp.serve.kernels.visits import Visit


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds, 0: none. `idle` counts from what a visitor did last, or from the end of what that set going."""

    idle: float
    age: float

    def over(self, visit: Visit, now: float) -> str | None:
        """Which limit a visit has passed, at this time of `time.monotonic`."""
        if self.age and now - visit.began > self.age:
            return "age"
        if visit.is_busy:
            visit.acted = now
        return "idle" if self.idle and now - visit.acted > self.idle else None


def memory_of(pid: int) -> int:
    """The bytes that a process and those below it take, without what they share with others."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(map(_own, family))


def own_memory(pid: int) -> int:
    """The bytes that a process takes, without those below it."""
    try:
        return _own(psutil.Process(pid))
    except psutil.Error:
        return 0


def _own(process: psutil.Process) -> int:
    try:
        found = process.memory_info()
        shared = getattr(found, "shared", 0)  # files and shared memory: only where the system tells
        return int(found.rss - shared)
    except psutil.Error:
        return 0
