"""Figures that stay open between cells: the app agrees with a fresh process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from nbapp.verify.check import differences
from tests.kernel.book import SLIDER, Book, book_in

PYPLOT = "import matplotlib.pyplot as plt"
STAYS_OPEN = {
    "inline": f"%matplotlib inline\n%config InlineBackend.close_figures = False\n{PYPLOT}",
    "agg": f"%matplotlib agg\n{PYPLOT}",
}
SHOWN = "print(plt.get_fignums(), plt.gca().get_title(), [list(map(int, x.get_ydata())) for x in plt.gca().lines])"
Write = Callable[..., Book]


@pytest.fixture(scope="module", params=STAYS_OPEN)
def write(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Write]:
    """Writes a notebook whose first two cells make a slider and choose a backend that leaves figures open."""
    with book_in(tmp_path_factory.mktemp("book")) as book:
        yield partial(book.open, SLIDER, STAYS_OPEN[request.param])


def test_cells_draw_on_the_figure_that_the_cell_above_made_last(write: Write) -> None:
    book = write("plt.figure(); plt.plot([1, n.value])", "plt.title('t'); plt.plot([2, 3])", SHOWN)
    assert (book.text(4), differences(book.app)) == ("[1] t [[1, 1], [2, 3]]\n", [])
    assert (book.set("n", 5).text(4), book.executed) == ("[1] t [[1, 5], [2, 3]]\n", (2, 3, 4))
    assert differences(book.app) == []
    assert (book.set("n", 1).text(4), book.executed) == ("[1] t [[1, 1], [2, 3]]\n", ())
    assert differences(book.app) == []
    assert book.edit(3, "plt.title('u')").run().text(4) == "[1] u [[1, 1]]\n"
    book.delete(3)
    assert (book.run().text(3), differences(book.app)) == ("[1]  [[1, 1]]\n", [])
    book.insert(3, "plt.plot([4, 5])")
    assert (book.run().text(4), differences(book.app)) == ("[1]  [[1, 1], [4, 5]]\n", [])
    assert (book.set("n", 5).text(4), differences(book.app)) == ("[1]  [[1, 5], [4, 5]]\n", [])


def test_a_figure_that_is_made_again_has_its_number(write: Write) -> None:
    book = write("fig = plt.figure(); plt.plot([1, n.value])", "print(fig.number)", "other = plt.figure()")
    book.set("n", 5)
    assert (book.text(3), book.eval("(other.number, plt.get_fignums())")) == ("1\n", (2, [1, 2]))
    assert differences(book.app) == []


def test_charts_that_call_their_axes_alike_are_drawn_one_without_the_other(tmp_path: Path) -> None:
    with book_in(tmp_path) as book:
        draw = "fig, ax = plt.subplots()\nax.plot([1, {0}])\nax.set_title('{0}')"
        book.open(SLIDER, f"%matplotlib inline\n{PYPLOT}", draw.format(2), draw.format("n.value"), draw.format(3))
        assert (book.set("n", 5).executed, differences(book.app)) == ((3,), [])
        assert (book.edit(2, draw.format(4)).run().executed, differences(book.app)) == ((2,), [])


def test_no_figure_is_made_again_because_another_is(write: Write) -> None:
    book = write(
        "fig, ax = plt.subplots(); ax.plot([1, 2])",
        "fig2, ax2 = plt.subplots(); ax2.plot([n.value])",
        "fig3, ax3 = plt.subplots(); ax3.plot([3])",
        "print(len(ax3.lines))",
    )
    assert (book.set("n", 5).executed, book.eval("plt.get_fignums()")) == ((3,), [1, 2, 3])
    assert book.edit(2, "fig, ax = plt.subplots()").run().executed == (2,)
    assert differences(book.app) == []


def test_what_pandas_draws_on_the_current_axes_is_on_the_figure_of_this_rerun(write: Write) -> None:
    table = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})"
    book = write(table, "plt.plot([n.value, 9])", "df.a.plot()", "df.plot(ax=plt.gca())", SHOWN)
    assert book.set("n", 5).text(6) == "[1]  [[5, 9], [1, 2], [1, 2]]\n"
    book.delete(4)
    assert (book.run().text(5), differences(book.app)) == ("[1]  [[5, 9], [1, 2]]\n", [])


def test_what_a_callback_draws_on_an_open_figure_is_seen_by_the_cells_that_have_it(write: Write) -> None:
    callback = "def draw(change):\n    plt.title(str(change['new']))\nn.observe(draw, 'value')"
    book = write("fig, ax = plt.subplots()", callback, "print(ax.get_title())", "k = 1")
    assert (book.set("n", 5).text(4), book.executed) == ("5\n", (4,))
    assert (book.set("n", 7).text(4), book.executed) == ("7\n", (4,))


def test_no_cell_draws_on_a_figure_that_a_callback_opened(write: Write) -> None:
    callback = "def draw(change):\n    plt.figure(); plt.plot([9])\nn.observe(draw, 'value')"
    book = write("plt.plot([1])", callback, "plt.plot([n.value])", SHOWN)
    assert book.set("n", 5).text(5) == "[1]  [[1], [5]]\n"
    assert book.set("n", 7).text(5) == "[1]  [[1], [7]]\n"


def test_the_reason_says_which_figure_changed(write: Write) -> None:
    book = write("plt.plot([1, n.value])", "plt.title('t')", "print(plt.get_fignums())")
    assert "the open figure 1 changed (cell 3)" in book.set("n", 5).reasons[3]
    assert "which figures of pyplot are open" in book.edit(2, "plt.figure(2)").run().reasons[4]


def test_no_cell_runs_for_figures_that_each_cell_closes(tmp_path: Path) -> None:
    with book_in(tmp_path) as book:
        book.open(SLIDER, PYPLOT, "plt.plot([1, 2])", "plt.plot([1, n.value])", "plt.title('t')", "fig = plt.figure()")
        assert (book.set("n", 5).executed, book.set("n", 1).executed) == ((3,), ())
        assert book.edit(2, "plt.plot([3])").run().executed == (2,)
        assert differences(book.app) == []
