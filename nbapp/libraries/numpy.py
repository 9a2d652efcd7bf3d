"""Arrays of numpy: everything a cell can see of one but its address; the memory is hashed where it lies.

Beside them how numpy prints, what it does about errors, and its global generator.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pickle import PickleBuffer
from typing import Any

from nbapp.libraries.memory import array_neighbours, is_shared
from nbapp.libraries.profile import Generator, Profile, by_name
from nbapp.libraries.slot import GONE, Slot, Values, is_imported
from nbapp.values.types import Adapter


def reach(array: Any) -> Iterable[object]:
    """The owner of the memory (views of one array share it) and the objects inside."""
    owner = _owner(array)
    yield owner
    if owner.base is not None:
        yield owner.base
    if is_shared() and hasattr(owner, "nbytes"):
        yield from array_neighbours(owner, owner.__array_interface__["data"][0], owner.nbytes)
    if array.dtype.hasobject:
        yield from array.ravel().tolist()
    yield from getattr(array, "__dict__", {}).values()


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
        return array.ravel().tolist()
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


_ADAPTERS = {
    "memmap": Adapter(parts=parts, reach=reach, files=_mapped),
    "ndarray": Adapter(parts=parts, reach=reach),
    "flatiter": Adapter(opaque=True, reach=lambda flat: (flat.base,)),
}


# --- options and the generator


def _options() -> Values:
    numpy = sys.modules["numpy"]
    return {**numpy.get_printoptions(), **{f"errors {name}": how for name, how in numpy.geterr().items()}}


def _put_options(values: Values) -> None:
    numpy = sys.modules["numpy"]
    errors = {name.removeprefix("errors "): how for name, how in values.items() if name.startswith("errors ")}
    printing = {name: value for name, value in values.items() if not name.startswith("errors ") and value is not GONE}
    if errors:
        numpy.seterr(**errors)
    if printing:
        numpy.set_printoptions(**{**numpy.get_printoptions(), **printing})


def _state() -> Any:
    kind, keys, *rest = sys.modules["numpy"].random.get_state()
    return kind, keys.tobytes(), *rest


def _put_state(state: Any) -> None:
    numpy = sys.modules["numpy"]
    kind, keys, *rest = state
    numpy.random.set_state((kind, numpy.frombuffer(keys, dtype="uint32"), *rest))


PROFILE = Profile(
    lookups={"numpy": by_name(_ADAPTERS)},
    options=(Slot("numpy", _options, _put_options, "numpy"),),
    generators={"numpy": Generator(_state, _put_state, lambda: is_imported("numpy.random"))},
    mutating=("fill", "partition", "put", "resize"),
    asks={"fresh randomness": ("default_rng",)},
    followed_packages=("numpy",),
    no_containers=("ndarray",),
)
