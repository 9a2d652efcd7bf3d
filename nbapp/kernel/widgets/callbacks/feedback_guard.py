"""Tells a page that answers what the kernel sets from a person: both change a trait that a cell writes again.

A page may not take a value as it is: it rounds, or clamps. When a cell writes its value again, the two would go on for
ever. A person gives other values, or moves something else; a page answers the same value the same way, each time.
Knows nothing of cells.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ipywidgets import Widget

from nbapp._compat.ipywidgets import to_json
from nbapp.core.notebook import CellError, CellId, Output
from nbapp.core.step import Step
from nbapp.kernel.widgets.state.effects import Key
from nbapp.kernel.widgets.state.frontend_state import json_equal
from nbapp.values.identity import ById

ROUNDS = 10


@dataclass(slots=True)
class FeedbackGuard:
    """Counts the rounds in which updates were nothing but answers."""

    rounds: int = 0
    _overruled: ById[Key, Any] = field(default_factory=ById)
    _answers: list[tuple[Key, Any, Any]] = field(default_factory=list)

    def is_endless(self, updates: Mapping[Key, Any]) -> bool:
        """Whether these updates, by widget and trait, are answers once more after ten rounds of answers."""
        answers = [(key, self._overruled[key], theirs) for key, theirs in updates.items() if key in self._overruled]
        if not answers or len(answers) < len(updates) or not all(map(self._is_consistent, answers)):
            self.rounds = 0
            self._answers.clear()
            return False
        self.rounds += 1
        self._answers = [*self._answers[-ROUNDS:], *answers]
        return self.rounds > ROUNDS

    def applied(self, updates: Mapping[Key, Any]) -> None:
        """These updates were applied, and the walk is over: note what has another value now than the page gave it."""
        self._overruled = ById()
        for (widget, name), theirs in updates.items():
            if name in widget.keys and widget.comm is not None:
                ours = to_json(widget, name)(getattr(widget, name), widget)
                if not json_equal(ours, theirs):
                    self._overruled[widget, name] = ours

    def _is_consistent(self, answer: tuple[Key, Any, Any]) -> bool:
        key, ours, theirs = answer
        return all(
            json_equal(theirs, before)
            for known, told, before in self._answers
            if known[0] is key[0] and known[1] == key[1] and json_equal(told, ours)
        )


def blamed(
    steps: Iterable[Step],
    updates: Mapping[Key, object],
    names: Mapping[str, Widget],
    giver: Callable[[Widget, str], CellId | None],
) -> list[Step]:
    """The steps of the cells that give these traits their values, each with an error that says so."""
    found = []
    for (widget, trait), answer in updates.items():
        name = next((name for name, other in names.items() if other is widget), type(widget).__name__)
        cell_id = giver(widget, trait)
        for step in steps:
            if step.cell.id == cell_id:
                found.append(_as_failed(step, f"{name}.{trait}", getattr(widget, trait), answer))
    return found


def _as_failed(step: Step, trait: str, ours: object, theirs: object) -> Step:
    """The step of the cell that gives the trait its values, with an error that says so."""
    words = (
        f"cell {step.index + 1} sets {trait} to {reprlib.repr(ours)} and the page answers {reprlib.repr(theirs)}, again"
        f" and again: after {ROUNDS} rounds the page's value is ignored. Set it only where it differs by more than that"
    )
    error = CellError("PingPong", words, (f"PingPong: {words}",))
    shown: Output = {"output_type": "error", "ename": error.name, "evalue": words, "traceback": list(error.traceback)}
    return replace(step, state="failed", reason=words, outputs=(*step.outputs, shown), error=error)
