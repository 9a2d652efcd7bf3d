"""Cases that break naive caches: history, hooks, threads, failures and process state (rows 16, 26 to 30, 45 to 47)."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbapp.testing import AppTest
from tests.kernel.book import SLIDER, Book

# --- the history of IPython


@pytest.mark.parametrize("name", ["_", "__", "___", "_1", "_i", "_ii", "_i1", "In", "Out"])
def test_the_history_is_unbound_in_an_app(book: Book, name: str) -> None:
    book.open(SLIDER, "1 + n.value", "2 + n.value", "ask = n.value > 1", f"x = {name} if ask else 0")
    assert book.eval("x") == 0
    book.set("n", 2)
    assert book.error is not None
    assert (book.error.index, book.error.message) == (4, f"name '{name}' is not defined")
    assert book.set("n", 1).eval("x") == 0


def test_a_name_of_the_history_that_the_notebook_binds_is_its_own(book: Book) -> None:
    book.open(
        SLIDER,
        "_ = str\n_1 = 10\nOut = [n.value]",
        "'shown'",
        "x = _(_1), Out",
        "def f():\n    return _(_1)",
        "y = f()",
    )
    assert book.eval("x, y") == (("10", [1]), "10")
    assert book.set("n", 2).eval("x, y") == (("10", [2]), "10")
    book.edit(1, "_ = repr\n_1 = '10'\nOut = [n.value]").run()
    assert book.eval("x, y") == (("'10'", [2]), "'10'")
    for name, rest in {"_": "_1 = 1\nOut = 2", "_1": "_ = str\nOut = 2", "Out": "_ = str\n_1 = 1"}.items():
        book.edit(1, rest).run()
        assert book.error is not None
        assert book.error.message == f"name '{name}' is not defined"


def test_a_throwaway_name_is_a_name(book: Book) -> None:
    book.open(SLIDER, "for _ in range(n.value):\n    pass", "x = _ + 1", "a, _, __ = 1, 2, 3", "y = _ + __")
    assert book.eval("x, y") == (1, 5)
    assert book.set("n", 4).eval("x, y") == (4, 5)
    assert 4 not in book.executed


def test_results_are_not_kept_alive(book: Book) -> None:
    book.open(
        SLIDER,
        "import weakref\nclass Big: pass",
        "Big()",
        "'other'",
        "import gc\nleft = [o for o in gc.get_objects() if type(o) is Big]",
    )
    assert book.eval("len(left)") == 0


# --- what is registered


@pytest.mark.parametrize(
    ("register", "count"),
    [
        ("import signal\nold = signal.signal(signal.SIGUSR1, f)", "int(signal.getsignal(signal.SIGUSR1) is f)"),
        (
            "get_ipython().events.register('post_run_cell', f)",
            "get_ipython().events.callbacks['post_run_cell'].count(f)",
        ),
        ("get_ipython().input_transformers_post.append(f)", "get_ipython().input_transformers_post.count(f)"),
        (
            "import warnings\nwarnings.simplefilter('error', DeprecationWarning)",
            "[(a, c) for a, m, c, *r in warnings.filters].count(('error', DeprecationWarning))",
        ),
        (
            "import logging\nlogging.getLogger('row').addHandler(logging.NullHandler())",
            "len(logging.getLogger('row').handlers)",
        ),
    ],
)
def test_what_a_cell_registers_is_registered_once(book: Book, register: str, count: str) -> None:
    book.open(
        SLIDER, "def f(*args):\n    return args[0] if args else None", f"k = n.value\n{register}", f"found = {count}"
    )
    for value in (2, 3, 2):
        assert book.set("n", value).eval("found") == 1
    assert book.eval(count) == 1


def test_what_a_cell_registered_goes_with_it(book: Book) -> None:
    book.open(
        "heard = []\ndef hear(*_):\n    heard.append(1)",
        "get_ipython().events.register('pre_run_cell', hear)",
        "k = 1",
        "x = len(heard)",
    )
    assert book.eval("x") > 0
    book.edit(1, "pass").run()
    assert book.eval("x") == 0


def test_what_a_cell_registers_for_the_end_is_called_once(tmp_path: Path) -> None:
    say = "import atexit\nfrom pathlib import Path\ndef say(*words):\n    with Path('said').open('a') as file:\n        print(*words, file=file)"
    cells = [SLIDER, say, "k = n.value\natexit.register(say, k)", "done = atexit.register(say, 'edited away')"]
    with AppTest.from_cells(cells, cwd=tmp_path) as app:
        app.run().set("n", 2).set("n", 3)
        app.edit(3, "pass").run()
    assert (tmp_path / "said").read_text() == "3\n"


def test_a_stream_that_a_cell_replaces_is_back_when_the_cell_is_edited_away(book: Book) -> None:
    stamp = """
class Stamp:
    def __init__(self, stream):
        self.stream = stream
    def write(self, text):
        return self.stream.write(text.upper())
    def flush(self):
        self.stream.flush()
import sys
sys.stdout = Stamp(sys.stdout)
"""
    book.open("k = 1", "print('a')")
    assert book.text(1) == "a\n"
    assert book.edit(0, stamp).run().eval("type(sys.stdout).__name__") == "Stamp"
    book.edit(0, "k = 2").edit(1, "import sys\nprint(type(sys.stdout).__name__)")
    assert book.run().text(1) == "OutStream\n"


# --- failures and interruptions


def test_what_a_failed_cell_changed_is_undone_before_it_runs_again(book: Book) -> None:
    book.open(SLIDER, "L = []", "L.append(n.value)\nif n.value == 3:\n    raise ValueError('three')", "size = len(L)")
    assert book.set("n", 3).states[2:] == ["failed", "not run"]  # the list is made again, or copied if that took longer
    assert book.run().states[2:] == ["failed", "not run"]
    assert book.set("n", 4).eval("L, size") == ([4], 1)
    assert book.set("n", 1).eval("L, size") == ([1], 1)


def test_a_cell_that_is_stopped_at_an_await_is_not_recorded(book: Book) -> None:
    book.open(
        SLIDER,
        "L = []",
        "import asyncio\nL.append(n.value)\nif n.value == 3:\n    get_ipython().nbapp.stop()\nawait asyncio.sleep(60 if n.value == 3 else 0)\nL.append('end')",
        "x = tuple(L)",
    )
    book.set("n", 3)
    assert book.error is not None
    assert book.error.name == "KeyboardInterrupt"
    assert book.set("n", 4).eval("x") == (4, "end")
    assert book.set("n", 1).eval("x") == (1, "end")


# --- threads and tasks: a race, which is settled when a cell that can reach the value runs


@pytest.mark.parametrize(
    "later",
    [
        "import threading\ngo = threading.Event()\ndef work():\n    go.wait(30)\n    box.append(n.value)\nt = threading.Thread(target=work, daemon=True)\nt.start()",
        "import asyncio\ngo = asyncio.Event()\nasync def work():\n    await go.wait()\n    box.append(n.value)\nt = asyncio.create_task(work())",
    ],
)
def test_what_a_thread_or_task_changes_later_is_seen_by_the_next_cell_that_runs(book: Book, later: str) -> None:
    wait = "t.join()" if "threading" in later else "await t"
    book.open(
        "import ipywidgets as W\nn = W.IntSlider(7)\nm = W.IntSlider(0)\nbox = []",
        later,
        "early = m.value, len(box)",
        f"go.set()\n{wait}\nk = m.value",
        "late = k, list(box)",
    )
    assert book.eval("late") == (0, [7])
    assert book.eval("early") == (0, 0)
    assert book.set("m", 1).eval("late") == (1, [7])


# --- process state


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ("import numpy as np; old = np.seterr(divide='ignore')", "__import__('numpy').geterr()['divide']"),
        ("import numpy as np; np.set_printoptions(precision=2)", "str(__import__('numpy').array([1 / 3]))"),
        (
            "import pandas as pd; pd.set_option('display.max_rows', 7)",
            "__import__('pandas').get_option('display.max_rows')",
        ),
        ("import decimal; decimal.getcontext().prec = 5", "str(__import__('decimal').Decimal(1) / 3)"),
        (
            "import locale; name = locale.setlocale(locale.LC_ALL, 'C')",
            "__import__('locale').setlocale(__import__('locale').LC_ALL)",
        ),
        ("import polars as pl; config = pl.Config.set_tbl_rows(3)", "str(__import__('polars').Series(range(50)))"),
        (
            "import matplotlib as mpl; mpl.rcParams['lines.linewidth'] = 9",
            "__import__('matplotlib').rcParams['lines.linewidth']",
        ),
        ("import sklearn; sklearn.set_config(transform_output='pandas')", "__import__('sklearn').get_config()"),
        ("import plotly.express as px; px.defaults.width = 333", "__import__('plotly').express.defaults.width"),
        ("import plotly.io as pio; pio.templates.default = 'seaborn'", "__import__('plotly').io.templates.default"),
        (
            "import altair as alt; old = alt.data_transformers.enable('default', max_rows=7)",
            "__import__('altair').data_transformers.options",
        ),
        (
            "import matplotlib as mpl; mpl.colormaps.register(mpl.colors.ListedColormap(['red'], name='mine'))",
            "'mine' in __import__('matplotlib').colormaps",
        ),
        ("import sys; sys.setrecursionlimit(4321)", "__import__('sys').getrecursionlimit()"),
        ("import random; random.seed(3)", "__import__('random').random()"),
    ],
)
def test_process_state_is_that_of_the_cells_above(book: Book, change: str, seen: str) -> None:
    module = change.split()[1].rstrip(";")
    pytest.importorskip(module)
    book.open(f"import {module}", f"x = {seen}")
    plain = book.eval("x")
    set_there = book.edit(0, change).run().eval("x")
    assert set_there != plain
    assert book.run().executed == ()
    assert book.edit(0, f"import {module}").run().eval("x") == plain
    assert book.edit(0, change).run().eval("x") == set_there


def test_a_theme_of_altair_is_there_below_the_cell_that_enables_it(book: Book) -> None:
    theme = "@alt.theme.register('mine', enable=True)\ndef mine(): return {'width': n.value}"
    width = "print(alt.Chart().mark_bar().to_dict().get('width'))"
    book.open(f"{SLIDER}\nimport altair as alt", theme, width, "alt.theme.enable('dark');", width)
    assert [book.text(2), book.text(4)] == ["1\n", "None\n"]
    book.set("n", 5)
    assert [book.text(2), book.text(4)] == ["5\n", "None\n"]
    book.delete(1).run()
    assert [book.text(1), book.text(3)] == ["None\n", "None\n"]


# --- the order of cells


def test_two_equal_cells_are_two(book: Book) -> None:
    book.open(SLIDER, "L = []", "L.append(1)", "L.append(1)", "x = len(L), n.value")
    assert book.eval("x") == (2, 1)
    assert book.set("n", 2).eval("x") == (2, 2)
    book.insert(2, "L.append(1)")
    assert book.run().eval("x") == (3, 2)
    book.delete(3)
    book.delete(2)
    assert book.run().eval("x") == (1, 2)


def test_cells_that_are_moved_and_inserted_above_count_in_their_new_order(book: Book) -> None:
    book.open("x = 1", "x = x + 10", "x = x * 2", "y = x")
    assert book.eval("y") == 22
    assert book.move(2, 1).run().eval("y") == 12
    book.insert(1, "x = 5")
    assert book.run().eval("y") == 20
    book.delete(1)
    assert book.move(1, 2).run().eval("y") == 22
    assert book.executed == ()


def test_cells_without_code_do_nothing_and_shift_nothing(book: Book) -> None:
    book.open(SLIDER, "", "# only a comment", "m = n.value", "\n\n", "print(m)")
    book.set("n", 3)
    assert (book.text(5), book.executed) == ("3\n", (3, 5))
    book.insert(1, "")
    book.insert(0, "# head")
    assert (book.run().text(7), book.eval("m")) == ("3\n", 3)
    assert set(book.executed) <= {0, 2}


def test_the_context_of_decimal_that_a_name_holds_stays_the_current_one(book: Book) -> None:
    book.open(
        SLIDER,
        "import decimal, time\ntime.sleep(0.5)\ncontext = decimal.getcontext()",
        "context.prec = 3 + n.value",
        "third = str(decimal.Decimal(1) / 3)",
        "decimal.getcontext().prec = 2; seen = context.prec, context is decimal.getcontext()",
    )
    for value in (1, 4, 1, 6):
        book.set("n", value)
        assert (book.error, book.eval("third, seen")) == (None, (f"0.{'3' * (3 + value)}", (2, True)))


# --- files of several files


def test_a_partitioned_data_set_that_another_cell_writes(book: Book, tmp_path: Path) -> None:
    book.open(
        SLIDER,
        f"import pandas as pd, shutil\nwhere = {str(tmp_path / 'data')!r}",
        "shutil.rmtree(where, ignore_errors=True)\n"
        "pd.DataFrame({'k': ['a', 'b'], 'v': [n.value] * 2}).to_parquet(where, partition_cols=['k'])",
        "total = int(pd.read_parquet(where).v.sum())",
    )
    assert book.eval("total") == 2
    assert book.set("n", 5).eval("total") == 10
    assert book.run().executed == ()
    assert book.set("n", 1).eval("total") == 2


def test_a_command_sees_the_files_that_its_pattern_matches(book: Book, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("1")
    book.open(SLIDER, f"lines = !cat {tmp_path}/data/*.csv", "x = n.value")
    assert book.eval("list(lines)") == ["1"]
    (tmp_path / "data" / "a.csv").write_text("2")
    assert book.set("n", 2).eval("list(lines)") == ["2"]
    assert 1 not in book.set("n", 3).executed
