"""What code written in C keeps for itself and gives out by functions, as slots; imports none of these libraries."""

from __future__ import annotations

import gc
import sys
from typing import Any

from nbapp.kernel.environment.process.slots import GONE, Slot, Values


def _module(name: str) -> Any:
    return sys.modules[name]


def _collector() -> Values:
    return {"threshold": gc.get_threshold(), "is on": gc.isenabled()}


def _put_collector(values: Values) -> None:
    if "threshold" in values:
        gc.set_threshold(*values["threshold"])
    if "is on" in values:
        (gc.enable if values["is on"] else gc.disable)()


_DIALECT = (
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
)


def _dialects() -> Values:
    csv = _module("_csv")
    return {name: tuple(getattr(csv.get_dialect(name), part) for part in _DIALECT) for name in csv.list_dialects()}


def _raw_dialects() -> object:
    csv = _module("_csv")
    return [(name, csv.get_dialect(name)) for name in csv.list_dialects()]


def _put_dialects(values: Values) -> None:
    csv = _module("_csv")
    for name, parts in values.items():
        if parts is GONE:
            csv.unregister_dialect(name)
        else:
            csv.register_dialect(name, **dict(zip(_DIALECT, parts, strict=True)))


def _special() -> Values:
    return dict(_module("scipy.special").geterr())


def _put_special(values: Values) -> None:
    _module("scipy.special").seterr(**{name: how for name, how in values.items() if how is not GONE})


def _arrow() -> Values:
    arrow = _module("pyarrow")
    return {"cpu_count": arrow.cpu_count(), "io_thread_count": arrow.io_thread_count()}


def _put_arrow(values: Values) -> None:
    for name, count in values.items():
        getattr(_module("pyarrow"), f"set_{name}")(count)


# The precision comes first: the others follow it until they are set. Flags that computing raises are no settings.
_GMP = (
    *("precision", "real_prec", "imag_prec", "round", "real_round", "imag_round", "emax", "emin", "subnormalize"),
    *("trap_underflow", "trap_overflow", "trap_inexact", "trap_invalid", "trap_erange", "trap_divzero"),
    *("allow_complex", "rational_division", "allow_release_gil"),
)


def _gmp() -> Values:
    context = _module("gmpy2").get_context()
    return {name: getattr(context, name) for name in _GMP if hasattr(context, name)}


def _put_gmp(values: Values) -> None:
    context = _module("gmpy2").get_context()
    for name in _GMP:
        if name in values and getattr(context, name) != values[name]:
            setattr(context, name, values[name])


SWITCHES: tuple[Slot, ...] = (
    Slot("gc", _collector, _put_collector),
    Slot("the csv dialect", _dialects, _put_dialects, "_csv", raw=_raw_dialects),
    Slot("scipy.special", _special, _put_special, "scipy.special"),
    Slot("pyarrow", _arrow, _put_arrow, "pyarrow"),
    Slot("gmpy2", _gmp, _put_gmp, "gmpy2"),
)
