"""Cases that break naive caches: what cells show (rows 11 to 17, 21 to 25, 41 and 42 of CASES.md)."""

from __future__ import annotations

import pytest

from tests.kernel.book import SLIDER, Book

UPDATE = "from IPython.display import update_display\n"


def images(book: Book, index: int) -> list[str]:
    return [kind for output in book.outputs(index) for kind in output.get("data", {}) if kind.startswith("image/")]


# --- displays


def test_an_update_from_another_cell_is_shown_when_either_cell_is_skipped(book: Book) -> None:
    book.open(SLIDER, "display('first', display_id='a');", "k = 1", f"{UPDATE}update_display(n.value, display_id='a')")
    assert book.text(1) == "1"
    assert (book.set("n", 5).text(1), book.executed) == ("5", (3,))
    assert (book.set("n", 1).text(1), book.executed) == ("1", ())
    assert (book.edit(2, "k = 2").run().text(1), book.executed) == ("1", (2,))
    book.delete(3)
    assert (book.run().text(1), book.executed) == ("'first'", ())


def test_a_display_that_is_made_again_has_the_update_of_the_skipped_cell_below(book: Book) -> None:
    book.open(SLIDER, "display(n.value, display_id='b');", "k = 1", f"{UPDATE}update_display('last', display_id='b')")
    assert (book.set("n", 5).text(1), book.executed) == ("'last'", (1,))
    book.delete(3)
    assert book.run().text(1) == "5"


def test_outputs_that_waited_for_an_update_are_shown_though_nothing_updates_any_more(book: Book) -> None:
    book.open(SLIDER, "n.value", "display('a display', display_id='w');")
    book.edit(2, "'no display'")
    assert (book.set("n", 7).text(1), book.text(2)) == ("7", "'no display'")


def test_cells_are_shown_that_replace_the_only_one_that_updates(book: Book) -> None:
    book.open(SLIDER, "display('a display', display_id='w');")
    book.open("print('new')", SLIDER)
    assert book.text(0) == "new\n"


def test_only_the_last_frame_of_an_animation_is_shown_again(book: Book) -> None:
    book.open(
        SLIDER,
        "from IPython.display import clear_output\nfor i in range(n.value + 3):\n    clear_output(wait=True)\n    print('frame', i)",
    )
    assert book.set("n", 2).text(1) == "frame 4\n"
    assert (book.set("n", 1).text(1), book.executed) == ("frame 3\n", ())


def test_both_streams_of_a_skipped_cell_are_shown_in_their_order(book: Book) -> None:
    book.open(
        SLIDER,
        "import sys\nfor i in range(2):\n    print('out', i)\n    print('err', i, file=sys.stderr)",
        "m = n.value",
    )
    before = book.outputs(1)
    assert [output["name"] for output in before] == ["stdout", "stderr", "stdout", "stderr"]
    assert (book.set("n", 2).outputs(1), book.executed) == (before, (2,))


def test_a_result_is_shown_as_it_was_when_its_cell_ended(book: Book) -> None:
    book.open(SLIDER, "L = [0]", "L", "L.append(n.value)", "L")
    for value in (2, 3, 2):
        book.set("n", value)
        assert (book.text(2), book.text(4)) == ("[0]", f"[0, {value}]")
    book.edit(0, SLIDER + "\nk = 1").run()
    assert (book.text(2), book.text(4)) == ("[0]", "[0, 2]")


def test_a_figure_is_shown_as_it_was_when_its_cell_ended(book: Book) -> None:
    book.open(
        SLIDER,
        "%matplotlib inline\nimport matplotlib.pyplot as plt",
        "fig, ax = plt.subplots(); plt.close(fig)",
        "fig",
        "line = ax.plot([1, n.value])",
        "fig",
    )
    blank, drawn = book.outputs(3), book.outputs(5)
    assert blank != drawn
    book.set("n", 4)
    assert book.outputs(3) == blank
    assert book.outputs(5) not in (blank, drawn)
    assert book.set("n", 1).outputs(5) == drawn
    assert book.eval("len(ax.lines)") == 1


def test_each_cell_shows_its_own_figure_whatever_is_skipped(book: Book) -> None:
    book.open(
        SLIDER,
        "%matplotlib inline\nimport matplotlib.pyplot as plt",
        "_ = plt.plot([1, n.value])",
        "_ = plt.plot([3, 2])",
        "open_figures = plt.get_fignums()",
    )
    first, second = book.outputs(2), book.outputs(3)
    book.set("n", 5)
    assert (len(images(book, 2)), book.outputs(2) == first, book.outputs(3) == second) == (1, False, True)
    book.set("n", 1)
    assert (book.outputs(2) == first, book.outputs(3) == second, book.eval("open_figures")) == (True, True, [])
    assert book.executed == ()


def test_scripts_and_markup_are_shown_again_as_they_were(book: Book) -> None:
    book.open(SLIDER, "%%html\n<b id='here'></b>", "%%javascript\ndocument.title = 'x'", "m = n.value")
    before = book.outputs(1), book.outputs(2)
    assert ["text/html" in before[0][0]["data"], "application/javascript" in before[1][0]["data"]] == [True, True]
    book.set("n", 2)
    assert ((book.outputs(1), book.outputs(2)), book.executed) == (before, (3,))
    book.edit(1, "%%html\n<i></i>").run()
    assert "<i>" in book.outputs(1)[0]["data"]["text/html"]


# --- what is different each time


def test_a_cell_that_asks_at_the_keyboard_fails_and_is_asked_again(book: Book) -> None:
    book.open(SLIDER, "ask = n.value > 1", "name = input() if ask else 'nobody'", "k = name")
    book.set("n", 2)
    assert (book.states, book.text(2)) == (["skipped", "ran", "failed", "not run"], "StdinNotImplementedError")
    book.set("n", 3)
    assert book.states[2] == "failed"
    assert book.set("n", 1).eval("k") == "nobody"


@pytest.mark.parametrize(
    ("source", "world"),
    [
        ("import time\nnow = time.time_ns()", "the clock"),
        ("import uuid\nnow = str(uuid.uuid4())", "fresh randomness"),
        ("import random\nnow = random.random()", None),
        (
            "import subprocess, sys\nnow = subprocess.check_output([sys.executable, '-c', 'import time; print(time.time_ns())'])",
            "another program",
        ),
        ("now = !date +%s%N", "another program"),
        ("now = object(); now = repr(now)", None),
    ],
)
def test_what_differs_each_time_is_drawn_once_and_all_readers_see_it(
    book: Book, source: str, world: str | None
) -> None:
    book.open(SLIDER, source, "m = n.value, str(now)", "k = str(now)")
    drawn = book.eval("k")
    book.set("n", 2)
    assert book.eval("(m[1], k)") == (drawn, drawn)
    assert book.executed == (2,)
    assert world is None or world in book.reasons[1]


def test_an_address_that_is_shown_is_that_of_the_object(book: Book) -> None:
    book.open("class Plain: pass\no = Plain()", SLIDER, "o", "m = n.value, hex(id(o))")
    book.set("n", 4)
    assert book.eval("m[1]") in book.text(2)
    assert book.executed == (3,)


def test_a_set_is_shown_in_the_order_it_has_in_this_process(book: Book) -> None:
    book.open("%env PYTHONHASHSEED=1", SLIDER, "s = {'north', 'south', 'east', 'west'}\nprint(*s)", "m = n.value, *s")
    book.set("n", 4)
    assert book.text(2).split() == list(book.eval("m")[1:]) == book.eval("list(s)")
