"""Traits whose value holds for one rerun, as a click does: `tag(choice="once")`. This file gives no trait a value."""

from __future__ import annotations

from collections.abc import Iterable

from ipywidgets import Widget

from nbapp.kernel.widgets.state.effects import Key
from nbapp.kernel.widgets.state.user_values import is_trigger
from nbapp.values.identity import IdSet


class Triggers:
    """Which triggers were pulled, and which of those a walk has answered that came to its end."""

    def __init__(self) -> None:
        self._pulled: IdSet[Key] = IdSet()
        self._answered: IdSet[Key] = IdSet()

    def pulled(self, widget: Widget, name: str) -> None:
        """The user gave a trait a value; nothing happens if it is none of these."""
        if is_trigger(widget, name):
            self._pulled.add((widget, name))
            self._answered.discard((widget, name))

    def answered(self) -> None:
        """A walk came to its end: what was pulled holds in no other. One that is cut short is gone on with."""
        self._answered.update(self._pulled)
        self._pulled.clear()

    def __bool__(self) -> bool:
        """Whether any will be let go of when the next walk begins."""
        return bool(self._answered)

    def let_go(self) -> Iterable[Key]:
        """A walk begins: these do not hold any more."""
        answered, self._answered = self._answered, IdSet[Key]()
        return answered
