"""Cached functions and resources in a real notebook: sliders move, cells are executed again, results stay."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nbapp.core.notebook import Cell, CellId
from nbapp.testing import AppTest


def text(app: AppTest, index: int) -> str:
    (output,) = app.outputs(index)
    shown: str = output["text"]
    return shown.strip()


def test_a_loop_over_a_cached_function_computes_only_what_is_new(tmp_path: Path) -> None:
    sources = [
        "import nbapp, ipywidgets as W\nclass Tally(list): pass\nnbapp.register(Tally, handle=True)\nran = Tally()",
        "n = W.IntSlider(2, max=9)",
        "scale = 1\n@nbapp.cache\ndef square(x):\n    ran.append(x)\n    return [x * x * scale]",
        "found = [square(x) for x in range(n.value)]",
        "print(found)",
    ]
    with AppTest.from_cells(sources, cwd=tmp_path) as app:
        app.run()
        assert text(app, 4) == "[[0], [1]]"
        assert app.set("n", 4).executed == (3, 4)
        assert text(app, 4) == "[[0], [1], [4], [9]]"
        assert app.eval("list(ran)") == [0, 1, 2, 3]
        app.set("n", 3)
        assert text(app, 4) == "[[0], [1], [4]]"
        assert app.eval("list(ran)") == [0, 1, 2, 3]
        # A global of the function is a read of the cells that call it.
        app.edit(2, sources[2].replace("scale = 1", "scale = 10")).run()
        assert text(app, 4) == "[[0], [10], [40]]"
        app.edit(2, sources[2]).run()
        assert text(app, 4) == "[[0], [1], [4]]"
        assert app.eval("list(ran)") == [0, 1, 2, 3, 0, 1, 2]


def test_a_cell_that_makes_an_equal_function_again_runs_nothing_below(tmp_path: Path) -> None:
    sources = [
        "import nbapp, ipywidgets as W\nn = W.IntSlider(1)",
        "n.value\n@nbapp.cache\ndef load(x):\n    return [x]",
        "print(load(5))",
    ]
    with AppTest.from_cells(sources, cwd=tmp_path) as app:
        app.run()
        assert app.set("n", 2).executed == (1,)
        assert [step.state for step in app.steps] == ["skipped", "ran", "skipped"]


def test_results_outlive_the_cell_that_defines_the_function_and_its_class(tmp_path: Path) -> None:
    sources = [
        "import nbapp, ipywidgets as W\nn = W.IntSlider(1)\nclass Tally(list): pass\n"
        "nbapp.register(Tally, handle=True)\nran = Tally()",
        "print(n.value)\nclass Point:\n    def __init__(self, x): self.x = x\n"
        "@nbapp.cache\ndef load(x):\n    ran.append(x)\n    return Point(x)",
        "p = load(5)\nprint(isinstance(p, Point), p.x, n.value)",
    ]
    with AppTest.from_cells(sources, cwd=tmp_path) as app:
        app.run()
        for value in (2, 3):
            app.set("n", value)
            assert app.executed == (1, 2)
            assert text(app, 2) == f"True 5 {value}"
        assert app.eval("list(ran)") == [5]
        assert app.eval("load.why(5)").startswith("hit")


def test_a_cached_function_that_reads_a_slider_follows_it_also_after_a_hit(tmp_path: Path) -> None:
    sources = [
        "import nbapp, ipywidgets as W\nn = W.IntSlider(1)",
        "@nbapp.cache\ndef f():\n    return n.value * 10",
        "print(f())",
        "print('again', f())",
    ]
    with AppTest.from_cells(sources, cwd=tmp_path) as app:
        app.run()
        for value in (2, 1, 5):
            app.set("n", value)
            assert (text(app, 2), text(app, 3)) == (f"{value * 10}", f"again {value * 10}")


def test_a_cached_function_whose_result_is_changed_by_a_cell_gives_it_as_new(tmp_path: Path) -> None:
    sources = [
        "import nbapp, ipywidgets as W, numpy as np\nn = W.IntSlider(1)",
        "@nbapp.cache\ndef load():\n    return np.zeros(1_000_000)",
        "a = load()\na[0] = n.value\nprint(a.sum())",
        "print(load().sum())",
    ]
    with AppTest.from_cells(sources, cwd=tmp_path) as app:
        app.run()
        for value in (2, 3, 2):
            app.set("n", value)
            assert (text(app, 2), text(app, 3)) == (f"{value}.0", "0.0")


def test_a_resource_is_built_once_over_ten_reruns(tmp_path: Path) -> None:
    sources = [
        "import nbapp, sqlite3, ipywidgets as W\nn = W.IntSlider(0, max=99)\nclass Tally(list): pass\n"
        "nbapp.register(Tally, handle=True)\nbuilt = Tally()",
        "print(n.value)\n@nbapp.resource\ndef database():\n    built.append(1)\n"
        "    found = sqlite3.connect(':memory:')\n    found.execute('create table t (x)')\n    return found",
        "db = database()",
        "db.execute('insert into t values (?)', (n.value,))\ncount = db.execute('select count(*) from t').fetchone()[0]",
        "print('unrelated', db is not None)",
    ]
    with AppTest.from_cells(sources, cwd=tmp_path) as app:
        app.run()
        for value in range(1, 11):
            # Who only holds the handle is not touched by those who use it. The cell that asks for it runs because its
            # function says that it creates the table to which rows are added below.
            assert set(app.set("n", value).executed) == {1, 2, 3}
        assert app.eval("len(built)") == 1
        assert app.eval("count") == 11


def test_what_is_registered_in_a_cell_counts_below(tmp_path: Path) -> None:
    sources = [
        "import nbapp, ipywidgets as W\nn = W.IntSlider(1)\nclass Grid:\n    def __init__(self, x, note): self.x, self.note = x, note",
        "nbapp.register(Grid, digest=lambda grid: grid.x)",
        "grid = Grid(5, n.value)",
        "print(grid.x)",
    ]
    with AppTest.from_cells(sources, cwd=tmp_path) as app:
        app.run()
        assert app.set("n", 2).executed == (2,)


def test_a_widget_cannot_be_cached_but_passed(tmp_path: Path) -> None:
    sources = [
        "import nbapp, ipywidgets as W\nn = W.IntSlider(1)",
        "@nbapp.cache\ndef make():\n    return [W.IntSlider()]\n@nbapp.cache\ndef twice(slider):\n    return slider.value * 2",
        "print(twice(n))",
    ]
    with AppTest.from_cells(sources, cwd=tmp_path) as app:
        app.run()
        for value in (3, 1, 3):
            app.set("n", value)
            assert text(app, 2) == str(value * 2)
        with pytest.raises(Exception, match=r"use @nbapp\.resource"):
            app.eval("make()")


PERSISTENT = [
    "import nbapp, time, other, ipywidgets as W\nn = W.IntSlider(1)",
    "@nbapp.cache(persist=True)\ndef load(x):\n    print('computed')\n    time.sleep(0.1)\n    return [x]",
    "found = load(n.value)",
]
READS = "sorted(get_ipython().nbapp.store.in_place(get_ipython().nbapp.notebook[2].id).reads.components)"


def test_a_result_that_persists_makes_no_file_of_ours_a_read_of_the_cell(tmp_path: Path) -> None:
    """Neither where results lie, nor the author's modules whose versions we look at; also when it is found there."""
    (tmp_path / "other.py").write_text("x = 1")
    os.utime(tmp_path / "other.py", (1, 1))
    results = {"where": str(tmp_path / "results"), "limit": 10**8, "key": str(tmp_path / "key")}
    cells = [Cell(CellId(f"c{index}"), source) for index, source in enumerate(PERSISTENT)]
    for outputs in (["computed"], []):
        with AppTest(cells, tmp_path, settings={"results": results}) as app:
            app.run()
            assert [output["text"].strip() for output in app.outputs(2)] == outputs
            assert not any(read.startswith("file:") for read in app.eval(READS))
            assert app.set("n", 2).executed == (2,)
            assert app.set("n", 1).executed == ()
