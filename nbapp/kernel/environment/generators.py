"""The states of the global random generators: a component each, read by the cells that use it.

A cell that draws moves the state, and so is seen to use it; one whose names speak of randomness counts as well, because
a seed may leave the state as it was.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from nbapp.core.memos.memo import Binding
from nbapp.kernel.environment.process.slots import is_imported
from nbapp.values.digest import text_digest


@dataclass(frozen=True, slots=True)
class _Generator:
    get: Callable[[], Any]
    put: Callable[[Any], None]
    is_there: Callable[[], bool]
    first: Callable[[Any], Any] = lambda state: state  # what it was before the first draw, which may go unseen


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


def _cuda() -> Any:
    return tuple(state.numpy().tobytes() for state in sys.modules["torch"].cuda.get_rng_state_all())


def _put_cuda(state: Any) -> None:
    torch: Any = sys.modules["torch"]
    torch.cuda.set_rng_state_all([torch.frombuffer(bytearray(part), dtype=torch.uint8) for part in state])


def _cuda_is_there() -> bool:
    """Whether code of the notebook has begun to use a GPU: to ask for its state would begin it, and take long."""
    return is_imported("torch") and bool(sys.modules["torch"].cuda.is_initialized())


def _first_cuda(state: Any) -> Any:
    """Of Philox, eight bytes of seed and eight of how far it was drawn."""
    return tuple(part[:8] + bytes(len(part) - 8) for part in state)


_GENERATORS = {
    "rng:random": _Generator(
        lambda: sys.modules["random"].getstate(),
        lambda state: sys.modules["random"].setstate(state),
        lambda: is_imported("random"),
    ),
    "rng:numpy": _Generator(_numpy, _put_numpy, lambda: is_imported("numpy.random")),
    "rng:torch": _Generator(_torch, _put_torch, lambda: is_imported("torch")),
    "rng:torch.cuda": _Generator(_cuda, _put_cuda, _cuda_is_there, _first_cuda),
}


def _bound(state: Any) -> Binding:
    return Binding(state, text_digest("rng", pickle.dumps(state).hex()))


def _is_other(left: Binding | None, before: Binding | None) -> bool:
    return left is not None and (before is None or left.version != before.version)


class Randomness:
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

    def others_may_run(self) -> None:
        """Code that is not watched may draw from now on."""
        self._is_fresh = False

    def known(self) -> Set[str]:
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

    def begin_callbacks(self, env: Mapping[str, Binding]) -> None:
        """Callbacks go on where the last ones stopped, each press of a button draws something else; those after cells
        that left another state than before, such as another seed, begin with that."""
        for component in self.known():
            left, stream = env.get(component), self._stream.get(component)
            if stream is None or _is_other(left, self._from.get(component)):
                stream = left
            self._from[component] = left
            if stream is not None:
                self.put(component, stream)

    def end_callbacks(self) -> None:
        """Remember where they stopped."""
        self._stream = self.now()
