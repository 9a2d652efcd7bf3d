"""A piece of state that code sets and other code obeys, such as the options of a library, as a flat dict of values.

Values can be compared and put back. A slot of a library is there once the library is imported. This file does not know
who changed what.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

Values = dict[str, Any]
GONE = type("GONE", (), {"__repr__": lambda self: "GONE"})()  # the value of a key that is to be taken away


@dataclass(frozen=True, slots=True)
class Slot:
    """One piece of process state. `put` is given the keys that differ, and `GONE` for those to take away.

    `raw` is a copy that is quick to make and to compare: as long as it is equal, `get` would give the same values.
    """

    name: str
    get: Callable[[], Values]
    put: Callable[[Values], None]
    module: str = "sys"
    raw: Callable[[], object] | None = None

    def is_there(self) -> bool:
        """Whether the library it belongs to is imported, to its end."""
        return is_imported(self.module)


def is_imported(module: str) -> bool:
    """Whether a module was executed to its end."""
    found = sys.modules.get(module)
    return found is not None and not getattr(getattr(found, "__spec__", None), "_initializing", False)


def executed(module: ModuleType) -> None:
    """A module was executed to its end: Python itself says so only when the module's loader has returned."""
    if module.__spec__ is not None:
        module.__spec__._initializing = False  # type: ignore[attr-defined]


def each(put: Callable[[str, Any], object]) -> Callable[[Values], None]:
    """Puts values one by one; those that would be taken away stay as they are."""

    def put_all(values: Values) -> None:
        for name, value in values.items():
            if value is not GONE:
                put(name, value)

    return put_all


def of_attributes(module: str, holder: str, names: Callable[[Any], Iterable[str]]) -> Slot:
    """Options of a library that are attributes of an object in a module."""

    def values() -> Values:
        found = getattr(sys.modules[module], holder)
        return {name: getattr(found, name) for name in names(found)}

    put = each(lambda name, value: setattr(getattr(sys.modules[module], holder), name, value))
    return Slot(f"{module.partition('.')[0]}.{holder}", values, put, module)


def of_call(module: str, get: str, put: str) -> Slot:
    """One value that a function gives, and another one, or the same, takes."""
    return Slot(
        module.removeprefix("_"),
        lambda: {get: getattr(sys.modules[module], get)()},
        each(lambda _, value: getattr(sys.modules[module], put)(value)),
        module,
    )


def of_functions(module: str, get: str, put: str) -> Slot:
    """Options of a library that gives all of them as a dict, and takes them as keywords."""

    def values() -> Values:
        return dict(getattr(sys.modules[module], get)())

    def put_values(values: Values) -> None:
        getattr(sys.modules[module], put)(**{name: value for name, value in values.items() if value is not GONE})

    return Slot(module, values, put_values, module)
