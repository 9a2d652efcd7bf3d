"""The owner's links, in files that only the owner reads: what each gives, until when, and whether it was taken back.

A link that was taken back stays in the list, so that whoever comes by it can be told. Each writer replaces the list
as a whole, under a lock; a reader sees the list before or after.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock  # widely used, and the same on every system
from jupyter_core.paths import jupyter_data_dir, secure_write

from nbapp.errors import UsageError
from nbapp.share.ask import CannotShare, Shared, Wanted

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = 40  # characters of a name
_KEY = 32  # bytes
State = Literal["open", "expired", "revoked"]


@dataclass(frozen=True)
class Link:
    """One link. `id` is what it is recognised by; `notebook` is absolute; `at` is the address that it was made for."""

    id: str
    name: str
    notebook: Path
    digest: str
    made: datetime
    expires: datetime | None
    to: tuple[str, ...]
    values: dict[str, object]
    pinned: bool
    at: str = ""
    revoked: datetime | None = None

    def shared(self, url: str, to: Sequence[str]) -> Shared:
        """The link as its owner sees it: at this address, for these."""
        return Shared(
            name=self.name,
            url=url,
            notebook=self.notebook,
            digest=self.digest,
            made=self.made,
            expires=self.expires,
            to=tuple(to),
            values=self.values,
            pinned=self.pinned,
        )

    def state(self, now: datetime | None = None) -> State:
        """Whether it lets anybody in."""
        if self.revoked is not None:
            return "revoked"
        past = self.expires is not None and self.expires <= (now or datetime.now(timezone.utc))
        return "expired" if past else "open"


class LinkRegistry:
    """The links of one owner in a folder: `links.json`, the key that signs them, and copies of pinned notebooks.

    Each method raises CannotShare where the folder cannot be read or written.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(jupyter_data_dir(), "nbapp", "shares")
        self._file = self.folder / "links.json"
        self._key = self.folder / "key"
        self._stamp: tuple[int, int, int] | None = None
        self._links: tuple[Link, ...] = ()

    def links(self) -> tuple[Link, ...]:
        """All links, the newest first."""
        try:
            found = self._file.stat()
            stamp = found.st_mtime_ns, found.st_size, found.st_ino
            if stamp != self._stamp:
                self._links = tuple(map(_link, json.loads(self._file.read_text(encoding="utf-8"))))
                self._stamp = stamp
        except FileNotFoundError:
            self._links, self._stamp = (), None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise self._broken(f"the list of links {self._file} cannot be read: {error}") from None
        return self._links

    def find(self, link_id: str) -> Link | None:
        """The link of this id."""
        return next((link for link in self.links() if link.id == link_id), None)

    def put(self, wanted: Wanted, digest: str, at: str, copy: bytes | None = None) -> Link:
        """Note a link. `wanted.notebook` is absolute. `copy`: what is pinned of it.

        Raises:
            UsageError: the name is none, or belongs to another notebook's link.
        """
        with self._writing() as links:
            name = wanted.name if wanted.name is not None else _free(wanted.notebook, links)
            same = _open_link(name, wanted.notebook, links)
            now = datetime.now(timezone.utc).replace(microsecond=0)
            link = Link(
                id=same.id if same else secrets.token_urlsafe(16),
                name=name,
                notebook=wanted.notebook,
                digest=digest,
                made=now,
                expires=None if wanted.expires is None else now + wanted.expires,
                to=tuple(wanted.to),
                values=dict(wanted.values),
                pinned=wanted.pin,
                at=at,
            )
            if copy is not None:
                self._pin(link, copy)
            links[:] = [link, *(other for other in links if other is not same)]
        return link

    def revoke(self, name: str) -> Link:
        """Take back the link of this name.

        Raises:
            UsageError: there is none.
        """
        with self._writing() as links:
            known = [link.name for link in links if link.revoked is None]
            if name not in known:
                there = f"there are {', '.join(known)}" if known else "there are no links"
                raise UsageError(f"there is no link {name!r}", there)
            index = next(index for index, link in enumerate(links) if link.name == name and link.revoked is None)
            links[index] = replace(links[index], revoked=datetime.now(timezone.utc).replace(microsecond=0))
            self.copy(links[index]).unlink(missing_ok=True)
        return links[index]

    def copy(self, link: Link) -> Path:
        """Where the pinned notebook of a link is kept."""
        return self.folder / "pinned" / f"{link.id}.ipynb"

    def key(self) -> bytes:
        """What the owner's links are signed with: made once."""
        with self._locked():
            known = self.known_key()
            if known is not None:
                return known
            key = secrets.token_bytes(_KEY)
            with secure_write(str(self._key), binary=True) as file:
                file.write(key)
            return key

    def known_key(self) -> bytes | None:
        """What the owner's links are signed with; None while there never was a link."""
        try:
            key = self._key.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._broken(f"the key of links {self._key} cannot be read: {error.strerror}") from None
        if len(key) != _KEY:
            raise self._broken(f"the key of links {self._key} is damaged")
        return key

    def _pin(self, link: Link, copy: bytes) -> None:
        path = self.copy(link)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.unlink(missing_ok=True)
        with secure_write(str(path), binary=True) as file:
            file.write(copy)
        path.chmod(0o400)

    @contextmanager
    def _writing(self) -> Iterator[list[Link]]:
        """The list, to be changed; it is written when nothing was raised."""
        with self._locked():
            links = list(self.links())
            yield links
            new = self._file.with_suffix(".new")
            with secure_write(str(new)) as file:
                json.dump([asdict(link) for link in links], file, default=_json, indent=1)
            new.replace(self._file)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self.folder / "lock", mode=0o600):
                yield
        except OSError as error:
            raise self._broken(f"links cannot be kept in {self.folder}: {error.strerror or error}") from None

    def _broken(self, what: str) -> CannotShare:
        return CannotShare(what, "whoever owns that folder can mend it, or set JUPYTER_DATA_DIR to another one")


def _link(entry: dict[str, Any]) -> Link:
    times = {name: entry[name] and datetime.fromisoformat(entry[name]) for name in ("made", "expires", "revoked")}
    return Link(**{**entry, **times, "notebook": Path(entry["notebook"]), "to": tuple(entry["to"])})


def _json(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{value!r} is no JSON value")


def slug(notebook: Path) -> str:
    """A name made from a notebook's."""
    words = re.findall(r"[a-z0-9]+", notebook.stem.lower())
    return "-".join(words)[:_LONGEST].strip("-") or "app"


def check_name(name: str) -> None:
    """See whether a text can be the name of a link.

    Raises:
        UsageError: it cannot.
    """
    if len(name) > _LONGEST or not NAME.fullmatch(name):
        raise UsageError(
            f"--name {name}",
            f"write small letters and digits with hyphens between, at most {_LONGEST}, as in sales-east",
        )


def _free(notebook: Path, links: list[Link]) -> str:
    """The notebook's own name, with a number behind it where another notebook's link has it."""
    taken = {link.name for link in links if link.revoked is None and link.notebook != notebook}
    name, number = slug(notebook), 2
    found = name
    while found in taken:
        found = f"{name[: _LONGEST - 4].rstrip('-')}-{number}"
        number += 1
    return found


def _open_link(name: str, notebook: Path, links: list[Link]) -> Link | None:
    check_name(name)
    same = next((link for link in links if link.name == name and link.revoked is None), None)
    if same is not None and same.notebook != notebook:
        instead = f"choose another --name, or take it back with 'nbapp share --revoke {name}'"
        raise UsageError(f"the link {name} leads to {same.notebook}", instead)
    return same
