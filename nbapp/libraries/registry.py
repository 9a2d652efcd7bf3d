"""`nbapp.register`: how the author teaches nbapp to digest and follow values of a class; one registry for the process.

A class is given itself, or by the name under which one imports it. A name is looked up when a value of that module
turns up, so registering imports nothing.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from nbapp.errors import UsageError
from nbapp.values.types import Adapter, AdapterRegistry, reaches_nothing

Digester = Callable[[Any], object]
Reacher = Callable[[Any], Iterable[object]]


@dataclass(slots=True)
class _Registered:
    """The adapters by class (held weakly: notebooks make classes again and again) and by name."""

    by_class: dict[int, tuple[weakref.ref[type], Adapter]] = field(default_factory=dict)
    by_name: dict[str, dict[str, Adapter]] = field(default_factory=dict)

    def find(self, kind: type) -> Adapter | None:
        """The adapter registered for just this class."""
        found = self.by_class.get(id(kind))
        if found is not None and found[0]() is kind:
            return found[1]
        module = type.__dict__["__module__"].__get__(kind)
        names = self.by_name.get(module.partition(".")[0], {}) if isinstance(module, str) else {}
        return next((adapter for name, adapter in names.items() if _leads_to(name, kind)), None)


def _leads_to(name: str, kind: type) -> bool:
    """Whether one imports this class by this name, or the class says that it is its own."""
    if name == f"{kind.__module__}.{kind.__qualname__}":
        return True
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        found: Any = sys.modules.get(".".join(parts[:length]))
        if found is not None:
            for part in parts[length:]:
                found = getattr(found, "__dict__", {}).get(part)
            return found is kind
    return False


_REGISTERED = _Registered()
REGISTRY = AdapterRegistry(_REGISTERED.find)


def register(
    kind: type | str,
    *,
    digest: Digester | None = None,
    reach: Reacher | None = None,
    handle: bool = False,
    opaque: bool = False,
    immutable: bool = False,
) -> None:
    """Teach nbapp the values of a class and of its subclasses, from now on and until the process ends.

    Args:
        kind: the class, or the name it is imported by: `"torch.Tensor"`. Nothing is imported.
        digest: gives for a value a plain value (numbers, text, bytes, arrays, containers of these) that is equal
            exactly when the contents are equal; without it the value's pickle is. When it raises, the value is opaque.
        reach: gives the objects inside that may be changed in place, the memory they share with others included.
            Without it all references are followed.
        handle: the value stands for something outside, such as a connection: its version is which object it is.
        opaque: the value has no digest; whatever touched it counts as having changed it.
        immutable: nothing ever changes inside a value, so nothing inside needs following.

    Raises:
        UsageError: no class, or options that contradict each other.
    """
    _check(kind, digest, reach, handle=handle, opaque=opaque, immutable=immutable)
    adapter = Adapter(
        parts=_parts(digest, kind) if digest else None,
        reach=reaches_nothing if handle or immutable else reach,
        shared=not immutable,
        opaque=opaque,
        handle=handle,
    )
    if isinstance(kind, str):
        _REGISTERED.by_name.setdefault(kind.partition(".")[0], {})[kind] = adapter
    else:
        by_class, key = _REGISTERED.by_class, id(kind)
        for gone in [other for other, (known, _) in by_class.items() if known() is None]:
            del by_class[gone]
        by_class[key] = weakref.ref(kind), adapter
    REGISTRY.revision += 1


def _parts(digest: Digester, kind: type | str) -> Digester:
    """The author's function, saying who it was when it fails."""
    name = kind if isinstance(kind, str) else kind.__name__

    def parts(value: Any) -> object:
        try:
            found = digest(value)
        except Exception as error:
            raise ValueError(f"the digest registered for {name} raised {type(error).__name__}: {error}") from error
        if found is value:
            raise ValueError(f"the digest registered for {name} gave back the value itself")
        return found

    return parts


def _check(kind: object, digest: object, reach: object, **flags: bool) -> None:
    if not isinstance(kind, (type, str)):
        raise UsageError(f"nbapp.register takes a class or its name, not {kind!r}")
    if isinstance(kind, str) and ("." not in kind or not all(part.isidentifier() for part in kind.split("."))):
        raise UsageError(f"{kind!r} is not the name of a class in a module", 'write it like "torch.Tensor"')
    for name, function in {"digest": digest, "reach": reach}.items():
        if function is not None and not callable(function):
            raise UsageError(f"{name} must be a function of one value, not {function!r}")
    chosen = [name for name, value in flags.items() if value]
    if {"handle", "opaque"} <= set(chosen) or (digest is not None and {"handle", "opaque"} & set(chosen)):
        raise UsageError("a value has a digest, or is a handle, or is opaque", "give one of the three")
    if reach is not None and ("handle" in chosen or "immutable" in chosen):
        raise UsageError("nothing is followed inside a handle or an immutable value", "leave out reach")
    if digest is None and reach is None and not chosen:
        raise UsageError("nothing was said about the class", "give digest, reach, handle, opaque or immutable")
