"""What cells read from widgets and write to them, over walks; and what front ends send and are sent."""

from __future__ import annotations

import math
import threading
from typing import Any

import pytest
import traitlets
from ipywidgets import Widget
from traitlets import HasTraits, TraitType

from nbapp.core.notebook import CellId
from tests.kernel.walks import KeepingComm, Walks, start, stop


def reads(walks: Walks, cell: str, **widgets: str) -> set[str]:
    """The components that the newest record of a cell read, with model ids as names of globals."""
    names = {getattr(walks.space.get(name), "model_id", None): name for name in walks.space}
    found = set()
    for component in walks.records[cell][-1].reads:
        kind, _, rest = component.partition(":")
        model_id, dot, trait = rest.rpartition(":")[2].partition(".")
        found.add(f"{kind}:{names.get(model_id, '?')}{dot}{trait}")
    return found


# --- reads


@pytest.mark.parametrize(
    "source",
    [
        "y = s.value",
        "y = getattr(s, 'value')",
        "def f():\n    return s.value\ny = f()",
        "y = [c['s'].value for c in ({'s': s},)]",
        "y = s.get_interact_value()",
        "y = repr(s)",
        "y = f'{s}'",
        "y = s.trait_values()",
        "y = s.get_state()",
        "import operator\ny = operator.attrgetter('value')(s)",
        "import threading\nt = threading.Thread(target=lambda: s.value)\nt.start()\nt.join()",
    ],
)
def test_code_that_reads_a_value_depends_on_it(walks: Walks, source: str) -> None:
    walks.walk(a="s = W.IntSlider(5)", b=source)
    assert "trait:s.value" in reads(walks, "b")
    walks.send(walks.get("s"), value=7)
    assert walks.walk() == ["b"]


@pytest.mark.parametrize(
    "source",
    [
        "y = s",
        "y = W.VBox([s, s])",
        "y = W.HBox(children=[s], layout={'width': '50%'})",
        "from IPython.core.formatters import DisplayFormatter\ny = DisplayFormatter().format(s)",
        "y = s.model_id",
        "s.layout.width = '50%'",
        "s.observe(lambda change: None, 'value')",
        "W.jslink((s, 'value'), (W.IntSlider(), 'value'))",
        "W.link((s, 'value'), (W.IntSlider(), 'value'))",
        "W.interactive(lambda s: None, s=s)",
        "W.interactive_output(lambda s: None, {'s': s})",
        "s.add_class('big'); s.description = 'y'; s.disabled = True",
    ],
)
def test_code_that_only_shows_or_wires_a_slider_does_not_depend_on_its_value(walks: Walks, source: str) -> None:
    walks.walk(a="s = W.IntSlider(5)", b=source)
    assert "trait:s.value" not in reads(walks, "b")
    walks.send(walks.get("s"), value=7)
    assert walks.walk() == []


def test_the_ends_of_a_range_are_reads_of_its_value(walks: Walks) -> None:
    walks.walk(a="s = W.IntRangeSlider(value=(2, 5))", b="y = s.lower, s.upper")
    assert reads(walks, "b") == {"trait:s.value"}


def test_the_first_version_of_a_trait_counts_even_when_it_is_read_often(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5); l = W.Label('a')", b="x = s.value\nl.value = 'b'\ny = s.value, l.value")
    assert reads(walks, "b") == {"trait:s.value", "uncalled:l"}


def test_the_result_of_interactive_is_read_from_its_callback(walks: Walks) -> None:
    walks.walk(a="w = W.interactive(lambda x: x * 2, x=5)", b="y = w.result, w.kwargs")
    assert walks.get("y") == (10, {"x": 5})
    walks.send(walks.get("w").children[0], value=6)
    assert walks.walk() == ["b"]
    assert walks.get("y") == (12, {"x": 6})


def test_a_cell_that_reads_the_slider_it_builds_depends_on_the_users_choice_only(walks: Walks) -> None:
    walks.walk(n="n = 50", a="s = W.IntSlider(n, max=n)\ny = s.value")
    assert walks.get("y") == 50
    walks.send(walks.get("s"), value=40)
    assert walks.walk() == ["a"]
    assert walks.get("y") == 40
    walks.walk(n="n = 30")
    assert walks.get("y") == 30
    assert walks.walk(n="n = 50") == []
    assert (walks.get("y"), walks.get("s").value) == (40, 40)


def test_reads_outside_cells_and_of_other_objects_are_not_looked_at(walks: Walks) -> None:
    original = TraitType.__dict__["__get__"]
    walks.walk(a="import traitlets as T\nclass A(T.HasTraits):\n    x = T.Int(3)\ny = A().x")
    assert reads(walks, "a") == set()
    assert TraitType.__dict__["__get__"] is original


# --- writes


def test_an_assignment_wins_over_the_users_value_below_it_and_not_above(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="x = s.value", c="s.value = 10", d="y = s.value")
    assert (walks.get("x"), walks.get("y")) == (5, 10)
    assert walks.walk() == []
    walks.clear()
    walks.send(walks.get("s"), value=7)
    assert walks.walk() == ["b"]
    assert (walks.get("x"), walks.get("y"), walks.get("s").value) == (7, 10, 10)
    assert walks.sent(walks.get("s")) == [{"value": 10}]  # the control shows it


def test_an_assignment_that_is_edited_away_is_gone(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5); l = W.Label('a')", c="s.value = 10; s.max = 20; l.value = 'b'")
    walks.walk(c="pass")
    assert (walks.get("s").value, walks.get("s").max, walks.get("l").value) == (5, 100, "a")
    walks.walk(c="s.value = 10; s.max = 20; l.value = 'b'")
    walks.delete("c")
    walks.clear()
    walks.walk()
    assert (walks.get("s").value, walks.get("s").max, walks.get("l").value) == (5, 100, "a")
    assert walks.sent(walks.get("l")) == [{"value": "a"}]


def test_an_own_assignment_is_no_input_and_starts_no_rerun(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="s.value = 10\ny = s.value")
    assert "trait:s.value" not in reads(walks, "b")
    assert walks.touched == []
    assert walks.walk() == []


def test_a_counter_in_a_widget_counts_once_however_often_the_cells_are_walked(walks: Walks) -> None:
    walks.walk(a="s = W.IntText(5)", b="s.value += 1", c="y = s.value")
    for _ in range(3):
        walks.walk()
    assert walks.get("y") == 6
    walks.walk(b="s.value += 2")
    assert walks.get("y") == 7


def test_an_assignment_follows_the_limits_of_the_cell_above(walks: Walks) -> None:
    walks.walk(n="n = 100", a="s = W.IntSlider(0, max=n)", b="s.value = 80\ny = s.value")
    walks.walk(n="n = 50")
    assert (walks.get("y"), walks.get("s").value) == (50, 50)
    walks.walk(n="n = 100")
    assert (walks.get("y"), walks.get("s").value) == (80, 80)


def test_a_limit_that_a_cell_assigns_holds_below_it_and_keeps_the_users_value_where_it_can(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="x = s.value", n="n = 100", c="s.max = n", d="y = s.value, s.max")
    walks.send(walks.get("s"), value=80)
    assert walks.walk() == ["b", "d"]
    walks.walk(n="n = 50")
    assert (walks.get("x"), walks.get("y")) == (80, (50, 50))
    walks.walk(n="n = 90")
    assert (walks.get("x"), walks.get("y")) == (80, (80, 90))
    walks.walk(n="n = 200")
    walks.send(walks.get("s"), value=150)
    walks.walk()
    assert (walks.get("x"), walks.get("y")) == (100, (150, 200))


def test_options_that_a_cell_assigns_keep_the_users_choice_without_moving_it_in_the_front_end(walks: Walks) -> None:
    walks.walk(a="d = W.Dropdown()", n="names = ['a', 'b', 'c']", b="d.options = names", c="y = d.value")
    dropdown = walks.get("d")
    assert walks.get("y") is None
    walks.walk(a="d = W.Dropdown(options=['-'])")
    assert walks.get("y") == "a"
    walks.send(dropdown, index=2)
    walks.clear()
    assert walks.walk() == ["c"]
    assert walks.get("y") == "c"
    assert walks.sent(dropdown) == []
    walks.walk(n="names = ['a', 'b', 'c', 'd']")
    assert walks.get("y") == "c"
    assert walks.sent(dropdown) == [{"_options_labels": ("a", "b", "c", "d")}]
    walks.walk(n="names = ['c', 'd']")
    assert (walks.get("y"), dropdown.index) == ("c", 0)
    walks.walk(n="names = ['x', 'y']")
    assert walks.get("y") == "x"
    walks.send(dropdown, index=1)
    walks.walk()
    assert walks.get("y") == "y"


def test_a_callback_hears_of_new_options_once_and_of_the_choice_only_when_it_changed(walks: Walks) -> None:
    heard = "heard = []\nd.observe(lambda change: heard.append((change.name, change.new)), ['value', 'options'])"
    walks.walk(a="d = W.Dropdown(options=['-', 'c'])", h=heard, n="names = ['a', 'c']", b="d.options = names")
    walks.send(walks.get("d"), index=1)
    walks.walk()
    walks.space["heard"].clear()
    walks.walk(n="names = ['z', 'c']")
    assert walks.get("heard") == [("options", ("z", "c"))]
    walks.space["heard"].clear()
    walks.walk(n="names = ['z', 'y']")
    assert walks.get("heard") == [("options", ("z", "y")), ("value", "z")]


def test_what_a_cell_assigned_is_not_moved_by_a_later_change_of_its_limits(walks: Walks) -> None:
    walks.walk(
        a="s = W.IntSlider(5)", b="s.value = 2", n="n = 1", c="s.max = 50 + n\ns.description = 'x'", d="y = s.value"
    )
    walks.send(walks.get("s"), value=14)
    walks.walk(n="n = 2")
    assert (walks.get("y"), walks.get("s").value) == (2, 2)
    walks.walk()
    assert walks.get("s").value == 2


def test_a_value_read_after_new_limits_depends_on_what_the_user_chose(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5, max=10)", b="s.max = 50\ny = s.value")
    for value in (30, 40):
        walks.send(walks.get("s"), value=value)
        assert walks.walk() == ["b"]
        assert walks.get("y") == value


def test_assignments_are_repeated_in_the_order_of_the_last_of_each_trait(walks: Walks) -> None:
    walks.walk(
        a="d = W.Dropdown(options=['a', 'b'])",
        b="d.value = 'b'\nd.options = ['c', 'd']\nd.value = 'd'",
        y="y = d.value",
    )
    assert walks.get("y") == "d"
    walks.walk(z="pass")
    assert walks.ran == ["z"]
    assert (walks.get("y"), walks.get("d").value, walks.get("d").options) == ("d", "d", ("c", "d"))


def test_two_limits_that_move_together_can_be_taken_back_and_given_again(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="s.max = 300\ns.min = 200", c="y = s.value")
    assert walks.get("y") == 200
    for _ in range(2):
        assert walks.walk() == []
        assert (walks.get("s").min, walks.get("s").max, walks.get("s").value) == (200, 300, 200)
    walks.walk(b="pass")
    assert (walks.get("s").min, walks.get("s").max, walks.get("s").value) == (0, 100, 5)


def test_a_value_given_before_new_options_is_not_given_after_them(walks: Walks) -> None:
    walks.walk(a="d = W.Dropdown(options=['a', 'b'])", b="d.value = 'b'\nd.options = ['c', 'b']", c="y = d.value")
    assert walks.get("y") == "c"
    walks.walk(d="pass")
    assert (walks.get("y"), walks.get("d").value) == ("c", "c")


def test_equal_values_are_not_sent_again(walks: Walks) -> None:
    walks.walk(a="l = W.Label('a'); b = W.VBox(); s = W.IntSlider()", c="l.value = 'b'; b.children = [l, s]; s.max = 7")
    walks.clear()
    for _ in range(3):
        walks.walk()
    assert walks.kinds() == []
    walks.walk(c="l.value = 'b'; b.children = [l, s] ; s.max = 7")
    assert walks.ran == ["c"]
    assert walks.kinds() == []


def test_a_progress_bar_is_sent_while_its_cell_runs_with_its_new_limit(walks: Walks) -> None:
    walks.walk(n="n = 2", a="p = W.IntProgress(max=n)\nfor i in range(n):\n    p.value = i + 1")
    walks.clear()
    walks.walk(n="n = 3")
    sent = walks.sent(walks.get("p"))
    assert sent[0] == {"value": 1, "max": 3}
    assert sent[1:] == [{"value": 2}, {"value": 3}]


def test_an_output_that_a_cell_writes_is_brought_back_and_does_not_grow(walks: Walks) -> None:
    walks.walk(a="out = W.Output()", n="n = 1", b="out.append_stdout(f'{n}')", c="y = len(out.outputs)")
    for _ in range(2):
        walks.walk()
        assert [item["text"] for item in walks.get("out").outputs] == ["1"]
    walks.walk(n="n = 2")
    assert [item["text"] for item in walks.get("out").outputs] == ["2"]
    walks.walk(n="n = 1")
    assert [item["text"] for item in walks.get("out").outputs] == ["1"]
    assert walks.get("y") == 1


def test_a_layout_that_a_cell_replaces_is_brought_back(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider()", b="s.layout = {'width': '9px'}; s.style.handle_color = 'red'")
    slider, layout = walks.get("s"), walks.get("s").layout
    assert walks.walk() == []
    assert (slider.layout, slider.layout.width, slider.style.handle_color) == (layout, "9px", "red")
    walks.walk(b="pass")
    assert (slider.layout.width, slider.style.handle_color, layout.comm) == (None, None, None)


def test_a_composite_layout_moves_its_children_again_when_it_is_skipped(walks: Walks) -> None:
    walks.walk(a="b = W.Button()", c="y = b.layout.grid_area", l="g = W.AppLayout(center=b, header=W.Label())")
    for _ in range(2):
        assert walks.get("b").layout.grid_area == "center"
        assert walks.get("y") is None
        assert walks.walk() == []
    walks.walk(l="pass")
    assert walks.get("b").layout.grid_area is None


def test_a_thread_that_a_cell_started_writes_for_that_cell(walks: Walks) -> None:
    walks.walk(
        a="l = W.Label('a')",
        b="import threading\nt = threading.Thread(target=lambda: setattr(l, 'value', 'b'))\nt.start()\nt.join()",
    )
    walks.walk()
    assert walks.get("l").value == "b"
    walks.walk(b="pass")
    assert walks.get("l").value == "a"


def test_a_thread_of_an_earlier_cell_that_writes_later_is_kept_until_the_widget_is_made_again(walks: Walks) -> None:
    source = (
        "import threading\ngo, done = threading.Event(), threading.Event()\n"
        "def work():\n    go.wait(60)\n    l.value = 'done'\n    done.set()\n"
        "l = W.Label('busy')\nthreading.Thread(target=work).start()"
    )
    walks.walk(a=source, b="go.set()\ndone.wait(60)\nk = 1")
    assert walks.get("l").value == "done"
    assert walks.records["b"][-1].effects.assigned == ()
    walks.walk(c="y = l.value")
    assert (walks.get("l").value, walks.get("y")) == ("done", "done")


def test_a_skipped_cell_above_does_not_undo_what_a_cell_below_gave(walks: Walks) -> None:
    walks.walk(a="l = W.Label('a')", b="l.value = 'b'", n="n = 1", c="l.value = f'c{n}'", d="y = l.value")
    walks.walk(n="n = 2")
    assert (walks.get("y"), walks.get("l").value) == ("c2", "c2")
    walks.walk(b="l.value = 'bb'")
    assert (walks.get("y"), walks.get("l").value) == ("c2", "c2")


def test_a_walk_that_goes_back_sees_the_widgets_as_they_were_there(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="x = s.value", c="s.value = 10", d="y = s.value")
    slider = walks.get("s")
    walks.widgets.begin_walk()
    for name in "abcd":
        walks.widgets.restore(walks.records[name][-1].effects, CellId(name))
    assert slider.value == 10
    walks.widgets.go_back(CellId("b"))
    assert slider.value == 5
    walks._execute("b", "x = s.value")
    assert walks.get("x") == 5
    walks.widgets.restore(walks.records["c"][-1].effects, CellId("c"))
    walks.widgets.restore(walks.records["d"][-1].effects, CellId("d"))
    walks.widgets.end_walk({CellId(name) for name in "abcd"})
    assert slider.value == 10


def test_a_walk_that_is_cut_short_for_a_newer_value_sends_nothing_it_took_back(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5); l = W.Label('a')", b="x = s.value", c="l.value = 'b'")
    walks.clear()
    walks.widgets.begin_walk()
    walks.widgets.restore(walks.records["a"][-1].effects, CellId("a"))
    walks.send(walks.get("s"), value=6)
    walks.widgets.end_walk({CellId(name) for name in "abc"})
    assert walks.get("l").value == "a"
    assert walks.walk() == ["b"]
    assert walks.get("l").value == "b"
    assert walks.sent() == []


def test_a_label_that_is_made_again_and_given_its_text_below_does_not_blink(walks: Walks) -> None:
    walks.walk(n="n = 1", a="l = W.Label(); k = n", b="l.value = 'text'")
    walks.clear()
    assert walks.walk(n="n = 2") == ["n", "a"]
    assert walks.kinds() == []


def test_a_walk_that_is_cut_short_forgets_nothing_that_the_front_end_shows(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="s.value = 10")
    walks.widgets.begin_walk()
    walks.widgets.restore(walks.records["a"][-1].effects, CellId("a"))
    walks.clear()
    walks.send(walks.get("s"), value=7)
    walks.widgets.end_walk({CellId("a"), CellId("b")})
    walks.walk()
    assert walks.sent(walks.get("s")) == [{"value": 10}]


def test_widgets_that_cells_below_a_failed_one_show_stay_open_until_a_walk_passes_all(walks: Walks) -> None:
    walks.walk(n="n = 1", a="ss = [W.IntSlider() for i in range(n)]", f="1 / (2 - len(ss))", b="b = W.VBox(ss)")
    slider = walks.get("ss")[0]
    walks.cells["a"] = "ss = [W.Text(), W.Text()]"
    walks.walk()
    assert "f" in walks.failed
    assert slider.comm is not None
    walks.walk(a="ss = [W.Text()]")
    assert slider.comm is None


def test_a_box_with_a_closed_widget_in_it_stops_no_walk(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(); l = W.Label(); b = W.VBox([s])", c="b.children = [l]\ns.close()")
    walks.walk(c="pass")
    assert walks.get("b").children == (walks.get("s"),)


def test_a_cell_inside_a_cell_is_refused(walks: Walks) -> None:
    refused = pytest.raises(RuntimeError, match="cell b cannot execute inside cell a")
    with walks.widgets.cell(CellId("a")), refused, walks.widgets.cell(CellId("b")):
        raise AssertionError


# --- versions


def test_a_large_upload_is_digested_once(walks: Walks, monkeypatch: pytest.MonkeyPatch) -> None:
    walks.walk(a="f = W.FileUpload()", b="y = [len(item.content) for item in f.value]")
    upload = {"name": "a", "type": "", "size": 3, "last_modified": 0, "content": memoryview(b"abc")}
    walks.send(walks.get("f"), value=[upload])
    assert walks.walk() == ["b"]
    assert walks.get("y") == [3]
    digested: list[object] = []
    digest = walks.widgets._versions._digest

    def counted(value: object) -> object:
        digested.append(value)
        return digest(value)

    monkeypatch.setattr(walks.widgets._versions, "_digest", counted)
    component = next(name for name in walks.records["b"][-1].reads if name.startswith("trait:"))
    assert walks.widgets.version(component) == walks.records["b"][-1].reads[component]
    assert walks.walk() == []
    assert digested == []


def test_the_version_of_a_trait_of_a_closed_or_unknown_widget_is_fixed(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider()", b="y = s.value")
    component = f"trait:{walks.get('s').model_id}.value"
    before = walks.widgets.version(component)
    walks.get("s").close()
    gone = walks.widgets.version(component)
    assert gone != before
    assert gone == walks.widgets.version("trait:nobody.value") == "gone"


def test_a_value_without_a_digest_has_a_new_version_at_each_assignment(walks: Walks) -> None:
    source = "import traitlets as T\nclass A(W.Widget):\n    thing = T.Any()\nw = A(thing=(i for i in 'ab'))"
    walks.walk(a=source, b="y = w.thing")
    component = f"trait:{walks.get('w').model_id}.thing"
    before = walks.widgets.version(component)
    assert walks.widgets.version(component) == before
    walks.get("w").thing = walks.get("w").thing  # it may have been consumed meanwhile
    again = walks.widgets.version(component)
    walks.get("w").thing = (i for i in "ab")
    assert len({before, again, walks.widgets.version(component)}) == 3


# --- the front end


def test_a_message_only_queues_and_says_so(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)")
    slider = walks.get("s")
    thread = threading.Thread(target=walks.send, args=(slider,), kwargs={"value": 7})
    thread.start()
    thread.join()
    assert (slider.value, walks.touched, walks.widgets.pending(), walks.widgets.updates) == (5, [1], True, 1)
    assert walks.widgets.apply() is True
    assert (slider.value, walks.widgets.pending()) == (7, False)
    assert walks.widgets.apply() is False


def test_the_newest_value_wins_and_is_applied_once(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider()\nheard = []\ns.observe(lambda change: heard.append(change.new), 'value')")
    for value in range(1, 50):
        walks.send(walks.get("s"), value=value)
    walks.widgets.apply()
    assert walks.get("heard") == [49]


def test_updates_of_different_traits_of_a_widget_are_all_applied(walks: Walks) -> None:
    walks.walk(a="s = W.Play()")
    walks.send(walks.get("s"), value=3)
    walks.send(walks.get("s"), playing=True)
    walks.send(walks.get("s"), value=4)
    walks.widgets.apply()
    assert (walks.get("s").value, walks.get("s").playing) == (4, True)


def test_clicks_are_all_there_and_in_order_with_the_values_around_them(walks: Walks) -> None:
    walks.walk(a="t = W.Text(); b = W.Button()\nheard = []\nb.on_click(lambda button: heard.append(t.value))")
    for text in ("a", "ab", "abc"):
        walks.send(walks.get("t"), value=text)
        walks.click(walks.get("b"))
    walks.click(walks.get("b"))
    walks.widgets.apply()
    assert walks.get("heard") == ["a", "ab", "abc", "abc"]


def test_the_echo_is_sent_at_once_and_only_once(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider()\nf = W.FileUpload()")
    walks.clear()
    walks.send(walks.get("s"), value=7)
    walks.send(walks.get("f"), value=[])
    assert walks.sent(method="echo_update") == [{"value": 7}]
    walks.walk()
    assert walks.sent(method="echo_update") == [{"value": 7}]
    assert walks.sent() == []


def test_a_value_that_the_widget_changes_is_sent_back(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(max=10)")
    walks.clear()
    walks.send(walks.get("s"), value=70)
    walks.walk()
    assert walks.sent(walks.get("s")) == [{"value": 10}]


def test_a_value_that_a_cell_or_callback_sends_before_a_queued_one_is_applied_is_corrected(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(); t = W.IntSlider()", c="W.link((s, 'value'), (t, 'value'))")
    walks.clear()
    walks.send(walks.get("t"), value=12)
    walks.send(walks.get("s"), value=7)
    walks.walk()
    assert (walks.get("s").value, walks.get("t").value) == (7, 7)
    assert walks.sent(walks.get("s")) == [{"value": 12}, {"value": 7}]


def test_a_request_for_the_state_is_answered_at_once(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)")
    walks.clear()
    walks.get("s").comm.handle_msg({"content": {"data": {"method": "request_state"}}, "buffers": []})
    assert walks.sent(walks.get("s"))[0]["value"] == 5
    assert not walks.widgets.pending()


def test_a_front_end_that_asks_while_its_widget_is_constructed_gets_the_state_after(walks: Walks) -> None:
    source = (
        "class Mine(W.IntSlider):\n    def __init__(self, **kw):\n        ask(self)\n"
        "        super().__init__(**kw)\n        ask(self)"
    )
    comms: list[KeepingComm] = []

    def ask(widget: Widget) -> None:
        for comm in comms:
            comm.handle_msg({"content": {"data": {"method": "request_state"}}, "buffers": []})

    walks.give(ask=ask)
    walks.walk(c=source, n="n = 10", a="s = Mine(max=n)")
    comms.append(walks.get("s").comm)
    walks.clear()
    walks.walk(n="n = 20")
    assert [state["max"] for state in walks.sent(walks.get("s"))] == [20]


@pytest.mark.parametrize(("source", "value"), [("W.FloatText(1.0)", math.nan), ("W.FloatRangeSlider()", [0.0, 1.0])])
def test_a_value_that_is_not_equal_to_itself_does_not_go_back_and_forth(walks: Walks, source: str, value: Any) -> None:
    walks.walk(a=f"s = {source}", b="y = s.value")
    walks.clear()
    for _ in range(3):
        walks.send(walks.get("s"), value=value)
        walks.walk()
    assert walks.sent(walks.get("s")) == []
    assert walks.walk() == []


def test_an_update_that_no_cell_reads_is_applied_without_concerning_anyone(walks: Walks) -> None:
    walks.walk(a="b = W.Button(); s = W.IntSlider()")
    walks.send(walks.get("b"), tooltip="hover", tabbable=True)
    walks.send(walks.get("b").layout, width="7px")
    assert (walks.widgets.waits(), walks.widgets.pending()) == (True, False)
    walks.widgets.apply()
    assert (walks.get("b").tooltip, walks.get("b").layout.width) == ("hover", "7px")
    assert walks.walk() == []
    walks.walk(c="y = b.tooltip")
    walks.send(walks.get("b"), tooltip="again")
    assert walks.widgets.pending()
    assert walks.walk() == ["c"]


def test_messages_of_other_comms_are_left_alone(walks: Walks) -> None:
    comm = KeepingComm(target_name="other")
    heard: list[Any] = []
    comm.on_msg(heard.append)
    message = {"content": {"data": {"method": "update", "state": {"value": 1}}}}
    comm.handle_msg(message)
    assert heard == [message]
    assert walks.touched == []
    comm.close()


def test_a_page_that_loads_is_told_what_other_pages_show_already(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(); t = W.Text()", b="y = s.value")
    s = walks.get("s")
    walks.send(s, value=9)
    walks.clear()
    control = KeepingComm(target_name="jupyter.widget.control")
    Widget.handle_control_comm_opened(control, {"metadata": {"version": "1.0.0"}})
    control.handle_msg({"content": {"data": {"method": "request_states"}}})
    told = next(data for _, _, data in KeepingComm.sent if data.get("method") == "update_states")
    assert told["states"][s.model_id]["state"]["value"] == 9
    assert (s.value, s.max) == (0, told["states"][s.model_id]["state"]["max"])
    assert walks.walk() == ["b"]
    assert walks.sent(s) == [{"value": 9}]  # again, for pages that had been told another
    control.close()


def test_a_page_that_loads_during_a_walk_is_told_what_the_walk_makes(walks: Walks) -> None:
    control = KeepingComm(target_name="jupyter.widget.control")
    Widget.handle_control_comm_opened(control, {"metadata": {"version": "1.0.0"}})
    walks.give(load=lambda: control.handle_msg({"content": {"data": {"method": "request_states"}}}))
    walks.walk(a="l = W.Label(); s = W.IntSlider()", b="k = 1", c="l.value = f'{s.value}'")
    walks.clear()
    walks.walk(b="load()")
    assert walks.sent(walks.get("l")) == [{"value": "0"}]
    control.close()


def test_an_illegal_value_is_shown_as_an_error_and_taken_back_in_the_front_end(
    walks: Walks, capsys: pytest.CaptureFixture[str]
) -> None:
    walks.walk(a="d = W.Dropdown(options=['a', 'b']); s = W.IntSlider()")
    walks.clear()
    walks.send(walks.get("d"), index=7)
    walks.send(walks.get("s"), value=3)
    walks.widgets.apply()
    assert "index out of bounds" in capsys.readouterr().err
    assert walks.get("s").value == 3
    assert walks.sent(walks.get("d")) == [{"index": 0}]


def test_set_value_is_what_a_user_does(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5); t = W.Tab([W.Label(), W.Label()])", b="y = s.value")
    walks.clear()
    walks.widgets.set_value(walks.get("s"), 8)
    walks.widgets.set_value(walks.get("t"), 1)
    assert walks.sent(walks.get("s")) == [{"value": 8}]
    assert walks.walk() == ["b"]
    walks.walk(a="s = W.IntSlider(6); t = W.Tab([W.Label(), W.Label()])")
    assert (walks.get("y"), walks.get("t").selected_index) == (8, 1)


def test_uninstalling_leaves_nothing_behind() -> None:
    import ipywidgets

    owners = (Widget, TraitType, HasTraits, type(Widget), ipywidgets.CallbackDispatcher, ipywidgets.interactive)
    before = [dict(vars(owner)) for owner in owners]
    walks = start()
    walks.walk(a="s = W.IntSlider()\nheard = []\ns.observe(lambda change: heard.append(change.new), 'value')")
    walks.send(walks.get("s"), value=3)
    walks.widgets.uninstall()
    assert [dict(vars(owner)) for owner in owners] == before
    walks.send(walks.get("s"), value=7)
    assert walks.get("s").value == 7
    assert walks.get("heard") == [3, 7]
    assert vars(walks.get("s")).keys() <= {*vars(ipywidgets.IntSlider()), "_model_id"}
    Widget.close_all()


def test_widgets_that_were_there_before_are_taken_over() -> None:
    first = start()
    first.widgets.uninstall()
    namespace: dict[str, Any] = {}
    exec(
        "import ipywidgets as W\ns = W.IntSlider()\nheard = []\ns.observe(lambda c: heard.append(c.new), 'value')",
        namespace,
    )
    walks = start()
    walks.send(namespace["s"], value=3)
    assert (namespace["s"].value, namespace["heard"], len(walks.widgets.callbacks())) == (0, [], 1)
    walks.widgets.apply()
    assert (namespace["s"].value, namespace["heard"]) == (3, [3])
    stop(walks)


def test_traitlets_own_rules_still_hold(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="s.max = -1")
    assert isinstance(walks.failed["b"], traitlets.TraitError)
    assert (walks.get("s").max, walks.get("s").value) == (100, 5)
