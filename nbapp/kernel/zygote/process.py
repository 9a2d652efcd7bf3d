"""What one process asks of Linux about itself: to end with its parent, its descriptors, threads and shared memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import stat
import warnings
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
_SELF = Path("/proc/self")
_HARMLESS = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def end_with(parent: int) -> None:
    """End this process when its parent, whose number is given, ends; at once if it has ended already.

    Raises:
        OSError: the system does not offer that.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os._exit(1)


def descriptors() -> dict[int, str]:
    """The open descriptors, and what each is."""
    found = {}
    for entry in list((_SELF / "fd").iterdir()):
        with contextlib.suppress(FileNotFoundError):  # it was the one that lists them
            found[int(entry.name)] = str(entry.readlink())
    return found


def is_read_only_file(descriptor: int) -> bool:
    """Whether a descriptor reads an ordinary file, or a device that gives everybody what they ask for."""
    flags = int(_field(f"fdinfo/{descriptor}", "flags:") or "1", 8)
    what = os.fstat(descriptor)
    is_file = stat.S_ISREG(what.st_mode) and flags & os.O_ACCMODE == os.O_RDONLY
    return is_file or (stat.S_ISCHR(what.st_mode) and str((_SELF / "fd" / str(descriptor)).readlink()) in _HARMLESS)


def reopen(descriptor: int) -> None:
    """Give a descriptor that reads a file a place in it of its own: after a fork, two processes move one place.

    One that was closed meanwhile needs none.

    Raises:
        OSError: the file cannot be opened any more.
    """
    if descriptor not in descriptors() or not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return
    new = os.open(_SELF / "fd" / str(descriptor), os.O_RDONLY | os.O_CLOEXEC)
    os.lseek(new, os.lseek(descriptor, 0, os.SEEK_CUR), os.SEEK_SET)
    os.dup2(new, descriptor, inheritable=os.get_inheritable(descriptor))
    os.close(new)


def shared_memory() -> list[str]:
    """The memory that this process may write and would share with its copies: what is mapped, in words."""
    found = []
    for line in (_SELF / "maps").read_text(encoding="utf-8", errors="replace").splitlines():
        address, access, _, _, _, *path = line.split(maxsplit=5)
        if "w" in access and "s" in access:
            found.append(path[0] if path else address)
    return found


def children() -> list[int]:
    """The processes that this one started and that have not ended, or whose end nobody has looked at."""
    return [child.pid for child in psutil.Process().children()]


def forked() -> int:
    """Fork: 0 in the copy, its number in this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads of C libraries, which a rehearsal looks after
        return os.fork()


def _field(file: str, name: str) -> str:
    lines = (_SELF / file).read_text(encoding="ascii").splitlines()
    return next((line.removeprefix(name).strip() for line in lines if line.startswith(name)), "")
