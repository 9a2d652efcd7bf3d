"""What cells change inside libraries is seen below, undone, and brought back; registries do not grow by reruns.

The libraries are small ones, those that tests need anyway, and a look-alike of large ones.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nbapp.testing import AppTest
from nbapp.verify.check import differences
from tests.kernel.book import SLIDER, Book, book_in

LIBRARIES = Path(__file__).parent.parent / "data" / "site-packages"
ALIKE = f"import sys\nsys.path.append({str(LIBRARIES)!r})\nimport lookalike as lib"
ROWS: dict[str, tuple[str, str, str, Callable[[int], object]]] = {
    "a template, by an index": (
        f"{ALIKE}\ntemplates = lib.templates",
        "lib.templates['mine'] = {'width': n.value}",
        "templates['mine']['width']",
        lambda n: n,
    ),
    "a template, in place": (
        ALIKE,
        "lib.templates['plain']['width'] = n.value",
        "lib.templates['plain']",
        lambda n: {"width": n},
    ),
    "a template, for some values": (
        ALIKE,
        "if n.value > 4: lib.templates['mine'] = {}",
        "'mine' in lib.templates",
        lambda n: n > 4,
    ),
    "what may be registered once": (
        ALIKE,
        "enabled = lib.add_enabled_units({'foo': n.value})",
        "lib.current_registry()['foo']",
        lambda n: n,
    ),
    "a setting in a class": (ALIKE, "lib.Setting.set(str(n.value))", "lib.Setting.get()", lambda n: n),
    "a setting, imported by its name": (
        f"{ALIKE}\nfrom lookalike import Setting",
        "Setting.set(str(n.value))",
        "Setting.get()",
        lambda n: n,
    ),
    "an object that keeps its settings elsewhere": (ALIKE, "lib.conf.width = n.value", "lib.conf.width", lambda n: n),
    "such an object, imported by its name": (
        f"{ALIKE}\nfrom lookalike import conf",
        "conf.height = n.value",
        "conf.height",
        lambda n: n,
    ),
    "such an object, imported where it is set": (
        ALIKE,
        "from lookalike import conf\nconf.depth = n.value",
        "lib.conf.depth",
        lambda n: n,
    ),
    "a method of what a function gives": (
        ALIKE,
        "lib.document().add_root(n.value)",
        "lib.document().roots",
        lambda n: [n],
    ),
    "a container that a function gives, with a cache": (
        ALIKE,
        "lib.names()['brand'] = f'x{n.value}'",
        "lib.colour('brand')",
        lambda n: f"X{n}",
    ),
    "the first day of a week": (
        "import calendar",
        "calendar.setfirstweekday(n.value % 7)",
        "calendar.weekheader(2)[:2]",
        lambda n: "MoTuWeThFrSaSu"[n % 7 * 2 :][:2],
    ),
    "the name of a level": (
        "import logging",
        "logging.addLevelName(25, f'L{n.value}')",
        "logging.getLevelName(25)",
        lambda n: f"L{n}",
    ),
    "the class of loggers": (
        "import logging\nclass Mine(logging.Logger): pass",
        "logging.setLoggerClass(Mine if n.value > 4 else logging.Logger)",
        "logging.getLoggerClass().__name__",
        lambda n: "Mine" if n > 4 else "Logger",
    ),
    "how long sockets wait": (
        "import socket",
        "socket.setdefaulttimeout(n.value)",
        "socket.getdefaulttimeout()",
        float,
    ),
    "the longest field of a CSV file": (
        "import csv",
        "csv.field_size_limit(n.value)",
        "csv.field_size_limit()",
        lambda n: n,
    ),
    "the most digits": (
        "import sys",
        "sys.set_int_max_str_digits(n.value * 1000)",
        "sys.get_int_max_str_digits()",
        lambda n: n * 1000,
    ),
    "the time zone": (
        "import os, time",
        "os.environ['TZ'] = 'ABCDEFGHI'[: n.value]\ntime.tzset()",
        "time.tzname[0]",
        lambda n: "ABCDEFGHI"[:n],
    ),
    "how SQLite stores a class": (
        "import sqlite3\nclass Own: pass",
        "sqlite3.register_adapter(Own, lambda own, number=n.value: number)",
        "sqlite3.connect(':memory:').execute('select ?', (Own(),)).fetchone()[0]",
        lambda n: n,
    ),
    "a dialect": (
        "import csv",
        "csv.register_dialect('mine', delimiter=',' if n.value > 4 else ';')",
        "list(csv.reader(['a;b,c'], 'mine'))",
        lambda n: [["a;b", "c"]] if n > 4 else [["a", "b,c"]],
    ),
    "a type of file": (
        "import mimetypes",
        "mimetypes.add_type(f'x/{n.value}', '.foo')",
        "mimetypes.guess_type('a.foo')[0]",
        lambda n: f"x/{n}",
    ),
    "a prefix of XML": (
        "import xml.etree.ElementTree as ET",
        "ET.register_namespace(f'p{n.value}x', 'http://a')",
        "ET.tostring(ET.Element('{http://a}b'), 'unicode')",
        lambda n: f'<p{n}x:b xmlns:p{n}x="http://a" />',
    ),
    "the garbage collector": (
        "import gc",
        "gc.set_threshold(1000 + n.value)",
        "gc.get_threshold()[0]",
        lambda n: 1000 + n,
    ),
    "errors of special functions": (
        "import scipy.special as sp",
        "old = sp.seterr(singular='raise' if n.value > 4 else 'ignore')",
        "sp.geterr()['singular']",
        lambda n: "raise" if n > 4 else "ignore",
    ),
    "threads of Arrow": ("import pyarrow as pa", "pa.set_cpu_count(n.value)", "pa.cpu_count()", lambda n: n),
    "a template of plotly": (
        "import plotly.io as pio, plotly.graph_objects as go",
        "pio.templates['mine'] = go.layout.Template(layout={'width': n.value + 100})",
        "pio.templates['mine'].layout.width",
        lambda n: n + 100,
    ),
    "a colour of matplotlib": (
        "import matplotlib.colors as mc",
        "mc.get_named_colors_mapping()['brand'] = (n.value / 50, 0, 0)",
        "mc.to_rgb('brand')[0]",
        lambda n: n / 50,
    ),
    "a style of matplotlib": (
        "import matplotlib.style as ms",
        "ms.library['mine'] = {'lines.linewidth': n.value}",
        "ms.library['mine']",
        lambda n: {"lines.linewidth": n},
    ),
    "a registered sheet": (ALIKE, "b = lib.board('k'); lib.label(str(n.value))", "len(b.children)", lambda n: 1),
    "a sheet of another cell": (
        f"{ALIKE}\nb = lib.board('k')",
        "lib.label(str(n.value))",
        "len(b.children), b.texts",
        lambda n: (1, [str(n)]),
    ),
    "a figure of bqplot by its key": (
        "from bqplot import pyplot as p",
        "f = p.figure('k'); p.plot([1, 2], [n.value, 2]);",
        "len(f.marks), len(p._context['figure_registry'])",
        lambda n: (1, 1),
    ),
    "a figure of bqplot by its key, of another cell": (
        "from bqplot import pyplot as p\nf = p.figure('k');",
        "p.plot([1, 2], [n.value, 2]);",
        "len(f.marks), len(f.axes), len(p._context['scales'])",
        lambda n: (1, 2, 2),
    ),
    "the current figure of bqplot": (
        "from bqplot import pyplot as p\nf = p.figure();",
        "p.plot([1, 2], [n.value, 2]);",
        "len(f.marks), len(f.axes), len(p._context['scales'])",
        lambda n: (1, 2, 2),
    ),
    "inside the value of a trait": (
        f"{ALIKE}\ng = lib.Grid()",
        "g.put('a', n.value)",
        "g.data",
        lambda n: {"a": n},
    ),
    "what a property of a widget shows": (
        f"{ALIKE}\nc = lib.Chooser()",
        "c.reset(str(n.value))",
        "c.value",
        lambda n: n,
    ),
}


@pytest.mark.parametrize(("imports", "change", "seen", "expected"), ROWS.values(), ids=ROWS)
def test_what_a_cell_changes_in_a_library_is_seen_below_and_undone(
    book: Book, imports: str, change: str, seen: str, expected: Callable[[int], object]
) -> None:
    book.open(SLIDER, imports, change, f"print(({seen}))")
    book.shows(lambda n: f"{expected(n)}\n", 3, 8, 3, 8, 9, 8)
    assert differences(book.app) == []
    book.edit(2, "pass").run()
    book.edit(2, change).run()
    assert (book.error, book.text(3)) == (None, f"{expected(8)}\n")


def test_what_a_cell_changed_is_gone_with_the_cell(book: Book) -> None:
    book.open(SLIDER, ALIKE, "lib.templates['gone'] = {}", "print('gone' in lib.templates)")
    assert book.text(3) == "True\n"
    book.delete(2)
    assert book.run().text(2) == "False\n"


def test_what_a_library_keeps_for_itself_is_no_setting(book: Book) -> None:
    book.open(SLIDER, ALIKE, "m = lib.measured('x' * n.value)", "y = lib.measured('a')")
    assert book.set("n", 7).executed == (2,)
    assert book.set("n", 8).executed == (2,)


def test_containers_of_the_notebook_are_no_state_of_a_library(book: Book) -> None:
    book.open(SLIDER, f"{ALIKE}\nd = {{}}\nlib.templates['mine'] = d", "e = {}\ne['k'] = n.value", "x = 1")
    assert book.set("n", 7).executed == (2,)


def test_what_a_user_chose_in_an_inner_widget_of_a_library_is_seen(book: Book) -> None:
    book.open(SLIDER, f"{ALIKE}\nc = lib.Chooser()", "print(c.value)", "print(n.value)")
    book.message("c._select", {"method": "custom", "content": {"event": "click"}})
    assert (book.text(2), book.states) == ("clicked\n", ["skipped", "skipped", "ran", "skipped"])
    assert book.set("n", 4).text(2) == "clicked\n"
    book.edit(1, f"{ALIKE}\nc = lib.Chooser()  # again").run()
    assert book.text(2) == "None\n"


def test_a_container_that_a_library_holds_is_never_replaced_by_a_copy(tmp_path: Path) -> None:
    always = "setattr(__import__('nbapp.core.memos.snapshot', fromlist=['_']).Snapshots, 'is_worth', lambda *_: True)"
    with book_in(tmp_path) as book:
        book.eval(always)  # otherwise how long a cell takes decides
        imports, change, seen, expected = ROWS["a template, by an index"]
        book.open(SLIDER, imports, change, f"print(({seen}))")
        book.shows(lambda n: f"{expected(n)}\n", 3, 8, 3, 9, 8)


# --- what is set in the cell that imports the library

IMPORTING = {
    "import pandas as pd": ("pd.options.display.max_rows = 5", "pd.options.display.max_rows", "60"),
    "import pandas as p2": ("p2.DataFrame.total = 1", "hasattr(p2.DataFrame, 'total')", "False"),
    "import decimal": ("decimal.getcontext().prec = 5", "decimal.getcontext().prec", "28"),
    "import numpy as np": ("np.seterr(all='raise');", "np.geterr()['under']", "ignore"),
    "import numpy as n2": ("n2.seterrcall(print);", "n2.geterrcall()", "None"),
    "import matplotlib as mpl": ("mpl.rcParams['font.size'] = 5", "mpl.rcParams['font.size']", "10.0"),
    "import PIL.Image as Image": ("Image.MAX_IMAGE_PIXELS = 5", "Image.MAX_IMAGE_PIXELS", "89478485"),
    "import fractions": ("fractions.Fraction.x = 5", "hasattr(fractions.Fraction, 'x')", "False"),
}


def test_what_the_cell_that_imports_a_library_sets_is_no_default_of_the_library() -> None:
    cells = [f"{imports}\nif s.value > 5: {sets}" for imports, (sets, *_) in IMPORTING.items()]
    shown = ", ".join(seen for _, seen, _ in IMPORTING.values())
    with AppTest.from_cells(("import ipywidgets as W\ns = W.IntSlider(7)\ns", *cells, f"print({shown})")) as app:
        app.run()
        app.set("s", 3)
        assert app.outputs(-1)[0]["text"] == " ".join(default for *_, default in IMPORTING.values()) + "\n"


def test_a_part_that_a_library_imports_when_it_is_first_asked_for_is_looked_at_without_asking_for_it(
    tmp_path: Path,
) -> None:
    with book_in(tmp_path) as book:  # numpy gives `np.random` when it is first read, by an import
        book.open(
            SLIDER, "import numpy as np", "if n.value > 2: np.random.seed(n.value)", "print(np.random.rand() < 2)"
        )
        book.shows(lambda n: "True\n", 3, 1)


def test_an_image_that_nobody_read_yet_is_not_read_to_be_known(book: Book, tmp_path: Path) -> None:
    book.open(
        SLIDER,
        f"import os\nfrom PIL import Image\nos.chdir({str(tmp_path)!r})\n"
        "for name in ('a.png', 'a.jpg'): Image.new('RGB', (64, 64), 'red').save(name)",
        "import time; time.sleep(0.02)  # what takes a while is copied rather than made again\n"
        "file = open('a.png', 'rb')\nchecked, small, later = Image.open(file), Image.open('a.jpg'), Image.open('a.png')",
        "place = file.tell(), checked.fp is file",
        "checked.verify()",
        "small.draft('L', (8 * n.value, 8))",
        "seen = place, small.mode, small.size, later.getpixel((0, 0)), n.value",
    )
    for value, size in ((1, 8), (4, 32), (1, 8)):
        book.set("n", value)
        place, *rest = book.eval("seen")
        assert (book.error, place[0] < 64, place[1]) == (None, True, True)
        assert rest == ["L", (size, size), (255, 0, 0), value]
    assert 3 not in book.set("n", 4).executed
