"""Frames, series and indexes of pandas, by columns: how pandas lays out its blocks is nobody's business."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nbapp.libraries.notes import without
from nbapp.libraries.profile import Facts, Profile, by_name
from nbapp.libraries.slot import Slot, each
from nbapp.libraries.stores import STORE
from nbapp.values.types import Adapter, reaches_nothing


def _attributes(holder: Any) -> dict[str, Any]:
    """What the author hung on a frame or series, beyond what pandas keeps there."""
    own = _OWN | type(holder)._accessors  # pandas 2 keeps the accessors that were used
    hung = {name: value for name, value in vars(holder).items() if name not in own}
    if "_metadata" in hung and hung["_metadata"] == type(holder)._metadata:
        del hung["_metadata"]  # pandas 2 leaves its class's there when it unpickles
    return hung


def _column(values: Any) -> Any:
    """A column as one piece of memory."""
    flags = getattr(values, "flags", None)
    return values if flags is None or flags.c_contiguous else values.copy()


def _labels(labels: Any) -> object:
    """The names of columns: however Arrow cuts plain texts into chunks, which nobody can see of labels."""
    values = getattr(getattr(labels, "_data", None), "_pa_array", None)  # a MultiIndex has no `_data`
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
    yield from _attributes(holder).values()
    for block in holder._mgr.blocks:
        yield block.values
    for labels in holder.axes:
        yield from _objects(labels)


def _objects(labels: Any) -> Iterable[object]:
    """What labels hold that may be changed itself: they may be any objects, and so may their names."""
    yield from (name for name in labels.names if name is not None and type(name) is not str)
    for level in getattr(labels, "levels", (labels,)):
        values = getattr(level, "categories", level)
        if values.dtype == object and values.inferred_type.startswith("mixed"):
            yield from values.tolist()


def _extension_array(array: Any) -> Iterable[object]:
    """The buffers of an array: its dtype is shared by all arrays of that type and never changes."""
    backing = getattr(array, "_ndarray", None)
    if backing is not None:
        yield backing
    if hasattr(array, "categories"):
        yield from _objects(array.categories)
    for part in vars(array).values() if hasattr(array, "__dict__") else ():
        if type(part).__name__ in _BUFFERS:
            yield part


def _arrow(array: Any) -> object:
    """Arrow's column as it is cut into chunks, which the pickle of pandas puts together."""
    return type(array), str(array.dtype), array._pa_array


def _masked(array: Any) -> object:
    """Numbers with those that are missing, without the dtype that reading them caches, and what lies under these."""
    data, mask = array._data, array._mask
    if mask.any():
        data = data.copy()
        data[mask] = 0
    return type(array), data, mask


def _datetimes(array: Any) -> object:
    """Dates without the memo that reading their fields fills."""
    return array.dtype, array._ndarray, getattr(array, "freq", None)


def _index(index: Any) -> Iterable[object]:
    """The memory under an index: pandas 2 may share it with an array of the author's."""
    yield from _objects(index)
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
    "BaseMaskedArray": Adapter(parts=_masked, reach=_extension_array),
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


# --- what only reads; with `inplace=True` nothing does

_BOTH = """
    T abs add add_prefix add_suffix agg/1 aggregate/1 align all any apply/1 asof assign astype at at_time axes
    between_time bfill clip combine_first compare convert_dtypes copy corr count cov cumsum
    describe diff div divide dot drop drop_duplicates dropna dtypes duplicated empty eq equals ewm expanding explode
    ffill fillna filter first_valid_index floordiv ge get groupby gt head iat idxmax idxmin iloc index infer_objects
    interpolate isin isna isnull items keys kurt kurtosis last_valid_index le loc lt map mask max mean median
    memory_usage min mod mode mul multiply ndim ne nlargest notna notnull nsmallest nunique pct_change pipe pow prod
    product quantile radd rank rdiv reindex reindex_like rename/1 rename_axis replace resample
    reset_index rfloordiv rmod rmul rolling round rpow rsub rtruediv sample sem shape shift size skew sort_index
    sort_values squeeze std sub subtract sum swaplevel tail take to_dict to_json/0 to_numpy to_string/0
    transform/1 transpose truediv truncate  unstack value_counts values var where xs
"""
_OF_FRAMES = """
    assign columns corrwith select iterrows join melt merge pivot_table select_dtypes set_axis
    set_index stack to_html/0
"""
_OF_SERIES = """
    argmax argmin argsort array autocorr between cat dt dtype factorize hasnans is_monotonic_decreasing
    is_monotonic_increasing is_unique item name nbytes repeat searchsorted str to_frame to_list tolist unique
"""
_OF_INDEXES = """
    T all any append argmax argmin argsort array asof astype copy difference symmetric_difference ravel reshape
    swapaxes drop drop_duplicates dropna dtype duplicated empty equals factorize fillna get_indexer
    get_level_values get_loc has_duplicates hasnans identical inferred_type intersection is_monotonic_decreasing
    is_monotonic_increasing is_unique isin isna isnull item map max memory_usage min name names nbytes ndim nlevels
    notna notnull nunique repeat searchsorted shape shift size sort_values str take to_frame to_list to_numpy
    to_series tolist transpose union unique value_counts values where year month day hour minute second weekday
    dayofweek quarter date time left right mid categories codes start stop step levels
"""
_OF_GROUPS = """
    all any bfill corr count cov cumcount describe diff expanding
    ffill filter first get_group head idxmax idxmin last max mean median min ndim ngroup ngroups nth nunique
    pct_change pipe prod quantile rank rolling sample sem shift size skew std sum tail take value_counts
    var
"""
_OF_WINDOWS = "corr count cov kurt max mean median min quantile rank sem skew std sum var"
_OF_TEXTS = """
    capitalize cat center contains count endswith extract extractall find findall fullmatch get isalnum isalpha
    isdigit islower isnumeric istitle isupper join len ljust lower lstrip match pad partition removeprefix
    removesuffix repeat replace rfind rjust rsplit rstrip slice slice_replace split startswith strip swapcase title
    upper zfill
"""
_OF_DATES = """
    ceil date day day_name day_of_week day_of_year dayofweek dayofyear days floor hour is_month_end is_month_start
    microsecond minute month month_name normalize quarter round second seconds strftime time total_seconds
    weekday year
"""
_CHANGES = "insert pop"
_FUNCTIONS = """
    Categorical DataFrame Index IndexSlice Interval MultiIndex NA NaT Period Series Timedelta Timestamp concat
    crosstab cut date_range factorize get_dummies isna isnull melt merge notna notnull pivot_table
    qcut timedelta_range to_datetime to_numeric to_timedelta unique
"""
_INDEXES = """
    pandas.Index pandas.RangeIndex pandas.DatetimeIndex pandas.TimedeltaIndex pandas.PeriodIndex
    pandas.CategoricalIndex pandas.IntervalIndex pandas.MultiIndex pandas.Categorical
"""
_ACCESSORS = """
    pandas.core.strings.accessor.StringMethods pandas.core.indexes.accessors.CombinedDatetimelikeProperties
    pandas.core.indexes.accessors.DatetimeProperties pandas.core.indexes.accessors.TimedeltaProperties
    pandas.core.arrays.categorical.CategoricalAccessor
"""
_ARRAYS = """
    pandas.arrays.ArrowStringArray pandas.arrays.StringArray pandas.arrays.DatetimeArray
    pandas.arrays.TimedeltaArray pandas.arrays.PeriodArray pandas.arrays.IntegerArray pandas.arrays.FloatingArray
    pandas.arrays.BooleanArray pandas.arrays.NumpyExtensionArray pandas.arrays.IntervalArray
    pandas.core.arrays.ArrowExtensionArray pandas.core.arrays.arrow.ArrowExtensionArray
"""
_GROUPS = """
    pandas.core.groupby.generic.DataFrameGroupBy pandas.core.groupby.generic.SeriesGroupBy
    pandas.core.groupby.ops.BaseGrouper pandas.core.groupby.ops.BinGrouper pandas.core.resample.TimeGrouper
    pandas.core.groupby.grouper.Grouping
"""
_WINDOWS = """
    pandas.api.typing.ExponentialMovingWindowGroupby pandas.api.typing.ExponentialMovingWindowGroupBy
    pandas.api.typing.RollingGroupby pandas.api.typing.RollingGroupBy pandas.api.typing.ExpandingGroupby
    pandas.api.typing.ExpandingGroupBy pandas.core.window.rolling.Rolling pandas.core.window.expanding.Expanding
    pandas.core.window.ewm.ExponentialMovingWindow pandas.core.resample.DatetimeIndexResampler
"""
_PLACES = """
    pandas.core.indexing._iLocIndexer pandas.core.indexing._LocIndexer pandas.core.indexing._AtIndexer
    pandas.core.indexing._iAtIndexer
"""
_DTYPES = """
    pandas.StringDtype pandas.CategoricalDtype pandas.PeriodDtype pandas.IntervalDtype pandas.DatetimeTZDtype
    pandas.Int8Dtype pandas.Int16Dtype pandas.Int32Dtype pandas.Int64Dtype pandas.UInt8Dtype pandas.UInt16Dtype
    pandas.UInt32Dtype pandas.UInt64Dtype pandas.Float32Dtype pandas.Float64Dtype pandas.BooleanDtype
    pandas.ArrowDtype pandas.core.dtypes.dtypes.NumpyEADtype pandas._libs.tslibs.offsets.BaseOffset*
    pandas.core.indexes.frozen.FrozenList
"""
_SCALARS = """
    pandas.Timestamp pandas.Timedelta pandas.Period pandas.Interval pandas._libs.tslibs.nattype.NaTType
    pandas._libs.missing.NAType
"""
# A name that only reads does so in all of these classes.
_READS = " ".join((_BOTH, _OF_FRAMES, _OF_SERIES, _OF_INDEXES, _OF_GROUPS, _OF_WINDOWS, _OF_TEXTS, _OF_DATES))
_FACTS = (
    Facts("pandas.DataFrame pandas.Series", "pandas", _READS, _CHANGES),
    Facts(f"{_GROUPS} {_WINDOWS}", "pandas", _READS, is_passing=True),
    Facts(f"{_INDEXES} {_ARRAYS}", "pandas", _READS),
    Facts(f"{_ACCESSORS} {_PLACES}", "pandas", _READS, is_passing=True),
    Facts("pandas.io.formats.printing.PrettyDict", "dict", "copy get items keys values fromkeys", "__ior__"),
    Facts(_DTYPES, "immutable", "*"),
    Facts(_SCALARS, "immutable", "*"),
)

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
    evaluators=("eval", "query", "read_sql", "read_sql_query", "read_sql_table"),
    asks={"the network": ("read_html",), "a database": ("read_sql", "read_sql_query")},
    followed_packages=("pandas",),
    no_containers=("NDFrame",),
    facts=_FACTS,
    functions={"pandas": _FUNCTIONS},
    gives=("numpy",),
)
