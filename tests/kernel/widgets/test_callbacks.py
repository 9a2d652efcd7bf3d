"""User callbacks: each once per change, dropped with their cell, kept when it is skipped; and what they wrote."""

from __future__ import annotations

import pytest
from ipywidgets import interactive

from nbapp.core.notebook import CellId
from tests.kernel.walks import Walks

SLIDER = "s = W.IntSlider(); b = W.Button(); t = W.Text(); heard = []"


@pytest.mark.parametrize(
    ("register", "act"),
    [
        ("s.observe(lambda change: heard.append(n), 'value')", "slide"),
        ("s.observe(lambda change: change.name == 'value' and heard.append(n))", "slide"),
        ("s.observe(lambda change: heard.append(n), ['value', 'max'])", "slide"),
        ("import functools\ns.observe(functools.partial(lambda k, change: heard.append(k), n), 'value')", "slide"),
        ("class A:\n    def __init__(self, n): self.n = n\n    def on(self, change): heard.append(self.n)\n"
         "a = A(n)\ns.observe(a.on, 'value')", "slide"),
        ("b.on_click(lambda button: heard.append(n))", "click"),
        ("b.on_msg(lambda widget, content, buffers: heard.append(n))", "click"),
        ("t.on_msg(lambda widget, content, buffers: heard.append(n))", "submit"),
        ("W.interactive_output(lambda s: heard.append(n), {'s': s}); heard.clear()", "slide"),
        ("W.interactive(lambda s: heard.append(n), s=s); heard.clear()", "slide"),
        ("W.dlink((s, 'value'), (t, 'value'), lambda value: heard.append(n) or str(value)); heard.clear()", "slide"),
    ],
)  # fmt: skip
def test_a_callback_runs_once_per_change_also_after_its_cell_ran_again(walks: Walks, register: str, act: str) -> None:
    def do() -> None:
        if act == "slide":
            walks.send(walks.get("s"), value=walks.get("s").value + 1)
        elif act == "click":
            walks.click(walks.get("b"))
        else:
            walks.custom(walks.get("t"), {"event": "submit"})

    walks.walk(a=SLIDER, n="n = 1", r=register)
    do()
    walks.walk()
    assert walks.get("heard") == [1]
    walks.walk(n="n = 2")
    assert "r" in walks.ran
    walks.get("heard").clear()
    do()
    walks.walk()
    assert walks.get("heard") == [2]


def test_a_submitted_text_runs_its_callback_once(walks: Walks) -> None:
    with pytest.warns(DeprecationWarning, match="on_submit"):  # noqa: PT031 - each execution warns, the author's cell
        walks.walk(a=SLIDER, n="n = 1", r="t.on_submit(lambda text: heard.append((n, text.value)))")
        walks.walk(n="n = 2")
    walks.send(walks.get("t"), value="words")
    walks.custom(walks.get("t"), {"event": "submit"})
    walks.widgets.apply()
    assert walks.get("heard") == [(2, "words")]


def test_a_callback_of_another_cell_survives_when_the_cell_of_the_widget_runs_again(walks: Walks) -> None:
    walks.walk(m="m = 100", a="s = W.IntSlider(max=m); b = W.Button(description=f'{m}')", h="heard = []",
               r="s.observe(lambda change: heard.append(change.new), 'value')\nb.on_click(lambda b: heard.append('x'))")  # fmt: skip
    slider = walks.get("s")
    walks.cells["m"] = "m = 50"
    assert walks.walk() == ["m", "a"]
    assert walks.get("s") is slider
    walks.send(slider, value=7)
    walks.click(walks.get("b"))
    walks.widgets.apply()
    assert walks.get("heard") == [7, "x"]


def test_a_cell_drops_only_its_own_callbacks_even_of_one_function(walks: Walks) -> None:
    walks.walk(a=SLIDER, f="def f(change):\n    heard.append(change.new)", n="n = 1",
               q="s.observe(f, 'value'); k = n", r="s.observe(f, 'value')")  # fmt: skip
    walks.walk(q="pass")
    walks.send(walks.get("s"), value=7)
    walks.widgets.apply()
    assert walks.get("heard") == [7]
    walks.walk(r="pass")
    walks.send(walks.get("s"), value=8)
    walks.widgets.apply()
    assert walks.get("heard") == [7]
    assert not walks.widgets.has_callbacks()


def test_the_callbacks_of_a_cell_that_left_are_gone_and_come_back_with_it(walks: Walks) -> None:
    walks.walk(a=SLIDER, r="s.observe(lambda change: heard.append(change.new), 'value')")
    source = walks.cells["r"]
    walks.delete("r")
    walks.walk()
    walks.send(walks.get("s"), value=7)
    walks.walk()
    assert walks.get("heard") == []
    assert walks.walk(r=source) == []
    walks.send(walks.get("s"), value=8)
    walks.walk()
    assert walks.get("heard") == [8]


def test_an_earlier_execution_brought_back_has_its_own_callbacks(walks: Walks) -> None:
    walks.walk(
        a=SLIDER,
        n="n = 1",
        r="s.observe(lambda change, n=n: heard.append(n), 'value'); b.on_click(lambda b, n=n: heard.append(n))",
    )
    walks.walk(n="n = 2")
    assert walks.walk(n="n = 1") == []
    walks.send(walks.get("s"), value=7)
    walks.click(walks.get("b"))
    walks.widgets.apply()
    assert walks.get("heard") == [1, 1]


def test_a_callback_can_remove_itself(walks: Walks) -> None:
    walks.walk(
        a=SLIDER,
        r="def once(change):\n    heard.append(change.new)\n    s.unobserve(once, 'value')\ns.observe(once, 'value')",
    )
    for value in (3, 4):
        walks.send(walks.get("s"), value=value)
        walks.widgets.apply()
    assert walks.get("heard") == [3]
    assert walks.widgets.callbacks() == []


def test_unobserve_all_removes_all(walks: Walks) -> None:
    walks.walk(
        a=SLIDER,
        r="s.observe(heard.append, 'value')\ns.unobserve_all('value')\nb.on_click(heard.append)\nb.on_click(heard.append, remove=True)",
    )
    walks.send(walks.get("s"), value=3)
    walks.click(walks.get("b"))
    walks.widgets.apply()
    assert walks.get("heard") == []
    assert walks.widgets.callbacks() == []


def test_values_that_are_set_silently_run_no_callback(walks: Walks) -> None:
    walks.walk(a=SLIDER, r="s.observe(heard.append, 'value')", c="s.value = 10")
    assert len(walks.get("heard")) == 1  # the cell's own assignment, as in a clean run
    for _ in range(3):
        walks.walk()
    assert len(walks.get("heard")) == 1


def test_a_callback_below_is_not_there_yet_for_a_cell_above(walks: Walks) -> None:
    walks.walk(
        a=SLIDER,
        n="n = 1",
        c="s.value = n",
        r="s.observe(lambda change: heard.append(change.new), 'value')",
        d="s.value = 50",
    )
    assert walks.get("heard") == [50]
    walks.walk(n="n = 2")
    assert "c" in walks.ran
    assert 2 not in walks.get("heard")


def test_a_cell_that_fires_a_callback_depends_on_it(walks: Walks) -> None:
    walks.walk(
        a=SLIDER,
        r="s.observe(lambda change: heard.append('old'), 'value')",
        c="heard.clear()\ns.value = 50\nk = list(heard)",
    )
    assert walks.get("k") == ["old"]
    components = walks.records["c"][-1].reads
    assert any(component.startswith("callbacks:") for component in components)
    walks.walk(r="s.observe(lambda change: heard.append('new'), 'value')")
    assert "c" in walks.ran
    assert walks.get("k") == ["new"]


def test_a_cell_that_fires_no_callback_does_not_claim_to(walks: Walks) -> None:
    walks.walk(a=SLIDER, c="s.value = 50", d="t.value = 'a'; b.description = 'b'")
    for cell in "cd":
        assert not any(component.startswith("callbacks:") for component in walks.records[cell][-1].reads)
    walks.walk(a=SLIDER + "\ns.observe(heard.append, 'value')")
    assert "c" in walks.ran
    assert len(walks.get("heard")) == 1


def test_a_click_from_a_cell_is_part_of_the_cell(walks: Walks) -> None:
    walks.walk(
        a=SLIDER, r="b.on_click(lambda button: setattr(t, 'value', t.value + 'x'))", c="b.click()", d="y = t.value"
    )
    assert walks.get("y") == "x"
    assert any(component.startswith("callbacks:") for component in walks.records["c"][-1].reads)
    for _ in range(2):
        walks.walk()
    assert (walks.get("y"), walks.get("t").value) == ("x", "x")


def test_a_click_from_a_cell_above_the_callback_does_nothing(walks: Walks) -> None:
    walks.walk(a=SLIDER, n="n = 1", c="b.click(); k = n", r="b.on_click(lambda button: heard.append(n))")
    walks.walk(n="n = 2")
    assert "c" in walks.ran
    assert (walks.get("heard"), walks.failed) == ([], {})


def test_what_a_fired_callback_is_told_of_the_value_before_is_an_input(walks: Walks) -> None:
    walks.walk(
        a=SLIDER,
        r="s.observe(lambda change: setattr(t, 'value', f'{change.old} {change.new}'), 'value')",
        n="n = 1",
        b="s.value = n",
        c="s.value = 50",
        d="y = t.value",
    )
    walks.walk(n="n = 2")
    assert "c" in walks.ran
    assert walks.get("y") == "2 50"
    walks.walk(n="n = 50")
    assert walks.get("y") == "0 50"


def test_a_cell_that_fires_its_own_callback_is_not_made_to_run_by_it(walks: Walks) -> None:
    walks.walk(a=SLIDER, c="s.observe(lambda change: setattr(t, 'value', 'x'), 'value')\ns.value = 50")
    assert walks.walk() == []
    assert walks.get("t").value == "x"


def test_reads_in_a_callback_that_a_cell_fires_are_reads_of_the_cell(walks: Walks) -> None:
    walks.walk(a=SLIDER, r="s.observe(lambda change: heard.append(t.value), 'value')", c="s.value = 50")
    component = f"trait:{walks.get('t').model_id}.value"
    assert component in walks.records["c"][-1].reads


def test_what_a_callback_wrote_survives_other_reruns_until_its_cell_executes_again(walks: Walks) -> None:
    walks.walk(a="l = W.Label('0'); b = W.Button()", n="n = 1",
               r="b.on_click(lambda b: setattr(l, 'value', str(int(l.value) + 1)))", y="y = l.value, n")  # fmt: skip
    for _ in range(2):
        walks.click(walks.get("b"))
    walks.walk()
    assert walks.get("y") == ("2", 1)
    walks.walk(n="n = 2")
    assert walks.get("y") == ("2", 2)
    walks.walk(a="l = W.Label('0') ; b = W.Button()")
    assert walks.get("y") == ("0", 2)


def test_what_a_callback_wrote_over_a_cells_assignment_comes_after_that_cell(walks: Walks) -> None:
    walks.walk(a="l = W.Label('a'); b = W.Button()", x="x = l.value", n="n = 1", c="l.value = f'c{n}'",
               r="b.on_click(lambda b: setattr(l, 'value', 'clicked'))", y="y = l.value")  # fmt: skip
    walks.click(walks.get("b"))
    walks.walk()
    assert (walks.get("x"), walks.get("y"), walks.get("l").value) == ("a", "clicked", "clicked")
    assert walks.walk() == []
    assert walks.get("l").value == "clicked"
    for _ in range(2):
        walks.walk(n="n = 2")
        assert (walks.get("y"), walks.get("l").value) == ("c2", "c2")


def test_a_slider_that_a_callback_moves_keeps_that_value_as_the_users(walks: Walks) -> None:
    walks.walk(n="n = 1", a="s = W.IntSlider(max=100 + n); t = W.IntSlider(max=300)",
               r="s.observe(lambda change: setattr(t, 'value', change.new * 2), 'value')", y="y = t.value")  # fmt: skip
    walks.send(walks.get("s"), value=7)
    walks.walk()
    assert walks.get("y") == 14
    walks.walk(n="n = 2")
    assert "a" in walks.ran
    assert (walks.get("s").value, walks.get("t").value, walks.get("y")) == (7, 14, 14)


@pytest.mark.parametrize(
    "link", ["W.link((s, 'value'), (t, 'value'))", "W.dlink((s, 'value'), (t, 'value'), lambda v: v)"]
)
def test_a_link_causes_no_rerun_and_follows_a_source_that_moves_silently(walks: Walks, link: str) -> None:
    walks.walk(n="n = 100", a="s = W.IntSlider(5, max=n)", b="t = W.IntSlider()", c=link, d="y = t.value")
    walks.send(walks.get("s"), value=80)
    assert walks.walk() == ["d"]
    assert walks.get("y") == 80
    walks.walk(n="n = 50")
    assert (walks.get("s").value, walks.get("t").value, walks.get("y")) == (50, 50, 50)
    walks.send(walks.get("s"), value=20)
    walks.walk()
    assert (walks.get("t").value, walks.get("y")) == (20, 20)


@pytest.mark.parametrize(
    "links",
    [
        "W.dlink((s, 'value'), (t, 'value'))",
        "W.link((s, 'value'), (t, 'value'))",
        "W.dlink((u, 'value'), (t, 'value'))\nW.dlink((s, 'value'), (u, 'value'))",
    ],
)
def test_a_cell_that_reads_what_its_own_link_gave_follows_the_source(walks: Walks, links: str) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="t = W.IntSlider(); u = W.IntSlider()", c=f"{links}\ny = t.value")
    for value in (7, 5, 9):
        walks.send(walks.get("s"), value=value)
        assert walks.walk() == ["c"]
        assert (walks.get("t").value, walks.get("y")) == (value, value)


def test_a_link_that_a_name_holds_is_the_same_after_it_worked(walks: Walks) -> None:
    first = "import ipywidgets as W\ns = W.IntSlider(5); t = W.IntSlider()"
    walks.walk(a=first, c="lk = W.link((s, 'value'), (t, 'value'))", d="y = str(type(lk))")
    walks.send(walks.get("s"), value=80)
    assert walks.walk() == []


def test_a_one_way_link_holds_when_the_user_moves_its_target(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="t = W.IntSlider()", c="W.dlink((s, 'value'), (t, 'value'))", d="y = t.value")
    walks.send(walks.get("s"), value=7)
    walks.walk()
    walks.send(walks.get("t"), value=50)
    walks.walk()
    assert (walks.get("t").value, walks.get("y")) == (7, 7)


def test_a_link_gives_its_target_what_the_source_can_hold(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5, max=10)", b="t = W.IntSlider()", c="W.link((s, 'value'), (t, 'value'))")
    walks.send(walks.get("t"), value=25)
    walks.walk()
    assert (walks.get("s").value, walks.get("t").value) == (10, 10)


def test_a_link_in_the_front_end_is_made_once_and_closed_with_its_cell(walks: Walks) -> None:
    walks.walk(a=SLIDER, n="n = 1", c="i = W.IntText(); j = W.jslink((s, 'value'), (i, 'value')); k = n")
    link = walks.get("j")
    walks.walk(n="n = 2")
    assert walks.get("j") is link
    assert link.comm is not None
    walks.walk(c="pass")
    assert link.comm is None


def test_interactive_output_is_redrawn_by_its_callback_and_by_its_cell_when_the_value_moved_silently(
    walks: Walks,
) -> None:
    walks.walk(n="n = 100", a="s = W.IntSlider(5, max=n)", h="heard = []", f="def f(s):\n    heard.append(s)",
               c="out = W.interactive_output(f, {'s': s})")  # fmt: skip
    walks.send(walks.get("s"), value=80)
    assert walks.walk() == []
    assert walks.get("heard") == [5, 80]
    walks.walk(n="n = 50")
    assert "c" in walks.ran
    assert walks.get("heard")[-1] == 50
    walks.records["f"] = walks.records["f"][:]
    assert walks.walk() == []


REDRAW = "W.interactive_output(lambda s: setattr(l, 'value', f'io{s}'), {'s': s})"


def test_what_interact_drew_stays_when_a_cell_below_that_wrote_over_it_is_edited(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="l = W.Label()", c=f"o = {REDRAW}", d="l.value = f'd{s.value}'")
    walks.send(walks.get("s"), value=6)
    walks.walk()
    assert walks.get("l").value == "d6"
    walks.walk(d="pass")
    assert (walks.ran, walks.get("l").value) == (["d"], "io6")


def test_two_that_draw_the_same_are_both_up_to_date(walks: Walks) -> None:
    walks.walk(
        a="s = W.IntSlider(5)",
        b="l = W.Label()",
        c=f"o = {REDRAW}",
        d=f"o2 = {REDRAW}",
        e="y = l.value",
        f="l.value = 'f'",
    )
    walks.send(walks.get("s"), value=6)
    walks.walk()
    assert walks.get("y") == "io6"


def test_interact_shows_what_a_cell_above_gives_whatever_the_user_did_before_the_walk(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5)", b="l = W.Label()", c="s.value = 4", d=f"o = {REDRAW}", e="y = l.value")
    assert walks.get("y") == "io4"
    walks.send(walks.get("s"), value=3)
    walks.walk()
    assert (walks.get("s").value, walks.get("y"), walks.get("l").value) == (4, "io4", "io4")


def test_limits_that_a_cell_gives_below_interact_redraw_it_as_in_a_clean_run(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5, max=10)", b="l = W.Label()", c=f"o = {REDRAW}", d="s.max = 100", e="y = l.value")
    for value in (54, 60):
        walks.send(walks.get("s"), value=value)
        walks.walk()
        assert (walks.get("s").value, walks.get("y")) == (value, f"io{value}")
    walks.walk(d="s.max = 20")
    assert (walks.get("s").value, walks.get("y")) == (20, "io20")
    walks.walk(d="s.max = 100")
    assert walks.get("y") == "io60"


def test_callbacks_of_cells_below_a_failed_one_do_not_run_and_what_they_missed_is_made_up_for(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(5); heard = []", n="n = 1", f="1 / n", b="l = W.Label()", c=f"o = {REDRAW}",
               d="s.observe(lambda change: heard.append(change.new), 'value')")  # fmt: skip
    walks.walk(n="n = 0")
    assert "f" in walks.failed
    walks.send(walks.get("s"), value=6)
    walks.walk()
    walks.walk(n="n = 1")
    assert "c" in walks.ran
    assert walks.get("l").value == "io6"
    assert walks.get("heard") == []
    walks.send(walks.get("s"), value=7)
    walks.walk()
    assert (walks.get("heard"), walks.get("l").value) == ([7], "io7")


def test_interact_does_not_rerun_the_notebook_and_the_callback(walks: Walks) -> None:
    walks.walk(h="heard = []", a="w = W.interactive(lambda x: heard.append(x), x=(0, 10))")
    walks.send(walks.get("w").children[0], value=9)
    assert walks.walk() == []
    assert walks.get("heard") == [5, 9]


def test_an_exception_in_one_callback_is_shown_and_does_not_stop_the_others(
    walks: Walks, capsys: pytest.CaptureFixture[str]
) -> None:
    walks.walk(
        a=SLIDER,
        r="s.observe(lambda change: 1 / 0, 'value')\ns.observe(heard.append, 'value')\nb.on_click(lambda b: [].pop())\nb.on_click(heard.append)",
    )
    walks.send(walks.get("s"), value=3)
    walks.click(walks.get("b"))
    walks.send(walks.get("t"), value="a")
    walks.widgets.apply()
    assert len(walks.get("heard")) == 2
    assert walks.get("t").value == "a"
    shown = capsys.readouterr().err
    assert "ZeroDivisionError" in shown
    assert "IndexError" in shown


def test_an_exception_in_a_callback_that_a_cell_fires_is_the_cells(walks: Walks) -> None:
    walks.walk(a=SLIDER, r="s.observe(lambda change: 1 / 0, 'value')", c="s.value = 3")
    assert isinstance(walks.failed["c"], ZeroDivisionError)


def test_callbacks_are_told_as_the_user_wrote_them(walks: Walks) -> None:
    walks.walk(a=SLIDER, f="def f(x):\n    pass\ndef g(v):\n    return str(v)",
               c="w = W.interactive(f, x=1)\nW.dlink((s, 'value'), (t, 'value'), g)\nb.on_click(f)\ns.observe(f, 'value')")  # fmt: skip
    callbacks = walks.widgets.callbacks()
    assert callbacks.count(walks.get("f")) == 3
    assert callbacks.count(walks.get("g")) == 1
    assert any(isinstance(getattr(callback, "__self__", None), interactive) for callback in callbacks)


def test_a_callback_that_a_callback_registered_goes_with_its_cell(walks: Walks) -> None:
    walks.walk(a=SLIDER, n="n = 1", r="b.on_click(lambda b: s.observe(lambda change: heard.append(n), 'value'))")
    walks.click(walks.get("b"))
    walks.send(walks.get("s"), value=3)
    walks.walk()
    assert walks.get("heard") == [1]
    walks.walk(n="n = 2")
    walks.send(walks.get("s"), value=4)
    walks.walk()
    assert walks.get("heard") == [1]


def test_callbacks_run_in_the_order_of_their_cells(walks: Walks) -> None:
    walks.walk(
        a=SLIDER,
        n="n = 1",
        q="s.observe(lambda change, k=n: heard.append('q'), 'value')",
        r="s.observe(lambda change: heard.append('r'), 'value')",
    )
    walks.walk(n="n = 2")
    walks.send(walks.get("s"), value=4)
    walks.widgets.apply()
    assert walks.get("heard") == ["q", "r"]


def test_a_cell_moved_to_another_id_keeps_its_widgets_and_callbacks(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(); heard = []\ns.observe(lambda change: heard.append(change.new), 'value')")
    slider, effects = walks.get("s"), walks.records["a"][-1].effects
    walks.widgets.begin_walk()
    walks.widgets.restore(effects, CellId("z"))
    walks.widgets.end_walk({CellId("z")})
    assert slider.comm is not None
    walks.send(slider, value=4)
    walks.widgets.apply()
    assert walks.get("heard") == [4]
