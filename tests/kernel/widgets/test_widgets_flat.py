"""Over many reruns the number of widgets and comms is what the page needs, whatever cells build and stop building."""

from __future__ import annotations

import gc

import ipywidgets as W  # noqa: N812 -- as the cells say
import pytest
from ipywidgets import Widget

from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.widgets import open_widgets
from tests.kernel.walks import Walks

NUMBER = "n = W.IntSlider(max=1_000_000)"
CALLBACKS = "s.observe(lambda change: None); b.on_click(lambda button: None); W.dlink((s, 'value'), (t, 'value'))"
# What they build comes again after two, three or four values: twelve moves are a whole round of each.
BUILDS = [
    "w = W.IntSlider() if n.value % 2 else None",
    "w = W.IntSlider() if n.value % 2 else W.Text()\nv = W.VBox([w, W.Label()])",
    "ws = [W.IntSlider() for i in range(n.value % 4)]",
    "ws = {k: W.IntSlider(description=k) for k in ('a', 'b', 'c', 'd')[n.value % 3:]}",
    "w = W.IntSlider(description=f'step {n.value}')",
    "ws = [W.IntSlider(description=f'step {n.value + i}') for i in range(3)]",
    "box = W.VBox([W.HBox([W.Label(), W.IntSlider()]) for i in range(n.value % 4)], layout={'width': f'{n.value}px'})",
    "box = W.Tab([W.VBox([W.IntSlider(j) for j in range(i)]) for i in range(n.value % 4)])",
    "if n.value % 3 == 0:\n    o = W.Output()\n    o.append_stdout('x')\nelif n.value % 3 == 1:\n    o = W.interactive(lambda z: z, z=n.value)",
    f"s = W.IntSlider(); b = W.Button(); t = W.IntText()\nif n.value % 2:\n    {CALLBACKS}",
    f"if n.value % 2:\n    s = W.IntSlider(); b = W.Button(); t = W.IntText()\n    {CALLBACKS}",
    "if n.value % 2: l = W.jslink((n, 'value'), (n, 'max'))",
    "i = W.interactive(lambda x, y: None, x=n.value % 3, y=['a', 'b'][: 1 + n.value % 2])",
]
# A class that is defined again and a widget that is closed by its author are never the same object.
ALWAYS_FRESH = [
    "class P(W.HBox):\n    def __init__(self, k):\n        super().__init__([W.IntSlider() for i in range(k)])\np = P(n.value % 3)",
    "w = W.IntSlider()\nif n.value % 2: w.close()",
]


@pytest.fixture(scope="module", autouse=True)
def _old_objects_are_not_looked_at() -> None:
    """What other tests and libraries left is no widget of these tests; `counts` would go through all of it each time."""
    gc.collect()
    gc.freeze()


def counts(walks: Walks) -> dict[str, int]:
    """What may not grow."""
    gc.collect()
    kinds = walks.kinds()
    return {
        "open": len(open_widgets()),
        "comms": kinds.count("comm_open") - kinds.count("comm_close"),
        "callbacks": len(walks.widgets.callbacks()),
        "held": sum(issubclass(type(item), Widget) for item in gc.get_objects()),  # asks no proxy
    }


def move(walks: Walks, values: range, *, forget: bool = False) -> list[int]:
    """Move the slider; how many widgets are open after each move."""
    found = []
    for value in values:
        walks.send(walks.get("n"), value=value)
        walks.walk()
        assert walks.failed == {}
        if forget:
            walks.records.clear()
        found.append(len(open_widgets()))
    return found


@pytest.mark.parametrize("source", [*BUILDS, *ALWAYS_FRESH])
def test_what_a_cell_stops_building_is_closed_and_serves_again(walks: Walks, source: str) -> None:
    walks.walk(a=NUMBER, b=source, c="k = 1")
    move(walks, range(12), forget=True)
    before = counts(walks)
    move(walks, range(12, 24), forget=True)
    assert counts(walks) == before


@pytest.mark.parametrize("source", BUILDS)
def test_records_that_are_kept_hold_no_widgets_of_their_own(walks: Walks, source: str) -> None:
    walks.walk(a=NUMBER, b=source, c="k = 1")
    move(walks, range(12))
    before = counts(walks)
    move(walks, range(12, 24))
    assert counts(walks) == before


@pytest.mark.parametrize("source", [*BUILDS, *ALWAYS_FRESH])
def test_an_earlier_value_brings_back_as_many_widgets_as_there_were(walks: Walks, source: str) -> None:
    walks.walk(a=NUMBER, b=source, c="k = 1")
    assert move(walks, range(6)) == move(walks, range(6))


def test_a_notebook_that_keeps_failing_does_not_grow(walks: Walks) -> None:
    walks.walk(a=NUMBER, b=BUILDS[0], c="1 / k", d="k = W.Label()")
    for value in range(40):
        walks.send(walks.get("n"), value=value)
        walks.walk()
        assert "c" in walks.failed
    assert sum(isinstance(widget, W.IntSlider) for widget in open_widgets()) == 2


def test_a_walk_that_is_cut_short_again_and_again_does_not_grow(walks: Walks) -> None:
    walks.walk(a=NUMBER, b="x = n.value", c=BUILDS[0])
    for value in range(40):
        walks.send(walks.get("n"), value=value)
        walks.widgets.apply()
        walks.widgets.begin_walk()
        for name in ("a", "b", "c"):
            walks._bring(name)
        walks.send(walks.get("n"), value=value + 1)
        walks.widgets.end_walk({CellId(name) for name in walks.cells})
    assert sum(isinstance(widget, W.IntSlider) for widget in open_widgets()) == 2


def test_a_cell_that_built_nothing_has_nothing_of_an_earlier_execution_left(walks: Walks) -> None:
    walks.walk(
        n="n = 1",
        s="s = W.IntSlider(); heard = []",
        a="if n: s.max = 5; w = W.IntSlider(); s.observe(lambda change: heard.append(change.new), 'value')",
    )
    walks.walk(n="n = 0")
    slider = walks.get("s")
    walks.walk(n="n = 1")
    assert (walks.ran, slider.max, len(walks.widgets.callbacks())) == ([], 5, 1)
    walks.widgets.begin_walk()
    for name in ("n", "s"):
        walks.widgets.restore(walks.records[name][-1].effects, CellId(name))
    walks.widgets.restore(None, CellId("a"))
    walks.widgets.end_walk({CellId(name) for name in walks.cells})
    assert (slider.max, walks.widgets.callbacks(), walks.get("w").comm) == (100, [], None)


def test_a_widget_that_serves_again_is_as_good_as_new(walks: Walks) -> None:
    walks.walk(n="n = 1", a="w = W.IntSlider() if n % 2 else None", b="if w: w.max = 50; w.note = 'x'")
    slider, model = walks.get("w"), walks.get("w").model_id
    walks.send(slider, value=7)
    slider.observe(lambda change: None, "value")
    walks.walk(n="n = 2")
    walks.clear()
    walks.walk(n="n = 3", b="pass")
    assert walks.get("w") is slider
    assert (slider.model_id, slider.value, slider.max) == (model, 0, 100)
    assert not hasattr(slider, "note")
    assert walks.widgets.callbacks() == []
    assert walks.kinds() == ["comm_open"] * 3
    walks.send(slider, value=5)
    walks.walk()
    assert slider.value == 5


def test_a_widget_that_the_author_closed_does_not_come_back(walks: Walks) -> None:
    walks.walk(n="n = 1", a="w = W.IntSlider()", c="w.close()")
    slider = walks.get("w")
    walks.walk()
    assert walks.ran == ["a", "c"]
    assert walks.get("w") is not slider
    assert walks.get("w").comm is None
