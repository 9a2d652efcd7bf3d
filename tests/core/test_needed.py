"""A slider move executes what a perfect oracle would execute, and nothing else: each row is a notebook, a change, and the cells it needs.

A cell that changes an object in place needs the object as it was before: the cell that made it runs again.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from tests.core.clean import differences
from tests.core.host import Double, cells

FRAME = "import pandas as pd\ndf = pd.DataFrame({'region': ['N', 'S'], 'price': [1.0, 2.0], 'n': [1, 2]})"
AGG = "import matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as plt"
MODEL = "class M:\n    def fit(self, x): self.w = x; return self\n    def predict(self, x): return self.w * x"
N = "n = read('n')"
NEEDED: dict[str, tuple[list[str], str]] = {
    "a column with the slider's name": (["region = read('n')", FRAME, "t = df['region'].nunique()", "print(t)"], "c0"),
    "columns in a list": (
        ["region = read('n')", FRAME, "g = df.groupby(['region', 'price']).sum()", "print(len(g))"],
        "c0",
    ),
    "a column as argument": (["region = read('n')", FRAME, "g = df.groupby('region').sum()", "print(len(g))"], "c0"),
    "a keyword": ([N, "d = dict(n=5)", "print(d)"], "c0"),
    "a word of a docstring": ([N, "def f(x):\n    'Sum over n of x'\n    return x", "print(f(1))"], "c0"),
    "a label": ([N, "print('n')"], "c0"),
    "an attribute": ([N, "import types; o = types.SimpleNamespace(n=1)", "print(o.n)"], "c0"),
    "a parameter": ([N, "def f(n): return n + 1", "print(f(2))"], "c0"),
    "a local variable": ([N, "def f():\n    n = 3\n    return n", "print(f())"], "c0"),
    "a variable of a comprehension": (["i = read('n')", "x = [i for i in range(3)]", "print(x)"], "c0"),
    "an attribute of a class": ([N, "class C:\n    n = 1\n    def f(self): return self.n", "print(C().f())"], "c0"),
    "a loop variable used again": (["for i in range(3): pass", N, "for i in range(2): print(i)", "print(n)"], "c1 c3"),
    "a key": ([N, "d = {'n': 1}", "print(d['n'])"], "c0"),
    "an import made twice": (["import math\nn = read('n')", "import math\nx = math.sqrt(4)", "print(x)"], "c0"),
    "a method that reads nothing else": (
        [MODEL, "m = M().fit(3)", N, "print(m.predict(n))"],
        "c2 c3",
    ),
    "a change in place above the slider": ([FRAME, "df['z'] = df['price'] * 2", N, "print(df.z.sum() * n)"], "c2 c3"),
    "a change in place below the slider": ([FRAME, N, "df['z'] = df['price'] * n", "print(df.z.sum())"], "c1 c0 c2 c3"),
    "a list filled below the slider": (["a = []", N, "a.append(n)", "print(a)"], "c1 c0 c2 c3"),
    "random numbers below the slider": (
        ["import numpy as np\nrng = np.random.default_rng(0)", N, "x = rng.random(3) * n", "print(x.sum())"],
        "c1 c0 c2 c3",
    ),
    "a figure": (
        [AGG, N, "fig, ax = plt.subplots(); ax.plot([1, n]); plt.close(fig)", "print(len(ax.lines))"],
        "c1 c2 c3",
    ),
    "a figure above the slider": (
        [AGG, "fig, ax = plt.subplots(); ax.plot([1, 2]); plt.close(fig)", N, "print(n)"],
        "c2 c3",
    ),
    "a figure above the slider that stays open": (
        [AGG, "fig, ax = plt.subplots()", N, "fig2, ax2 = plt.subplots(); ax2.plot([n])", "print(len(ax.lines))"],
        "c2 c3",
    ),
    "a frame of Polars that lies in another one": (
        [
            "import polars as pl\ndf = pl.DataFrame({'a': [1, 2, 3]})",
            "x = df.filter(pl.col('a') > 1)",
            N,
            "print(x.height * n)",
        ],
        "c2 c3",
    ),
    "an array that Polars wraps": (
        ["import numpy as np, polars as pl\na = np.arange(3.0)", "s = pl.Series(a)", N, "print(a.sum() + s.sum() * n)"],
        "c2 c3",
    ),
    "a logger": (["import logging; log = logging.getLogger('a')", N, "log.info(n); x = 1", "print(x)"], "c1 c2"),
    "annotated variables": (["x: int = 1", "y: int = 2", "k: int = read('n')", "print(x, y)"], "c2"),
    "deep copies of an instance": (
        ["import copy\nclass C: pass\nc = C(); c.v = [1]", N, "d = copy.deepcopy(c); d.v.append(n)", "print(c.v)"],
        "c1 c2",
    ),
}


@pytest.mark.parametrize(("sources", "needed"), NEEDED.values(), ids=NEEDED)
def test_only_what_is_needed_runs(sources: list[str], needed: str) -> None:
    double = Double(cells(*sources), {"n": 1})
    double.store.snapshots.limit = 0  # whether a copy is worth it depends on how long a cell took
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        double.rerun()
        for value in (2, 3):
            assert double.set(n=value) == needed.split(), double.steps
            assert differences(double, namespace=False) == []
        assert double.set(n=2) == []
        assert double.rerun() == []


EDITS: list[tuple[list[str], Any, list[str]]] = [
    (["def f(): return 1\ndef g(): return 2", "print(f())", "print(g())"], (0, "def f(): return 1\ndef g(): return 3"), ["c0", "c2"]),
    (["def f(): return 1", "print(f())"], (0, "# says one\ndef f():\n    return 1"), ["c0"]),
    (["class C:\n    x = 1", "print(C.x)"], (0, "class C:\n\n    x = 1"), ["c0"]),
    (["a = 1\nb = 2", "print(a)", "print(b)"], (0, "a = 1\nb = 3"), ["c0", "c2"]),
    (["a = [1]\nb = [2]", "print(a)", "print(b)"], (0, "a = [1]\nb = [3]"), ["c0", "c2"]),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "edit", "needed"), EDITS, ids=[row[1][1].replace("\n", "; ") for row in EDITS])
def test_an_edit_runs_the_readers_of_what_it_changed(
    sources: list[str], edit: tuple[int, str], needed: list[str]
) -> None:
    double = Double(cells(*sources))
    double.rerun()
    double.edit(*edit)
    assert double.rerun() == needed
    assert differences(double) == []
