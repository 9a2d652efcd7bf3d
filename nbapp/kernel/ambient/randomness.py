"""The states of the global random generators: a component each, read by the cells that use it.

A cell that draws moves the state, and so is seen to use it; one whose names speak of randomness counts as well, because
a seed may leave the state as it was.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from nbapp.core.digest import text_digest
from nbapp.core.run import Binding
from nbapp.kernel.ambient.slots import is_imported


@dataclass(frozen=True, slots=True)
class _Generator:
    get: Callable[[], Any]
    put: Callable[[Any], None]
    module: str


def _numpy() -> Any:
    kind, keys, *rest = sys.modules["numpy"].random.get_state()
    return kind, keys.tobytes(), *rest


def _put_numpy(state: Any) -> None:
    numpy: Any = sys.modules["numpy"]
    kind, keys, *rest = state
    numpy.random.set_state((kind, numpy.frombuffer(keys, dtype="uint32"), *rest))


def _torch() -> Any:
    return sys.modules["torch"].get_rng_state().numpy().tobytes()


def _put_torch(state: Any) -> None:
    torch: Any = sys.modules["torch"]
    torch.set_rng_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))


_GENERATORS = {
    "rng:random": _Generator(
        lambda: sys.modules["random"].getstate(), lambda state: sys.modules["random"].setstate(state), "random"
    ),
    "rng:numpy": _Generator(_numpy, _put_numpy, "numpy.random"),
    "rng:torch": _Generator(_torch, _put_torch, "torch"),
}


class Randomness:
    """The global generators of this process."""

    def __init__(self) -> None:
        self._baseline: dict[str, Binding] = {}
        self._last: dict[str, Binding] = {}
        self._stream: dict[str, Binding] = {}
        self._is_fresh = False
        self.now()

    def now(self) -> dict[str, Binding]:
        """The state of each generator that is there; the same binding as long as it is the same."""
        for name, generator in _GENERATORS.items():
            if is_imported(generator.module):
                state = generator.get()
                last = self._last.get(name)
                if last is None or last.value != state:
                    version = text_digest("rng", pickle.dumps(state).hex())
                    self._last[name] = Binding(state, version)
                    self._baseline.setdefault(name, self._last[name])
        self._is_fresh = True
        return dict(self._last)

    def others_may_run(self) -> None:
        """Code that is not watched may draw from now on."""
        self._is_fresh = False

    def known(self) -> Collection[str]:
        """The generators that are there."""
        return self._last.keys()

    def baseline(self, component: str) -> Binding | None:
        """The state when the notebook began, or when the library was imported."""
        return self._baseline.get(component)

    def put(self, component: str, wanted: Binding) -> None:
        """Set a generator's state."""
        last = self._last[component] if self._is_fresh else self.now()[component]
        if last is not wanted and last.value != wanted.value:
            _GENERATORS[component].put(wanted.value)
            self._last[component] = wanted

    def begin_callbacks(self) -> None:
        """Callbacks go on where the last ones stopped: each press of a button draws something else."""
        for component, state in self._stream.items():
            self.put(component, state)

    def end_callbacks(self) -> None:
        """Remember where they stopped."""
        self._stream = self.now()
