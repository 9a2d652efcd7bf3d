"""Results in a folder of this machine: a file for each, written beside its place and put there whole."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from nbapp.persistence.blobs import Stored

_SUFFIX = ".result"
_PART = ".part"  # being written
_LOCK = ".lock"
_LEFT = 3600.0  # seconds after which a file that is being written was left by a process that ended
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class FileClaim:
    """A lock on a file, which the system takes back when the process ends."""

    lock: FileLock

    def take(self) -> bool:
        """Take it, unless another has it."""
        try:
            self.lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def release(self) -> None:
        """Give it back. Who has opened the file that goes, and waits, computes too: that costs time only."""
        with contextlib.suppress(OSError):
            Path(self.lock.lock_file).unlink()  # a thousand results must not leave a thousand locks
        self.lock.release()


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that only its owner may look into. It may lie on a disk that machines share."""

    root: Path
    poll: float = 0.02

    def get(self, name: str, most: int, *, is_use: bool = True) -> bytes | None:
        """The piece; a link, a pipe or a folder in its place is none."""
        path = self._path(name)
        try:
            file = os.open(path, _READ)
        except FileNotFoundError:
            return None
        try:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode) or found.st_size > most:
                return None
            with os.fdopen(file, "rb", buffering=0, closefd=False) as opened:
                data = opened.read()
        finally:
            os.close(file)
        if is_use:
            with contextlib.suppress(OSError):  # a folder that may only be read: then it is not known what was used
                os.utime(path)
        return data

    def put(self, name: str, parts: Sequence[bytes | memoryview]) -> None:
        """Write beside the place, then put it there in one step."""
        path = self._path(name)
        self._make(path.parent)
        beside = path.with_name(f".{path.stem}-{os.getpid()}-{secrets.token_hex(4)}{_PART}")
        try:
            with os.fdopen(os.open(beside, _WRITE, 0o600), "wb") as file:
                for part in parts:
                    file.write(part)
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    def remove(self, name: str) -> None:
        """Take a file away."""
        self._path(name).unlink(missing_ok=True)

    def stored(self, owner: str | None = None) -> Iterator[Stored]:
        """Each file with its size and when it was used."""
        for file in self._files(_SUFFIX, owner):
            try:
                found = file.stat()
            except FileNotFoundError:
                continue  # another process was quicker
            yield Stored(f"{file.parent.name}/{file.stem}", found.st_size, found.st_mtime)

    def claim(self, name: str) -> FileClaim:
        """A lock beside the file."""
        path = self._path(name)
        self._make(path.parent)
        return FileClaim(FileLock(path.with_name(f".{path.stem}{_LOCK}"), mode=0o600, thread_local=False))

    def close(self) -> None:
        """A folder is not open."""

    def sweep(self) -> None:
        """Take away files being written and locks that are an hour old. Who still holds one is then not the only one
        who computes, which costs time only.
        """
        for file in (*self._files(_PART), *self._files(_LOCK)):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - file.stat().st_mtime > _LEFT:
                    file.unlink()

    def _files(self, suffix: str, owner: str | None = None) -> Iterator[Path]:
        with contextlib.suppress(FileNotFoundError):
            for folder in [self.root / owner] if owner is not None else sorted(self.root.iterdir()):
                if folder.is_dir() and not folder.is_symlink():
                    yield from (file for file in sorted(folder.iterdir()) if file.name.endswith(suffix))

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self.root.parent.mkdir(parents=True, exist_ok=True)
            self.root.mkdir(mode=0o700, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)

    def _path(self, name: str) -> Path:
        owner, _, key = name.partition("/")
        if not (owner.isalnum() and key.isalnum()):
            raise ValueError(f"{name} is no name of a result")
        return self.root / owner / f"{key}{_SUFFIX}"
