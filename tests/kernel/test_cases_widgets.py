"""Cases that break naive caches: widgets and callbacks (rows 1 to 11 and 48 to 50 of CASES.md)."""

from __future__ import annotations

import pytest

from tests.kernel.book import SLIDER, Book

# What a front end does while a cell runs, and what sees it: a list that is never brought back.
TELL = """
def tell(widget, value):
    data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
    widget._handle_msg({"content": {"data": data}, "buffers": []})
"""
LOG = "#| nbapp: handle\nclass Log(list): pass\nlog = Log()"


def test_a_slider_keeps_value_and_model_when_another_line_of_its_cell_is_edited(book: Book) -> None:
    book.open("import ipywidgets as W\ns = W.IntSlider(1)\nk = 1\ns", "m = s.value + k")
    book.set("s", 7)
    model = book.eval("s.model_id")
    book.edit(0, "import ipywidgets as W\ns = W.IntSlider(1)\nk = 2\ns").run()
    assert book.eval("(s.value, m, s.model_id)") == (7, 9, model)
    assert book.executed == (0, 1)


def test_a_value_above_a_new_maximum_is_clamped_and_comes_back(book: Book) -> None:
    book.open(SLIDER, "s = W.IntSlider(1, max=n.value * 10)", "m = s.value")
    book.set("s", 9).set("n", 5).set("s", 45)
    assert book.eval("m") == 45
    assert book.set("n", 2).eval("(s.max, s.value, m)") == (20, 20, 20)
    assert book.set("n", 5).eval("(s.max, s.value, m)") == (50, 45, 45)


def test_sliders_of_a_list_keep_their_values_by_position(book: Book) -> None:
    book.open(
        SLIDER,
        "many = [W.IntSlider() for _ in range(n.value + 1)]\nfirst, second = many[:2]",
        "total = [w.value for w in many]",
    )
    book.set("second", 4)
    assert book.set("n", 3).eval("total") == [0, 4, 0, 0]
    assert book.set("n", 1).eval("total") == [0, 4]


def test_options_follow_the_cell_above_and_a_choice_is_kept_while_it_is_offered(book: Book) -> None:
    book.open(SLIDER, "c = W.Dropdown(options=[str(i) for i in range(n.value, n.value + 3)])", "chosen = c.value")
    book.set("c", "3")
    assert book.set("n", 2).eval("(c.options, chosen)") == (("2", "3", "4"), "3")
    assert book.set("n", 7).eval("(c.options, chosen)") == (("7", "8", "9"), "7")


@pytest.mark.parametrize("kind", ["SelectMultiple", "SelectionRangeSlider"])
@pytest.mark.parametrize(
    "cells", ["{}(options=OFFERED[reg.value])", "{}(options=['x'])\ncity.options = OFFERED[reg.value]"]
)
def test_several_choices_that_are_no_longer_offered_are_not_kept(book: Book, kind: str, cells: str) -> None:
    first = "import ipywidgets as W\nreg = W.Dropdown(options=['N', 'S'])\nOFFERED = {'N': ['a', 'b'], 'S': ['c', 'd']}"
    book.open(first, f"city = W.{cells.format(kind)}", "print(city.options, city.value, city.index)")
    offered = book.text(2)
    book.set("reg", "S").set("city", ("c", "d"))
    assert book.text(2) == "('c', 'd') ('c', 'd') (0, 1)\n"
    assert book.set("reg", "N").text(2) == offered
    assert book.set("reg", "S").text(2) == "('c', 'd') ('c', 'd') (0, 1)\n"


def test_an_array_that_a_cell_assigns_to_a_trait_is_brought_back(book: Book) -> None:
    book.open(
        SLIDER, "import bqplot\nline = bqplot.Lines(x=[1, 2], y=[1, n.value])", "line.y = [9, n.value]", "print(line.y)"
    )
    assert book.set("n", 5).text(3) == "[9 5]\n"
    assert (book.set("n", 1).text(3), book.executed) == ("[9 1]\n", ())
    assert book.eval("line.y.tolist()") == [9, 1]
    assert book.edit(2, "pass").run().text(3) == "[1 1]\n"


def test_a_figure_of_plotly_that_is_a_widget_is_followed_in_what_it_shows(book: Book) -> None:
    made = "import plotly.graph_objects as go\nfig = go.FigureWidget(data=[go.Bar(y=[1, 2])])"
    pressed = "def press(button):\n    fig.data[0].y = [9, 9]\ngo_on = W.Button(); go_on.on_click(press)"
    shown = "[trace.y for trace in fig.data]"
    book.open(SLIDER, made, "fig.add_scatter(y=[n.value]);", f"print({shown})", pressed, "W.VBox([go_on, fig])")
    for value in (5, 1, 5):
        assert book.set("n", value).text(3) == f"[(1, 2), ({value},)]\n"
        assert book.eval(shown) == [(1, 2), (value,)]
    book.app.click("go_on")
    assert (book.text(3), book.error) == ("[(9, 9), (5,)]\n", None)


@pytest.mark.parametrize(
    ("made", "changes", "other"),
    [
        ("import plotly.graph_objects as go\na = go.Figure()", "a.update_layout(title=str(n.value))", "go.Figure()"),
        ("import altair as alt\na = alt.Chart('x.csv')", "a.title = str(n.value)", "alt.Chart('y.csv').mark_bar()"),
        ("import re\na = [re.compile('x')]", "a.append(n.value)", "[re.compile('x')]"),
        ("import uuid\na = [uuid.UUID(int=1)]", "a.append(n.value)", "[uuid.UUID(int=2)]"),
    ],
    ids=["plotly", "altair", "re", "uuid"],
)
def test_what_a_library_makes_once_for_all_links_nothing(book: Book, made: str, changes: str, other: str) -> None:
    book.open(SLIDER, made, changes, f"other = {other}")
    book.set("n", 5)
    assert (set(book.executed) - {1}, book.error) == ({2}, None)


def test_an_object_that_a_selection_offers_is_as_the_cells_above_left_it(book: Book) -> None:
    offered = "pick = W.Dropdown(options=[('cart', cart), ('none', None)])"
    book.open(
        f"{SLIDER}\ncart = []", offered, "print(n.value, pick.value)", "cart.append(n.value)", "print(pick.value, cart)"
    )
    for value in (2, 1, 2, 1):
        book.set("n", value)
        assert (book.text(2), book.text(4)) == (f"{value} []\n", f"[{value}] [{value}]\n")
        assert book.eval("pick.value is cart")


def test_a_widget_of_a_branch_that_was_not_taken_begins_anew(book: Book) -> None:
    book.open(SLIDER, "extra = W.IntSlider(5) if n.value < 3 else None", "m = extra.value if extra else None")
    book.set("extra", 8)
    assert book.set("n", 4).eval("m") is None
    assert book.set("n", 2).eval("m") == 5


def test_interact_calls_its_function_once_per_change_and_no_cell_runs(book: Book) -> None:
    book.open(
        "import ipywidgets as W\ncalls = []",
        "def show(x):\n    calls.append(x)\n    print('x is', x)\nshown = W.interactive(show, x=(0, 9))\ns = shown.children[0]\nshown",
        "other = 1",
    )
    before = book.eval("len(calls)")
    book.set("s", 7)
    assert (book.executed, book.eval("calls[-1], len(calls)")) == ((), (7, before + 1))
    assert book.eval("[o['text'] for o in shown.out.outputs]") == ["x is 7\n"]


def test_a_handler_is_registered_once_however_often_its_cell_runs(book: Book) -> None:
    book.open(
        "import ipywidgets as W\ns = W.IntSlider(1)\nheard = []",
        SLIDER,
        "k = n.value\ns.observe(lambda change: heard.append((k, change.new)), 'value')",
    )
    book.set("n", 2).set("n", 3)
    book.set("s", 8)
    assert book.eval("heard") == [(3, 8)]


@pytest.mark.parametrize("link", ["W.link", "W.dlink", "W.jslink"])
def test_a_link_is_made_once_however_often_its_cell_runs(book: Book, link: str) -> None:
    book.open(
        "import ipywidgets as W\na, b = W.IntSlider(1), W.IntSlider(1)",
        SLIDER,
        f"k = n.value\njoined = {link}((a, 'value'), (b, 'value'))",
    )
    book.set("n", 2)
    links = "len([w for w in W.Widget.widgets.values() if type(w).__name__.endswith('Link')])"
    handlers = "sum(map(len, a._trait_notifiers.get('value', {}).values()))"
    before = book.eval(f"({links}, {handlers})")
    book.set("n", 3).set("n", 4)
    assert book.eval(f"({links}, {handlers})") == before
    book.set("a", 9)
    assert book.eval("b.value") == (9 if link != "W.jslink" else 1)  # the front end moves the other end of a jslink


def test_ticks_that_come_while_a_rerun_is_under_way_are_one_rerun(book: Book) -> None:
    book.open(
        "import ipywidgets as W\nplay = W.Play(0)",
        SLIDER,
        TELL,
        "for tick in range(1, 20 if n.value == 2 else 1):\n    tell(play, tick)",
        f"{LOG}  # of ticks",
        "seen = play.value\nlog.append(seen)",
    )
    book.set("n", 2)
    assert book.eval("(seen, list(log))") == (19, [0, 19])


def test_blocks_of_an_output_widget_show_in_the_order_of_their_cells(book: Book) -> None:
    book.open("import ipywidgets as W\nout = W.Output()", "with out: print('a')", "with out: print('c')")
    shown = "''.join(o['text'] for o in out.outputs)"
    assert book.eval(shown) == "a\nc\n"
    book.delete(1)
    assert book.run().eval(shown) == "c\n"
    assert book.insert(1, "with out: print('b')").run().eval(shown) == "b\nc\n"
    assert book.move(2, 1).run().eval(shown) == "c\nb\n"
    assert book.run().executed == ()


def test_a_block_of_an_output_widget_holds_what_the_last_run_of_its_cell_printed(book: Book) -> None:
    book.open(SLIDER, "out = W.Output()", "with out:\n    print('n is', n.value)", "out")
    texts = "[o['text'] for o in out.outputs]"
    assert book.set("n", 2).eval(texts) == ["n is 2\n"]
    assert book.set("n", 3).eval(texts) == ["n is 3\n"]
    assert (book.set("n", 2).eval(texts), book.executed) == (["n is 2\n"], ())
    assert (book.run().eval(texts), book.executed) == (["n is 2\n"], ())


def test_a_value_that_comes_in_the_middle_of_a_run_waits_for_the_next_one(book: Book) -> None:
    book.open(
        SLIDER,
        TELL,
        f"{LOG}  # of one run",
        "first = n.value\nif first == 4:\n    tell(n, 9)\nsecond = n.value\nlog.append((first, second))",
        "third = n.value",
    )
    book.set("n", 4)
    assert book.eval("(first, second, third)") == (9, 9, 9)
    assert book.eval("list(log)") == [(1, 1), (4, 4), (9, 9)]


def test_a_cell_that_writes_the_slider_it_reads_runs_once(book: Book) -> None:
    book.open(SLIDER, "n.value = min(n.value + 1, 10)", "m = n.value")
    assert (book.eval("(m, n.value)"), book.executed) == ((2, 2), (0, 1, 2))
    book.set("n", 5)
    assert (book.eval("(m, n.value)"), book.executed) == ((6, 6), (1, 2))
    book.run()
    assert (book.eval("(m, n.value)"), book.executed) == ((6, 6), ())
