"""A cell that builds widgets again gets the same objects and comms back, as a constructor would make them now."""

from __future__ import annotations

import gc
from typing import Any

import ipywidgets
import pytest
from ipywidgets import Widget

from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.widgets import open_widgets
from tests.kernel.walks import Walks


def test_a_rerun_gives_back_the_same_object_and_comm_and_sends_nothing(walks: Walks) -> None:
    walks.walk(n="n = 1", a="s = W.IntSlider(3, max=10, description='x'); k = n")
    slider, model_id = walks.get("s"), walks.get("s").model_id
    walks.clear()
    assert walks.walk(n="n = 2") == ["n", "a"]
    assert walks.get("s") is slider
    assert slider.model_id == model_id
    assert walks.kinds() == []


def test_changed_arguments_are_applied_in_place_and_only_they_are_sent(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(3, max=10, description='x')")
    slider = walks.get("s")
    walks.clear()
    walks.walk(a="s = W.IntSlider(3, max=20, step=2, description='y')")
    assert walks.get("s") is slider
    assert (slider.max, slider.step, slider.description) == (20, 2, "y")
    assert walks.sent(slider) == [{"max": 20, "step": 2, "description": "y"}]


def test_an_argument_that_is_left_out_is_the_default_again(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(3, max=10, disabled=True, layout={'width': '50%'})")
    slider = walks.get("s")
    layout = slider.layout
    walks.walk(a="s = W.IntSlider(3)")
    assert walks.get("s") is slider
    assert (slider.max, slider.disabled, slider.layout, slider.layout.width) == (100, False, layout, None)


def test_the_users_value_is_kept_and_clamped_and_comes_back_when_it_is_legal_again(walks: Walks) -> None:
    walks.walk(n="n = 100", a="s = W.IntSlider(5, max=n)", b="y = s.value")
    slider = walks.get("s")
    walks.send(slider, value=80)
    assert walks.walk() == ["b"]
    walks.walk(n="n = 50")
    assert (slider.value, walks.get("y")) == (50, 50)
    walks.walk(n="n = 100")
    assert (slider.value, walks.get("y")) == (80, 80)


def test_an_edited_default_wins_only_when_the_user_never_touched_the_widget(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="t = W.IntSlider(5)")
    walks.send(walks.get("t"), value=7)
    walks.walk(a="s = W.IntSlider(6)", b="t = W.IntSlider(6)")
    assert (walks.get("s").value, walks.get("t").value) == (6, 7)


def test_a_dropdown_keeps_the_users_choice_while_it_is_offered(walks: Walks) -> None:
    walks.walk(n="names = ['a', 'b', 'c']", a="d = W.Dropdown(options=names)", b="y = d.value")
    dropdown = walks.get("d")
    walks.send(dropdown, index=1)
    walks.walk()
    assert walks.get("y") == "b"
    walks.walk(n="names = ['z', 'a', 'b']")
    assert (dropdown.value, dropdown.index, walks.get("y")) == ("b", 2, "b")
    walks.walk(n="names = ['x', 'y']")
    assert (dropdown.value, walks.get("y")) == ("x", "x")
    walks.walk(n="names = ['a', 'b', 'c']")
    assert (dropdown.value, walks.get("y")) == ("b", "b")


def test_a_choice_is_found_by_its_label_when_its_value_is_another_object(walks: Walks) -> None:
    source = "d = W.Dropdown(options=[('one', [n, 1]), ('two', [n, 2])])"
    walks.walk(n="n = 1", a=source)
    walks.send(walks.get("d"), index=1)
    walks.walk(n="n = 2")
    assert walks.get("d").value == [2, 2]


def test_of_several_choices_those_that_are_still_offered_are_kept(walks: Walks) -> None:
    walks.walk(n="names = 'abc'", a="d = W.SelectMultiple(options=list(names))")
    walks.send(walks.get("d"), index=[1, 2])
    walks.walk(n="names = 'xb'")
    assert walks.get("d").value == ("b",)
    walks.walk(n="names = 'xy'")
    assert walks.get("d").value == ()
    walks.walk(n="names = 'cba'")
    assert walks.get("d").value == ("b", "c")


def test_a_slider_inserted_above_another_takes_nothing_from_it(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(description='x')")
    slider = walks.get("s")
    walks.send(slider, value=7)
    walks.walk(a="t = W.IntSlider(description='new')\ns = W.IntSlider(description='x')")
    assert walks.get("s") is slider
    assert (slider.value, walks.get("t").value) == (7, 0)


def test_a_renamed_slider_is_the_same_slider(walks: Walks) -> None:
    walks.walk(n="n = 1", a="s = W.IntSlider(description=f'up to {n}')")
    slider = walks.get("s")
    walks.send(slider, value=7)
    walks.walk(n="n = 2")
    assert walks.get("s") is slider
    assert (slider.value, slider.description) == (7, "up to 2")
    walks.walk(a="s = W.IntSlider(description='top')")
    assert walks.get("s") is slider
    assert slider.value == 7


def test_widgets_of_a_loop_keep_their_values_by_position(walks: Walks) -> None:
    walks.walk(n="n = 3", a="ss = [W.IntSlider() for i in range(n)]", b="ys = [s.value for s in ss]")
    first, second, third = walks.get("ss")
    walks.send(second, value=2)
    walks.send(third, value=3)
    walks.walk()
    assert walks.get("ys") == [0, 2, 3]
    walks.walk(n="n = 2")
    assert walks.get("ss") == [first, second]
    assert walks.get("ys") == [0, 2]
    assert third.comm is None
    walks.walk(n="n = 4")
    assert walks.get("ss")[:2] == [first, second]
    assert walks.get("ys") == [0, 2, 0, 0]


def test_named_widgets_of_a_loop_keep_their_values_by_name(walks: Walks) -> None:
    walks.walk(n="names = ['a', 'b']", a="ss = {k: W.IntSlider(description=k) for k in names}")
    walks.send(walks.get("ss")["a"], value=1)
    walks.send(walks.get("ss")["b"], value=2)
    walks.walk(n="names = ['new', 'b', 'a']")
    assert {name: slider.value for name, slider in walks.get("ss").items()} == {"new": 0, "a": 1, "b": 2}


def test_a_widget_of_a_branch_is_forgotten_when_the_branch_is_not_taken(walks: Walks) -> None:
    source = "if flag:\n    s = W.IntSlider(1)\nt = W.IntSlider(2)"
    walks.walk(n="flag = True", a=source)
    slider, other = walks.get("s"), walks.get("t")
    walks.send(slider, value=10)
    walks.send(other, value=20)
    walks.walk(n="flag = False")
    assert slider.comm is None
    assert walks.get("t") is other
    assert other.value == 20
    walks.walk(n="flag = True")
    assert (walks.get("s").value, walks.get("t").value) == (1, 20)
    assert walks.get("s").comm is not None


def test_a_branch_that_is_taken_for_the_first_time_takes_nothing_from_the_widgets_after_it(walks: Walks) -> None:
    walks.walk(n="flag = False", a="if flag:\n    s = W.IntSlider(1)\nt = W.IntSlider(2)")
    other = walks.get("t")
    walks.send(other, value=20)
    walks.walk(n="flag = True")
    assert walks.get("t") is other
    assert (walks.get("s").value, other.value) == (1, 20)


def test_a_widget_of_a_branch_that_is_brought_back_has_its_old_model_id(walks: Walks) -> None:
    walks.walk(n="n = 2", a="box = W.VBox([W.IntSlider(i) for i in range(n)])")
    box = walks.get("box")
    ids = [child.model_id for child in box.children]
    walks.walk(n="n = 1")
    walks.clear()
    assert walks.walk(n="n = 2") == []
    assert [child.model_id for child in box.children] == ids
    assert walks.kinds().count("comm_open") == 3  # the slider, its layout, its style
    assert "application/vnd.jupyter.widget-view+json" in box.children[1]._repr_mimebundle_()
    walks.send(box.children[1], value=9)
    walks.walk()
    assert box.children[1].value == 9


def test_two_equal_widgets_are_two(walks: Walks) -> None:
    walks.walk(n="n = 0", a="s = W.IntSlider(description='x'); t = W.IntSlider(description='x'); k = n")
    first, second = walks.get("s"), walks.get("t")
    walks.send(second, value=4)
    walks.walk(n="n = 1")
    assert (walks.get("s"), walks.get("t")) == (first, second)
    assert (first.value, second.value) == (0, 4)


def test_a_function_that_builds_widgets_keeps_them_apart(walks: Walks) -> None:
    walks.walk(f="def make(k):\n    return W.IntSlider(max=k)", n="n = 5", a="s = make(n)\nt = make(n + 1)")
    first, second = walks.get("s"), walks.get("t")
    walks.send(second, value=3)
    walks.walk(n="n = 10")
    assert (walks.get("s"), walks.get("t")) == (first, second)
    assert (first.max, first.value, second.max, second.value) == (10, 0, 11, 3)


def test_layout_and_style_belong_to_their_widget(walks: Walks) -> None:
    walks.walk(n="n = 1", a="s = W.IntSlider(layout={'width': f'{n}px'}); b = W.Button()")
    slider, button = walks.get("s"), walks.get("b")
    ids = [part.model_id for part in (slider.layout, slider.style, button.layout, button.style)]
    walks.clear()
    walks.walk(n="n = 2")
    assert [part.model_id for part in (slider.layout, slider.style, button.layout, button.style)] == ids
    assert walks.sent(slider.layout) == [{"width": "2px"}]
    assert walks.kinds() == ["comm_msg"]


def test_widgets_that_are_gone_are_closed_with_their_layout_and_style(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider()")
    slider = walks.get("s")
    parts = [slider, slider.layout, slider.style]
    walks.walk(a="pass")
    assert [part.comm for part in parts] == [None, None, None]
    walks.walk(b="t = W.Button(layout=W.Layout(width='1px'))")
    button = walks.get("t")
    walks.delete("b")
    walks.walk()
    assert button.comm is None
    assert open_widgets() == []


def test_an_output_is_reused_with_its_outputs_emptied(walks: Walks) -> None:
    walks.walk(n="n = 1", a="out = W.Output()\nout.append_stdout(f'{n}')")
    out = walks.get("out")
    walks.clear()
    walks.walk(n="n = 2")
    assert walks.get("out") is out
    assert [item["text"] for item in out.outputs] == ["2"]
    assert walks.sent(out) == [{"outputs": ({"output_type": "stream", "name": "stdout", "text": "2"},)}]


def test_interact_keeps_its_slider_and_the_users_value(walks: Walks) -> None:
    walks.walk(n="n = 1", a="calls = []\nw = W.interactive(lambda x: calls.append((n, x)), x=(0, 10))")
    container, slider = walks.get("w"), walks.get("w").children[0]
    walks.send(slider, value=9)
    walks.widgets.apply()
    assert walks.get("calls") == [(1, 5), (1, 9)]
    assert walks.walk() == []
    walks.walk(n="n = 2")
    assert walks.get("calls") == [(2, 9)]
    assert walks.get("w").children[0] is slider
    assert walks.get("w") is container
    assert len(container.children) == 2
    walks.send(slider, value=3)
    walks.widgets.apply()
    assert walks.get("calls") == [(2, 9), (2, 3)]


def test_the_default_of_an_interact_argument_gives_way_to_the_users_choice_while_that_is_legal(walks: Walks) -> None:
    walks.walk(n="n = 2", a="def f(x='b'):\n    pass\nw = W.interactive(f, x=['a', 'b', 'c', 'd'][n:] + ['b'])")
    dropdown = walks.get("w").children[0]
    assert dropdown.value == "b"
    walks.send(dropdown, index=1)
    walks.walk(n="n = 1")
    assert (walks.get("w").children[0], dropdown.value) == (dropdown, "d")
    walks.walk(a="def f(x='b'):\n    pass\nw = W.interactive(f, x=['a', 'b', 'c'])")
    assert dropdown.value == "b"
    walks.walk(a="def f(x='c'):\n    pass\nw = W.interactive(f, x=['a', 'b', 'c'])")
    assert dropdown.value == "c"


PANEL = """
class Panel(W.VBox):
    def __init__(self, title):
        self.slider = W.IntSlider(description='x')
        self.seen = []
        super().__init__([W.Label(title), self.slider])
        self.add_class('panel')
        self.slider.observe(self.note, 'value')
    def note(self, change):
        self.seen.append((n, change.new))
"""


def test_a_subclass_with_a_constructor_of_its_own_runs_it_again_in_place(walks: Walks) -> None:
    walks.walk(c=PANEL, n="n = 1", a="p = Panel(f'title {n}')")
    panel, slider = walks.get("p"), walks.get("p").slider
    walks.send(slider, value=5)
    walks.widgets.apply()
    assert panel.seen == [(1, 5)]
    walks.walk(n="n = 2")
    assert (walks.get("p"), panel.slider) == (panel, slider)
    assert (panel.children[0].value, slider.value, panel.seen) == ("title 2", 5, [])
    walks.send(slider, value=6)
    walks.widgets.apply()
    assert panel.seen == [(2, 6)]


def test_an_attribute_whose_object_is_gone_does_not_get_in_the_way(walks: Walks) -> None:
    bar = "import weakref\nclass Bar:\n    pass\nbar = Bar()\nb = W.HBox()\nb.bar = weakref.proxy(bar)"
    walks.walk(n="n = 1", a=f"{bar}; m = n; del bar")
    box = walks.get("b")
    walks.walk(n="n = 2")
    assert walks.get("b") is box


def test_a_constructor_that_raises_the_second_time_leaves_the_old_widget_its_model(walks: Walks) -> None:
    source = (
        "class Once(W.IntSlider):\n    def __init__(self, **kw):\n        super().__init__(**kw)\n"
        "        if self.value != 3 and (self.comm.comm_id, 1) in taken: raise ValueError('once')\n"
        "        taken.add((self.comm.comm_id, 1))"
    )
    walks.walk(t="taken = set()", c=source, n="n = 3", a="s = Once(value=n)")
    slider, model_id = walks.get("s"), walks.get("s").model_id
    walks.walk(n="n = 4")
    assert walks.get("s") is not slider
    assert walks.get("s").model_id != model_id
    assert (walks.get("s").value, slider.comm) == (4, None)
    assert walks.get("s").comm is not None


def test_a_class_that_is_defined_again_gives_a_fresh_widget_with_the_users_value(walks: Walks) -> None:
    walks.walk(c="class Mine(W.IntSlider):\n    pass", a="s = Mine(description='x')")
    slider = walks.get("s")
    walks.send(slider, value=5)
    walks.walk(c="class Mine(W.IntSlider):\n    limit = 3", a="s = Mine(description='x')")
    assert walks.get("s") is not slider
    assert type(walks.get("s")) is walks.get("Mine")
    assert (walks.get("s").value, slider.comm) == (5, None)


def test_a_constructor_that_is_not_only_of_widgets_gives_a_fresh_widget_with_the_users_value(walks: Walks) -> None:
    source = (
        "class Canvas:\n    def __init__(self):\n        self.made = True\n"
        "class Mine(W.IntSlider, Canvas):\n    def __init__(self, **kw):\n"
        "        W.IntSlider.__init__(self, **kw)\n        Canvas.__init__(self)"
    )
    walks.walk(c=source, n="n = 1", a="s = Mine(max=n * 10)")
    slider = walks.get("s")
    walks.send(slider, value=5)
    walks.walk(n="n = 2")
    assert walks.get("s") is not slider
    assert (walks.get("s").value, walks.get("s").max, slider.comm) == (5, 20, None)


@pytest.mark.filterwarnings("ignore:Deprecated in traitlets 4.1:DeprecationWarning")  # ipywidgets 8.0's own
def test_a_class_that_adds_traits_to_its_objects_is_constructed_again_in_place(walks: Walks) -> None:
    source = (
        "import traitlets as T\nclass Any(W.DOMWidget):\n    count = T.Int(0).tag(sync=True)\n"
        "    def __init__(self, *a, **kw):\n"
        "        self.add_traits(_esm=T.Unicode(f'code {kw.get(\"count\")}').tag(sync=True))\n"
        "        super().__init__(*a, **kw)"
    )
    walks.walk(c=source, n="n = 1", a="w = Any(count=n)", b="y = w.count")
    widget = walks.get("w")
    walks.send(widget, count=7)
    assert walks.touched  # a cell reads it
    assert walks.walk() == ["b"]
    assert walks.get("y") == 7
    walks.walk(n="n = 2")
    assert walks.get("w") is widget
    assert (widget.count, widget._esm, walks.get("y")) == (7, "code 2", 7)


def test_a_constructor_that_fails_leaves_the_widget_as_it_was(walks: Walks) -> None:
    walks.walk(n="n = 10", a="s = W.IntSlider(description='x', min=5, max=n)", b="y = s.value")
    slider = walks.get("s")
    walks.send(slider, value=8)
    walks.walk()
    walks.walk(n="n = 1")
    assert "a" in walks.failed
    walks.walk(n="n = 10")
    assert walks.get("s") is slider
    assert (slider.value, slider.max, walks.get("y")) == (8, 10, 8)


def test_a_constructor_that_fails_costs_no_value_and_leaves_no_widget_behind(walks: Walks) -> None:
    source = (
        "class Mine(W.IntSlider):\n    def __init__(self, **kw):\n        super().__init__(**kw)\n"
        "        self.part = W.Label()\n        1 / n\n"
    )
    walks.walk(n="n = 1", a="s = W.IntSlider(min=0, max=10 * n)\n" + source)
    slider, number = walks.get("s"), len(open_widgets())
    walks.send(slider, value=8)
    walks.walk(n="n = -1")
    assert "a" in walks.failed
    walks.walk(n="n = 1")
    assert (walks.get("s"), slider.value) == (slider, 8)
    walks.walk(n="n = 0", b="m = Mine()")
    assert "b" in walks.failed
    assert len(open_widgets()) == number


def test_widgets_survive_an_execution_that_failed_before_it_came_to_them(walks: Walks) -> None:
    walks.walk(n="n = 1", a="1 / n\ns = W.IntSlider()")
    slider = walks.get("s")
    walks.send(slider, value=8)
    walks.walk(n="n = 0")
    assert "a" in walks.failed
    assert slider.comm is not None
    walks.walk(n="n = 2")
    assert walks.get("s") is slider
    assert slider.value == 8


def test_an_earlier_execution_that_built_nothing_closes_what_a_failed_one_left_there(walks: Walks) -> None:
    walks.walk(n="n = 1", a="pass")
    walks.walk(a="1 / n\ns = W.IntSlider()")
    slider = walks.get("s")
    walks.walk(n="n = 0")
    assert "a" in walks.failed
    assert walks.walk(a="pass") == []
    assert slider.comm is None


def test_an_earlier_execution_that_is_brought_back_has_its_own_arguments_and_the_users_value(walks: Walks) -> None:
    walks.walk(n="n = 1", a="s = W.IntSlider(n, max=10 * n, description=f'{n}')", b="y = s.value")
    slider = walks.get("s")
    walks.walk(n="n = 2")
    assert (slider.value, slider.max, walks.get("y")) == (2, 20, 2)
    assert walks.walk(n="n = 1 ") == ["n"]
    assert (slider.value, slider.max, slider.description, walks.get("y")) == (1, 10, "1", 1)
    walks.send(slider, value=4)
    walks.walk()
    assert walks.walk(n="n = 2") == []
    assert (slider.value, slider.max, walks.get("y")) == (4, 20, 4)


def test_an_attribute_that_another_cell_set_is_taken_off_until_that_cell_runs_again(walks: Walks) -> None:
    walks.walk(n="n = 1", a="s = W.IntSlider(max=n)", b="s.note = 'mine'")
    walks.cells["a"] = "s = W.IntSlider(max=2)"
    walks.walk()
    assert not hasattr(walks.get("s"), "note")


def test_tabs_and_players_keep_what_the_user_did(walks: Walks) -> None:
    walks.walk(n="n = 1", a="t = W.Tab([W.Label(), W.Label()]); p = W.Play(max=n * 100)")
    tab, play = walks.get("t"), walks.get("p")
    walks.send(tab, selected_index=1)
    walks.send(play, playing=True, value=5)
    walks.walk(n="n = 2")
    assert (tab.selected_index, play.playing, play.value, play.max) == (1, True, 5, 200)


def test_100_reruns_keep_the_number_of_widgets_comms_and_callbacks_constant(walks: Walks) -> None:
    source = (
        "s = W.IntSlider(max=n + 1); t = W.Dropdown(options=[n, n + 1]); b = W.Button(); out = W.Output()\n"
        "s.observe(lambda change: None, 'value'); b.on_click(lambda button: None); W.dlink((s, 'value'), (t, 'disabled'),"
        " bool)\nW.jslink((s, 'max'), (s, 'min')); i = W.interactive(lambda x: None, x=n); v = W.VBox([s, t, b])"
    )

    def counts() -> tuple[int, ...]:
        gc.collect()
        slider: Any = walks.get("s")
        handlers = sum(len(items) for kinds in slider._trait_notifiers.values() for items in kinds.values())
        clicks = len(walks.get("b")._click_handlers.callbacks)
        objects = sum(issubclass(type(item), Widget) for item in gc.get_objects())  # asks no proxy
        return len(open_widgets()), objects, handlers, clicks, len(walks.widgets.callbacks())

    walks.walk(n="n = 1", a=source)
    walks.walk(n="n = 2")
    walks.records.clear()
    before = counts()
    for number in range(100):
        walks.walk(n=f"n = {number + 3}")
        walks.records.clear()
    assert walks.ran == ["n", "a"]
    assert counts() == before


def test_a_widget_is_fresh_after_its_cell_was_forgotten(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider()")
    slider = walks.get("s")
    walks.send(slider, value=8)
    walks.walk()
    walks.widgets.forget(CellId("a"))
    walks.records.clear()
    walks.walk()
    assert walks.get("s") is not slider
    assert (walks.get("s").value, slider.comm) == (0, None)


EVERY = sorted(
    name
    for name, item in vars(ipywidgets).items()
    if isinstance(item, type)
    and issubclass(item, Widget)
    and name not in ("Widget", "DOMWidget", "CoreWidget", "ValueWidget", "interactive", "DocWidget", "Controller")
)
ARGUMENTS = {
    "SelectionSlider": "options=['a', 'b']",
    "SelectionRangeSlider": "options=['a', 'b']",
    "GridspecLayout": "2, 2",
}
CHANGED = {
    "Dropdown": "options=[3, 4], value=4",
    "Select": "options={'a': 3, 'b': 4}, rows=2",
    "SelectMultiple": "options=[3, 4], value=[3]",
    "SelectionSlider": "options=['c', 'd', 'e'], value='e'",
    "SelectionRangeSlider": "options=['c', 'd', 'e'], index=(1, 2)",
    "IntRangeSlider": "value=(3, 4), min=2, max=5",
    "FloatSlider": "value=30.5, min=30, max=40, readout_format='.1f'",
    "IntSlider": "200, 150, 250, 10, style={'handle_color': 'red'}",
    "Link": "",
    "Text": "'words', placeholder='p'",
    "Tab": "[W.Label('in')], titles=['one']",
    "AppLayout": "header=W.Button(), center=W.Label('c'), pane_widths=[1, 2, 3]",
    "GridspecLayout": "3, 1, width='50%'",
    "Box": "[W.Label()], layout={'border': '1px solid'}",
    "TagsInput": "value=['a'], allowed_tags=['a', 'b']",
    "Image": "value=b'abc', format='gif'",
}


@pytest.mark.parametrize("name", [name for name in EVERY if name not in ("Link", "DirectionalLink")])
def test_constructing_again_gives_what_constructing_gives(walks: Walks, name: str) -> None:
    first, other = ARGUMENTS.get(name, ""), CHANGED.get(name, ARGUMENTS.get(name, "layout={'width': '9px'}"))
    if name in ("Layout",):
        other = "width='9px'"
    if not issubclass(getattr(ipywidgets, name), ipywidgets.DOMWidget) and name != "Layout":
        other = ""
    for before, after in ((first, other), (other, first)):
        walks.walk(a=f"w = W.{name}({before})")
        widget = walks.get("w")
        walks.walk(a=f"w = W.{name}({after}) ")
        assert walks.get("w") is widget
        fresh = eval(f"W.{name}({after})", {"W": ipywidgets})
        assert contents(widget) == contents(fresh)
        fresh.close()


def contents(widget: Widget) -> Any:
    """All that a front end and other code see of a widget, with the widgets inside it."""

    def seen(value: Any) -> Any:
        if isinstance(value, Widget):
            return contents(value)
        if isinstance(value, (list, tuple)):
            return [seen(item) for item in value]
        return value

    return (
        type(widget).__name__,
        {
            name: seen(getattr(widget, name))
            for name in sorted(widget.traits())
            if name not in ("comm", "log", "_msg_callbacks", "keys")
        },
        sorted(vars(widget)),
    )
