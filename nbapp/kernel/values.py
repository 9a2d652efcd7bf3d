"""Teaches the core the values of numpy, pandas, matplotlib and ipywidgets; imports none of them.

Each lookup takes a class of its library and returns the adapter for it, or None to look on among its bases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pickle import PickleBuffer
from typing import Any

from nbapp.core.host import HANDS
from nbapp.core.types import Adapter, Lookup


def _array_reach(array: Any) -> Iterable[object]:
    """The owner of the memory (views of one array share it) and the objects inside."""
    owner = array
    while type(owner.base) is type(array) or hasattr(owner.base, "__array_interface__"):
        owner = owner.base
    yield owner
    if owner.base is not None:
        yield owner.base
    if array.dtype.hasobject:
        yield from array.ravel().tolist()
    yield from getattr(array, "__dict__", {}).values()


def _array_parts(array: Any) -> object:
    """Everything a cell can see of an array but its address; the buffer is handed out where it lies."""
    getattr(array, "fill_value", None)  # a masked array makes it when it is first asked for
    own = getattr(array, "__dict__", None)  # of a subclass: a mask, units, what the author hung on it
    ndarray = next(kind for kind in type(array).__mro__ if kind.__name__ == "ndarray")
    array = array if type(array) is ndarray else array.view(ndarray)
    flags = array.flags
    order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "other"
    if array.dtype.hasobject or array.dtype.kind == "T":
        memory: object = array.ravel().tolist()
    elif order == "other":
        memory = array.tobytes()
    else:
        memory = PickleBuffer((array if order == "C" else array.T).reshape(-1).view("u1"))
    return array.dtype, array.shape, order, flags.writeable, own, memory


_ARRAY = Adapter(parts=_array_parts, reach=_array_reach)


_NUMPY = {"ndarray": _ARRAY, "flatiter": Adapter(opaque=True, reach=lambda flat: (flat.base,))}


def _attributes(holder: Any) -> dict[str, Any]:
    """What the author hung on a frame or series, beyond what pandas keeps there."""
    own = _PANDAS_OWN | type(holder)._accessors  # pandas 2 keeps the accessors that were used
    return {name: value for name, value in vars(holder).items() if name not in own}


def _column(values: Any) -> Any:
    """A column as one piece of memory: how pandas lays out its blocks is nobody's business."""
    flags = getattr(values, "flags", None)
    return values if flags is None or flags.c_contiguous else values.copy()


def _frame_parts(frame: Any) -> object:
    manager = frame._mgr
    columns = [_column(manager.iget_values(index)) for index in range(len(frame.columns))]
    extra = _attributes(frame)
    return type(frame), frame.columns, frame.index, columns, frame.attrs, frame.flags.allows_duplicate_labels, extra


def _series_parts(series: Any) -> object:
    extra = _attributes(series)
    return type(series), series.index, series.array, series.attrs, series.flags.allows_duplicate_labels, extra


def _blocks(holder: Any) -> Iterable[object]:
    yield holder.attrs
    for block in holder._mgr.blocks:
        yield block.values


def _extension_array(array: Any) -> Iterable[object]:
    """The buffers of an array: its dtype is shared by all arrays of that type and never changes."""
    backing = getattr(array, "_ndarray", None)
    if backing is not None:
        yield backing
    for part in vars(array).values() if hasattr(array, "__dict__") else ():
        if type(part).__name__ == "ndarray":
            yield part


def _datetimes(array: Any) -> object:
    """Dates without the memo that reading their fields fills."""
    return array.dtype, array._ndarray, getattr(array, "freq", None)


def _index(index: Any) -> Iterable[object]:
    """The memory under an index: pandas 2 may share it with an array of the author's."""
    data = getattr(index, "_data", None)
    if data is not None and type(data).__name__ != "range":
        yield data


def _nothing(value: Any) -> Iterable[object]:
    return ()


_PANDAS_OWN = frozenset({"_mgr", "_attrs", "_flags", "_item_cache", "_cacher", "_is_copy"})
_PANDAS = {
    "DataFrame": Adapter(parts=_frame_parts, reach=_blocks),
    "Series": Adapter(parts=_series_parts, reach=_blocks),
    "Index": Adapter(reach=_index),  # frames share it without being linked by it
    "ExtensionDtype": Adapter(reach=_nothing, shared=False),
    "DatetimeLikeArrayMixin": Adapter(parts=_datetimes, reach=_extension_array),
    "ExtensionArray": Adapter(reach=_extension_array),
}


def _figure_of(artist: Any) -> Iterable[object]:
    """Everything drawn on a figure is one thing: any artist may change it."""
    figure = getattr(artist, "figure", None)
    return () if figure is None or figure is artist else (figure,)


def _matplotlib(kind: type) -> Adapter | None:
    return Adapter(opaque=True, reach=_figure_of) if kind.__name__ == "Artist" else None


def _widget_parts(widget: Any) -> object:
    """A widget is versioned by its identity; its traits are components of their own."""
    own = {} if hasattr(widget, "kwargs_widgets") else vars(widget)
    attributes = {name: value for name, value in own.items() if not name.startswith("_") and name not in _WIDGET_OWN}
    return type(widget).__qualname__, widget.comm.comm_id if widget.comm is not None else None, attributes


_WIDGET_OWN = frozenset({"keys", "comm", "children"})
_WIDGET = Adapter(parts=_widget_parts, reach=_nothing, shared=False, words=frozenset({HANDS}))


def _ipywidgets(kind: type) -> Adapter | None:
    return _WIDGET if kind.__name__ == "Widget" else None


LOOKUPS: Mapping[str, Lookup] = {
    "numpy": lambda kind: _NUMPY.get(kind.__name__),
    "pandas": lambda kind: _PANDAS.get(kind.__name__),
    "matplotlib": _matplotlib,
    "ipywidgets": _ipywidgets,
}
