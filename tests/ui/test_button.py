"""`ui.button`: not 0 in exactly the rerun that its click causes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nbapp import ui
from nbapp.errors import UsageError
from nbapp.testing import AppTest

CELLS = (
    "from nbapp import ui\nimport ipywidgets as w",
    "n = w.IntSlider(1)\nn",
    "go = ui.button('Go')",
    "print('went with', n.value) if go else print('waits')",
    "print('beside', n.value)",
    "added = []\nadd = w.Button(description='Add')\nadd.on_click(lambda _: added.append(go))\nadd",
    "print(len(added), bool(go))",
)


@pytest.fixture(scope="module")
def started() -> Iterator[AppTest]:
    with AppTest.from_cells(CELLS) as app:
        yield app.run()


@pytest.fixture
def app(started: AppTest) -> AppTest:
    """At rest: no click is under way."""
    return started.set("n", 1).run()


def _shown(app: AppTest, index: int = 3) -> str:
    text: str = app.outputs(index)[-1]["text"]
    return text.strip()


def test_a_click_counts_in_the_rerun_that_it_causes_and_in_no_other(app: AppTest) -> None:
    app.set("n", 2)
    assert (_shown(app), app.eval("go")) == ("waits", 0)
    app.click("Go")
    assert (_shown(app), app.executed, bool(app.eval("go"))) == ("went with 2", (2, 3, 6), True)
    app.set("n", 3)
    assert (_shown(app), app.eval("go")) == ("waits", 0)
    assert 2 not in app.executed  # what it gave before is brought back
    assert app.steps[2].state == "restored"


def test_it_lasts_until_something_else_is_done(app: AppTest) -> None:
    app.click("Go")
    number = app.eval("go")
    assert (app.eval("go"), _shown(app)) == (number, "went with 1")  # to look is no rerun
    app.run()
    assert (app.eval("go"), _shown(app), app.executed) == (0, "waits", ())


def test_two_clicks_in_a_row_are_two(app: AppTest) -> None:
    app.click("Go")
    first = app.eval("go")
    app.click("Go")
    assert (app.eval("go") - first, app.executed) == (1, (2, 3, 6))


def test_a_rerun_that_another_callback_causes_takes_the_click_back(app: AppTest) -> None:
    before = len(app.eval("added"))
    app.click("Go").click("add")
    assert app.eval("[bool(each) for each in added]")[before:] == [True]  # the callback finds things as they are shown
    assert (_shown(app), _shown(app, 6)) == ("waits", f"{before + 1} False")


def test_a_click_and_a_move_that_come_together_count_together(app: AppTest) -> None:
    app._gesture({"n": 7}, ("Go",))
    assert _shown(app) == "went with 7"


def test_a_cell_that_fails_above_does_not_keep_the_click() -> None:
    cells = ("from nbapp import ui", "n = ui.slider('n', 0, 5)", "go = ui.button('Go')", "1 / (n - 1)", "print(go)")
    with AppTest.from_cells(cells) as app:
        app.run().set("n", 1).click("Go")
        assert (app.error is not None, app.eval("go")) == (True, 1)
        app.set("n", 2)
        assert (app.error, app.eval("go")) == (None, 0)


def test_in_a_form_it_is_refused() -> None:
    with pytest.raises(UsageError, match=r"ui\.button\('Go'\) stands in a form: put it below"), ui.form():
        ui.button("Go")
