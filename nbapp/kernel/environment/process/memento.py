"""What a container of a library holds, at one moment: to be compared, told by content, and put back in place.

Containers inside are looked into as deep as it is reasonable; anything else counts by which object it is. Caches are no
content: they are emptied when the rest is put back. Of a widget inside, what hangs on it counts; its traits are
followed elsewhere. This file does not know who changes what.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from nbapp.libraries import NO_CONTAINERS
from nbapp.libraries.ipywidgets import attributes

_DEEP = 6
_MOST = 20_000  # parts of one container
_PLAIN = (str, bytes, int, float, complex, bool, type(None))
_NO_STATE = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType, property)
_FOREIGN = NO_CONTAINERS | {
    *("Context", "ContextVar", "Lock", "Logger", "RLock", "Thread"),
    *("WeakKeyDictionary", "WeakSet", "WeakValueDictionary"),
}


def is_cache(name: object) -> bool:
    """Whether a name is that of a cache."""
    return isinstance(name, str) and any(word in name.lower() for word in ("cache", "memo", "_lru"))


def is_container(value: Any) -> bool:
    """Whether a value holds others, and may be asked for them."""
    kind = type(value)
    if isinstance(value, (*_PLAIN, *_NO_STATE)) or any(base.__name__ in _FOREIGN for base in kind.__mro__):
        return False
    return isinstance(value, (dict, list, set, deque, threading.local)) or hasattr(value, "__dict__")


def can_hold(value: Any) -> bool:
    """Whether a value is a container, or a widget that others may hang on."""
    return is_container(value) or _is_widget(value)


def _is_widget(value: Any) -> bool:
    return any(base.__name__ == "Widget" for base in type(value).__mro__)


@dataclass(frozen=True, slots=True, eq=False)
class Memento:
    """A container and what it holds: `items` by key or position, `attributes` by name; each a value or a memento."""

    container: Any
    items: tuple[tuple[Any, Any], ...]
    attributes: tuple[tuple[str, Any], ...]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Memento) or self.container is not other.container:
            return False
        return _same(self.items, other.items) and _same(self.attributes, other.attributes)

    def __hash__(self) -> int:
        return id(self.container)

    def parts(self) -> tuple[object, ...]:
        """What tells its content: keys and values, whatever containers they are in."""
        kind = type(self.container)
        return f"{kind.__module__}.{kind.__qualname__}", self.items, self.attributes

    def put_back(self) -> None:
        """Make the container and those inside hold this again."""
        now = of(self.container, _DEEP - 1)
        if now == self:
            return
        for _, part in (*self.items, *self.attributes):
            if isinstance(part, Memento):
                part.put_back()
        if not _same(now.items, self.items):
            _fill(self.container, [(key, _value(part)) for key, part in self.items])
        own = getattr(self.container, "__dict__", None)
        if own is not None:
            for name, value in list(_attributes(self.container).items()):
                if is_cache(name) and hasattr(value, "clear"):
                    value.clear()
                elif not is_cache(name):
                    del own[name]
            own.update((name, _value(part)) for name, part in self.attributes)


def of(value: Any, deep: int = 0) -> Memento:
    """What a container holds now."""
    return _of(value, deep, [_MOST], ())


def _of(value: Any, deep: int, left: list[int], inside: tuple[int, ...]) -> Memento:
    def part(item: Any) -> Any:
        left[0] -= 1
        if deep >= _DEEP or left[0] < 0 or id(item) in inside or not can_hold(item):
            return item
        return _of(item, deep + 1, left, (*inside, id(value)))

    items = tuple((key, part(item)) for key, item in _items(value) if not is_cache(key))
    own = list(_attributes(value).items())
    return Memento(value, items, tuple((name, part(item)) for name, item in own if not is_cache(name)))


def _attributes(value: Any) -> dict[str, Any]:
    """The attributes of a container itself; of a widget those that are neither traits nor the library's own."""
    if _is_widget(value):
        return {name: hung for name, hung in attributes(value).items() if name != "__class__"}
    return getattr(value, "__dict__", {})


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(dict.items(value))
    if isinstance(value, (list, deque)):
        return list(enumerate(value))
    return [(item, None) for item in sorted(set.__iter__(value), key=id)] if isinstance(value, set) else []


def _fill(container: Any, items: list[tuple[Any, Any]]) -> None:
    """Put items into a container past what its class does about it: they were legal when they were there."""
    if isinstance(container, dict):
        base: Any = OrderedDict if isinstance(container, OrderedDict) else dict
        base.clear(container)
        for key, value in items:
            base.__setitem__(container, key, value)
    elif isinstance(container, list):
        list.__setitem__(container, slice(None), [value for _, value in items])
    elif isinstance(container, deque):
        container.clear()
        container.extend(value for _, value in items)
    elif isinstance(container, set):
        set.clear(container)
        set.update(container, (key for key, _ in items))


def _value(part: Any) -> Any:
    return part.container if isinstance(part, Memento) else part


def _same(one: tuple[tuple[Any, Any], ...], other: tuple[tuple[Any, Any], ...]) -> bool:
    return len(one) == len(other) and all(
        _alike(key, known) and _alike(part, wanted) for (key, part), (known, wanted) in zip(one, other, strict=True)
    )


def _alike(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if isinstance(one, (*_PLAIN, Memento)):
        return type(one) is type(other) and bool(one == other)
    if type(one) is tuple and type(other) is tuple and len(one) == len(other):
        return all(map(_alike, one, other))
    return False
