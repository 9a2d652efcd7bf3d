"""Random notebooks of widgets under random gestures and edits: skipping must show what executing everything shows.

After each walk a front end that only heard the comms must know every trait. At the end a fresh notebook executes all
cells, with the user's choices given to its widgets when they are constructed: it must show the same.
`NBAPP_FUZZ_EXAMPLES=n` tries n/4 others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets as W  # noqa: N812 -- as the cells say
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from ipywidgets import Widget

from nbapp.kernel.widgets.state.effects import Built
from nbapp.kernel.widgets.state.frontend_state import json_equal
from nbapp.kernel.widgets.state.user_values import put_back
from nbapp.kernel.widgets.widgets import open_widgets
from tests.kernel.walks import KeepingComm, Walks, forget, start, stop

EXAMPLES = int(os.environ.get("NBAPP_FUZZ_EXAMPLES") or 100) // 4
BUILDERS = [
    "N = W.IntSlider({k}, min=1, max=4)\nn = N.value",
    "m = {k}",
    "s = W.IntSlider({k}, max=n * 10, description='s')",
    "d = W.Dropdown(options=list(range(n + 1)))",
    "e = W.SelectMultiple(options=list(range(n + 2)), value=[0])",
    "l = W.Label('l{k}')",
    "t = W.Text('t{k}')",
    "ss = [W.IntSlider(j) for j in range(m)]",
    "s2 = W.IntSlider(max=30)",
    "tab = W.Tab([W.Label(str(j)) for j in range(n)])",
    "r = W.IntRangeSlider(value=(1, 5), min=0, max=n * 5)",
    "b = W.VBox([s, l])",
]
CELLS = [
    *BUILDERS[:3],
    "s = W.IntSlider({k}, max=n * 10)\nx{i} = s.value",
    "d = W.Dropdown(options=['a', 'b', 'c'][:n])\nx{i} = d.value",
    "ss = [W.IntSlider(j) for j in range(m)]\nx{i} = [q.value for q in ss]",
    "if n > 1:\n    s = W.IntSlider({k})",
    "a = W.IntSlider({k}) if n % 2 else W.Text('a{k}')\nb = W.VBox([a])\nx{i} = a.value",
    "c = W.IntSlider(description='c') if n % 2 else None\nif c: c.observe(lambda change: None, 'value')",
    "rows = W.VBox([W.HBox([W.Label(str(j)), W.IntSlider(j)]) for j in range(n)])",
    "x{i} = [row.children[1].value for row in rows.children]",
    "x{i} = a.value if n % 2 else n",
    "if n % 2: s.observe(lambda change: setattr(l, 'value', f'o{{change.new}}'), 'value')",
    "if n % 2: s.max = {k} * 9",
    "if n % 2: s.unobserve_all()",
    "if n % 2: dl.unlink()",
    "if n > {k}: s.unobserve(None, 'value')",
    "x{i} = s.value",
    "x{i} = d.value, d.index",
    "x{i} = l.value, t.value, l.description",
    "x{i} = e.value",
    "x{i} = [q.value for q in ss]",
    "x{i} = s.max, s.min",
    "x{i} = r.lower, r.upper",
    "x{i} = s2.value",
    "x{i} = tab.selected_index",
    "s.value = {k} * n",
    "s.value += {k}",
    "s.max = {k} * 7 + 3\nx{i} = s.value",
    "s.max = 200\ns.min = 50",
    "d.options = list(range(n, n + {k} + 1))",
    "d.options = ['b', 'c', 'z'][:{k} + 1]",
    "d.value = d.options[-1]\nd.options = ['q', 'b', 2]",
    "l.value = str(s.value)",
    "l.layout.width = '{k}px'",
    "l.layout = {{'width': '{k}px'}}",
    "t.value = t.value + '{k}'",
    "e.options = list(range({k}, 4))",
    "b = W.VBox([s, *ss])\nb.layout.width = '{k}px'",
    "b.children = b.children[:1]",
    "tab.children = tab.children[:1]",
    "r.max = {k} + 6",
    "W.link((s, 'value'), (s2, 'value'))",
    "dl = W.dlink((s, 'value'), (s2, 'max'), lambda v: v + 20)",
    "o{i} = W.interactive_output(lambda s: setattr(l, 'value', f'io{{s}}'), {{'s': s}})",
    "o{i} = W.interactive(lambda s: n + s, s=s)\nx{i} = o{i}.result",
    "o{i} = W.interactive(lambda z: setattr(t, 'placeholder', f'p{{z}}'), z=(0, 5))",
    "class P(W.HBox):\n    def __init__(self, k):\n        self.q = W.IntSlider(max=k)\n"
    "        super().__init__([self.q])\np = P(n * 9)\nx{i} = p.q.value",
]
DRIVERS = ("N", "N", "N", "s", "s", "d", "e", "t", "r", "s2", "ss", "tab", "a", "b", "c", "p", "rows", "o12", "o13")
ACTIONS = st.one_of(
    *[st.tuples(st.just("gesture"), st.sampled_from(DRIVERS), st.integers(0, 30))] * 4,
    st.tuples(st.just("edit"), st.integers(0, 99), st.sampled_from(CELLS), st.integers(1, 3)),
    st.tuples(st.just("delete"), st.integers(0, 30)),
    st.tuples(st.just("undo"), st.integers(1, 3)),
)


class Page:
    """What a front end knows that only heard the comms, and what it sends."""

    def __init__(self, walks: Walks) -> None:
        self.walks = walks
        self.models: dict[str, dict[str, Any]] = {}
        self.heard = 0

    def hear(self) -> None:
        for kind, model_id, data in KeepingComm.sent[self.heard :]:
            if kind == "comm_open":
                self.models[model_id] = dict(data["state"])
            elif kind == "comm_close":
                del self.models[model_id]
            elif data.get("method") == "update":
                self.models[model_id].update(data["state"])
        self.heard = len(KeepingComm.sent)

    def send(self, widget: Widget, **state: Any) -> None:
        self.hear()
        self.models[widget.model_id].update(state)
        self.walks.send(widget, **state)

    def gesture(self, widget: Widget, number: int) -> None:
        """What a user may do with a widget."""
        if isinstance(widget, W.IntSlider):
            self.send(widget, value=widget.min + number % (widget.max - widget.min + 1))
        elif isinstance(widget, W.IntRangeSlider):
            low = widget.min + number % (widget.max - widget.min + 1)
            self.send(widget, value=[low, widget.max])
        elif isinstance(widget, W.Dropdown) and widget.options:
            self.send(widget, index=number % len(widget.options))
        elif isinstance(widget, W.SelectMultiple) and widget.options:
            self.send(widget, index=[number % len(widget.options)])
        elif isinstance(widget, W.Text):
            self.send(widget, value=f"u{number}")
        elif isinstance(widget, W.Tab) and widget.children:
            self.send(widget, selected_index=number % len(widget.children))
        elif isinstance(widget, W.Box) and widget.children:
            self.gesture(widget.children[number % len(widget.children)], number)

    def check(self) -> None:
        """The page knows every trait of every widget."""
        self.hear()
        widgets = {widget.model_id: widget for widget in open_widgets()}
        assert widgets.keys() == self.models.keys()
        for model_id, widget in widgets.items():
            if not any(child.comm is None for child in getattr(widget, "children", ())):
                state = widget.get_state()
                known = self.models[model_id]
                assert {name for name in state if not _equal(state[name], known.get(name))} == set()


def _equal(one: Any, other: Any) -> bool:
    return json_equal(one, other) or bool(one == other)


Place = tuple[str, tuple[int, ...]]  # a cell, and the way to a widget that it built


def places(cell: str, shelf: Iterable[Built], above: tuple[int, ...] = ()) -> Iterator[tuple[Place, Widget]]:
    for number, built in enumerate(shelf):
        yield (cell, (*above, number)), built.widget
        yield from places(cell, built.inside, (*above, number))


def built(walks: Walks) -> dict[Place, Widget]:
    """Every widget that a cell has on the page."""
    return {place: item for cell, shelf in walks.widgets._mounts.items() for place, item in places(cell, shelf)}


def chosen(walks: Walks) -> dict[Place, dict[str, Any]]:
    """What the user chose, by where the widget was built."""
    choices = walks.widgets._undo_log.choices
    return {place: dict(choices[widget]) for place, widget in built(walks).items() if widget in choices}


def give(walks: Walks, choices: dict[Place, dict[str, Any]]) -> None:
    """Widgets have the user's choices as soon as they are constructed."""
    reconciler, current = walks.widgets._reconciler, walks.widgets._current
    construct = reconciler.construct

    def constructed(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        making = walks.widgets._under_way.making()
        if making is None:
            return construct(cls, args, kwargs)
        beside = [making.built, *(built.inside for built in current.building)]
        widget = construct(cls, args, kwargs)
        *above, last = map(len, beside)
        found = choices.get((making.cell, (*above, last - 1)))
        if found:
            walks.widgets._undo_log.choices[widget] = found
            with current.construct(beside[-1][-1]):
                put_back(widget, found)
        return widget

    reconciler.construct = constructed  # type: ignore[method-assign]


@contextmanager
def notebook() -> Iterator[Walks]:
    forget()
    walks = start()
    try:
        yield walks
    finally:
        stop(walks)


def seen(value: Any, inside: tuple[Widget, ...] = ()) -> Any:
    """A value with all that its widgets hold."""
    if isinstance(value, Widget):
        if value in inside or value.comm is None:
            return "closed" if value.comm is None else "inside itself"
        names = sorted(value.traits().keys() - {"comm", "log", "keys", "_msg_callbacks", "_property_lock"})
        return type(value).__name__, {name: seen(getattr(value, name), (*inside, value)) for name in names}
    if isinstance(value, (list, tuple)):
        return [seen(item, inside) for item in value]
    return value if isinstance(value, (int, float, str, bytes, type(None))) else type(value).__name__


def callbacks(widget: Widget) -> dict[str, int]:
    """How many there are on each trait."""
    found = {str(name): sum(map(len, kinds.values())) for name, kinds in widget._trait_notifiers.items()}
    return {name: number for name, number in found.items() if number}


def picture(walks: Walks) -> Any:
    """What a notebook shows, and where it failed."""
    names = {name: seen(value) for name, value in walks.space.items() if name not in ("__builtins__", "W")}
    if walks.failed:  # callbacks of the cells below are kept until the next walk, but not called
        return names, {name: re.sub("0x[0-9a-f]+", "", repr(error)) for name, error in walks.failed.items()}
    return names, {place: callbacks(widget) for place, widget in built(walks).items()}


def has_one_answer(walks: Walks) -> bool:
    """Whether a clean run is all there is to it: callbacks wrote nothing beyond what their cells do themselves."""
    sources = walks.cells.values()
    bound = [sum(f"{name} = W." in source for source in sources) for name in ("l", "t")]
    if any("interactive" in source for source in sources) and max(bound) > 1:
        return False  # a callback looks up its names when it runs, not when its cell ran
    overlays = walks.widgets._undo_log._overlays
    return all(w.by is not None and w.by.owner == cell for cell, entry in overlays.items() for w in entry.values())


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    st.lists(st.tuples(st.sampled_from(CELLS), st.integers(1, 3)), min_size=3, max_size=8),
    st.lists(ACTIONS, min_size=1, max_size=20),
    st.booleans(),
)
def test_skipping_shows_what_executing_everything_shows(
    cells: list[tuple[str, int]], actions: list[tuple[Any, ...]], repaired: bool
) -> None:
    with notebook() as walks:
        page = Page(walks)
        for index, (source, k) in enumerate([*((source, 2) for source in BUILDERS), *cells]):
            walks.cells[f"c{index}"] = source.format(k=k, i=index)
        history: list[dict[str, str]] = []
        walk(page, repaired)
        for action in actions:
            history.append(dict(walks.cells))
            act(page, action, history)
            walk(page, repaired)
        assume(has_one_answer(walks))
        event(f"failed: {bool(walks.failed)}")
        shown, choices = picture(walks), chosen(walks)
        sources, number = walks.cells, len(open_widgets())
    with notebook() as walks:
        give(walks, choices)
        walks.walk(**sources)
        assert picture(walks) == shown
        assert walks.failed or len(open_widgets()) == number


def walk(page: Page, repaired: bool) -> None:
    page.walks.walk()
    page.check()
    while repaired and page.walks.failed:
        page.walks.walk(**dict.fromkeys(page.walks.failed, "pass"))
        page.check()


def act(page: Page, action: tuple[Any, ...], history: list[dict[str, str]]) -> None:
    walks = page.walks
    added = [name for name in walks.cells if int(name[1:]) >= len(BUILDERS)]
    if action[0] == "gesture":
        found = walks.space.get(action[1])
        widgets = [item for item in (found if isinstance(found, list) else [found]) if isinstance(item, Widget)]
        if widgets and widgets[action[2] % len(widgets)].comm is not None:
            page.gesture(widgets[action[2] % len(widgets)], action[2])
    elif action[0] == "undo":
        walks.cells = dict(history[-action[1] :][0])
    elif action[0] == "edit" and added:
        index = action[1] % len(added)
        walks.cells[added[index]] = action[2].format(k=action[3], i=added[index][1:])
    elif action[0] == "delete":
        names = list(walks.cells)
        walks.delete(names[-1 - action[1] % len(names)])  # mostly one of the cells that were added
