"""Controls that return their value: what they give, on which moves cells run, and what they are without nbapp."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from nbapp import ui
from nbapp.errors import UsageError
from nbapp.testing import AppTest

ALL = (
    "import datetime as dt\nfrom nbapp import ui",
    "n = ui.slider('n', 0, 10, 3)\nother = ui.slider('Other', 0.0, 1.0)",
    "low, high = ui.slider('Between', 0, 10, (2, 8))\nrate = ui.number('Rate', 0.5, min=0.0)\ncount = ui.number('Count')",
    "region = ui.select('Region', {'the east': 'E', 'the west': 'W'})\nseveral = ui.select('Several', [1, 2, 3], multiple=True)",
    "name = ui.text('Name', 'Ada')\nremarks = ui.text('Remarks', lines=3)\nsecret = ui.text('Secret', password=True)",
    "show = ui.checkbox('Show')\nday = ui.date('Day', dt.date(2026, 1, 2))",
    "file = ui.upload('File')\nfiles = ui.upload('Files', multiple=True)",
    "print(n)",
    "print(region, several, name)",
    "for item in ('a', 'b'):\n    print(item, ui.checkbox('done', key=f'{item} is done'))",
    "def ask(about):\n    return ui.slider('How', 0, 9, key=about)\nanswers = ask('first'), ask('second')",
)
EXPECTED = {
    "n": 3, "other": 0.0, "(low, high)": (2, 8), "rate": 0.5, "count": 0, "region": "E", "several": (), "name": "Ada",
    "remarks": "", "secret": "", "show": False, "day": dt.date(2026, 1, 2), "file": None, "files": (),
    "answers": (0, 0),
}  # fmt: skip


def _as_mypy_sees_them() -> tuple[int, float, tuple[int, int], float, int, str, tuple[int, ...], list[int]]:
    """Not called: mypy fails when a type is another."""
    pair: tuple[int, int] = ui.slider("pair", 0, 9, (2, 3))
    one, several = ui.select("one", {"a": "x"}), ui.select("several", [1, 2], multiple=True)
    rows = ui.table([], select=True)
    return ui.slider("n", 0, 9), ui.slider("f", 0.0, 1.0), pair, ui.number("f", 0.5), ui.number("n"), one, several, rows


@pytest.fixture(scope="module")
def app() -> Iterator[AppTest]:
    with AppTest.from_cells(ALL) as started:
        yield started.run()


def test_each_returns_what_it_begins_with_and_shows_one_widget(app: AppTest) -> None:
    assert app.error is None
    assert {name: app.eval(name) for name in EXPECTED} == EXPECTED
    views = [output for index in range(len(ALL)) for output in app.outputs(index) if "data" in output]
    assert len(views) == 18
    assert all("application/vnd.jupyter.widget-view+json" in view["data"] for view in views)


@pytest.mark.parametrize(
    ("label", "value", "name", "returned", "executed"),
    [
        ("n", 5, "n", 5, (1, 7)),
        ("Other", 0.25, "other", 0.25, (1,)),
        ("Between", (1, 4), "(low, high)", (1, 4), (2,)),
        ("Rate", 2, "rate", 2.0, (2,)),
        ("Count", -3, "count", -3, (2,)),
        ("Region", "the west", "region", "W", (3, 8)),
        ("Several", [1, 3], "several", (1, 3), (3, 8)),
        ("Name", "Bob", "name", "Bob", (4, 8)),
        ("Remarks", "a\nb", "remarks", "a\nb", (4,)),
        ("Secret", "x", "secret", "x", (4,)),
        ("Show", True, "show", True, (5,)),
        ("Day", None, "day", None, (5,)),
        ("File", {"a.csv": b"x,y"}, "(file.name, file.content, file.text(), file.open().read())",
         ("a.csv", b"x,y", "x,y", b"x,y"), (6,)),
        ("Files", {"a": b"1", "b": b""}, "[(file.name, file.content) for file in files]", [("a", b"1"), ("b", b"")], (6,)),
    ],
)  # fmt: skip
def test_a_move_gives_the_new_value_and_runs_what_reads_it(
    app: AppTest, label: str, value: Any, name: str, returned: Any, executed: tuple[int, ...]
) -> None:
    before = app.eval("n")
    app.set(label, value)
    assert (app.eval(name), app.executed) == (returned, executed)
    assert (before == app.eval("n")) is (label != "n")


def test_a_control_in_a_loop_or_function_is_the_one_with_its_key(app: AppTest) -> None:
    app.set("b is done", True)
    assert app.executed == (9,)
    assert [output["text"] for output in app.outputs(9) if "text" in output] == ["a False\n", "b True\n"]
    app.edit(9, ALL[9].replace("('a', 'b')", "('b', 'c', 'a')")).run()
    assert [output["text"] for output in app.outputs(9) if "text" in output] == ["b True\n", "c False\n", "a False\n"]
    app.set("second", 4)
    assert app.eval("answers") == (0, 4)


def test_as_many_cells_run_as_with_plain_widgets() -> None:
    """The plain notebook builds the slider and reads it in one cell, as `ui.slider` does."""
    plain = (
        "import ipywidgets as w\nfrom IPython.display import display",
        "s = w.IntSlider(3, 0, 10)\ndisplay(s)\nn = s.value",
        "half = n // 2",
        "print(half)",
    )
    ours = ("from nbapp import ui", "n = ui.slider('s', 0, 10, 3)", *plain[2:])
    with AppTest.from_cells(plain) as one, AppTest.from_cells(ours) as other:
        counts = [(one.run().executed, other.run().executed)]
        counts += [(one.set("s", value).executed, other.set("s", value).executed) for value in (4, 5, 9, 3, 4)]
        assert [ours for _, ours in counts] == [plain for plain, _ in counts]
        assert counts[2] == ((1, 2), (1, 2)) == counts[2]


def test_labels_that_come_twice_are_told_apart_by_their_number() -> None:
    with AppTest.from_cells(["from nbapp import ui", "pair = ui.slider('n', 0, 9), ui.slider('n', 0, 9)"]) as app:
        app.run().set("n (2)", 7)
        assert app.eval("pair") == (0, 7)
        app.set("n", 1)
        assert app.eval("pair") == (1, 7)
        with pytest.raises(UsageError, match=r"no widget is called m: .*the widgets are n, n \(2\)"):
            app.set("m", 1)


def test_without_nbapp_they_show_and_give_what_they_begin_with(tmp_path: Path) -> None:
    cells = [*ALL[:7], "go = ui.button('Go')", "with ui.form() as form:\n    inside = ui.slider('inside', 0, 9, 4)"]
    cells += [f"assert ({', '.join(EXPECTED)}) == {tuple(EXPECTED.values())!r}".replace("datetime.date", "dt.date")]
    cells[-1] = cells[-1].replace("answers", "(0, 0)")
    cells += ["assert (go, inside, form.submitted) == (0, 4, 0)", "print(sum(ui.progress(range(5), 'Adding')))"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.outputs]
    assert sum("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in shown) == 17
    assert notebook.cells[-1].outputs[-1].text == "10\n"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ui.slider("n", 3, 3), r"goes from 3 to 3: give a max that is above min"),
        (lambda: ui.select("n", []), r"has no options: end the run above it"),
    ],
)
def test_what_cannot_be_is_told(call: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        call()


def test_progress_shows_how_many_of_how_many_and_stays() -> None:
    cells = (
        "from nbapp import ui\nimport ipywidgets as w",
        "n = ui.slider('n', 1, 9, 3)",
        "total = sum(ui.progress(range(n), 'Adding'))",
        "open_end = list(ui.progress((x for x in 'ab'), 'Letters'))",
    )
    told = "sorted(label.value for label in w.Widget.widgets.values() if type(label) is w.Label)"
    with AppTest.from_cells(cells) as app:
        app.run()
        assert app.eval(told) == ["2", "3 of 3", "Adding", "Letters"]
        app.set("n", 5)
        assert (app.eval("total"), app.executed) == (10, (1, 2))
        assert app.eval(told) == ["2", "5 of 5", "Adding", "Letters"]


def test_write_shows_texts_as_markdown_and_the_rest_as_cells_do() -> None:
    with AppTest.from_cells(["from nbapp import ui", "ui.write('# A', {'b': 1})"]) as app:
        shown = [output["data"] for output in app.run().outputs(1)]
    assert (shown[0]["text/markdown"], shown[1]) == ("# A", {"text/plain": "{'b': 1}"})


TABLES = """import pandas as pd
from nbapp import ui
frame = pd.DataFrame({'n': range(20_000), 'text': 'x'})
ui.table(frame)
ui.table(frame, maxBytes='32KB', language={'search': 'Find'})
ui.table(frame, maxBytes='1MB')
ui.table(frame.head(3))
ui.table(frame.head(3).style.format(str), allow_html=True)"""
TOLD = """[(len(w.df) if hasattr(w.df, 'head') else None, w._dt_args.get('language'), 'downsampling_warning' in w._dt_args)
    for w in __import__('ipywidgets').Widget.widgets.values() if type(w).__name__ == 'ITable']"""


def test_a_table_has_the_first_rows_of_a_large_frame_and_says_of_how_many_in_words() -> None:
    with AppTest.from_cells([TABLES]) as app:
        first, fewer, *whole = app.run().eval(TOLD)
    more = {"infoPostFix": " (the first of 20,000)"}
    assert (2000 < first[0] <= 4096, *first[1:]) == (True, more, False)  # 64 kB of 16 bytes each
    assert (1000 < fewer[0] <= 2048, *fewer[1:]) == (True, more | {"search": "Find"}, False)
    assert whole == [(20_000, None, False), (3, None, False), (None, None, False)]


def test_a_table_without_its_extra_says_what_to_install() -> None:
    code = "import sys; sys.modules['itables'] = None\nfrom nbapp import ui\nui.table([])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'UsageError: ui.table needs itables with its widget: pip install "nbapp[table]"' in ran.stderr
