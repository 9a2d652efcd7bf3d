"""Frames and series of Polars by content, with chunks and hints about order; lazy frames by their plan.

Numbers are hashed where they lie. Text is written out once as one string, since Polars keeps it in pieces.
"""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from pickle import PickleBuffer
from typing import Any

from nbapp.libraries.profile import Facts, Profile
from nbapp.libraries.shared_memory import Span, wrapper_neighbours
from nbapp.values.describe import Opaque
from nbapp.values.types import Adapter, reaches_nothing

_OWN = frozenset({"_df", "_s", "_ldf", "_accessors", "_cached_arrow_schema"})
_PYTHON_FUNCTIONS = b"AnonymousFunction", b"OpaquePython", b"PythonScan", b"PLPYFN", b"PLPYUDF"  # inside a plan


def _frame(frame: Any) -> object:
    return frame.height, [_series(column) for column in frame.get_columns()], _attributes(frame)


def _series(series: Any) -> object:
    seen = tuple(series.flags.items()), series.chunk_lengths()
    return series.name, repr(series.dtype), seen, _column(series.rechunk()), _attributes(series)


def _attributes(holder: Any) -> dict[str, Any]:
    return {name: value for name, value in getattr(holder, "__dict__", {}).items() if name not in _OWN}


def _column(series: Any) -> object:
    """The rows: which are null, and the values of those that are not."""
    length = len(series)
    nulls = _memory(series.is_null().cast(_type("UInt8"))) if series.null_count() else None
    return length, nulls, _values(series, nulls is not None)


def _values(series: Any, has_nulls: bool) -> object:
    dtype = series.dtype
    kind = dtype.base_type().__name__
    if kind == "Boolean":
        series, kind = series.cast(_type("UInt8")), "UInt8"
    if kind in _FIXED:
        physical = series.to_physical()
        return _memory(physical.fill_null(strategy="zero") if has_nulls else physical)
    if kind in ("Categorical", "Enum"):
        series, kind = series.cast(_type("String")), "String"
    if kind == "String":
        return _memory(series.str.len_bytes().fill_null(0)), series.str.join("").item().encode()
    if kind == "Struct":
        return [(name, _column(series.struct.field(name).rechunk())) for name in series.struct.fields]
    if kind == "List" and not has_nulls and not (lengths := series.list.len()).eq(0).any():
        return _memory(lengths), _column(series.explode().rechunk())
    return series.to_list()


_FIXED = frozenset(
    {"Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64"}
    | {"Date", "Time", "Datetime", "Duration"}
)


def _type(name: str) -> Any:
    return getattr(sys.modules["polars"], name)


def _memory(series: Any) -> object:
    return PickleBuffer(series.rechunk().to_numpy(allow_copy=False).view("u1")) if len(series) else None


def _plan(frame: Any) -> object:
    plan: bytes = frame.serialize()
    if any(mark in plan for mark in _PYTHON_FUNCTIONS):
        raise Opaque("a plan that calls a Python function")
    paths = list(_paths_in(plan))
    if _SCAN.search(plan) and not paths:
        raise Opaque("a plan that reads what nobody can name")
    return plan, [(path, _stamp(path)) for each in paths for path in _matches(each)]


def _files(frame: Any) -> Iterable[str]:
    """The files, folders and patterns that a lazy frame scans when it is collected."""
    return list(_paths_in(frame.serialize()))


# How the binary form of a plan writes a text: its length in the low bits of one byte, or in the byte or two after it.
_TEXT = re.compile(rb"[\xa1-\xbf]|\xd9(.)|\xda(..)", re.DOTALL)
_SCAN = re.compile(rb"(?<!DataFrame)Scan")
_FILE_LIKE = re.compile(r"[./\\]")
_LARGE = 1 << 20  # bytes: such a plan holds data
_MOST = 10_000  # files of a pattern that are looked at


def _paths_in(plan: bytes) -> Iterator[str]:
    """The texts in a plan that name a file or folder, or are a pattern."""
    if not _SCAN.search(plan) or len(plan) > _LARGE:
        return
    for found in _TEXT.finditer(plan):
        length = int.from_bytes(found[1] or found[2] or b"", "big") or found[0][0] & 31
        text = plan[found.end() : found.end() + length].decode(errors="replace")
        if not text or not text.isprintable():
            continue
        # PTH: texts, and not all of them are paths; a folder here may have a single word as its name.
        if os.path.isdir(text) or (_FILE_LIKE.search(text) and (glob.has_magic(text) or os.path.exists(text))):  # noqa: PTH110, PTH112
            yield text


def _matches(path: str) -> Iterable[str]:
    """What a plan would read now; of a folder all below."""
    if os.path.isdir(path):  # noqa: PTH112 -- as above
        path = os.path.join(glob.escape(path), "**")  # noqa: PTH118 -- as above
    return islice(glob.iglob(path, recursive=True), _MOST)  # noqa: PTH207 -- a pattern may be absolute


def _stamp(path: str) -> object:
    try:
        stat = Path(path).stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _spans(value: Any) -> Iterator[Span]:
    """The memory of the columns that may be foreign: those of numbers."""
    for column in value.get_columns() if hasattr(value, "get_columns") else [value]:
        if column.dtype.base_type().__name__ not in _FIXED:
            continue
        for chunk in column.to_physical().get_chunks():
            if len(chunk):
                yield from _chunk(chunk)


def _chunk(chunk: Any) -> Iterator[Span]:
    if not chunk.null_count():
        array = chunk.to_numpy(allow_copy=False)
        start = array.__array_interface__["data"][0]
        yield start, start + array.nbytes
    elif "pyarrow" in sys.modules:  # without Arrow nobody lends memory that has nulls
        for buffer in chunk.to_arrow().buffers():
            if buffer is not None:
                yield buffer.address, buffer.address + buffer.size


def _reach(value: Any) -> Iterable[object]:
    yield from _attributes(value).values()
    for column in value.get_columns() if hasattr(value, "get_columns") else (value,):
        if column.dtype == _type("Object"):
            yield from column.to_list()
    yield from wrapper_neighbours(value, _spans(value))


def _items(value: Any) -> int:
    """The values that are no numbers: they are written out before they are hashed."""
    columns = value.get_columns() if hasattr(value, "get_columns") else (value,)
    return sum(len(column) for column in columns if column.dtype.base_type().__name__ not in _FIXED)


def _nbytes(value: Any) -> int:
    return int(value.estimated_size())


_ADAPTERS = {
    "DataFrame": Adapter(parts=_frame, reach=_reach, items=_items, nbytes=_nbytes),
    "Series": Adapter(parts=_series, reach=_reach, items=_items, nbytes=_nbytes),
    "LazyFrame": Adapter(parts=_plan, reach=reaches_nothing, files=_files),
}


def _lookup(kind: type) -> Adapter | None:
    return _ADAPTERS.get(kind.__name__) if kind.__module__.startswith(_HOMES) else None


_HOMES = "polars.dataframe", "polars.series", "polars.lazyframe"

# --- what only reads

_OF_FRAMES = """
    cast clone columns corr count describe drop drop_nulls dtypes equals estimated_size explode fill_nan fill_null
    filter glimpse group_by head height is_empty item iter_rows join lazy limit max mean median min n_unique
    null_count partition_by pipe quantile rename reverse row rows sample schema select shape slice sort std
    sum tail to_dict to_dicts to_numpy to_series top_k unique unpivot var width with_columns
    with_row_index
"""
_OF_SERIES = """
    abs alias all any arg_max ceil clip cat dot dt eq floor ge gt interpolate is_empty is_unique kurtosis le lt
    map_elements ne pct_change pow product rank replace rolling_mean skew arg_min arg_sort cast clone count cum_sum
    describe diff drop_nulls dtype fill_null filter first head is_between is_empty is_in is_null item last len max
    mean median min mode n_unique name null_count quantile round sample shape shift slice sort std str sum tail
    to_frame to_list to_numpy unique value_counts var
"""
_FUNCTIONS = """
    DataFrame Series Expr all any coalesce col concat count date_range datetime duration element format from_dict
    from_dicts from_pandas int_range len lit max max_horizontal mean median min min_horizontal n_unique struct sum
    sum_horizontal when Boolean Date Datetime Float32 Float64 Int8 Int16 Int32 Int64 String UInt8 UInt16 UInt32
    UInt64 Utf8
"""
_FACTS = (
    Facts("polars.DataFrame polars.Series", "polars", f"{_OF_FRAMES} {_OF_SERIES}"),
    Facts("polars.datatypes.classes.DataTypeClass polars.DataType*", "immutable", "*"),
    Facts("polars.series.series._Meta", "passive"),
    Facts("polars.Schema", "dict", "copy get items keys values len names dtypes", "__ior__"),
    Facts(
        "polars.Expr polars.LazyFrame polars.expr.whenthen.When polars.expr.whenthen.Then",
        "immutable",
        "*",
        is_passing=True,
    ),
    Facts("polars.dataframe.group_by.GroupBy polars.lazyframe.group_by.LazyGroupBy", "immutable", "*", is_passing=True),
)

PROFILE = Profile(
    lookups={"polars": _lookup},
    extended={"polars": ("DataFrame", "LazyFrame", "Series", "Expr")},
    evaluators=("execute", "sql"),
    facts=_FACTS,
    functions={"polars": _FUNCTIONS},
    gives=("numpy",),
)
