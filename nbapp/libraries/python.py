"""Values of the standard library whose pickle says too much, or nothing; and its random generator."""

from __future__ import annotations

import sys
from typing import Any

from nbapp.libraries.profile import Generator, Profile, by_name
from nbapp.libraries.slot import is_imported
from nbapp.values.types import Adapter, reaches_nothing


def _partial(partial: Any) -> object:
    """A call that is half made; to ask for its attributes leaves an empty dict, which is no content."""
    return partial.func, partial.args, partial.keywords, vars(partial) or None


_PARTIAL = Adapter(parts=_partial)
_STRUCT = Adapter(parts=lambda struct: (struct.format, struct.size), reach=reaches_nothing, shared=False)


_RANDOM = Generator(
    lambda: sys.modules["random"].getstate(),
    lambda state: sys.modules["random"].setstate(state),
    lambda: is_imported("random"),
)

PROFILE = Profile(
    lookups={"_struct": by_name({"Struct": _STRUCT}), "functools": by_name({"partial": _PARTIAL})},
    generators={"random": _RANDOM},
)
