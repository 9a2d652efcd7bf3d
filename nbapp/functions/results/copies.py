"""A result that is kept and handed out again and again, each time as new as if the function had made it.

The copy is a pickle with its large buffers beside it. It lives in this process only, so functions, classes and modules
are kept as they are; those that their module knows by name are looked up again, because a cell that is executed again
makes them again.
"""

from __future__ import annotations

import io
import pickle
import sys
import types
from dataclasses import dataclass, replace
from typing import Any

from nbapp.core.host import CALLBACKS
from nbapp.functions.calls import NotCacheable
from nbapp.functions.results.buffers import Buffer
from nbapp.values.digest import Digest, Opaque, digest
from nbapp.values.types import Types, importable

_ATOMS = frozenset({int, float, bool, complex, str, bytes, type(None)})
_SMALL = 200  # bytes that an object takes at least, roughly


class MadeAgain(Exception):
    """The class or function of this name, which the result needs, is another one by now."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something that its module knows by name. `version` is its digest, where it was made by the author; `value` is
    None where another process wrote this down. `is_of_process`: the version tells nothing to other processes."""

    module: str
    qualname: str
    version: Digest | None
    value: Any = None
    is_of_process: bool = False

    @classmethod
    def of(cls, value: Any, known: Types) -> Named:
        """What leads to a function or class."""
        told = known.handles_told
        version = _version(value, known)
        return cls(value.__module__, value.__qualname__, version, value, known.handles_told != told)

    def now(self, known: Types) -> Any:
        """What has the name now, if it is the same.

        Raises:
            MadeAgain: it differs.
        """
        if self.value is not None and importable(self.value):
            return self.value
        found: Any = sys.modules.get(self.module)
        for part in self.qualname.split("."):
            found = getattr(found, "__dict__", {}).get(part)
        if found is not None and _version(found, known) == self.version is not None:
            return found
        raise MadeAgain(self.qualname)


@dataclass(frozen=True, slots=True)
class Copy:
    """A result as it was when the function returned it; `nbytes` is what keeping it takes.

    `plain` is a value that nobody can change. Otherwise `stream` is its pickle, `buffers` the memory beside it, and
    `live` what stays as it is.
    """

    nbytes: int
    plain: Any = None
    stream: bytes | None = None
    buffers: tuple[Buffer, ...] = ()
    live: tuple[Any, ...] = ()

    @classmethod
    def of(cls, value: Any, known: Types, name: str) -> Copy:
        """A copy of what the function of this name returned.

        Raises:
            NotCacheable: it cannot be pickled.
        """
        if type(value) in _ATOMS:
            return cls(sys.getsizeof(value), plain=value)
        if known.is_handle(value):
            raise _refusal(name, value, "it stands for something outside of Python")
        stream, buffers = io.BytesIO(), list[Buffer]()
        pickler = _Pickler(stream, known, buffers)
        try:
            pickler.dump(value)
        except Exception as error:
            raise _refusal(name, value, str(error)) from error
        written = stream.getvalue()
        nbytes = _SMALL + len(written) + sum(buffer.nbytes for buffer in buffers)
        return cls(nbytes, None, written, tuple(buffers), tuple(pickler.live))

    def pickled(self) -> Copy:
        """The same as a pickle, also of a value that nobody can change."""
        return self if self.stream is not None else replace(self, plain=None, stream=pickle.dumps(self.plain, 5))

    def make(self, known: Types) -> Any:
        """The result, as new.

        Raises:
            MadeAgain: a class or function that it needs has been made again, and differs.
        """
        if self.stream is None:
            return self.plain
        live = [each.now(known) if isinstance(each, Named) else each for each in self.live]
        buffers = (buffer.fresh() for buffer in self.buffers)
        return _Unpickler(io.BytesIO(self.stream), live, buffers).load()


def _refusal(name: str, value: object, reason: str) -> NotCacheable:
    return NotCacheable(
        f"{name} returned a {type(value).__qualname__} that cannot be copied for the next caller ({reason})",
        "use @nbapp.resource, which gives every caller the same object",
    )


def _version(value: object, known: Types) -> Digest | None:
    try:
        return digest(value, known)
    except Opaque:
        return None


class _Pickler(pickle.Pickler):
    """Copies data, and keeps code as it is; what is kept is in `live`."""

    def __init__(self, stream: io.BytesIO, known: Types, buffers: list[Buffer]) -> None:
        super().__init__(stream, protocol=5, buffer_callback=lambda buffer: _take(buffer, buffers))
        self._known = known
        self.live: list[Any] = []

    def reducer_override(self, value: Any) -> Any:
        """Called for each value that is not a plain builtin."""
        kind = type(value)
        if kind is _Live:
            return _live, (value.index,)
        if isinstance(value, type):
            return self._named(value) if self._known.of_notebook(value) or not importable(value) else NotImplemented
        if kind is types.FunctionType:
            return self._function(value)
        if kind is types.ModuleType or self._known.is_declared(value):
            return self._keep(value)
        if kind is types.CellType:
            return _new_cell, (), _contents(value), None, None, _fill_cell
        if CALLBACKS in self._known.adapter(kind).words:
            raise TypeError("a widget is one thing on the page")
        return NotImplemented

    def _keep(self, value: object) -> Any:
        return _live, (self._index(value),)

    def _index(self, value: object) -> int:
        self.live.append(value)
        return len(self.live) - 1

    def _named(self, value: Any) -> Any:
        if not importable(value):
            return self._keep(value)
        return self._keep(Named.of(value, self._known))

    def _function(self, value: types.FunctionType) -> Any:
        """A function known by name is looked up; one made inside another keeps a state of its own."""
        if importable(value):
            return self._named(value) if self._known.names_notebook(value.__module__) else NotImplemented
        state = value.__kwdefaults__, value.__dict__, value.__qualname__, value.__doc__, value.__annotations__
        code, space = _Live(self._index(value.__code__)), _Live(self._index(value.__globals__))
        made_of = code, space, value.__name__, value.__defaults__, value.__closure__
        return types.FunctionType, made_of, state, None, None, _finish_function


@dataclass(frozen=True, slots=True)
class _Live:
    index: int


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, live: list[Any], buffers: Any) -> None:
        super().__init__(stream, buffers=buffers)
        self._live = live

    def find_class(self, module: str, name: str) -> Any:
        """What a name in the stream stands for."""
        if module == __name__ and name == _live.__name__:
            return self._live.__getitem__
        return super().find_class(module, name)


def _take(buffer: pickle.PickleBuffer, buffers: list[Buffer]) -> None:
    with buffer.raw() as raw:
        buffers.append(Buffer.of(raw))


def _live(index: int) -> Any:
    """Stands in the stream for one of the things that stay as they are."""
    raise NotImplementedError


def _new_cell() -> types.CellType:
    return types.CellType()


def _contents(cell: types.CellType) -> tuple[Any] | None:
    try:
        return (cell.cell_contents,)
    except ValueError:
        return None  # the pickler leaves such a cell empty


def _fill_cell(cell: types.CellType, contents: tuple[Any]) -> None:
    (cell.cell_contents,) = contents


def _finish_function(function: types.FunctionType, state: tuple[Any, ...]) -> None:
    function.__kwdefaults__, own, function.__qualname__, function.__doc__, function.__annotations__ = state
    function.__dict__.update(own)
