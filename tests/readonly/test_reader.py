"""Which values a cell cannot have changed: those it can only read, and never one that it might have changed."""

from __future__ import annotations

import json
import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from nbapp.core.memos.memo import Binding
from nbapp.core.notebook import Cell
from nbapp.values.digest import Opaque, digest
from nbapp.values.survey import survey
from tests.core.host import Double, cells

ROWS = "d = [{'k': n % 3, 'x': n} for n in range(9)]"
FRAME = "import pandas as pd, warnings\nwarnings.simplefilter('ignore')\nd = pd.DataFrame({'k': [1, 2, 1], 'x': [1.0, 2.0, 3.0], 't': ['a', 'b', 'c']})"
ARRAY = "import numpy as np\nd = np.arange(9.0)"
TREE = """class Node:
    kinds = 0
    def __init__(self, value, children=()):
        self.value, self.children = value, list(children)
    def total(self):
        return self.value + sum(child.total() for child in self.children)
    def grow(self):
        self.children.append(Node(0))
    @property
    def size(self):
        return len(self.children)
    @property
    def seen(self):
        self._seen = True
        return self._seen
    def __len__(self):
        return len(self.children)
    def __getitem__(self, index):
        return self.children[index]
d = Node(1, [Node(2), Node(3)])"""
POINT = """import dataclasses
@dataclasses.dataclass
class Point:
    x: int
    tags: list = dataclasses.field(default_factory=list)
    def far(self):
        return Point(self.x + 1, self.tags)
d = [Point(n) for n in range(3)]"""


class Watched(Double):
    """Tells which names the last cell was found to have only read."""

    spared: frozenset[str] = frozenset()

    def only_read(self, cell: Cell, reads: Mapping[str, Binding]) -> Collection[Binding]:
        """Note the names."""
        found = super().only_read(cell, reads)
        self.spared = frozenset(name for name, binding in reads.items() if binding in found)
        return found


def spared(*sources: str) -> frozenset[str]:
    """The names that the last of these cells can only have read."""
    book = Watched(cells(*sources))
    book.rerun(stop_after=len(sources) - 1)
    before = _content(book)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book.rerun()
    assert not book.errors, book.errors
    if "d" in book.spared:
        assert _content(book) == before, "it was changed"
    return book.spared


def _content(book: Double) -> str | None:
    try:
        return digest(book.namespace["d"], book.known)
    except Opaque:
        return None


READERS = [
    (ROWS, "print(list(map(len, d)))"),
    (ROWS, "print(len(d), d[0]['x'])"),
    (ROWS, "total = 0\nfor row in d:\n    total += row['x']\nprint(total)"),
    (ROWS, "counts = {}\nfor row in d:\n    counts[row['k']] = counts.get(row['k'], 0) + 1"),
    (ROWS, "counts = {}\nfor row in d:\n    counts.setdefault(row['k'], 0)\n    counts[row['k']] += 1"),
    (
        ROWS,
        "out = []\nfor row in d:\n    if row['x'] > 3:\n        out.append(row)\nprint(sorted(out, key=lambda row: -row['x'])[:2])",
    ),
    (ROWS, "from collections import Counter\nprint(Counter(row['k'] for row in d).most_common(1))"),
    (ROWS, "import statistics, math\nprint(statistics.mean(row['x'] for row in d), math.sqrt(len(d)))"),
    (ROWS, "print(next(row for row in d if row['x'] == 3), any(row['k'] for row in d), f\"{d[0]['x']:.1f}\")"),
    (ROWS, "try:\n    print(d[100])\nexcept IndexError as error:\n    print(error)"),
    (ROWS, "names = {row['k'] for row in d}\nnames.add(9)\nnames |= {8}\nlen(names)"),
    (ROWS, "text = ''\nfor row in d:\n    text += str(row['x']) + ','\nprint(text.strip(',').split(','))"),
    (ROWS, "a, *rest = d\nm = {**a}\nprint(m, [*rest][0])"),
    (FRAME, "print(d['x'].mean(), d[d.x > 1].head(), d.iloc[0, 0], d.loc[1, 't'])"),
    (FRAME, "g = d.groupby('k')['x'].sum()\nprint(g.sort_values(ascending=False).to_dict())"),
    (FRAME, "print(d.groupby('k').agg({'x': 'mean', 't': ['count', 'first']}))"),
    (FRAME, "m = d[d['t'].str.contains('a')].assign(y=lambda f: f.x * 2)\nm"),
    (FRAME, "print(d.merge(d, on='k').shape, pd.concat([d, d]).describe(), pd.crosstab(d['k'], d['t']))"),
    (FRAME, "d.apply(lambda row: row['x'] * 2, axis=1)"),
    (FRAME, "top = d.nlargest(2, 'x')\nfor _, row in top.iterrows():\n    print(row['t'], row.x)"),
    (ARRAY, "print(d[3], d.sum(), np.mean(d), (d > 2).sum(), d.reshape(3, 3).T @ d.reshape(3, 3))"),
    (ARRAY, "z = np.zeros(3)\nz[0] = d[1]\nprint(z, np.percentile(d, 50), np.where(d > 2, d, 0), np.pi)"),
    ("d = {'a': [1, 2]}", "print(sum(d['a']), max(d, key=lambda key: d[key]), list(d.items()))"),
    (
        "import datetime as dt\nd = [dt.date(2020, 1, n) for n in (1, 2)]",
        "print(d[0].strftime('%d'), max(d) - min(d), dt.timedelta(1))",
    ),
    (
        "import polars as pl\nd = pl.DataFrame({'a': [1, 2], 'b': ['x', 'y']})",
        "print(d.filter(pl.col('a') > 1).height, d['b'][0], d.select(pl.col('a').sum()).item())",
    ),
    (
        ROWS
        + '\ndef total(rows, key=\'x\'):\n    """Add."""\n    out = []\n    for row in rows:\n        out.append(row[key])\n    return sum(out)',
        "print(total(d))",
    ),
    (ROWS, "def total(rows):\n    return sum(row['x'] for row in rows)\nprint(total(d))"),
    (FRAME + "\ndef f(row):\n    return row['x'] * 2", "d.apply(f, axis=1)"),
    (FRAME, "def f(row):\n    return row['x'] * 2\nd.apply(f, axis=1)"),
    (ROWS + "\nkey = lambda row: -row['x']\ndef best(rows):\n    return sorted(rows, key=key)[0]", "print(best(d))"),
    (
        ROWS + "\ndef maker(name):\n    def get(row):\n        return row[name]\n    return get\nget = maker('x')",
        "print(get(d[0]))",
    ),
    (
        TREE.replace("self._seen = True", "pass")
        .replace("self._seen", "self.value")
        .replace("self.children.append(Node(0))", "pass"),
        "print(d.total(), len(d), d[0].value, d.size)",
    ),
    (
        "class P:\n    kind = 'p'\n    def __init__(self, x):\n        self._x = x\n    def __eq__(self, other):\n        return self._x == other._x\n    def far(self):\n        return P(self._x + 1)\nd = [P(n) for n in range(3)]",
        "print(d[0].far() in d, d[0].kind, P(3)._x)",
    ),
    (FRAME, "out = d.copy()\nout['y'] = out['x'] * 2\nout.loc[0, 'x'] = 9\nout.columns = list('abcd')\nout"),
    (FRAME + "\ndef f(frame):\n    frame = frame.copy()\n    frame['y'] = 1\n    return frame", "f(d)"),
    (FRAME, "d.groupby('k').agg(total=('x', 'sum'), n=('t', 'count'))"),
    (
        "import polars as pl\nd = pl.DataFrame({'a': [1, 2], 'b': [1, 1]})",
        "d.group_by('b').agg(pl.col('a').sum().alias('s'))",
    ),
    (
        ROWS + "\ndef big(rows):\n    for row in rows:\n        if row['x'] > 3:\n            yield row",
        "print(list(big(d)))",
    ),
    (
        "class B:\n    def __init__(self, x):\n        self.x = x\nclass C(B):\n    def __init__(self, x):\n        super().__init__(x)\n        self.rows = []\n    def add_row(self, r):\n        self.rows = [r]\n    def __repr__(self):\n        return f'{type(self).__name__}({self.x}) {self.__class__.__name__}'\nd = C(3)",
        "print(d, C(4).x)",
    ),
    (ARRAY, "a = d.copy()\na[a < 3] = 0\nb = np.array(d)\nb[0] = 5\na += b\nprint(a)"),
    ("import json\nd = [{'a': 1}]", "print(json.dumps(d), json.loads('[1]'))"),
]
WRITERS = [
    (FRAME, "out = d\nout['y'] = 1"),
    (FRAME, "out = d.copy()\nout.index.name = 'i'"),
    (FRAME, "out = d.copy(deep=False)\nout.iloc[0, 0] = 9"),
    (FRAME, "how = 'mean'\nd.agg(total=('x', how))"),
    (FRAME, "d['x'].agg(str('mean'))"),
    ("d = {'a': [1]}", "out = d.copy()\nout['a'].append(2)"),
    (
        "import numpy as np\nfrom collections import Counter\nd = Counter(k=np.array([5.0]))",
        "c = d.copy()\nc += Counter(k=1)\nd",
    ),
    (ARRAY, "b = np.array(d, copy=False)\nb[0] = 5"),
    ("class S:\n    def copy(self):\n        return self\nd = S()", "out = d.copy()\nout.x = 1"),
    ("class S:\n    rows = []\n    def add_row(self):\n        self.n = 1\nd = S()", "d.add_row()"),
    (
        "class S:\n    def add_row(self):\n        self.n = 1\n    def go(self):\n        self.add_row()\nd = S()",
        "d.go()",
    ),
    ("class S:\n    def mean(self, **given):\n        self.n = 1\nd = S()\nfrom numpy import mean", "mean(d)"),
    (ROWS, "def f(x: d.append(1)):\n    pass"),
    (ROWS, "class A:\n    x: d.append(1) = 3"),
    (ROWS, "import sys\nsys.modules['random'].shuffle(d)"),
    (ROWS + "\nimport random\ntools = {'r': random}", "tools['r'].shuffle(d)"),
    (ROWS, "import random\ndef f(module):\n    module.shuffle(d)\nf(random)"),
    (ROWS, "import random\nrandom._inst.shuffle(d)"),
    ("import pandas as pd\nd = pd.Series([1, 2])", "d.agg('pop', 0, 0)"),
    (
        ROWS
        + "\nimport json\nclass E(json.JSONEncoder):\n    def default(self, value):\n        d.append(1)\n        return 1",
        "print(json.dumps({'a': {1}}, cls=E))",
    ),
    (
        "import numpy as np\nclass M:\n    def mean(self, **given):\n        self.n = 1\n        return 1\nd = M()",
        "print(np.mean(d))",
    ),
    (
        "class K:\n    def keys(self):\n        self.n = 1\n        return ['a']\n    def __getitem__(self, key):\n        return 1\nd = K()",
        "print(dict(d))",
    ),
    (
        "class S:\n    def __set_name__(self, owner, name):\n        d.append(1)\nd = [1]",
        "class A:\n    x = S()\nprint(d)",
    ),
    (ROWS, "out = []\nif len(d) < 3:\n    import random as out\nd[0].pop('k')"),
    (ROWS, "import string as out\nout = []\nfor k in range(2):\n    out = d\nout.append(1)"),
    (ROWS, "d[0]['x'] = 5"),
    (ROWS, "d.append(1)"),
    (ROWS, "row = d[0]\nrow['x'] = 5"),
    (ROWS, "for row in d:\n    row.update(x=1)"),
    (ROWS, "d += [1]"),
    (ROWS, "e = d\ne += [1]"),
    (ROWS, "d[0].setdefault('new', []).append(1)"),
    (ROWS, "out = []\nout.append(d)\nout[0].clear()"),
    (ROWS, "out = [d]\nfor one in out:\n    one.pop()"),
    (ROWS, "import random\nrandom.shuffle(d)"),
    (ROWS, "list(map(d[0].update, [{'x': 9}]))"),
    (ROWS, "grow = d.append\ngrow(1)"),
    (ROWS, "getattr(d, 'append')(1)"),
    (ROWS, "list.append(d, 1)"),
    (ROWS, "import operator\noperator.setitem(d, 0, 1)"),
    (ROWS, "import heapq\nheapq.heappush([3], 1)\nd[0].pop('x')"),
    (ROWS, "exec('d.append(1)')"),
    (ROWS, "[row.pop('x') for row in d]"),
    (ROWS, "(lambda rows: rows.append(1))(d)"),
    (ROWS, "def f(rows):\n    rows.append(1)\nf(d)"),
    (ROWS, "class Grow:\n    def __init__(self, rows):\n        rows.append(1)\nGrow(d)"),
    (
        ROWS,
        "class Grow:\n    def __init__(self, rows):\n        self.rows = rows\n        self.more()\n    def more(self):\n        self.rows.append(1)\nGrow(d)",
    ),
    (ROWS, "del d[0]"),
    (ROWS, "d[0:1] = []"),
    (ROWS, "if (e := d):\n    e.append(1)"),
    (ROWS, "for d[0] in [1, 2]:\n    pass"),
    (ROWS, "out = []\nif len(d) > 3:\n    out = d\nout.append(1)"),
    (ROWS, "out = d if d else []\nout.append(1)"),
    (ROWS, "def f(rows=d):\n    rows.append(1)\nf()"),
    (ROWS, "def outer():\n    rows = d\n    def inner():\n        rows.append(1)\n    inner()\nouter()"),
    (ROWS, "import json as np\nd[0].popitem()"),
    (ROWS, "sorted(d, key=lambda row: row.pop('x'))"),
    (ROWS, "from functools import reduce\nreduce(lambda rows, n: rows.append(n) or rows, [1, 2], d)"),
    (ROWS, "with open('/dev/null') as f:\n    d.append(1)"),
    (ROWS, "match d[0]:\n    case {'x': x}:\n        d[0]['x'] = x + 1"),
    (ROWS + "\ndef grow():\n    d.append(1)", "grow()"),
    (ROWS + "\nlist_of = {'grow': d.append}", "list_of['grow'](1)"),
    (ROWS + "\ngrow = d.append", "grow(1)\nd"),
    ("import collections\nd = collections.defaultdict(list)", "print(d['new'])"),
    ("d = iter([1, 2, 3])", "print(next(d))"),
    ("d = (n for n in range(3))", "print(sum(d))"),
    (TREE, "d.grow()"),
    (TREE, "print(d.seen)"),
    (TREE, "'{0.seen}'.format(d)"),
    (TREE, "d.value += 1"),
    (TREE, "Node.kinds += 1\nd"),
    (
        "class Lazy:\n    def __getattr__(self, name):\n        self.found = 1\n        return 1\nd = Lazy()",
        "print(d.other)",
    ),
    (
        "class Counting(list):\n    reads = 0\n    def __getitem__(self, index):\n        self.reads += 1\n        return 1\nd = Counting([1])",
        "print(d[0])",
    ),
    (
        "import functools\nclass C:\n    @functools.cached_property\n    def slow(self):\n        return 1\nd = C()",
        "print(d.slow)",
    ),
    (
        "class Eq:\n    n = 0\n    def __eq__(self, other):\n        self.n += 1\n        return True\nd = [Eq()]",
        "print(d.count(3))",
    ),
    ("class R:\n    def __repr__(self):\n        self.n = 1\n        return 'r'\nd = R()", "print(d)"),
    ("class R:\n    def _repr_html_(self):\n        self.n = 1\n        return 'r'\nd = R()", "d"),
    (
        "class I:\n    def __iadd__(self, other):\n        self.n = other\n        return self\n    def __radd__(self, other):\n        return self\nd = I()",
        "total = 0\ntotal = total + d\ntotal += 1",
    ),
    (FRAME, "d['y'] = 1"),
    (FRAME, "d.loc[0, 'x'] = 9"),
    (FRAME, "d.drop(columns='x', inplace=True)"),
    (FRAME, "d.sort_values('x', **{'inplace': True})"),
    (FRAME, "d.insert(0, 'new', 1)"),
    (FRAME, "d.pop('x')"),
    (FRAME, "d.columns = ['a', 'b', 'c']"),
    (FRAME, "d.index.name = 'i'"),
    (FRAME, "d._mgr.blocks[0].values[0] = 5\nd"),
    (FRAME, "d.apply(lambda row: d.pop('t') if 't' in d else row.get('x'), axis=1)"),
    (FRAME, "d.eval('y = x * 2', inplace=True)"),
    (ARRAY, "d[0] = 5"),
    (ARRAY, "v = d[2:4]\nv[:] = 0"),
    (ARRAY, "v = np.asarray(d)\nv[0] = 9"),
    (ARRAY, "d += 1"),
    (ARRAY, "v = d[1:]\nv += 1"),
    (ARRAY, "np.add(d, 1, d)"),
    (ARRAY, "np.add(d, 1, out=d)"),
    (ARRAY, "d.clip(0, 1, d)"),
    (ARRAY, "np.put(d, [0], 5)"),
    (ARRAY, "d.sort()"),
    (ARRAY, "d.flat[0] = 7"),
    (ARRAY, "np.random.shuffle(d)"),
    (ARRAY, "m = memoryview(d)\nm[0] = 4.0"),
    (ARRAY, "import ctypes\nctypes.memset(d.ctypes.data, 0, 8)"),
    ("import pandas as pd, numpy as np\na = np.arange(3.0)\nd = pd.DataFrame({'x': a}, copy=False)", "a += 1\nd"),
    ("from PIL import Image\nd = [Image.new('RGB', (4, 4))]", "d[0].putpixel((0, 0), (1, 2, 3))"),
    ("import polars as pl\nd = pl.DataFrame({'a': [1, 2]})", "d[0, 'a'] = 5"),
    ("import polars as pl\nd = pl.DataFrame({'a': [1, 2]})", "d.hstack([pl.Series('b', [1, 2])], in_place=True)"),
    ("d = [1]\nimport math\nmath_ = math", "import math\nmath.grow = d.append\nmath.grow(1)"),
]


@pytest.mark.parametrize(("above", "cell"), READERS)
def test_a_cell_that_only_reads_spares_what_it_reads(above: str, cell: str) -> None:
    assert "d" in spared(above, cell)


@pytest.mark.parametrize(("above", "cell"), WRITERS)
def test_what_a_cell_may_change_is_looked_at(above: str, cell: str) -> None:
    assert "d" not in spared(above, cell)


DATA = Path(__file__).parent.parent / "data"
ATTACKS = json.loads((DATA / "readers_attacked.json").read_text(encoding="utf-8"))
HOLES = json.loads((DATA / "readers_holes.json").read_text(encoding="utf-8"))


@pytest.mark.soak
@pytest.mark.parametrize("attack", ATTACKS, ids=[f"{number} {each['idea']}" for number, each in enumerate(ATTACKS)])
def test_whatever_a_cell_does_what_is_spared_is_as_it_was(attack: dict[str, Any]) -> None:
    """Two thousand ways to change something, tried on three forms of this: 400 of them were not seen at first."""
    assert_seen(attack)


@pytest.mark.parametrize("attack", HOLES, ids=[each["idea"] for each in HOLES])
def test_a_way_that_was_not_seen_once_is_seen(attack: dict[str, Any]) -> None:
    assert_seen(attack)


def assert_seen(attack: dict[str, Any]) -> None:
    """What is spared is as it was."""
    book = Watched(cells(*attack["cells"]))
    tools = dict(book.namespace)  # of this process; behind them are all values of the book
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book.rerun(stop_after=len(attack["cells"]) - 1)
        theirs = [name for name, value in book.namespace.items() if value is not tools.get(name, book)]
        before = {name: _seen(book, name) for name in theirs if not name.startswith("__")}
        book.rerun()
    for name in book.spared & before.keys():
        if book.namespace.get(name) is before[name][0]:
            assert _seen(book, name) == before[name], name


def _seen(book: Double, name: str) -> tuple[object, object, object]:
    value = book.namespace[name]
    try:
        return value, digest(value, book.known), survey(value, book.known).reach
    except Opaque:
        return value, None, survey(value, book.known).reach


def test_a_value_of_another_family_is_spared_beside_one_that_changes() -> None:
    names = spared(f"{FRAME}\nlog = []", "log.append(d.x.mean())")
    assert "d" in names
    assert "log" not in names


def test_a_library_that_the_author_patched_is_not_trusted() -> None:
    above = f"{FRAME}\ndef head(self):\n    self['new'] = 1\n    return self\npd.DataFrame.head = head"
    try:
        assert "d" not in spared(above, "print(d.head())")
    finally:
        import pandas as pd
        from pandas.core.generic import NDFrame

        if "head" in vars(pd.DataFrame):
            del pd.DataFrame.head
        assert pd.DataFrame.head is NDFrame.head


def test_a_builtin_that_the_author_replaced_is_not_trusted() -> None:
    assert "d" not in spared(ROWS, "def len(rows):\n    rows.append(1)\n    return 1\nprint(len(d))")


def test_a_cell_that_changes_a_list_changes_what_shares_it() -> None:
    book = Double(cells("a = [1]\nd = {'held': a}", "print(len(d))", "a.append(2)", "print(d)"))
    book.rerun()
    assert book.printed == ["", "1\n", "", "{'held': [1, 2]}\n"]


def test_a_function_of_an_own_module_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_tools_of_readers.py").write_text("def grow(rows):\n    rows.append(1)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "d" not in spared(ROWS, "import own_tools_of_readers\nown_tools_of_readers.grow(d)")
    assert "d" not in spared(ROWS, "from own_tools_of_readers import grow\ngrow(d)")
    assert "d" not in spared(f"{ROWS}\nfrom own_tools_of_readers import grow", "grow(d)")
