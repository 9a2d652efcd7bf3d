"""The states of the global random generators: a component each, read by the cells that use it.

A cell that draws moves the state, and so is seen to use it; one whose names speak of randomness counts as well, because
a seed may leave the state as it was.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Set
from typing import Any

from nbapp.core.memos.kinds import GENERATOR
from nbapp.core.memos.memo import Binding, Component
from nbapp.kernel.environment.provider import Provider
from nbapp.libraries import GENERATORS
from nbapp.values.digest import text_digest

_GENERATORS = {GENERATOR.of(name): generator for name, generator in GENERATORS.items()}


def _bound(state: Any) -> Binding:
    return Binding(state, text_digest("rng", pickle.dumps(state).hex()))


def _is_other(left: Binding | None, before: Binding | None) -> bool:
    return left is not None and (before is None or left.version != before.version)


class Randomness(Provider):
    """The global generators of this process."""

    def __init__(self) -> None:
        self._baseline: dict[str, Binding] = {}
        self._last: dict[str, Binding] = {}
        self._stream: dict[str, Binding] = {}
        self._from: dict[str, Binding | None] = {}  # what the cells had left when the stream began
        self._is_fresh = False
        self.now()

    def now(self) -> dict[str, Binding]:
        """The state of each generator that is there; the same binding as long as it is the same."""
        for name, generator in _GENERATORS.items():
            if generator.is_there():
                state = generator.get()
                last = self._last.get(name)
                if last is None or last.value != state:
                    self._last[name] = _bound(state)
                if last is None:
                    first = generator.first(state)
                    self._baseline[name] = self._last[name] if first == state else _bound(first)
        self._is_fresh = True
        return dict(self._last)

    def begin(self) -> None:
        """Code that is not watched may have drawn."""
        self._is_fresh = False

    def known(self) -> Set[str]:
        """The generators that are there."""
        return self._last.keys()

    def baseline(self, component: str) -> Binding | None:
        """The state when the notebook began, or when the library was imported."""
        return self._baseline.get(component)

    def put(self, component: Component, binding: Binding, placed: Mapping[Component, Binding]) -> None:
        """Set a generator's state."""
        last = self._last[component] if self._is_fresh else self.now()[component]
        if last is not binding and last.value != binding.value:
            _GENERATORS[component].put(binding.value)
            self._last[component] = binding

    def begin_callbacks(self, env: Mapping[str, Binding]) -> None:
        """Callbacks go on where the last ones stopped, each press of a button draws something else; those after cells
        that left another state than before, such as another seed, begin with that."""
        for component in self.known():
            left, stream = env.get(component), self._stream.get(component)
            if stream is None or _is_other(left, self._from.get(component)):
                stream = left
            self._from[component] = left
            if stream is not None:
                self.put(component, stream, env)

    def end_callbacks(self) -> None:
        """Remember where they stopped."""
        self._stream = self.now()
