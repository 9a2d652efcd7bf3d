"""One call of a cached function: its arguments as the signature binds them, and what cannot be a key."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbapp.errors import NbappError
from nbapp.functions.files import file_version
from nbapp.functions.seen import SeenReads
from nbapp.values.digest import Digest, Opaque, text_digest

_ATOMS = frozenset({int, float, bool, complex, str, bytes, type(None)})


class NotCacheable(NbappError, TypeError):
    """A function, an argument, something that the code reads, or a result that has no place in a cache."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """The digest of what a function is called with, and the versions of files that it is told the names of."""

    digest: Digest
    files: dict[str, Digest]


def check_function(function: object, decorator: str) -> types.FunctionType:
    """The function, if it is one whose results can be kept.

    Raises:
        TypeError: a generator, or no plain function.
    """
    if isinstance(function, (staticmethod, classmethod)):
        raise TypeError(f"write @{decorator} below @{type(function).__name__}, next to the function")
    if not isinstance(function, types.FunctionType):
        raise TypeError(f"@{decorator} stands above a function, not above {function!r}")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(f"{function.__qualname__} is a generator, which can be used only once: return a list instead")
    return function


def bind(name: str, signature: inspect.Signature, seen: SeenReads, args: Any, kwargs: Any) -> Arguments:
    """The arguments of a call, however they were written.

    Parameters whose names begin with an underscore are left out.

    Raises:
        TypeError: they do not fit the signature.
        NotCacheable: one of them has no digest.
    """
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    counted = {name: value for name, value in bound.arguments.items() if not name.startswith("_")}
    parts: list[str] = []
    files: dict[str, Digest] = {}
    for parameter, value in counted.items():
        try:
            parts += [parameter, seen.digest(value)]
        except Opaque as opaque:
            raise _refusal(name, parameter, value, opaque) from opaque
        files.update(file_version(value))
    return Arguments(text_digest(*parts, *_same_objects(counted)), files)


def _refusal(name: str, parameter: str, value: object, opaque: Opaque) -> NotCacheable:
    kind = type(value).__qualname__
    return NotCacheable(
        f"{name} cannot be cached by its argument `{parameter}`, a {kind} without a digest ({opaque})",
        f"name it `_{parameter}` if it does not change the result, or teach nbapp its class with nbapp.register",
    )


def _same_objects(arguments: dict[str, object]) -> Iterator[str]:
    """Which arguments are one object: a function can tell `f(a, a)` from `f(a, copy of a)`."""
    first: dict[int, str] = {}
    for name, value in arguments.items():
        if type(value) not in _ATOMS:
            other = first.setdefault(id(value), name)
            if other != name:
                yield f"{name} is {other}"
