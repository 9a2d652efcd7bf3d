"""What a stored result looks like, and the proof that someone with the key wrote it: nothing is unpickled before that.

An entry is a mark, the HMAC-SHA256 (RFC 2104) of all that follows, the length of a header, the header as JSON, and the
parts that it tells the lengths of. The name is in the header, so that one entry cannot stand in another's place.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir

from nbapp.errors import UsageError

_MARK = b"nbapp result 1\n"
_MAC = 32  # bytes
_LENGTH = 4  # bytes of the header's length
_KEY = 32  # bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry whose seal was right: what it says of itself, and its parts."""

    header: Mapping[str, Any]
    parts: tuple[memoryview, ...]


def seal(
    key: bytes, name: str, header: Mapping[str, Any], parts: Sequence[bytes | memoryview]
) -> list[bytes | memoryview]:
    """An entry of this name, in pieces to be written one after the other."""
    views = [memoryview(part).cast("B") for part in parts]
    told = json.dumps({**header, "name": name, "parts": [view.nbytes for view in views]}).encode()
    body: list[bytes | memoryview] = [len(told).to_bytes(_LENGTH, "little"), told, *views]
    return [_MARK, _mac(key, body), *body]


def unseal(key: bytes, name: str, data: bytes) -> Sealed | None:
    """The entry; None when it is cut off, changed, of another name or of somebody else: any doubt."""
    at = len(_MARK) + _MAC
    body = memoryview(data)[at:]
    if not data.startswith(_MARK) or not hmac.compare_digest(data[len(_MARK) : at], _mac(key, [body])):
        return None
    length = int.from_bytes(body[:_LENGTH], "little")
    header = json.loads(bytes(body[_LENGTH : _LENGTH + length]))
    if header["name"] != name:
        return None
    at, parts = _LENGTH + length, []
    for nbytes in header["parts"]:
        parts.append(body[at : at + nbytes])
        at += nbytes
    return Sealed(header, tuple(parts))


def _mac(key: bytes, parts: Sequence[bytes | memoryview]) -> bytes:
    made = hmac.new(key, digestmod="sha256")
    for part in parts:
        made.update(part)
    return made.digest()


def key_path() -> Path:
    """Where the key of this user lies: outside of any folder of results."""
    return Path(jupyter_data_dir(), "nbapp", "cache-key")


def read_key(path: Path) -> bytes:
    """The key in a file, which is made when it is not there.

    Raises:
        UsageError: it is no key, or others may read or write it.
        OSError: it can neither be read nor made.
    """
    if not path.exists():
        _make_key(path)
    found = path.stat()
    if os.name == "posix" and not is_private(stat.S_IMODE(found.st_mode), found.st_uid, os.getuid()):
        raise UsageError(f"{path} is not yours alone, and who has it can put code into results", f"chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != _KEY:
        raise UsageError(f"{path} is no key: it has {len(key)} bytes, not {_KEY}", "delete it: a new one is made")
    return key


def is_private(mode: int, owner: int, user: int) -> bool:
    """Whether a file of this mode and owner is the user's alone, or lent to the user by root through a group, as
    Kubernetes mounts secrets. The rule is PostgreSQL's for the keys of servers.
    """
    if owner == 0:
        return not mode & 0o037
    return owner == user and not mode & 0o077


def _make_key(path: Path) -> None:
    """A new key; when two processes make one at the same time, one of them is the key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(_KEY))
    try:
        os.link(beside, path)
    except FileExistsError:
        return
    finally:
        beside.unlink()
