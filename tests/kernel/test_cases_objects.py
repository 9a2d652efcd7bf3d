"""Cases that break naive caches: models, frames, connections, lazy and lying objects (rows 31 to 40 and 44)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.book import SLIDER, Book

# --- models that are trained


def test_a_network_that_is_trained_in_place_is_trained_once(book: Book) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    book.open(
        SLIDER,
        "import torch\nx = torch.ones(4, 2)\nnet = torch.nn.Linear(2, 1, bias=False)\nwith torch.no_grad():\n    net.weight.fill_(1.0)\nopt = torch.optim.SGD(net.parameters(), lr=0.1)",
        "for _ in range(n.value):\n    opt.zero_grad()\n    (net(x) ** 2).mean().backward()\n    opt.step()",
        "w = net.weight.detach().flatten().tolist()\nown = opt.param_groups[0]['params'][0] is net.weight",
        "k = 1",
    )
    once = book.eval("w")
    assert once == pytest.approx([0.6, 0.6])
    assert book.run().executed == ()
    assert book.edit(4, "k = 2").run().eval("w") == once
    twice = book.set("n", 2).eval("w")
    assert twice == pytest.approx([0.36, 0.36])
    assert book.set("n", 1).eval("w, own") == (once, True)
    assert book.set("n", 2).eval("w, own") == (twice, True)
    assert book.eval("opt.param_groups[0]['params'][0] is net.weight")


def test_what_fit_returns_is_the_model_itself(book: Book) -> None:
    book.open(
        SLIDER,
        "import numpy as np\nfrom sklearn.linear_model import LinearRegression\nX = np.arange(6.0).reshape(-1, 1)",
        "m = LinearRegression()",
        "m2 = m.fit(X, n.value * X[:, 0])",
        "slope = round(float(m.coef_[0]), 6), m is m2",
        "k = 'fitted'",
    )
    assert book.eval("slope") == (1, True)
    assert book.set("n", 3).eval("slope") == (3, True)
    assert book.set("n", 1).eval("slope, m is m2") == ((1, True), True)
    assert book.edit(5, "k = 'again'").run().eval("slope, m is m2") == ((1, True), True)
    assert book.executed == (5,)


# --- frames that are looked up, or read, out of sight


def test_a_lazy_frame_is_scanned_again_when_its_file_changed(book: Book, folder: Path) -> None:
    table = folder / "table.csv"
    table.write_text("a\n1\n2\n")
    book.open(
        SLIDER,
        "import polars as pl\nlazy = pl.scan_csv('table.csv').filter(pl.col('a') > n.value)",
        "found = lazy.collect()['a'].to_list()",
        "k = 1",
    )
    assert book.eval("found") == [2]
    table.write_text("a\n1\n5\n")
    assert book.run().eval("found") == [5]
    assert 3 not in book.executed
    assert book.set("n", 7).eval("found") == []
    assert book.set("n", 1).eval("found") == [5]
    assert book.executed == ()


def test_a_query_sees_the_frames_and_numbers_that_it_names(book: Book) -> None:
    book.open(
        SLIDER,
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3]})",
        "low = n.value",
        "found = df.query('a > @low')['a'].tolist()",
        "other = pd.eval('low * 2')",
    )
    assert book.eval("found, int(other)") == ([2, 3], 2)
    assert book.set("n", 2).eval("found, int(other)") == ([3], 4)
    assert book.set("n", 1).eval("found, int(other)") == ([2, 3], 2)


def test_sql_sees_the_frames_that_it_names(book: Book) -> None:
    pytest.importorskip("duckdb", reason="duckdb is not installed")
    book.open(
        SLIDER,
        "import duckdb\nimport pandas as pd",
        "df = pd.DataFrame({'a': [1, 2, n.value]})",
        "total = duckdb.sql('select sum(a) from df').fetchall()[0][0]",
        "def ask(text):\n    return duckdb.sql(text).fetchall()[0][0]",
        "most = ask('select max(a) from df')",
        "rows = duckdb.sql('from df')",
        "shown = rows.fetchall()",
    )
    assert book.eval("int(total), int(most)") == (4, 2)
    assert book.set("n", 10).eval("int(total), int(most), shown") == (13, 10, [(1,), (2,), (10,)])
    assert book.set("n", 1).eval("int(total), int(most), shown") == (4, 2, [(1,), (2,), (1,)])


def test_a_connection_is_made_once_and_its_queries_follow_their_parameters(book: Book) -> None:
    pytest.importorskip("duckdb", reason="duckdb is not installed")
    book.open(
        SLIDER,
        "import duckdb\ncon = duckdb.connect()\ncon.execute('create table t as select range as a from range(10)');",
        "count = con.execute('select count(*) from t where a < ?', [n.value]).fetchall()[0][0]",
    )
    made = book.eval("id(con)")
    assert book.eval("count") == 1
    assert book.set("n", 4).eval("count, id(con)") == (4, made)
    assert book.executed == (2,)


# --- objects that do something when they are looked at


def test_a_module_that_loads_names_at_their_first_use_is_no_change(book: Book, folder: Path) -> None:
    (folder / "lazy.py").write_text(
        "def __getattr__(name):\n    if name != 'table':\n        raise AttributeError(name)\n    globals()['table'] = [1, 2]\n    return table\n"
    )
    book.open(SLIDER, "import lazy", "first = n.value, lazy.table", "k = lazy.__name__", "second = lazy.table")
    assert book.run().executed == ()
    assert book.set("n", 2).eval("first, second") == ((2, [1, 2]), [1, 2])
    assert set(book.executed) <= {1, 2, 4}


@pytest.mark.parametrize(
    ("make", "use"),
    [
        ("import sympy\no = (sympy.Symbol('x') + 1) ** 2", "o.expand().coeff(sympy.Symbol('x'))"),
        ("import pandas as pd\no = pd.DataFrame({'a': [1, 2]})", "o['a'].sum() + len(o.index.get_indexer([1]))"),
        ("import sklearn.linear_model as l\no = l.Ridge()", "len(repr(o))"),
        ("import fractions\no = fractions.Fraction(1, 3)", "hash(o)"),
    ],
)
def test_a_value_that_remembers_what_it_was_asked_is_not_made_again(book: Book, make: str, use: str) -> None:
    pytest.importorskip(make.split()[1], reason="it is not installed")
    book.open(SLIDER, make, f"x = n.value * ({use})", f"y = {use}")
    one = book.eval("int(x)")
    for value in (2, 3):
        assert book.set("n", value).eval("int(x)") == value * one
        assert 1 not in book.executed
    assert book.run().executed == ()


@pytest.mark.parametrize(
    ("make", "use"),
    [
        (
            "import functools\nclass C:\n    @functools.cached_property\n    def size(self):\n        return start + 1\no = C()",
            "o.size",
        ),
        ("import functools\n@functools.cache\ndef o(x):\n    return x + start", "o(1)"),
    ],
)
def test_what_a_value_of_the_notebook_remembers_is_never_out_of_date(book: Book, make: str, use: str) -> None:
    book.open(SLIDER, "start = 1", make, f"x = n.value * {use}", f"y = {use}")
    assert book.run().executed == ()
    assert book.set("n", 2).eval("x, y") == (4, 2)
    assert book.edit(1, "start = 5").run().eval("x, y") == (12, 6)
    assert book.edit(1, "start = 1").run().eval("x, y") == (4, 2)


LIAR = """
class Box:
    def __init__(self, held):
        self.held = held
    def __reduce__(self):
        asked.append(1)
        return Box, (0,)
"""


def test_a_value_that_hides_its_state_from_pickle_is_seen_to_change(book: Book) -> None:
    book.open(SLIDER, LIAR, "asked = []", "box = Box(n.value)", "x = box.held", "box.held += 10", "y = box.held")
    assert book.eval("x, y, asked") == (1, 11, [])
    assert book.set("n", 2).eval("x, y") == (2, 12)
    assert book.set("n", 1).eval("x, y") == (1, 11)


def test_reduce_is_not_called_where_the_notebook_does_not_call_it(book: Book) -> None:
    slow = "import time\nbox = Box(n.value)\ntime.sleep(0.1)  # so that it is worth a copy"
    book.open(SLIDER, LIAR, "asked = []", slow, "box.held += 10", "y = box.held")
    for value in (2, 3, 2):
        assert book.set("n", value).eval("y, asked") == (value + 10, [])


def test_a_value_that_raises_or_lies_when_it_is_compared_is_seen_to_change(book: Book) -> None:
    book.open(
        SLIDER,
        "class Odd:\n    def __init__(self, v):\n        self.v = v\n    def __eq__(self, other):\n        return True\n    def __hash__(self):\n        raise TypeError('no')\n    def __getstate__(self):\n        return {}",
        "o = Odd(n.value)",
        "x = o.v",
    )
    assert [book.set("n", value).eval("x") for value in (2, 3, 2)] == [2, 3, 2]


def test_objects_of_a_class_that_is_edited_are_made_again(book: Book) -> None:
    book.open("class A:\n    size = 1", "a = A()", "x = isinstance(a, A), a.size, type(a) is A", "k = 1")
    book.edit(0, "class A:\n    size = 2").run()
    assert book.eval("x, isinstance(a, A)") == ((True, 2, True), True)
    book.edit(0, "class A:\n    size = 1").run()
    assert book.eval("x, isinstance(a, A)") == ((True, 1, True), True)
    assert 3 not in book.executed


def test_a_slice_of_an_array_shows_what_is_written_to_the_array(book: Book) -> None:
    book.open(SLIDER, "import numpy as np\na = np.zeros(3)\nv = a[:2]", "a[0] = n.value", "x = v[0], v.base is a")
    for value in (2, 3, 2):
        assert book.set("n", value).eval("float(x[0]), x[1]") == (value, True)
    assert book.eval("np.shares_memory(a, v)")


def test_what_a_skipped_cell_made_is_not_finalized(book: Book) -> None:
    book.open(
        SLIDER,
        "class Res:\n    pass\nlog = []",
        "import weakref\nr = Res()\nend = weakref.finalize(r, log.append, 'gone')",
        "k = n.value",
    )
    book.set("n", 2)
    assert book.eval("end.alive, log") == (True, [])
