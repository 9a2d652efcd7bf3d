"""Mappings and sets of objects by which object it is, whatever the objects say of their equality or their hash.

A key may also be an object with a name, as `(widget, "value")`. Iterating is over what was there at its begin: other
threads may add. The weak ones hold no object alive, and take single objects only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSet
from typing import Any, Generic, TypeVar, overload
from weakref import ref

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
_ABSENT: Any = object()


def _which(key: Any) -> Any:
    return (id(key[0]), key[1]) if type(key) is tuple else id(key)


class ById(MutableMapping[K, V]):
    """A dict by identity."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        self._items: dict[Any, tuple[K, V]] = {}
        self.update(items)

    def __getitem__(self, key: K) -> V:
        return self._items[_which(key)][1]

    def __setitem__(self, key: K, value: V) -> None:
        self._items[_which(key)] = key, value

    def __delitem__(self, key: K) -> None:
        del self._items[_which(key)]

    def __contains__(self, key: object) -> bool:
        return _which(key) in self._items

    def __iter__(self) -> Iterator[K]:
        return iter([key for key, _ in list(self._items.values())])

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def get(self, key: K, /) -> V | None: ...

    @overload
    def get(self, key: K, /, default: V | T) -> V | T: ...

    def get(self, key: K, /, default: Any = None) -> Any:
        """The value, or the default."""
        found = self._items.get(_which(key))
        return default if found is None else found[1]


class IdSet(MutableSet[K]):
    """A set by identity."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[K] = ()) -> None:
        self._items: dict[Any, K] = {_which(item): item for item in items}

    def __contains__(self, item: object) -> bool:
        return _which(item) in self._items

    def __iter__(self) -> Iterator[K]:
        return iter(list(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: K) -> None:
        """Add an object."""
        self._items[_which(item)] = item

    def discard(self, item: K) -> None:
        """Take an object out, if it is there."""
        self._items.pop(_which(item), None)

    def update(self, items: Iterable[K]) -> None:
        """Add objects."""
        self._items.update((_which(item), item) for item in items)

    def difference_update(self, items: Iterable[K]) -> None:
        """Take objects out."""
        for item in items:
            self.discard(item)


class WeakById(MutableMapping[K, V], Generic[K, V]):
    """A dict by identity that forgets an object with the last reference to it."""

    __slots__ = ("__weakref__", "_items")

    def __init__(self) -> None:
        self._items: dict[int, tuple[ref[K], V]] = {}

    def _find(self, key: Any) -> Any:
        found = self._items.get(id(key))
        return _ABSENT if found is None or found[0]() is not key else found[1]

    def __getitem__(self, key: K) -> V:
        found = self._find(key)
        if found is _ABSENT:
            raise KeyError(key)
        value: V = found
        return value

    def __setitem__(self, key: K, value: V) -> None:
        number, items = id(key), self._items

        def forget(gone: ref[K]) -> None:
            if number in items and items[number][0] is gone:
                del items[number]

        items[number] = ref(key, forget), value

    def __delitem__(self, key: K) -> None:
        if self._find(key) is _ABSENT:
            raise KeyError(key)
        del self._items[id(key)]

    def __contains__(self, key: object) -> bool:
        return self._find(key) is not _ABSENT

    def __iter__(self) -> Iterator[K]:
        keys = [held() for held, _ in list(self._items.values())]
        return iter([key for key in keys if key is not None])

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def get(self, key: K, /) -> V | None: ...

    @overload
    def get(self, key: K, /, default: V | T) -> V | T: ...

    def get(self, key: K, /, default: Any = None) -> Any:
        """The value, or the default."""
        found = self._find(key)
        return default if found is _ABSENT else found


class WeakIdSet(MutableSet[K]):
    """A set by identity that forgets an object with the last reference to it."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: WeakById[K, None] = WeakById()

    def __contains__(self, item: object) -> bool:
        return item in self._known

    def __iter__(self) -> Iterator[K]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def add(self, item: K) -> None:
        """Add an object."""
        self._known[item] = None

    def discard(self, item: K) -> None:
        """Take an object out, if it is there."""
        self._known.pop(item, None)

    def update(self, items: Iterable[K]) -> None:
        """Add objects."""
        for item in items:
            self.add(item)

    def difference_update(self, items: Iterable[K]) -> None:
        """Take objects out."""
        for item in items:
            self.discard(item)
