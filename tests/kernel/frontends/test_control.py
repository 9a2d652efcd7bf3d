"""What the kernel tells JupyterLab's extension, and does when it is asked: a real kernel, and a page without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

import pytest

from tests.kernel.kernels import Kernel
from tests.kernel.labpage import SLIDER, LabPage


@pytest.fixture
def page() -> Iterator[LabPage]:
    with Kernel() as kernel:
        page = LabPage(kernel)
        page.load()
        yield page


def of_kind(page: LabPage, kind: str) -> list[str]:
    """The cells that were told of in messages of this kind, since `heard` was cleared."""
    if kind == "outputs":
        return [data["cell"] for data in page.heard if data["kind"] == kind]
    return [step["cell"] for data in page.heard if data["kind"] == kind for step in data["steps"]]


def test_hello_is_answered_with_what_is_on(page: LabPage) -> None:
    assert page.status["reactive"] is True
    assert page.steps == {}


def test_a_page_that_answers_at_once_is_heard() -> None:
    with Kernel() as kernel:
        page = LabPage(kernel)
        slowly = "import time\nfrom nbapp.kernel import extension as loading\nfirst = loading.intercept\n"
        slowly += "loading.intercept = lambda *args: (time.sleep(0.5), first(*args))[1]\n"
        page.send("load", f"{slowly}%load_ext nbapp")
        page.until(lambda: bool(page.comm))
        page.hello()
        assert page.status["reactive"] is True


def test_a_client_that_does_not_know_the_comm_does_not_close_it_for_others(page: LabPage) -> None:
    client = page.kernel.client
    client.shell_channel.send(client.session.msg("comm_close", {"comm_id": page.comm, "data": {}}))
    page.hello()
    assert page.status["reactive"] is True


def test_a_move_sends_the_one_cell_that_shows_something_else(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.run("b", "n = s.value")
    page.run("c", "print('n is', n)")
    page.run("d", "print('always the same')")
    page.heard.clear()
    page.plain.clear()
    page.move("s", 8)
    page.until(lambda: page.text("c") == "n is 8\n")
    page.until(lambda: page.state("d") == ("skipped", False))
    assert of_kind(page, "outputs") == ["c"]
    assert page.plain == []
    assert "s" in page.steps["c"]["reason"]


def test_a_cell_that_is_run_by_hand_is_shown_by_the_front_end_alone(page: LabPage) -> None:
    page.run("a", "print('once')")
    page.until(lambda: page.state("a") == ("ran", False))
    assert of_kind(page, "outputs") == []
    assert page.text("a") == "once\n"


def test_a_page_that_is_loaded_again_is_told_everything(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.run("b", "print(s.value)")
    page.move("s", 5)
    page.until(lambda: page.text("b") == "5\n")
    page.outputs, page.steps, page.client = {}, {}, "page-2"
    page.hello()
    page.until(lambda: page.text("b") == "5\n")
    assert page.state("b") == ("ran", False)
    page.move("s", 6)
    page.until(lambda: page.text("b") == "6\n")
    assert page.heard[-1]["kind"] in ("outputs", "steps")


def test_a_cell_that_was_edited_is_stale_and_counts_as_it_ran(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.run("b", "print('old', s.value)")
    page.arrange(**{**page.cells, "b": "print('new', s.va"})
    page.until(lambda: page.state("b")[1])
    assert "edited" in page.steps["b"]["reason"]
    page.move("s", 9)
    page.until(lambda: page.text("b") == "old 9\n")
    assert page.state("b")[1]
    page.run("b", "print('new', s.value)")
    assert page.text("b") == "new 9\n"
    page.until(lambda: page.state("b") == ("ran", False))


def test_an_edit_that_is_undone_is_not_stale(page: LabPage) -> None:
    page.run("a", "print('as it was')")
    page.arrange(**{**page.cells, "a": "print("})
    page.until(lambda: page.state("a")[1])
    page.arrange(**{**page.cells, "a": "print('as it was')"})
    page.until(lambda: not page.state("a")[1])


def test_moving_deleting_and_restoring_cells_brings_the_others_up_to_date(page: LabPage) -> None:
    page.run("a", "x = 1")
    page.run("b", "x = 2")
    page.run("c", "print(x)")
    load = page.cells["load"]
    page.arrange(load=load, b="x = 2", a="x = 1", c="print(x)")
    page.until(lambda: page.text("c") == "1\n")
    page.arrange(load=load, b="x = 2", c="print(x)")
    page.until(lambda: page.text("c") == "2\n")
    page.arrange(load=load, b="x = 2", a="x = 1", c="print(x)")
    page.until(lambda: page.text("c") == "1\n")


def test_a_cell_that_never_ran_is_as_if_it_were_not_there(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.run("c", "print(s.value)")
    page.arrange(load=page.cells["load"], a=SLIDER, b="raise SystemExit", c="print(s.value)")
    page.move("s", 4)
    page.until(lambda: page.text("c") == "4\n")
    assert "b" not in page.steps


def test_a_cell_inserted_above_is_run_where_it_stands(page: LabPage) -> None:
    page.run("a", "x = 1")
    page.run("c", "print(x)")
    page.arrange(load=page.cells["load"], a="x = 1", b="x = 5", c="print(x)")
    page.run("b")
    page.until(lambda: page.text("c") == "5\n")


def test_tags_count_at_once(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.run("b", "print(s.value)")
    page.tags["b"] = ["nbapp:never"]
    page.arrange(**page.cells)
    page.run("b")
    page.move("s", 4)
    page.until(lambda: page.steps["b"]["state"] == "skipped")
    assert page.text("b") == "3\n"


def test_with_reactive_off_a_move_marks_what_is_stale_and_on_catches_up(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.run("b", "n = s.value")
    page.run("c", "print(n)")
    page.run("d", "print('apart')")
    page.until(lambda: "d" in page.steps)
    page.say(kind="reactive", on=False)
    page.until(lambda: page.status["reactive"] is False)
    page.move("s", 8)
    page.until(lambda: page.state("c")[1])
    assert [page.state(cell)[1] for cell in "abcd"] == [False, True, True, False]
    assert page.text("c") == "3\n"
    page.say(kind="reactive", on=True)
    page.until(lambda: page.text("c") == "8\n")
    page.until(lambda: [page.state(cell)[1] for cell in "abcd"] == [False] * 4)


def test_the_magic_moves_the_switch_too(page: LabPage) -> None:
    page.run("m", "%nbapp off")
    page.until(lambda: page.status["reactive"] is False)


def test_below_a_failure_cells_are_not_run_and_stale_and_recover(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.run("b", "k = 10 // s.value")
    page.run("c", "print(k)")
    page.move("s", 0)
    page.until(lambda: page.state("c") == ("not run", True))
    assert page.state("b")[0] == "failed"
    assert page.text("b") == "ZeroDivisionError"
    page.move("s", 5)
    page.until(lambda: page.text("c") == "2\n" and page.state("c") == ("ran", False))
    assert page.text("b") == ""


@pytest.mark.skipif(
    int(version("ipykernel").split(".")[0]) < 7,
    reason="ipykernel 6 hears a comm when the cell is over; JupyterLab's Stop also interrupts (tests/e2e/jupyterlab/test_lab.py)",
)
def test_stop_ends_a_rerun_and_the_next_change_recovers(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.run("b", "import time\nfor _ in range(600 if s.value > 10 else 1): time.sleep(0.1)")
    page.run("c", "print(s.value)")
    page.move("s", 20)
    page.until(lambda: bool(page.busy))
    assert (page.busy[-1]["cell"], page.busy[-1]["index"], page.busy[-1]["total"]) == ("b", 2, 3)
    page.say(kind="stop")
    page.until(lambda: page.state("b")[0] == "failed")
    page.until(lambda: page.busy[-1]["cell"] == "" and page.state("c") == ("not run", True))
    page.move("s", 7)
    page.until(lambda: page.text("c") == "7\n")


def test_the_first_cell_is_called_the_first_in_later_walks_too(page: LabPage) -> None:
    page.run("a", "import os, time\nif os.path.exists('data'): time.sleep(1)")
    page.run("b", SLIDER)
    page.run("c", "print(s.value)")
    (page.kernel.folder / "data").touch()
    page.move("s", 20)
    page.until(lambda: page.text("c") == "20\n")
    assert (page.busy[0]["cell"], page.busy[0]["index"], page.busy[0]["total"]) == ("a", 1, 3)


def test_what_a_long_cell_prints_comes_while_it_runs(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.run("b", "import time\nprint('first')\nif s.value > 10:\n    time.sleep(60)")
    page.move("s", 20)
    page.until(lambda: page.text("b") == "first\n" and bool(page.busy))
    page.say(kind="stop")
    page.until(lambda: page.busy[-1]["cell"] == "")


def test_reset_gives_widgets_the_values_of_the_notebook(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.run("b", "t = widgets.Text('as written')\nd = widgets.Dropdown(options=['x', 'y'])")
    page.run("c", "print(s.value, t.value, d.value)")
    page.move("s", 8)
    page.move("t", "typed")
    page.until(lambda: page.text("c") == "8 typed x\n")
    page.say(kind="reset")
    page.until(lambda: page.text("c") == "3 as written x\n")
    page.run("b", "t = widgets.Text('anew')\nd = widgets.Dropdown(options=['y', 'x'])")
    page.until(lambda: page.text("c") == "3 anew y\n")


def test_run_all_walks_once_when_it_is_done(page: LabPage) -> None:
    page.run("a", SLIDER)
    for number in range(6):
        page.run(f"b{number}", f"x{number} = s.value")
    page.kernel.run(
        "def install(app, walk):\n"
        "    async def counted(notebook, *more, **options):\n"
        "        app.walks.append(options.get('asked'))\n"
        "        await walk(notebook, *more, **options)\n"
        "    app.walks, app.walk_once = [], counted\n"
        "install(get_ipython().nbapp, get_ipython().nbapp.walk_once)"
    )
    requests = [page.send(cell) for cell in list(page.cells)[1:]]
    assert len(requests) == 7
    page.until(lambda: page.value("get_ipython().nbapp.walks")[-2:] == [list(page.cells)[-1], None])
    walks = page.value("get_ipython().nbapp.walks")
    assert [cell for cell in walks if cell] == list(page.cells)[1:]  # each cell is run below those above it
    assert walks.count(None) <= 3  # over everything when all have run; more only on a slow machine


def test_unloading_closes_the_comm(page: LabPage) -> None:
    page.run("z", "%unload_ext nbapp")
    known = "list(__import__('comm').get_comm_manager().comms)"
    assert page.comm not in page.kernel.run("", known)
