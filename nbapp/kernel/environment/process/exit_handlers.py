"""What cells registered to be called when the kernel ends, as a slot: `atexit` itself tells nobody what it holds."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nbapp.kernel.common.patching import Patching
from nbapp.libraries.slot import Slot, Values

Exit = tuple[Callable[..., Any], tuple[Any, ...], tuple[tuple[str, Any], ...]]  # a callback and its arguments


class Exits:
    """The callbacks that code of the notebook itself registered; those of libraries stay as they are."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._registered: tuple[Exit, ...] = ()
        self.slot = Slot("atexit", lambda: {"callbacks": self._registered}, self._put)

    def are_there(self) -> bool:
        """Whether there are any."""
        return bool(self._registered)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note what is registered and unregistered inside."""

        def noting(callback: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            if sys._getframe(2).f_globals is self._namespace:
                self._registered = (*self._registered, (callback, args, tuple(kwargs.items())))
            return register(callback, *args, **kwargs)

        def forgetting(callback: Callable[..., Any]) -> None:
            self._registered = tuple(known for known in self._registered if known[0] != callback)
            unregister(callback)

        with Patching() as patching:
            register = patching.put(atexit, "register", noting)
            unregister = patching.put(atexit, "unregister", forgetting)
            yield

    def _put(self, values: Values) -> None:
        for callback, _, _ in self._registered:
            atexit.unregister(callback)
        self._registered = values["callbacks"]
        for callback, args, kwargs in self._registered:
            atexit.register(callback, *args, **dict(kwargs))
