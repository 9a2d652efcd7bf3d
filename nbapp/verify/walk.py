"""Random walks: what a person may do next to an app, by chance and by seed. Runs nothing and compares nothing."""

from __future__ import annotations

import io
import random
import tokenize
from dataclasses import dataclass, field
from typing import Any

from nbapp.errors import UsageError
from nbapp.testing import AppTest
from nbapp.verify.offers import CLICK

_OFFERS = '__import__("nbapp.verify.offers", fromlist=["offers"]).offers({})'
_EDITS = frozenset({"edit", "insert", "delete", "move"})
_TRIVIAL = ("pass", "1 + 1", "another_name = 1", "print('here')")
_GESTURE = 0.75  # how often a step is a gesture, when there is a widget
_BACK = 0.25  # how often a gesture goes back to a value from before
_MENDED = 0.6  # how often an edit is undone while a cell fails, as most of the notebook then does not run


@dataclass(frozen=True, slots=True)
class Action:
    """One call of an `AppTest`, as a person would write it. The cells run after an edit."""

    method: str
    arguments: tuple[Any, ...] = ()

    def __str__(self) -> str:
        call = f"app.{self.method}({', '.join(map(repr, self.arguments))})"
        return f"{call}.run()" if self.method in _EDITS else call

    def perform(self, app: AppTest) -> bool:
        """Make the call; False when the app refuses it, because what it names is gone."""
        try:
            getattr(app, self.method)(*self.arguments)
        except (UsageError, IndexError):
            return False
        if self.method in _EDITS:
            app.run()
        return True


Step = tuple[Action, ...]


@dataclass(slots=True)
class Walker:
    """Draws the next step of a walk."""

    draw: random.Random
    _earlier: dict[str, list[Any]] = field(default_factory=dict)
    _undo: list[Step] = field(default_factory=list)

    def next(self, app: AppTest) -> Step:
        """What to do to the app as it is now."""
        if app.error is not None and self._undo and self.draw.random() < _MENDED:
            return self._undo.pop()
        offers = app.eval(_OFFERS.format(self.draw.randrange(1 << 30)))
        if offers and (self.draw.random() < _GESTURE or not app.cells):
            return self._gestures(offers)
        return self._edit(app.cells)

    # --- gestures

    def _gestures(self, offers: dict[str, list[Any]]) -> Step:
        """One gesture, two of which only the second is looked at, or several widgets at once."""
        names = list(offers)
        chance = self.draw.random()
        settable = [name for name in names if offers[name] != [CLICK]]
        if chance < 0.15 and len(settable) > 1:
            some = self.draw.sample(settable, self.draw.randint(2, min(3, len(settable))))
            return (Action("set_many", ({name: self._value(name, offers[name]) for name in some},)),)
        count = 2 if chance < 0.3 else 1
        return tuple(self._gesture(self.draw.choice(names), offers) for _ in range(count))

    def _gesture(self, name: str, offers: dict[str, list[Any]]) -> Action:
        if offers[name] == [CLICK]:
            return Action("click", (name,))
        return Action("set", (name, self._value(name, offers[name])))

    def _value(self, name: str, values: list[Any]) -> Any:
        earlier = self._earlier.setdefault(name, [])
        value = self.draw.choice(earlier if earlier and self.draw.random() < _BACK else values)
        earlier.append(value)
        return value

    # --- edits

    def _edit(self, cells: tuple[str, ...]) -> Step:
        kinds = [self._undone, self._perturbed, self._perturbed, self._deleted, self._moved, self._inserted]
        while True:
            step = self.draw.choice(kinds)(cells)
            if step:
                return step

    def _undone(self, cells: tuple[str, ...]) -> Step:
        return self._undo.pop() if self._undo else ()

    def _perturbed(self, cells: tuple[str, ...]) -> Step:
        if not cells:
            return ()
        index = self.draw.randrange(len(cells))
        source = perturbed(cells[index], self.draw)
        return self._done(Action("edit", (index, source)), Action("edit", (index, cells[index]))) if source else ()

    def _deleted(self, cells: tuple[str, ...]) -> Step:
        if len(cells) < 2:
            return ()
        index = self.draw.randrange(len(cells))
        return self._done(Action("delete", (index,)), Action("insert", (index, cells[index])))

    def _moved(self, cells: tuple[str, ...]) -> Step:
        if len(cells) < 2:
            return ()
        index, to = self.draw.sample(range(len(cells)), 2)
        return self._done(Action("move", (index, to)), Action("move", (to, index)))

    def _inserted(self, cells: tuple[str, ...]) -> Step:
        index = self.draw.randint(0, len(cells))
        return self._done(Action("insert", (index, self.draw.choice(_TRIVIAL))), Action("delete", (index,)))

    def _done(self, call: Action, undo: Action) -> Step:
        self._undo.append((undo,))
        return (call,)


def perturbed(source: str, draw: random.Random) -> str | None:
    """The source with one number changed a little; None when it has none that can be found."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return None
    numbers = [token for token in tokens if token.type == tokenize.NUMBER and token.string.replace(".", "").isdigit()]
    if not numbers:
        return None
    token = draw.choice(numbers)
    (row, start), (_, end) = token.start, token.end
    lines = source.splitlines(keepends=True)
    line = lines[row - 1]
    lines[row - 1] = line[:start] + _nearby(token.string, draw) + line[end:]
    return "".join(lines)


def _nearby(number: str, draw: random.Random) -> str:
    if "." in number:
        return repr(float(number) * draw.choice((0.5, 1.5)))
    return str(abs(int(number) + draw.choice((-1, 1))))
