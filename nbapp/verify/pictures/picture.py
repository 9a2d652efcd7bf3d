"""Takes a picture of the namespace and the widgets, inside the process that has them. Compares nothing.

Digests are nbapp's own description of values, hashed so that only content counts: not which equal strings are
the same object, not the order of a set, and a widget is where it was built.
"""

from __future__ import annotations

import builtins
import pickle
import re
import reprlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import xxhash
from ipywidgets import Widget

from nbapp.core.notebook import CellId, Notebook
from nbapp.kernel.widgets.inspection import WidgetInspection
from nbapp.kernel.widgets.state.effects import Built
from nbapp.libraries import LOOKUPS
from nbapp.values.describe import describe
from nbapp.values.digest import Digest, Opaque
from nbapp.values.types import EVERY, AdapterRegistry, Types
from nbapp.verify.pictures.seen import Number, Place, Value

_BUILTINS = vars(builtins)
_NUMBERED = "0x", "ipykernel_", "-id-"
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}|ipykernel_\d+|sk-[a-z]+-id-\d+")
_LONGEST = 60  # characters of a value that a person is shown
_UNSEEN = frozenset({"_view_count", "msg_id"})  # how often a widget is shown, and what it listens to just now
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = _LONGEST
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = _SHORT.maxset = 8


def places(widgets: WidgetInspection, notebook: Notebook) -> Iterator[tuple[Place, Widget]]:
    """Every widget that a cell built, with its place."""
    for cell in notebook:
        yield from _places(cell.id, (), widgets.built(cell.id))


def _places(cell: CellId, above: tuple[Number, ...], shelf: Iterable[Built]) -> Iterator[tuple[Place, Widget]]:
    seen: Counter[str] = Counter()
    for built in shelf:
        kind = built.cls.__qualname__
        here = (*above, (kind, seen[kind]))
        seen[kind] += 1
        yield (cell, here), built.widget
        yield from _places(cell, here, built.inside)


def without_addresses(text: str) -> str:
    """A text in which addresses in memory, and numbers of the process or counted in it, do not count."""
    return _ADDRESS.sub("0x…", text)


@dataclass(slots=True)
class Picture:
    """Describes values of one namespace. `where` tells the places of widgets by model id."""

    namespace: dict[str, Any]
    where: Mapping[str, Place]
    known: Types = field(init=False)

    def __post_init__(self) -> None:
        # What the author declared a handle is compared by its content all the same: that is what a handle may hide.
        self.known = Types(self.namespace, {**LOOKUPS, EVERY: AdapterRegistry(LOOKUPS[EVERY])})

    def value(self, value: object) -> Value:
        """A value as it can be compared."""
        kind = type(value)
        try:
            digest: str | None = self.digest(value)
        except Opaque:
            digest = None
        return Value(f"{kind.__module__}.{kind.__qualname__}", digest, shown(value))

    def digest(self, value: object) -> Digest:
        """The digest of a value's content.

        Raises:
            Opaque: it has none.
        """
        for fast in (True, False):
            sink = _Sink()
            try:
                _Pickler(sink, self, fast=fast).dump(value)
            except Opaque:
                raise
            except (ValueError, RecursionError) as error:
                if not fast:  # a value that holds itself needs the pickler's memory of what it met
                    raise Opaque(str(error)) from error
            except Exception as error:
                raise Opaque(str(error)) from error  # foreign reduce methods raise whatever they like
            else:
                return Digest(sink.hasher.hexdigest())
        raise AssertionError("the second way returns or raises")

    def state(self, widget: Widget) -> dict[str, Value]:
        """The traits of a widget that a front end shows."""
        return {name: self.value(getattr(widget, name)) for name in widget.keys if name not in _UNSEEN}


class _Sink:
    def __init__(self) -> None:
        self.hasher = xxhash.xxh3_128()

    def write(self, chunk: bytes) -> int:
        self.hasher.update(chunk)
        return len(chunk)

    def buffer(self, buffer: pickle.PickleBuffer) -> None:
        with buffer.raw() as raw:
            self.hasher.update(raw.nbytes.to_bytes(8, "little"))
            self.hasher.update(raw)


class _Pickler(pickle.Pickler):
    """`fast` remembers nothing, so that it does not show which parts are the same object."""

    def __init__(self, sink: _Sink, picture: Picture, *, fast: bool) -> None:
        super().__init__(sink, protocol=5, buffer_callback=sink.buffer)
        self.fast = fast
        self._picture = picture

    def persistent_id(self, value: Any) -> Any:
        """What stands for a value whose pickle depends on the process."""
        kind = type(value)
        if kind is str:
            plain = without_addresses(value) if any(word in value for word in _NUMBERED) else value
            return None if plain == value else ("text", plain)
        if value is _BUILTINS:  # `exec` puts them into the dict it is given
            return "builtins"
        if kind is set or kind is frozenset:
            return kind.__name__, sorted(map(self._picture.digest, value))
        if kind is memoryview:
            return "memory", value.format, value.shape, value.tobytes()
        if self._picture.known.adapter(kind).handle:
            return "handle", kind.__qualname__
        if isinstance(value, Widget):
            return "widget", kind.__qualname__, self._picture.where.get(value.model_id or "")
        return None

    def reducer_override(self, value: Any) -> Any:
        """Called by the C pickler for each value that is not a plain builtin."""
        return describe(value, self._picture.known)


def shown(value: object) -> str:
    """A value in a few words."""
    if isinstance(value, FunctionType):
        return f"<function {value.__name__}>"
    try:
        text = _SHORT.repr(value)
    except Exception as error:  # noqa: BLE001 - the author's `__repr__` may raise anything, and that is how it looks
        text = f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    text = without_addresses(" ".join(text.split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
