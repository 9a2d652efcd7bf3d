"""A value's content as a short digest: strict, complete, never sampled.

Theory of operation. The C pickler (protocol 5) walks the value and its stream goes straight into xxh3-128; large
buffers are handed out of band, so an array is hashed where it lies. A pickle stream determines the value it
rebuilds, so equal digests mean equal values: types, order of dicts and sets, signed zeros, NaN, and which parts are
the same object, are all in it. Pickle is not trusted where it names instead of describing: functions and classes of
the notebook are digested by content, and whatever pickles by a name of the notebook, or not at all, is `Opaque`.

This file knows nothing of cells, versions or aliases.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NewType

import xxhash

from nbapp.values.describe import Opaque, describe, forget_slots, handle_token, has_slots_memo, is_plain, stand_in
from nbapp.values.types import TooDear, Types

Digest = NewType("Digest", str)
Look = Callable[[Any], Any]
_BYTES_PER_STEP = 64  # of a pickle's stream: they take about as long as one object of a survey
_STEPS_PER_OBJECT = 2  # that is not a plain builtin: Python is asked about each


@dataclass(frozen=True, slots=True)
class Content:
    """A digest and the number of bytes that were hashed for it."""

    digest: Digest
    nbytes: int


def digest(value: object, known: Types) -> Digest:
    """The digest of a value's whole content.

    Raises:
        Opaque: the value, or something inside it, cannot be digested.
    """
    return content(value, known).digest


def content(value: object, known: Types, look: Look | None = None, steps: int | None = None) -> Content:
    """The digest of a value with its size in bytes.

    `look` is shown everything inside that is not a plain builtin; what it returns is digested in its place. `steps` is
    how much work it may take; memory that is hashed where it lies counts for nothing.

    Raises:
        Opaque: the value, or something inside it, cannot be digested.
        TooDear: it would take more steps.
    """
    sink = _Sink(None if steps is None else steps * _BYTES_PER_STEP)
    pickler = _Pickler(sink, known, look)
    try:
        # The pickler asks nobody about a plain list or dict, which may be declared a handle too.
        pickler.dump(handle_token(value, known) if known.is_handle(value) else value)
    except (Opaque, TooDear):
        raise
    except Exception as error:
        # Foreign reduce methods raise whatever they like; every failure means the same thing here.
        raise Opaque(f"{type(value).__name__}: {error}") from error
    finally:
        pickler.leave()
    return sink.finish()


def text_digest(*parts: str) -> Digest:
    """The digest of a sequence of strings; no two different sequences are joined into the same text."""
    hasher = xxhash.xxh3_128()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        hasher.update(len(encoded).to_bytes(8, "little"))
        hasher.update(encoded)
    return Digest(hasher.hexdigest())


class _Sink:
    """Takes the pickle stream and its out-of-band buffers; two hashes, so that one cannot pass for the other."""

    def __init__(self, limit: int | None) -> None:
        self._stream = xxhash.xxh3_128()
        self._buffers = xxhash.xxh3_128()
        self._nbytes = 0
        self._left = limit  # bytes of the stream

    def write(self, chunk: bytes) -> int:
        self._stream.update(chunk)
        self._nbytes += len(chunk)
        self.spend(len(chunk))
        return len(chunk)

    def spend(self, nbytes: int) -> None:
        """So many bytes come into the stream, or are about to."""
        if self._left is not None:
            self._left -= nbytes
            if self._left < 0:
                raise TooDear

    def buffer(self, buffer: pickle.PickleBuffer) -> None:
        with buffer.raw() as raw:
            self._buffers.update(raw.nbytes.to_bytes(8, "little"))
            self._buffers.update(raw)
            self._nbytes += raw.nbytes

    def finish(self) -> Content:
        return Content(Digest(self._stream.hexdigest() + self._buffers.hexdigest()), self._nbytes)


class _Pickler(pickle.Pickler):
    def __init__(self, sink: _Sink, known: Types, look: Look | None) -> None:
        super().__init__(sink, protocol=5, buffer_callback=sink.buffer)
        self._sink = sink
        self._known = known
        self._look = look
        self._kinds: dict[int, tuple[type, bool]] = {}  # by id: whether instances are plain
        self._left: list[type] = []  # classes in which pickle leaves a memo

    def reducer_override(self, value: Any) -> Any:
        """Called by the C pickler for each value that is not a plain builtin; plain objects it describes itself."""
        self._sink.spend(_STEPS_PER_OBJECT * _BYTES_PER_STEP)
        if self._look is not None:
            seen = self._look(value)
            if seen is not value:
                return stand_in(seen)
        elif self._is_plain(type(value)) and not self._known.is_declared(value):
            return NotImplemented
        if (items := self._known.adapter(type(value)).items) is not None:
            self._sink.spend(items(value) * _BYTES_PER_STEP)
        return describe(value, self._known)

    def _is_plain(self, kind: type) -> bool:
        found = self._kinds.get(id(kind))
        if found is None:
            found = self._kinds[id(kind)] = kind, is_plain(kind, self._known)
            if found[1] and not has_slots_memo(kind):
                self._left.append(kind)
        return found[1]

    def leave(self) -> None:
        """Take away what the pickler left in classes of the notebook."""
        for kind in self._left:
            forget_slots(kind)


__all__ = ["Content", "Digest", "Look", "Opaque", "TooDear", "content", "digest", "text_digest"]
