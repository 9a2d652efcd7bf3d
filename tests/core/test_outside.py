"""Process state, random numbers, files, the author's modules, open figures: the walk agrees with a fresh process.

A case is a notebook, the changes before each rerun, and what is asked after the last. The first cell's constant is also
turned into an input, as in the traps.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.host import Double, cells
from tests.core.test_traps import Child, agrees

TO_2 = [["edit", 0, "n = 2"]]
TO_1 = [["edit", 0, "n = 1"]]
THERE_AND_BACK = [TO_2, TO_1]


def edit(index: int, source: str) -> list[list[Any]]:
    return [["edit", index, source]]


def file(path: str, text: str) -> list[list[Any]]:
    return [["file", path, text]]


PROCESS: dict[str, tuple[list[str], list[Any]]] = {
    "an option of pandas that is no longer set": (
        [
            "n = 1",
            "import pandas as pd",
            "pd.set_option('display.max_rows', 7 + n)",
            "out = pd.get_option('display.max_rows')",
        ],
        [TO_2, edit(2, "pass")],
    ),
    "an option set where the library is imported": (
        ["n = 1", "import numpy as np\nnp.set_printoptions(precision=n)", "out = str(np.array([1.23456]))"],
        [TO_2, edit(1, "import numpy as np")],
    ),
    "errors of numpy": (
        [
            "n = 1",
            "import numpy as np\nnp.seterr(divide='raise' if n == 1 else 'ignore')",
            "out = np.geterr()['divide']",
        ],
        [TO_2, edit(1, "import numpy as np")],
    ),
    "the precision of decimals": (
        ["n = 1", "import decimal\ndecimal.getcontext().prec = n", "out = str(decimal.Decimal(1) / 3)"],
        [TO_2, edit(1, "import decimal")],
    ),
    "a filter of warnings": (
        [
            "n = 1",
            "import warnings\nif n == 1:\n    warnings.simplefilter('error', UserWarning)",
            "try:\n    warnings.warn('x')\n    out = 'shown'\nexcept UserWarning:\n    out = 'raised'",
        ],
        [TO_2, TO_1, TO_2],
    ),
    "a builtin that was replaced": (
        ["n = 1", "import builtins\nbuiltins.oct = (lambda x: -n) if n == 1 else oct", "out = oct(8)"],
        [TO_2, edit(1, "import builtins")],
    ),
    "the search path": (
        ["n = 1", "import sys\nsys.path.append(f'/nowhere/{n}')", "out = [p for p in sys.path if 'nowhere' in p]"],
        THERE_AND_BACK,
    ),
    "a variable of the environment that is taken away": (
        [
            "n = 1",
            "import os\nos.environ['NBK'] = 'x'",
            "if n == 2:\n    del os.environ['NBK']",
            "out = os.environ.get('NBK')",
        ],
        [TO_2, TO_1, TO_2, edit(1, "import os")],
    ),
    "a handler of a logger": (
        [
            "n = 1",
            "import logging\nseen = []\nclass H(logging.Handler):\n    def emit(self, r):\n        seen.append(r.getMessage())",
            "logging.getLogger('z').addHandler(H())",
            "logging.getLogger('z').error(f'e{n}')",
            "out = seen[:]",
        ],
        [TO_2, TO_1, edit(2, "pass")],
    ),
    "a style that a cell sets for the cells below": (
        [
            "n = 1",
            "import matplotlib\nmatplotlib.rcParams['font.size'] = 10 + n",
            "out = matplotlib.rcParams['font.size']",
        ],
        [TO_2, TO_1, edit(1, "import matplotlib")],
    ),
    "the recursion limit": (
        ["n = 1", "import sys\nsys.setrecursionlimit(3000 + n)", "out = sys.getrecursionlimit()"],
        [*THERE_AND_BACK, edit(1, "import sys")],
    ),
}
RANDOM = {
    "a seed that comes from an input": (
        ["n = 1", "import random\nrandom.seed(n)", "a = random.random()", "out = (a, random.random())"],
        THERE_AND_BACK,
    ),
    "a seed that another cell has set already": (
        ["n = 1", "import numpy as np\nnp.random.seed(n - 1)", "np.random.seed(0)", "out = np.random.rand()"],
        THERE_AND_BACK,
    ),
    "a draw that is inserted above another": (
        ["n = 1", "import random\nrandom.seed(0)", "pass", "out = random.random() * n"],
        [edit(2, "random.random()"), TO_2, edit(2, "pass")],
    ),
    "as many draws as an input says": (
        [
            "n = 1",
            "import numpy as np\nnp.random.seed(5)",
            "a = np.random.rand(n)",
            "b = np.random.rand()",
            "out = (a, b)",
        ],
        THERE_AND_BACK,
    ),
    "a draw inside a library": (
        [
            "n = 1",
            "import pandas as pd, numpy as np\nnp.random.seed(n)",
            "out = pd.Series(range(9)).sample(3).tolist()",
        ],
        THERE_AND_BACK,
    ),
    "a draw inside a function": (
        [
            "n = 1",
            "import random\ndef f():\n    return random.randint(0, 10**9)",
            "random.seed(3)",
            "a = f() * n",
            "out = (a, f())",
        ],
        THERE_AND_BACK,
    ),
}
FILES = {
    "a file that another cell writes": (
        ["n = 1", "open('f.txt', 'w').write(str(n))", "out = open('f.txt').read()"],
        [TO_2, TO_1, TO_2, edit(2, "out = open('f.txt').read() * 2")],
    ),
    "a file read again after an earlier value came back": (
        ["n = 1", "open('f.txt', 'w').write(str(n))", "a = open('f.txt').read()", "out = a"],
        [TO_2, TO_1, edit(3, "out = open('f.txt').read()")],
    ),
    "a file with a name made by the cell": (
        ["n = 1", "open(f'f{1}.txt', 'w').write(str(n))", "k = 1", "out = open('f' + str(k) + '.txt').read()"],
        [TO_2, TO_1, TO_2],
    ),
    "paths": (
        [
            "n = 1",
            "from pathlib import Path\np = Path('d')\np.mkdir(exist_ok=True)\n(p / 'a.txt').write_text(str(n))",
            "out = (p / 'a.txt').read_text()",
        ],
        THERE_AND_BACK,
    ),
    "a frame on disk": (
        [
            "n = 1",
            "import pandas as pd\npd.DataFrame({'a': [n]}).to_csv('d.csv')",
            "out = pd.read_csv('d.csv').a.tolist()",
        ],
        THERE_AND_BACK,
    ),
    "an array on disk": (
        ["n = 1", "import numpy as np\nnp.save('a.npy', np.arange(n))", "out = np.load('a.npy').tolist()"],
        THERE_AND_BACK,
    ),
    "a file two cells write": (
        [
            "n = 1",
            "open('f.txt', 'w').write('a')",
            "open('f.txt', 'a').write(str(n))",
            "open('f.txt', 'a').write('z')",
            "out = open('f.txt').read()",
        ],
        [TO_2, TO_1, TO_2],
    ),
    "a file that somebody edits": (
        ["n = 1", "out = open('d.txt').read()"],
        [file("d.txt", "two"), file("d.txt", "six"), TO_2],
    ),
    "a file that is not there at first": (
        ["n = 1", "import os\nout = os.path.exists('flag')"],
        [file("flag", ""), TO_2],
    ),
    "a folder that is listed": (
        ["n = 1", "import os\nos.makedirs('dd', exist_ok=True)", "out = sorted(os.listdir('dd'))"],
        [file("dd/x", "1"), file("dd/y", "1")],
    ),
    "a file whose name is read from another": (
        ["n = 1", "name = open('d.txt').read()", "out = open(name).read()"],
        [file("e.txt", "EE"), file("d.txt", "e.txt"), file("e.txt", "EF")],
    ),
    "a file in a folder that a cell goes to": (
        [
            "n = 1",
            "import os\nos.makedirs('s', exist_ok=True)\nos.chdir('s')",
            "open('f.txt', 'w').write(str(n))",
            "out = open('f.txt').read()",
        ],
        THERE_AND_BACK,
    ),
    "a file that is moved": (
        [
            "n = 1",
            "open('a.txt', 'w').write(str(n))",
            "import os\nos.replace('a.txt', 'b.txt')",
            "out = open('b.txt').read(), os.path.exists('a.txt')",
        ],
        THERE_AND_BACK,
    ),
    "a function that reads a file": (
        ["n = 1", "def f():\n    return open('d.txt').read()", "out = f() * n"],
        [file("d.txt", "two"), TO_2, file("d.txt", "three")],
    ),
}
DATA_SETS = {
    "a data set of several files that a cell writes": (
        [
            "n = 1",
            "import pandas as pd, shutil\nshutil.rmtree('data_out', ignore_errors=True)\n"
            "pd.DataFrame({'k': ['a', 'b'], 'v': [n, 1]}).to_parquet('data_out', partition_cols=['k'])",
            "out = int(pd.read_parquet('data_out').v.sum())",
        ],
        [TO_2, TO_1, TO_2, edit(2, "out = int(pd.read_parquet('data_out').v.max())"), TO_1],
    ),
    "a data set whose folder is in a variable": (
        [
            "n = 1",
            "where = 'data_out'",
            "import polars as pl, os\nos.makedirs(where + '/x', exist_ok=True)\n"
            "pl.DataFrame({'v': [n]}).write_parquet(where + '/x/part')",
            "out = pl.read_parquet(where).sum().item()",
        ],
        [TO_2, TO_1, edit(3, "out = pl.read_parquet(where).max().item()"), TO_2],
    ),
    "a data set in a folder that a cell writes to with Python": (
        [
            "n = 1",
            "import polars as pl",
            "first = pl.read_csv('dd/**/*.csv').sum().item()",
            "from pathlib import Path\nPath('dd/k=a/y.csv').write_text(f'v\\n{n}\\n')",
            "out = pl.read_csv('dd/**/*.csv').sum().item()",
        ],
        [TO_2, edit(4, "out = pl.read_csv('dd/**/*.csv').max().item()"), TO_1],
    ),
    "a cell that comes to read a data set of which an earlier state was brought back": (
        [
            "n = 1",
            "import polars as pl",
            "from pathlib import Path\nPath('dd/k=a/y.csv').write_text(f'v\\n{n}\\n')",
            "first = pl.read_csv('dd/**/*.csv').sum().item()",
            "out = 0",
        ],
        [TO_2, TO_1, edit(4, "out = pl.read_csv('dd/**/*.csv').max().item()")],
    ),
    "a file of a data set that somebody edits": (
        ["n = 1", "import polars as pl", "out = pl.read_csv('dd/**/*.csv').sum().item() * n"],
        [TO_2, file("dd/k=a/z.csv", "v\n7\n"), file("dd/k=a/x.csv", "v\n5\n")],
    ),
    "a data set that a lazy frame reads in another cell": (
        ["n = 1", "import polars as pl", "lazy = pl.scan_csv('dd/**/*.csv')", "out = lazy.collect().sum().item() * n"],
        [TO_2, file("dd/k=a/z.csv", "v\n7\n"), file("dd/k=a/x.csv", "v\n5\n")],
    ),
    "a data set in SQL": (
        ["n = 1", "import duckdb", "out = duckdb.sql(\"select sum(v) from 'dd/*/*.csv'\").fetchall(), n"],
        [TO_2, file("dd/k=a/z.csv", "v\n7\n"), file("dd/k=a/x.csv", "v\n5\n")],
    ),
    "a data set that a function reads": (
        [
            "n = 1",
            "import polars as pl\ndef load():\n    return pl.read_csv('dd/*/*.csv')",
            "out = load().sum().item() * n",
        ],
        [TO_2, file("dd/k=a/x.csv", "v\n5\n")],
    ),
    "a data set in a folder whose name has brackets": (
        [
            "n = 1",
            "import pandas as pd, shutil\nshutil.rmtree('data[1]', ignore_errors=True)\n"
            "pd.DataFrame({'k': ['a', 'b'], 'v': [n, 1]}).to_parquet('data[1]', partition_cols=['k'])",
            "out = int(pd.read_parquet('data[1]').v.sum())",
        ],
        THERE_AND_BACK,
    ),
    "files here that a pattern matches": (
        ["n = 1", "import polars as pl", "out = pl.read_csv('part_*.csv').sum().item() * n"],
        [TO_2, file("part_1.csv", "v\n5\n"), file("part_2.csv", "v\n7\n")],
    ),
    "a folder that is listed and read in one cell": (
        ["n = 1", "import os, polars as pl", "out = os.listdir('dd/k=a'), pl.read_csv('dd/k=a').sum().item() * n"],
        [TO_2, file("dd/k=a/x.csv", "v\n5\n")],
    ),
    "a database with its write-ahead log": (
        [
            "n = 1",
            "import sqlite3\ncon = sqlite3.connect('x.db')\ncon.execute('pragma journal_mode=wal')\n"
            "con.executescript(f'drop table if exists t; create table t as select {n} as v')",
            "out = sqlite3.connect('x.db').execute('select v from t').fetchall()",
        ],
        [TO_2, TO_1, TO_2],
    ),
    "a data set in a folder that a cell goes to": (
        [
            "n = 1",
            "import os, polars as pl\nos.chdir('dd')",
            "pl.DataFrame({'v': [n]}).write_csv('k=a/y.csv')",
            "out = pl.read_csv('k=a').sum().item()",
        ],
        [TO_2, edit(3, "out = pl.read_csv('k=a').max().item()"), TO_1],
    ),
}
MODULES = {
    "a name imported from a module that is edited": (
        ["n = 1", "from tmod import f", "g = f", "out = g() * n"],
        [file("tmod.py", "def f(): return 5\n"), TO_2],
    ),
    "a module under another name": (
        ["n = 1", "import tmod as t", "out = t.f() * n"],
        [file("tmod.py", "def f(): return 7\n"), TO_2],
    ),
    "a module that another imports": (
        ["n = 1", "import outer", "out = outer.h() * n"],
        [file("tmod.py", "def f(): return 9\n"), file("tmod.py", "def f(): return 10\n"), TO_2],
    ),
    "a class of a module": (
        ["n = 1", "import kinds", "p = kinds.P(n)", "out = p.double(), isinstance(p, kinds.P)"],
        [
            TO_2,
            file(
                "kinds.py", "class P:\n    def __init__(self, v): self.v = v\n    def double(self): return 3 * self.v\n"
            ),
            TO_1,
        ],
    ),
    "an attribute that is set and set back": (
        ["n = 1", "import tmod", "if n == 2:\n    tmod.K = 'changed'", "out = getattr(tmod, 'K', None)"],
        [TO_2, TO_1, TO_2, edit(2, "pass")],
    ),
    "a list in a module that a cell appends to": (
        ["n = 1", "import store", "store.items.append(n)", "out = list(store.items)"],
        [TO_2, TO_1, edit(2, "store.items.append(7)")],
    ),
    "a counter in a module": (
        ["n = 1", "import store", "store.bump()\nx = n", "store.bump()", "out = store.count"],
        [TO_2, TO_1],
    ),
    "a module of a package": (
        ["n = 1", "import pkg.sub", "out = pkg.sub.v * n"],
        [TO_2, file("pkg/sub.py", "v = 30\n"), TO_1],
    ),
    "a module that is imported in a function": (
        ["n = 1", "def f():\n    import tmod\n    return tmod.f()", "out = f() * n"],
        [file("tmod.py", "def f(): return 4\n"), TO_2],
    ),
    "a module that is imported by its name": (
        ["n = 1", "import importlib\nt = importlib.import_module('tmod')", "out = t.f() * n"],
        [file("tmod.py", "def f(): return 4\n"), TO_2],
    ),
    "an import that moves": (
        ["n = 1", "import tmod", "out = tmod.f() * n"],
        [edit(1, "pass"), edit(1, "import tmod")],
    ),
    "a function of a module passed to one of the notebook": (
        ["n = 1", "import tmod\ndef call(f):\n    return f() + n", "out = call(tmod.f)"],
        [TO_2, file("tmod.py", "def f(): return 40\n")],
    ),
}
AGG = "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt"
SHOWN = "out = plt.get_fignums(), [(a.get_title(), [list(x.get_ydata()) for x in a.lines]) for a in plt.gcf().axes]"
OPEN_FIGURES = {
    "a figure that the cells below draw on": (
        ["n = 1", AGG, "plt.figure(); plt.plot([1, n])", "plt.title('t'); plt.plot([2, 3])", SHOWN],
        [TO_2, TO_1, TO_2, edit(3, "plt.title('u')"), TO_1, edit(3, "pass"), TO_2, edit(3, "plt.title('v')")],
    ),
    "a figure that is no longer made": (
        ["n = 1", AGG, "plt.figure(); plt.plot([1, n])", "plt.plot([2, 3])", SHOWN],
        [TO_2, edit(2, "pass"), TO_1, edit(2, "plt.figure(3)")],
    ),
    "a figure above one that depends on an input": (
        ["n = 1", AGG, "plt.plot([5])", "plt.figure(); plt.plot([1, n])", "plt.title(str(n))", "plt.figure(1)", SHOWN],
        [TO_2, TO_1, edit(5, "pass"), TO_2, edit(5, "plt.figure(1); plt.plot([n])")],
    ),
    "the numbers of figures": (
        ["n = 1", AGG, "for _ in range(n): plt.figure()", "fig = plt.figure()", "out = fig.number, plt.get_fignums()"],
        [TO_2, TO_1, edit(2, "pass"), TO_2, edit(3, "fig = plt.figure(7)")],
    ),
    "a figure that has a name, drawn on without it": (
        ["n = 1", AGG, "fig, ax = plt.subplots()", "plt.title(f'n is {n}')", "out = ax.get_title(), len(fig.axes)"],
        [TO_2, TO_1, TO_2, edit(3, "pass"), edit(3, "plt.plot([n])"), TO_1],
    ),
    "a figure that a cell draws on by its name": (
        ["n = 1", AGG, "fig, ax = plt.subplots()", "ax.plot([n])", SHOWN],
        [TO_2, TO_1, edit(3, "ax.set_title(str(n))"), TO_2],
    ),
    "a figure that a cell closes": (
        ["n = 1", AGG, "fig = plt.figure(); plt.plot([n])", "if n == 2:\n    plt.close()", "plt.plot([7])", SHOWN],
        [TO_2, TO_1, TO_2, edit(3, "pass"), TO_1, edit(3, "plt.close(fig)")],
    ),
    "a column drawn on the current axes": (
        ["n = 1", AGG, "import pandas as pd\ns = pd.Series([1, n])", "plt.figure()", "s.plot()", "s.plot()", SHOWN],
        [TO_2, TO_1, edit(4, "s.to_frame().plot()"), TO_2, edit(5, "s.to_frame().plot(ax=plt.gca())"), TO_1],
    ),
    "a figure drawn on by a module": (
        ["n = 1", AGG, "import draws\nplt.figure()", "draws.line(n)", "draws.line(9)", "out = draws.lines()"],
        [TO_2, TO_1, edit(3, "draws.line(5)"), TO_2, edit(4, "pass"), TO_1],
    ),
    "a figure that a function draws on": (
        ["n = 1", AGG, "def f(y):\n    plt.plot([y])", "plt.figure(); f(n)", "f(5)", SHOWN],
        [TO_2, TO_1, edit(4, "f(6)"), TO_2],
    ),
    "a figure that is current again": (
        [
            "n = 1",
            AGG,
            "plt.figure(1); plt.figure(2)",
            "plt.figure(n)",
            "plt.plot([n])",
            "out = plt.gcf().number",
            SHOWN,
        ],
        [TO_2, TO_1, edit(3, "pass"), TO_2, edit(3, "plt.figure(2)")],
    ),
    "a figure made current that was current": (
        ["n = 1", AGG, "fig, ax = plt.subplots()", "pass", "plt.sca(ax)", "plt.plot([n])", SHOWN],
        [edit(3, "plt.figure()"), TO_2, edit(3, "pass"), TO_1, edit(4, "pass"), edit(3, "plt.figure(5)")],
    ),
    "a figure closed that was not open": (
        ["n = 1", AGG, "plt.figure(n)", "plt.close(2)", "plt.plot([3])", SHOWN],
        [TO_2, TO_1, edit(3, "pass"), TO_2, edit(3, "plt.close(2)")],
    ),
    "a library imported by the cell that draws": (
        ["n = 1", f"{AGG}\nplt.figure(); plt.plot([n])", "plt.title('t')", SHOWN],
        [TO_2, TO_1, edit(1, AGG), TO_2],
    ),
    "figures of a loop that are all closed": (
        ["n = 1", AGG, "plt.figure(); plt.plot([n])", "plt.close('all')", SHOWN],
        [TO_2, TO_1, edit(3, "pass"), TO_2, edit(3, "plt.clf()"), TO_1],
    ),
}
ON_DISK = {
    "draws.py": "import matplotlib.pyplot as plt\ndef line(y): plt.plot([y])\n"
    "def lines(): return [list(x.get_ydata()) for x in plt.gca().lines]\n",
    "d.txt": "one",
    "one": "content of one",
    "dd/k=a/x.csv": "v\n1\n",
    "part_1.csv": "v\n1\n",
    "tmod.py": "def f(): return 1\n",
    "outer.py": "import tmod\ndef h(): return tmod.f()\n",
    "kinds.py": "class P:\n    def __init__(self, v): self.v = v\n    def double(self): return 2 * self.v\n",
    "store.py": "items = []\ncount = 0\ndef bump():\n    global count\n    count += 1\n",
    "pkg/__init__.py": "",
    "pkg/sub.py": "v = 3\n",
}
CASES = {**PROCESS, **RANDOM, **FILES, **DATA_SETS, **MODULES, **OPEN_FIGURES}


@pytest.mark.parametrize(
    "look",
    [
        "import os\nout = os.listdir('dd')",
        "import os\nout = sorted(entry.name for entry in os.scandir('dd'))",
        "import glob\nout = glob.glob('dd/*.csv')",
        "from pathlib import Path\nout = [path.name for path in Path('dd').iterdir()]",
        "from pathlib import Path\nfolder = Path('dd')\nout = list(folder.glob('*.csv'))",
        "import os\nos.makedirs('dd', exist_ok=True)\nout = os.path.exists('dd')",
    ],
)
def test_a_folder_that_is_only_listed_counts_by_the_names_in_it(
    look: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dd").mkdir()
    (tmp_path / "dd" / "x.csv").write_text("1")
    double = Double(notebook=cells(look, "import polars as pl", "import os"))
    double.rerun()
    (tmp_path / "dd" / "x.csv").write_text("2")
    assert double.rerun() == []
    (tmp_path / "dd" / "y.csv").write_text("1")
    assert double.rerun() == ["c0"]  # who makes a folder left it with the names that were in it


@pytest.mark.parametrize("name", DATA_SETS)
def test_a_data_set_that_nobody_changed_makes_no_cell_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dd" / "k=a").mkdir(parents=True)
    for path in ("dd/k=a/x.csv", "part_1.csv"):
        (tmp_path / path).write_text(ON_DISK[path])
    double = Double(notebook=cells("n = read('n')", *DATA_SETS[name][0][1:]), inputs={"n": 1})
    double.rerun()
    assert double.errors == []
    assert double.rerun() == []
    double.set(n=2)
    double.rerun()  # a cell above the writer finds what it wrote before
    double.rerun()
    assert double.rerun() == []


@pytest.mark.parametrize("text", [".", "/", "..", "./", "**", "*", "select * from t", "a / b * c", "~"])
def test_a_text_that_could_mean_everything_means_nothing(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "below").mkdir()
    double = Double(notebook=cells(f"import polars as pl\nsay = pl.lit, {text!r}"))
    double.rerun()
    (tmp_path / "below" / "x.csv").write_text("1")
    assert double.rerun() == []


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    found = Child()
    yield found
    found.close()


@pytest.mark.parametrize("slider", [False, True], ids=["constant", "input"])
@pytest.mark.parametrize("name", CASES)
def test_the_walk_agrees_with_a_fresh_process(child: Child, name: str, slider: bool, tmp_path: Path) -> None:
    cells, steps = CASES[name]
    for what in ("walked", "clean"):
        (tmp_path / what / "pkg").mkdir(parents=True)
        (tmp_path / what / "dd" / "k=a").mkdir(parents=True)
    trap = {"cells": cells, "steps": steps, "probes": ["out"], "files": ON_DISK}
    agrees(child, trap, tmp_path, slider=slider)
