"""Arrays of numpy: everything a cell can see of one but its address; the memory is hashed where it lies.

Beside them how numpy prints, what it does about errors, and its global generator.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pickle import PickleBuffer
from typing import Any

from nbapp.libraries.profile import Facts, Generator, Profile, by_name
from nbapp.libraries.shared_memory import array_neighbours, is_shared
from nbapp.libraries.slot import GONE, Slot, Values, is_imported
from nbapp.libraries.texts import plain_bytes, texts_only
from nbapp.values.types import Adapter

DATASOURCE = "numpy.lib._datasource"  # the module with the functions that open a text file, packed or not


def file_openers(module: Any) -> dict[str, Any]:
    """Those functions, by the endings of files' names, in that module."""
    found: dict[str, Any] = getattr(getattr(module, "_file_openers", None), "_file_openers", {})
    return found


def reach(array: Any) -> Iterable[object]:
    """The owner of the memory (views of one array share it) and the objects inside."""
    owner = _owner(array)
    found = [owner]
    if owner.base is not None:
        found.append(owner.base)
    if is_shared() and hasattr(owner, "nbytes"):
        found += array_neighbours(owner, owner.__array_interface__["data"][0], owner.nbytes)
    if array.dtype.hasobject and not texts_only(items := array.ravel().tolist()):
        found += items
    return [*found, *(array.dtype.metadata or {}).values(), *getattr(array, "__dict__", {}).values()]


def _base(array: Any) -> tuple[object, ...]:
    """What a view keeps alive."""
    return () if array.base is None else (array.base,)


def _owner(array: Any) -> Any:
    owner = array
    while type(owner.base) is type(array) or hasattr(owner.base, "__array_interface__"):
        owner = owner.base
    return owner


def parts(array: Any) -> object:
    """Everything a cell can see of an array but its address; the buffer is handed out where it lies."""
    own = _own(array)
    ndarray: Any = next(kind for kind in type(array).__mro__ if kind.__name__ == "ndarray")
    owner = _owner(array)
    owner_flags = owner.flags if isinstance(owner, ndarray) else array.flags  # closed later than its view was made
    array = array if type(array) is ndarray else array.view(ndarray)
    flags = array.flags
    order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else _strides(array)
    return array.dtype, array.shape, order, (flags.writeable, owner_flags.writeable), own, _memory(array, order)


def _strides(array: Any) -> tuple[int, ...]:
    """Bytes from one element to the next; along an axis of length 1 they say nothing."""
    return tuple(stride for stride, length in zip(array.strides, array.shape, strict=True) if length > 1)


def _own(array: Any) -> Any:
    """What a subclass has: a mask, units, what the author hung on it."""
    own = getattr(array, "__dict__", None)
    if own and own.get("_fill_value", own) is None:
        # A masked array makes its default when it is first asked for one, and cannot be cast to every type from then
        # on: it is not asked, and counts as if it had been.
        like = sys.modules["numpy"].ma.empty(0, dtype=array.dtype)
        like.set_fill_value()
        return {**own, "_fill_value": like._fill_value}
    return own


def _memory(array: Any, order: object) -> object:
    if array.dtype.hasobject or array.dtype.kind == "T":
        items = array.ravel().tolist()
        return plain_bytes(items) if texts_only(items) else items
    if array.dtype.fields is not None and _has_gaps(array.dtype):
        return [_memory(part, None) for part in map(array.__getitem__, array.dtype.names)]
    if order not in ("C", "F"):
        return array.tobytes()
    return PickleBuffer((array if order == "C" else array.T).reshape(-1).view("u1"))


def _has_gaps(dtype: Any) -> bool:
    """Whether there are bytes between the fields, which hold whatever was there before."""
    if dtype.fields is None:
        return False
    fields = [dtype.fields[name][0] for name in dtype.names]
    return sum(field.itemsize for field in fields) != dtype.itemsize or any(_has_gaps(field.base) for field in fields)


def _mapped(array: Any) -> Iterable[str]:
    """The file that an array lies in: who changes one changes the other."""
    return [str(array.filename)] if array.filename else []


def _items(array: Any) -> int:
    return int(array.size) if array.dtype.hasobject or array.dtype.kind == "T" else 0


def _row(row: Any) -> Iterable[object]:
    """One record of a structured array, which lies in the array, and the objects in it."""
    return [row.base, *(row.item() if row.dtype.hasobject else ())]


_ADAPTERS = {
    "memmap": Adapter(parts=parts, reach=reach, files=_mapped),
    "ndarray": Adapter(parts=parts, reach=reach, items=_items, holds=_base),
    "void": Adapter(reach=_row),
    "flatiter": Adapter(opaque=True, reach=lambda flat: (flat.base,)),
    "nditer": Adapter(opaque=True, reach=lambda walk: walk.operands),
    "broadcast": Adapter(opaque=True, reach=lambda together: together.iters),
}


# --- options and the generator


_CALL = "error call"  # what `numpy.seterrcall` was given


def _options() -> Values:
    numpy = sys.modules["numpy"]
    errors = {f"errors {name}": how for name, how in numpy.geterr().items()}
    return {**numpy.get_printoptions(), **errors, _CALL: numpy.geterrcall()}


def _put_options(values: Values) -> None:
    numpy = sys.modules["numpy"]
    errors = {name.removeprefix("errors "): how for name, how in values.items() if name.startswith("errors ")}
    others = values.keys() - {_CALL, *(f"errors {name}" for name in errors)}
    printing = {name: values[name] for name in others if values[name] is not GONE}
    if errors:
        numpy.seterr(**errors)
    if _CALL in values:
        numpy.seterrcall(values[_CALL])
    if printing:
        numpy.set_printoptions(**{**numpy.get_printoptions(), **printing})


def _random() -> Any:
    """`numpy.random`, not through the attribute: numpy gives that on first use, by an import that may not be over."""
    return sys.modules["numpy.random"]


def _state() -> Any:
    kind, keys, *rest = _random().get_state()
    return kind, keys.tobytes(), *rest


def _put_state(state: Any) -> None:
    kind, keys, *rest = state
    _random().set_state((kind, sys.modules["numpy"].frombuffer(keys, dtype="uint32"), *rest))


# --- what only reads: by position an argument further on would be `out`

_ARRAY = """
    T all/1 any/1 argmax/1 argmin/1 argsort astype clip/2 conj/0 conjugate/0 copy cumprod/2 cumsum/2 diagonal dot/1
    dtype flatten imag item itemsize max/1 mean/2 min/1 nbytes ndim nonzero prod/2 ravel real repeat reshape round/1
    searchsorted shape size squeeze std/2 strides sum/2 swapaxes take/2 tobytes tolist transpose var/2 view
"""
_SCALARS = """
    bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 longdouble complex64 complex128
    str_ bytes_ datetime64 timedelta64
"""
_NAMES = """
    Bool Bytes Complex128 DateTime64 Float16 Float32 Float64 Int8 Int16 Int32 Int64 Object Str String TimeDelta64 UInt8
    UInt16 UInt32 UInt64
"""
_DTYPES = " ".join(f"numpy.dtypes.{name}DType" for name in _NAMES.split())
_FUNCTIONS = """
    sum/3 prod/3 mean/3 std/3 var/3 max/2 min/2 any/2 all/2 argmax/2 argmin/2 cumsum/3 cumprod/3 median/2
    percentile/3 quantile/3 average nanmean/3 nansum/3 nanstd/3 nanmax/2 nanmin/2 nanmedian/2 nanpercentile/3 ptp/2
    dot/2 matmul/2 outer/2 inner clip/3 round/2 take/3 concatenate/2 stack/2 vstack hstack column_stack sqrt/1 exp/1
    log/1 log10/1 log2/1 log1p/1 expm1/1 sin/1 cos/1 tan/1 arcsin/1 arccos/1 arctan/1 sinh/1 cosh/1 tanh/1 abs/1
    absolute/1 sign/1 floor/1 ceil/1 rint/1 trunc/1 square/1 isnan/1 isfinite/1 isinf/1 negative/1 deg2rad/1
    rad2deg/1 radians/1 degrees/1 logical_not/1 cbrt/1 reciprocal/1 add/2 subtract/2 multiply/2 divide/2
    floor_divide/2 mod/2 remainder/2 power/2 maximum/2 minimum/2 hypot/2 arctan2/2 greater/2 less/2 greater_equal/2
    less_equal/2 equal/2 not_equal/2 logical_and/2 logical_or/2 logical_xor/2 array asarray arange linspace logspace
    geomspace zeros ones empty full zeros_like ones_like empty_like full_like eye identity diag meshgrid where
    unique sort argsort lexsort searchsorted digitize histogram histogram2d bincount interp polyfit polyval gradient
    diff convolve correlate corrcoef cov reshape ravel transpose swapaxes expand_dims squeeze repeat tile flip
    fliplr flipud roll split array_split isin nonzero argwhere flatnonzero count_nonzero allclose isclose
    array_equal trapezoid copy atleast_1d atleast_2d triu tril kron cross
"""
_FACTS = (
    Facts("numpy.ndarray", "numpy", _ARRAY, "fill partition put resize sort"),
    Facts(" ".join(f"numpy.{name}" for name in _SCALARS.split()), "immutable", "*"),
    Facts(_DTYPES, "immutable", "*"),
)

PROFILE = Profile(
    lookups={"numpy": by_name(_ADAPTERS)},
    options=(Slot("numpy", _options, _put_options, "numpy"),),
    generators={"numpy": Generator(_state, _put_state, lambda: is_imported("numpy.random"))},
    mutating=("fill", "partition", "put", "resize"),
    asks={"fresh randomness": ("default_rng",)},
    seedable=("default_rng",),
    followed_packages=("numpy",),
    no_containers=("ndarray",),
    facts=_FACTS,
    functions={
        "numpy": f"{_FUNCTIONS} {_SCALARS} ndarray bool_",
        "numpy.linalg": "norm inv det solve eig eigvals eigh svd qr lstsq matrix_rank pinv cholesky",
        "numpy.random": "beta binomial choice exponential gamma normal permutation poisson rand randint"
        " randn random seed standard_normal uniform",
    },
    fresh={"numpy": "arange array empty empty_like eye full full_like linspace ones ones_like zeros zeros_like"},
)
