"""The smallest walk that still fails: steps left out, then values made simpler. Each candidate runs in a new kernel."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nbapp.verify.walk import Action, Step

Fails = Callable[[Step], bool]
_SIMPLER: tuple[int, ...] = (0, 1, 2)


@dataclass(slots=True)
class Shrink:
    """Makes a failing walk smaller until `deadline`, a time as `time.monotonic` gives it.

    `known` tells of walks, by their text, whether they fail.
    """

    fails: Fails
    deadline: float
    known: dict[str, bool] = field(default_factory=dict)

    def smallest(self, calls: Step) -> Step:
        """The smallest walk found; each candidate is one that fails."""
        before: Step | None = None
        while calls != before and not self._is_late():
            before = calls
            calls = self._fewer(calls)
            calls = self._simpler(calls)
        return calls

    def _fewer(self, calls: Step) -> Step:
        """Leave out halves, quarters, ..., single calls."""
        size = len(calls)
        while size and not self._is_late():
            start = 0
            while start < len(calls):
                left = calls[:start] + calls[start + size :]
                if self._holds(left):
                    calls = left
                else:
                    start += size
            size //= 2
        return calls

    def _simpler(self, calls: Step) -> Step:
        for index in range(len(calls)):
            for simpler in _simpler_calls(calls[index]):
                candidate = (*calls[:index], simpler, *calls[index + 1 :])
                if self._holds(candidate):
                    calls = candidate
                    break
        return calls

    def _holds(self, calls: Step) -> bool:
        text = "\n".join(map(str, calls))
        if text not in self.known and not self._is_late():
            self.known[text] = self.fails(calls)
        return self.known.get(text, False)

    def _is_late(self) -> bool:
        return time.monotonic() > self.deadline


def _simpler_calls(call: Action) -> Iterator[Action]:
    """Calls that do less, the simplest first."""
    if call.method == "set_many":
        yield from (Action("set", item) for item in call.arguments[0].items())
    if call.method == "set":
        name, value = call.arguments
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from (Action("set", (name, small)) for small in _SIMPLER if abs(small) < abs(value))
        elif isinstance(value, str) and len(value) > 1:
            yield Action("set", (name, value[:1]))
