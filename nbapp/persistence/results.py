"""Results by owner and key in a place that processes share: sealed, bounded in bytes, computed by one at a time.

Whatever is wrong with the place or an entry is a miss: it is logged once, costs the time to compute, and never more
(`troubles.py`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbapp.persistence.blobs import Blobs, Claim, Stored
from nbapp.persistence.seal import Sealed, seal, unseal
from nbapp.persistence.surroundings import surroundings
from nbapp.persistence.troubles import Troubles

_GENERATION = "generation"  # the key under which an owner's generation lies
_SHORT = 64  # bytes that a generation has at most
_LOOKS = 20  # the part of the limit that is written before the place is looked through again


@dataclass(slots=True)
class Results:
    """Results in `blobs`, written and read with `key`. `limit`: bytes; the least recently used go first.

    An owner's results can be forgotten at once: their names hold its generation, so what another process began to
    compute before that is stored under a name that nobody asks for any more.
    """

    blobs: Blobs
    key: bytes
    limit: int
    where: str
    troubles: Troubles = field(init=False)
    _written: int = field(init=False)

    def __post_init__(self) -> None:
        self.troubles = Troubles(self.where)
        self._written = self.limit  # the first one written looks through the place

    def name(self, owner: str, key: str) -> str | None:
        """The name of a result now, for `find`, `put` and `may_compute`; None when the place cannot be asked."""
        if self.troubles.rests("read"):
            return None
        group = _hash(owner)
        try:
            generation = self.blobs.get(f"{group}/{_GENERATION}", _SHORT) or b""
        except OSError as error:
            self.troubles.begin("read", error)
            return None
        self.troubles.end("read")
        return f"{group}/{_hash(key, surroundings(), generation.decode('ascii', 'replace'))}"

    def find(self, name: str, *, is_use: bool = True) -> Sealed | None:
        """What is stored under a name; None when nothing is, or nothing that can be trusted. `is_use`: it counts as
        used now."""
        try:
            data = self.blobs.get(name, self.limit, is_use=is_use)
        except OSError as error:
            self.troubles.once("read", error)
            return None
        return unseal(self.key, name, data) if data is not None else None

    def put(self, name: str, header: Mapping[str, Any], parts: Sequence[bytes | memoryview]) -> None:
        """Store a result, and make room for it."""
        sealed = seal(self.key, name, header, parts)
        nbytes = sum(len(part) for part in sealed)
        if nbytes > self.limit or self.troubles.rests("written"):
            return
        try:
            self._written += nbytes
            if self._written > self.limit // _LOOKS:
                self._written = 0
                self.prune(self.limit - nbytes)
            self.blobs.put(name, sealed)
        except OSError as error:
            self.troubles.begin("written", error)
        else:
            self.troubles.end("written")

    def forget(self, owner: str) -> None:
        """Forget all results of an owner, also those that are being computed."""
        group = _hash(owner)
        try:
            self.blobs.put(f"{group}/{_GENERATION}", [secrets.token_hex(16).encode()])
            for each in self.blobs.stored(group):
                if not is_generation(each):
                    self.blobs.remove(each.name)
        except OSError as error:
            self.troubles.once("cleared", error)

    def drop(self, name: str) -> None:
        """One entry turned out to be of no use."""
        try:
            self.blobs.remove(name)
        except OSError as error:
            self.troubles.once("cleared", error)

    def may_compute(self, name: str) -> tuple[bool, Claim | None]:
        """Whether this process computes a result, and the right to it, which it has to give back; no right where the
        place gives none: then who needs a result computes it.
        """
        if self.troubles.rests("written"):
            return True, None
        try:
            claim = self.blobs.claim(name)
            is_mine = claim is None or claim.take()
        except OSError as error:
            self.troubles.begin("written", error)
            return True, None
        return is_mine, claim if is_mine else None

    def prune(self, limit: int) -> list[Stored]:
        """Take away the least recently used until all take at most so many bytes; what went.

        Raises:
            OSError: the place cannot be reached or written.
        """
        self.blobs.sweep()
        kept = sorted(self.blobs.stored(), key=lambda each: each.used)
        nbytes = sum(each.nbytes for each in kept)
        gone = []
        for each in kept:
            if nbytes <= limit:
                break
            if is_generation(each):  # without it, what was forgotten might be found again
                continue
            self.blobs.remove(each.name)
            nbytes -= each.nbytes
            gone.append(each)
        return gone


def is_generation(each: Stored) -> bool:
    """Whether this is no result, but what results of an owner are named by."""
    return each.name.endswith(f"/{_GENERATION}")


def _hash(*parts: str) -> str:
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        made.update(len(data).to_bytes(8, "little") + data)
    return made.hexdigest()
