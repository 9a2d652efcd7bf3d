"""Arrow's tables and arrays by content, with how the rows are cut into chunks; what lies behind a slice does not count.

Buffers are handed out where they lie, cut to the rows that the array shows. What Arrow lays out in bits or beside
offsets is brought to start at zero first, which copies that column's bits or offsets only. Beside them the numbers of
threads, which are kept in C.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pickle import PickleBuffer
from typing import Any

from nbapp.libraries.profile import Facts, Profile, by_name
from nbapp.libraries.shared_memory import Span, wrapper_neighbours
from nbapp.libraries.slot import Slot, Values, each
from nbapp.values.types import Adapter, reaches_nothing


def _table(table: Any) -> object:
    return str(table.schema.metadata), [_field(field) for field in table.schema], [_column(c) for c in table.columns]


def _field(field: Any) -> object:
    return field.name, str(field.type), field.nullable, field.metadata


def _column(column: Any) -> object:
    chunks = column.chunks if hasattr(column, "chunks") else [column]
    whole = chunks[0] if len(chunks) == 1 else column.combine_chunks() if chunks else None
    if whole is not None and hasattr(whole, "chunks"):
        whole = sys.modules["pyarrow"].concat_arrays(whole.chunks)
    return (
        str(column.type),
        [len(chunk) for chunk in chunks],
        None if whole is None or not len(whole) else _array(whole),
    )


def _array(array: Any) -> object:
    """The rows of an array: which are null, and the values of those that are not."""
    kind, types = array.type, sys.modules["pyarrow"].types
    nulls = _memory(array.is_null().cast("int8")) if array.null_count else None
    if types.is_dictionary(kind):
        return nulls, _array(array.indices), _column(array.dictionary)
    if types.is_boolean(kind):
        array = array.cast("uint8")
    if _width(array.type) is not None and (nulls is None or types.is_primitive(array.type)):
        return nulls, _memory(array if nulls is None else _filled(array))
    if str(kind) in _TEXTS:
        return nulls, *_text(array if nulls is None else array.fill_null("" if "string" in str(kind) else b""))
    return array.to_pylist()


def _filled(array: Any) -> Any:
    """The array with zeros where it is null: what lies there is anything."""
    pyarrow = sys.modules["pyarrow"]
    zero = pyarrow.scalar(0, type=f"int{array.type.bit_width}").cast(array.type)
    return array.fill_null(zero)


def _text(array: Any) -> tuple[object, object]:
    """Where each string begins, from zero, and their bytes one behind the other."""
    _, offsets, data = array.buffers()
    if offsets is None:
        return None, None
    pyarrow = sys.modules["pyarrow"]
    kind = pyarrow.int64() if "large" in str(array.type) else pyarrow.int32()
    starts = pyarrow.Array.from_buffers(kind, len(array) + 1, [None, offsets], offset=array.offset)
    first, last = starts[0].as_py(), starts[-1].as_py()
    if first:
        starts = sys.modules["pyarrow.compute"].subtract(starts, pyarrow.scalar(first, kind))
    return _memory(starts), PickleBuffer(memoryview(data)[first:last]) if data is not None and last > first else None


def _memory(array: Any) -> object:
    """The values as they lie, cut to the rows of the array."""
    buffer, width = array.buffers()[1], _width(array.type) or 0
    if buffer is None:
        return None
    return PickleBuffer(memoryview(buffer)[array.offset * width : (array.offset + len(array)) * width])


def _width(kind: Any) -> int | None:
    """Bytes of a value, where each value is its own bytes."""
    try:
        bits = int(kind.bit_width)
    except ValueError:
        return None
    return bits // 8 if bits % 8 == 0 and kind.num_fields == 0 else None


def _spans(value: Any) -> Iterator[Span]:
    columns = value.columns if hasattr(value, "columns") else [value]
    for column in columns:
        for chunk in column.chunks if hasattr(column, "chunks") else [column]:
            for buffer in chunk.buffers():
                if buffer is not None:
                    yield buffer.address, buffer.address + buffer.size


def _reach(value: Any) -> Iterable[object]:
    return wrapper_neighbours(value, _spans(value))


_TEXTS = frozenset({"string", "binary", "large_string", "large_binary"})
_NBYTES = attrgetter("nbytes")
_COLUMNS = Adapter(parts=_column, reach=_reach, nbytes=_NBYTES)
_ADAPTERS = {
    "_Tabular": Adapter(parts=_table, reach=_reach, nbytes=_NBYTES),
    "Array": _COLUMNS,
    "ChunkedArray": _COLUMNS,
    "Schema": Adapter(reach=reaches_nothing, shared=False),
    "DataType": Adapter(reach=reaches_nothing, shared=False),
    "Field": Adapter(reach=reaches_nothing, shared=False),
}


def _threads() -> Values:
    arrow = sys.modules["pyarrow"]
    return {"cpu_count": arrow.cpu_count(), "io_thread_count": arrow.io_thread_count()}


def _put_threads(name: str, count: Any) -> None:
    getattr(sys.modules["pyarrow"], f"set_{name}")(count)


PROFILE = Profile(
    lookups={"pyarrow": by_name(_ADAPTERS)},
    options=(Slot("pyarrow", _threads, each(_put_threads), "pyarrow"),),
    facts=(Facts("pyarrow.lib.ChunkedArray pyarrow.lib.Table", "pyarrow", "*"),),
    gives=("numpy", "pandas"),
)
