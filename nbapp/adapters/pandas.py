"""Frames, series and indexes of pandas, by columns: how pandas lays out its blocks is nobody's business."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbapp.core.types import Adapter, reaches_nothing


def _attributes(holder: Any) -> dict[str, Any]:
    """What the author hung on a frame or series, beyond what pandas keeps there."""
    own = _OWN | type(holder)._accessors  # pandas 2 keeps the accessors that were used
    return {name: value for name, value in vars(holder).items() if name not in own}


def _column(values: Any) -> Any:
    """A column as one piece of memory."""
    flags = getattr(values, "flags", None)
    return values if flags is None or flags.c_contiguous else values.copy()


def _frame(frame: Any) -> object:
    manager = frame._mgr
    columns = [_column(manager.iget_values(index)) for index in range(len(frame.columns))]
    extra = _attributes(frame)
    return type(frame), frame.columns, frame.index, columns, frame.attrs, frame.flags.allows_duplicate_labels, extra


def _series(series: Any) -> object:
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
        if type(part).__name__ in _BUFFERS:
            yield part


def _datetimes(array: Any) -> object:
    """Dates without the memo that reading their fields fills."""
    return array.dtype, array._ndarray, getattr(array, "freq", None)


def _index(index: Any) -> Iterable[object]:
    """The memory under an index: pandas 2 may share it with an array of the author's."""
    data = getattr(index, "_data", None)
    if data is not None and type(data).__name__ != "range":
        yield data


_OWN = frozenset({"_mgr", "_attrs", "_flags", "_item_cache", "_cacher", "_is_copy"})
_BUFFERS = frozenset({"ndarray", "ChunkedArray"})  # pandas keeps Arrow's columns in one of the latter
_ADAPTERS = {
    "DataFrame": Adapter(parts=_frame, reach=_blocks),
    "Series": Adapter(parts=_series, reach=_blocks),
    "Index": Adapter(reach=_index),  # frames share it without being linked by it
    "ExtensionDtype": Adapter(reach=reaches_nothing, shared=False),
    "DatetimeLikeArrayMixin": Adapter(parts=_datetimes, reach=_extension_array),
    "ExtensionArray": Adapter(reach=_extension_array),
}


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of pandas."""
    return _ADAPTERS.get(kind.__name__)
