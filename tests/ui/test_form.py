"""`ui.form`: nothing counts until it is sent, and then all of it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nbapp import ui
from nbapp.errors import UsageError
from nbapp.testing import AppTest

CELLS = (
    "from nbapp import ui\nimport ipywidgets as w",
    "most = w.IntSlider(9, max=9)\noptions = w.Dropdown(options=[('all', 'uvw'), ('few', 'uv')])\nw.VBox([most, options])",
    "with ui.form(submit='Train') as form:\n"
    "    n = ui.slider('n', 0, most.value or 1, 2)\n"
    "    name = ui.text('name', 'Ada')\n"
    "    kind = ui.select('kind', list(options.value))\n"
    "    parts = ui.select('parts', list(options.value), multiple=True)\n"
    "    if most.value < 9: extra = ui.checkbox('extra')",
    "print(n, name, kind, parts)",
    "print('sent' if form.submitted else 'not')",
    "print('beside')",
)
UNSENT = "form.children[-1].children[1].layout.visibility == 'visible'"


@pytest.fixture
def app() -> Iterator[AppTest]:
    with AppTest.from_cells(CELLS) as started:
        yield started.run()


def _shown(app: AppTest, index: int = 3) -> str:
    text: str = app.outputs(index)[-1]["text"]
    return text.strip()


def test_its_controls_run_nothing_until_it_is_sent_and_then_once(app: AppTest) -> None:
    assert (_shown(app), app.eval(UNSENT)) == ("2 Ada u ()", False)
    ran = app.set_many({"n": 5, "kind": "v"}).executed
    assert (ran, _shown(app), app.eval(UNSENT)) == ((), "2 Ada u ()", True)
    assert app.set("name", "Bob").executed == ()
    ran = app.click("Train").executed
    assert (ran, _shown(app), _shown(app, 4)) == ((2, 3, 4), "5 Bob v ()", "sent")
    assert app.eval(UNSENT) is False
    ran = app.click("Train").executed
    assert (ran, _shown(app, 4)) == ((4,), "sent")  # sent again: the values are the same
    app.set("n", 5)
    assert app.eval(UNSENT) is False


def test_that_it_was_sent_holds_for_one_rerun_and_what_was_sent_stays(app: AppTest) -> None:
    app.set("n", 5).click("Train").set("most", 8)
    assert (_shown(app), _shown(app, 4)) == ("5 Ada u ()", "not")


def test_moved_back_it_is_as_it_was_sent(app: AppTest) -> None:
    app.set("n", 5)
    assert app.eval(UNSENT) is True
    app.set("n", 2)
    assert (app.eval(UNSENT), app.executed) == (False, ())


def test_what_is_not_sent_stays_when_the_cell_runs_again_for_another_reason(app: AppTest) -> None:
    app.set("n", 5).set("most", 7)
    assert (_shown(app), app.eval(UNSENT), app.widgets["n"].value) == ("2 Ada u ()", True, 5)
    app.click("Train")
    assert _shown(app) == "5 Ada u ()"


def test_what_was_sent_and_is_no_longer_possible_is_not_given(app: AppTest) -> None:
    app.set_many({"n": 9, "kind": "w", "parts": ["u", "w"]}).click("Train")
    assert _shown(app) == "9 Ada w ('u', 'w')"
    app.set("most", 4)
    assert (app.eval("n"), app.eval("extra")) == (4, False)
    app.set("options", "few")
    assert (app.eval("kind"), app.eval("parts")) == ("u", ("u",))


def test_a_form_in_a_form_is_told() -> None:
    with pytest.raises(UsageError, match="a form stands in a form"), ui.form():
        ui.form()


def test_a_form_whose_cell_fails_inside_shows_what_it_has() -> None:
    cells = ("from nbapp import ui", "with ui.form() as form:\n    n = ui.slider('n', 0, 9)\n    1 / n")
    with AppTest.from_cells(cells) as app:
        assert app.run().error is not None
        app.set("n", 3).click("Submit")
        assert (app.error, app.eval("n")) == (None, 3)


def test_the_trainer_trains_when_it_is_sent_and_says_what_is_wrong_with_a_file() -> None:
    path, points = Path(__file__).parents[2] / "notebooks" / "trainer.ipynb", "Your own points (x, y, 0 or 1)"
    with AppTest.from_file(path) as app:
        assert app.run().error is None
        assert app.set("Neurons", 16).executed == ()
        assert app.click("Train").executed[:2] == (2, 4)
        app.set(points, {"a.csv": b"1,2\n"})
        assert (app.executed, app.error) == ((1, 3), None)
        assert app.outputs(3)[0]["data"]["text/plain"] == "a.csv has 2 columns: x, y and 0 or 1 are wanted."
        app.set(points, {"a.csv": b"0,0,0\n1,1,1\n0,1,1\n"})
        assert app.executed[:3] == (1, 3, 4)
