"""gmpy2: its context, which is kept in C."""

from __future__ import annotations

import sys

from nbapp.libraries.profile import Profile
from nbapp.libraries.slot import Slot, Values

# The precision comes first: the others follow it until they are set. Flags that computing raises are no settings.
_SETTINGS = (
    *("precision", "real_prec", "imag_prec", "round", "real_round", "imag_round", "emax", "emin", "subnormalize"),
    *("trap_underflow", "trap_overflow", "trap_inexact", "trap_invalid", "trap_erange", "trap_divzero"),
    *("allow_complex", "rational_division", "allow_release_gil"),
)


def _context() -> Values:
    context = sys.modules["gmpy2"].get_context()
    return {name: getattr(context, name) for name in _SETTINGS if hasattr(context, name)}


def _put_context(values: Values) -> None:
    context = sys.modules["gmpy2"].get_context()
    for name in _SETTINGS:
        if name in values and getattr(context, name) != values[name]:
            setattr(context, name, values[name])


PROFILE = Profile(options=(Slot("gmpy2", _context, _put_context, "gmpy2"),))
