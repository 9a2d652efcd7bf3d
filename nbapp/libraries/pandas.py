"""Frames, series and indexes of pandas, by columns: how pandas lays out its blocks is nobody's business."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nbapp.libraries.notes import without
from nbapp.libraries.profile import Profile, by_name
from nbapp.libraries.slot import Slot, each
from nbapp.libraries.stores import STORE
from nbapp.values.types import Adapter, reaches_nothing


def _attributes(holder: Any) -> dict[str, Any]:
    """What the author hung on a frame or series, beyond what pandas keeps there."""
    own = _OWN | type(holder)._accessors  # pandas 2 keeps the accessors that were used
    return {name: value for name, value in vars(holder).items() if name not in own}


def _column(values: Any) -> Any:
    """A column as one piece of memory."""
    flags = getattr(values, "flags", None)
    return values if flags is None or flags.c_contiguous else values.copy()


def _labels(labels: Any) -> object:
    """The names of columns: however Arrow cuts plain texts into chunks, which nobody can see of labels."""
    values = getattr(labels._data, "_pa_array", None)
    if values is None or type(labels).__name__ != "Index":
        return labels
    return labels.dtype, labels.name, labels.tolist()


def _frame(frame: Any) -> object:
    manager = frame._mgr
    columns = [_column(manager.iget_values(index)) for index in range(len(frame.columns))]
    extra = _attributes(frame)
    return (
        type(frame),
        _labels(frame.columns),
        frame.index,
        columns,
        frame.attrs,
        frame.flags.allows_duplicate_labels,
        extra,
    )


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


def _arrow(array: Any) -> object:
    """Arrow's column as it is cut into chunks, which the pickle of pandas puts together."""
    return array.dtype, array._pa_array


def _datetimes(array: Any) -> object:
    """Dates without the memo that reading their fields fills."""
    return array.dtype, array._ndarray, getattr(array, "freq", None)


def _index(index: Any) -> Iterable[object]:
    """The memory under an index: pandas 2 may share it with an array of the author's."""
    data = getattr(index, "_data", None)
    if data is not None and type(data).__name__ != "range":
        yield data


# What pandas keeps in a frame or series; `_typ` when it was unpickled.
_OWN = frozenset({"_mgr", "_attrs", "_flags", "_item_cache", "_cacher", "_is_copy", "_typ"})
_BUFFERS = frozenset({"ndarray", "ChunkedArray"})  # pandas keeps Arrow's columns in one of the latter
_ADAPTERS = {
    "DataFrame": Adapter(parts=_frame, reach=_blocks),
    "Series": Adapter(parts=_series, reach=_blocks),
    "Index": Adapter(reach=_index),  # frames share it without being linked by it
    "ExtensionDtype": Adapter(reach=reaches_nothing, shared=False),
    "ArrowExtensionArray": Adapter(parts=_arrow, reach=_extension_array),
    "DatetimeLikeArrayMixin": Adapter(parts=_datetimes, reach=_extension_array),
    "ExtensionArray": Adapter(reach=_extension_array),
    "HDFStore": STORE,
    **dict.fromkeys(("BaseGroupBy", "BaseGrouper", "Grouping"), without("_cache")),
}


# --- options


def _all_options() -> dict[str, Any]:
    """Nested, as pandas keeps them: its public functions know them one by one, or warn of old ones."""
    found: dict[str, Any] = sys.modules["pandas._config.config"]._global_config
    return found


def _flat(options: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _copy(options: dict[str, Any]) -> dict[str, Any]:
    return {name: _copy(value) if isinstance(value, dict) else value for name, value in options.items()}


PROFILE = Profile(
    lookups={"pandas": by_name(_ADAPTERS)},
    options=(
        Slot(
            "pandas",
            lambda: dict(_flat(_all_options(), "")),
            each(lambda name, value: sys.modules["pandas"].set_option(name, value)),
            "pandas",
            raw=lambda: _copy(_all_options()),
        ),
    ),
    extended={
        "pandas": ("DataFrame", "Series", "Index"),
        "pandas.core.groupby.generic": ("DataFrameGroupBy", "SeriesGroupBy"),
    },
    mutating=("drop", "fillna", "rename", "reset_index", "set_index", "sort_index", "sort_values"),
    asks={"the network": ("read_html",), "a database": ("read_sql", "read_sql_query")},
    followed_packages=("pandas",),
    no_containers=("NDFrame",),
)
