"""A walk that decides a second time about cells that it skips at once: one by one, as any other cell. For core tests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from nbapp.core.memos.trail import Stretch
from nbapp.core.step import Step
from nbapp.core.walk import Walk


class DecidedTwice(Walk):
    """Fails where the two differ: in what is skipped, in the steps, in what the Env is after it and on the way back."""

    def _leap(self) -> Sequence[Step]:
        stretch = self.store.trail.at(self._position)
        if stretch is not None:
            stretch.holds(self.env)  # it may find what no cell wrote: to ask a second time changes nothing
        before = self._state()[:-1]
        steps = super()._leap()
        if stretch is not None and steps:
            after = self._state()
            self.env.go_back(stretch.start)
            assert _plain(self._state())[:-1] == _plain(before)
            assert list(steps) == self._one_by_one(stretch)
            assert _plain(self._state()) == _plain(after)
        return steps

    def no_stretch_is_over_another(self) -> None:
        """What is kept of cells that are asked one by one now would be kept for ever."""
        known = sorted((stretch.start, stretch.end) for stretch in self.store.trail._stretches.values())
        assert all(end <= start for (_, end), (start, _) in pairwise([*known, (len(self.notebook), 0)]))

    def _one_by_one(self, stretch: Stretch) -> list[Step]:
        """Skip the cells one after the other, and leave no trace of it in the trail."""
        trail = self.store.trail
        kept, last = dict(trail._stretches), trail._last
        steps = []
        for index, cell in enumerate(stretch.cells, stretch.start):
            self._position = index
            self.env.mark(index)
            shown, reading = self.store.in_place(cell.id), self.host.read(cell)
            assert self.failures.below(index, cell, shown) is None
            assert reading.always is None
            found = self._earlier(index, reading, shown)
            assert found is not None
            assert found == (shown, found[0].after)
            steps.append(self._skip(index, reading, shown, found))
        trail._stretches, trail._last = kept, last
        self._position = stretch.end
        return steps

    def _state(self) -> tuple[Any, ...]:
        """Bindings are compared by identity."""
        env = self.env
        now: tuple[dict[str, Any], ...] = env.bindings, env.source, env.maker, env._shared
        return *(each.copy() for each in now), list(env._undo), set(self._borrowed), list(env._marks)


def _plain(state: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without names that share nothing, as is known now: some may have been looked at since."""
    bindings, source, maker, shared, *rest = state
    shared = {name: binding for name, binding in shared.items() if binding.unseen is not None or binding.reach}
    return bindings, source, maker, shared, *rest
