"""What a library made while it was imported stays; what may be open once, or be said once, is taken back first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel.book import SLIDER, Book, book_in
from tests.libraries.test_libraries_state import ALIKE

OPENS: dict[str, tuple[str, str, str, Callable[[int], object]]] = {
    "a file that the next cell reads": (
        "f = lib.File('a')\nf.rows.append(1)",
        "k = n.value",
        "f.rows[0] * k",
        lambda n: n,
    ),
    "a file that the next cell writes": ("f = lib.File('b')", "f.rows.append(n.value)", "f.rows", lambda n: [n]),
    "a file in a container": (
        "held = {'f': [lib.File('c')]}",
        "held['f'][0].rows.append(n.value)",
        "held['f'][0].rows",
        lambda n: [n],
    ),
    "a file in an object": (
        "class Holder: pass\nh = Holder()\nh.f = lib.File('d')",
        "h.f.rows.append(n.value)",
        "h.f.rows",
        lambda n: [n],
    ),
    "the cell that opens it": ("pass", "f = lib.File('e')\nf.rows.append(n.value)", "f.rows", lambda n: [n]),
    "under another name": ("f = lib.File('f')", "g = f; g.rows.append(n.value)", "f.rows", lambda n: [n]),
    "one that the library keeps open": ("f = lib.standard()", "k = n.value", "f.path, k", lambda n: ("standard", n)),
}


@pytest.mark.parametrize(("opens", "uses", "seen", "expected"), OPENS.values(), ids=OPENS)
def test_what_may_be_open_once_is_closed_before_it_is_opened_again(
    book: Book, opens: str, uses: str, seen: str, expected: Callable[[int], object]
) -> None:
    book.open(SLIDER, ALIKE, opens, uses, f"print(({seen}))", "print('standard' in lib.File._open)")
    book.shows(lambda n: "True\n", 3)
    for n in (3, 8, 3, 9):
        book.set("n", n)
        assert (book.error, book.text(4)) == (None, f"{expected(n)}\n")
    assert book.text(5) == "True\n"


def test_what_a_cell_had_open_that_failed_or_left_is_closed(book: Book) -> None:
    book.open(SLIDER, ALIKE, "f = lib.File('g')\nassert n.value < 9", "pass")
    assert book.set("n", 9).error is not None
    assert book.set("n", 2).error is None
    book.delete(2).insert(2, "g = lib.File('g')").run()
    assert book.error is None


def test_widgets_that_a_library_makes_while_it_is_imported_are_not_the_cells(tmp_path: Path) -> None:
    with book_in(tmp_path) as book:  # where it is not imported yet
        seen = "lib.MANAGER.value = f'x{n.value}'; print(lib.MANAGER.comm is not None, lib.LAST.value)"
        book.open(SLIDER, f"{ALIKE}\nmanager = lib.MANAGER, n.value", seen)
        assert book.text(2) == "True 1\n"
        for n in (4, 2, 7):
            assert book.set("n", n).text(2).startswith("True"), n


SAID: dict[str, tuple[str, str, str, Callable[[int], object]]] = {
    "a table of SQLite": (
        "import sqlite3\ncon = sqlite3.connect(':memory:')",
        "con.execute('create table t(a)'); con.execute('insert into t values (?)', [n.value]);",
        "con.execute('select * from t').fetchall()",
        lambda n: [(n,)],
    ),
    "a database that is attached": (
        "import sqlite3\ncon = sqlite3.connect(':memory:', timeout=1)",
        "con.execute('attach ? as other', [':memory:']); k = n.value",
        "[row[1] for row in con.execute('pragma database_list')], k",
        lambda n: (["main", "other"], n),
    ),
    "a number in the head of a database": (
        "import sqlite3\ncon = sqlite3.connect(':memory:')",
        "con.execute(f'pragma user_version = {n.value}');",
        "con.execute('pragma user_version').fetchall()",
        lambda n: [(n,)],
    ),
    "how rows are given": (
        "import sqlite3\ncon = sqlite3.connect(':memory:')",
        "con.row_factory = sqlite3.Row if n.value > 4 else None",
        "type(con.execute('select 1').fetchone()).__name__",
        lambda n: "Row" if n > 4 else "tuple",
    ),
    "headers of a session": (
        "import requests\nsession = requests.Session()",
        "session.headers['X-N'] = str(n.value); session.params = {'k': n.value}",
        "session.headers['X-N'], session.params",
        lambda n: (str(n), {"k": n}),
    ),
    "credentials of a client": (
        "import httpx\nclient = httpx.Client()",
        "client.headers['X-N'] = str(n.value); client.params = {'k': n.value}",
        "client.headers['x-n'], str(client.params)",
        lambda n: (str(n), f"k={n}"),
    ),
    "headers of a session by a name of their own": (
        "import requests\nsession = requests.Session()\nheaders, cookies = session.headers, session.cookies",
        "session.headers['X-N'] = str(n.value); session.cookies.set('k', str(n.value));",
        "headers['X-N'], cookies.get('k')",
        lambda n: (str(n), str(n)),
    ),
    "headers of a client by a name of their own": (
        "import httpx\nclient = httpx.Client()\nheaders = client.headers",
        "client.headers['X-N'] = str(n.value)",
        "headers['x-n']",
        lambda n: str(n),
    ),
    "an engine that a resource made": (
        "import nbapp, sqlalchemy\n@nbapp.resource\ndef engine(): return sqlalchemy.create_engine('sqlite://')\n"
        "with engine().begin() as con: con.execute(sqlalchemy.text('create table if not exists t(a int)'))",
        "with engine().begin() as con:\n    con.execute(sqlalchemy.text('delete from t'))\n"
        "    con.execute(sqlalchemy.text(f'insert into t values ({n.value})'));",
        "engine().connect().execute(sqlalchemy.text('select sum(a) from t')).scalar()",
        lambda n: n,
    ),
    "a table and a macro of DuckDB": (
        "import duckdb\ncon = duckdb.connect()",
        "con.execute('create table t(a int)'); con.execute(f'create macro f(x) as x + {n.value}')\n"
        "con.execute('insert into t values (1)');",
        "con.execute('select f(a) from t').fetchall()",
        lambda n: [(n + 1,)],
    ),
    "a variable": (
        "import duckdb\ncon = duckdb.connect()",
        "con.execute(f'set variable k = {n.value}');",
        "con.execute(\"select getvariable('k')\").fetchall()",
        lambda n: [(n,)],
    ),
    "rows appended": (
        "import duckdb, pandas as pd\ncon = duckdb.connect()\ncon.execute('create or replace table t(a int)');",
        "con.append('t', pd.DataFrame({'a': [n.value]}));",
        "con.execute('select sum(a) from t').fetchall()",
        lambda n: [(n,)],
    ),
    "rows inserted by a relation": (
        "import duckdb\ncon = duckdb.connect()\ncon.execute('create or replace table t(a int)');",
        "con.table('t').insert([n.value]);",
        "con.execute('select sum(a) from t').fetchall()",
        lambda n: [(n,)],
    ),
    "a sequence": (
        "import duckdb\ncon = duckdb.connect()",
        "con.execute(f'create or replace sequence s start {n.value}');",
        "con.execute(\"select nextval('s')\").fetchall()",
        lambda n: [(n,)],
    ),
    "a sequence that is drawn from": (
        "import duckdb\ncon = duckdb.connect()",
        "con.execute('create or replace sequence s start 5');",
        "con.execute(\"select nextval('s')\").fetchall(), n.value",
        lambda n: ([(5,)], n),
    ),
    "rows that another cell fetches": (
        "import duckdb\ncon = duckdb.connect()",
        "con.execute('select ?', [n.value]);",
        "con.fetchall()",
        lambda n: [(n,)],
    ),
    "rows that are fetched one by one": (
        "import duckdb\ncon = duckdb.connect()",
        "con.execute('select * from range(100)');",
        "con.fetchone(), n.value",
        lambda n: ((0,), n),
    ),
    "a frame that is registered above a question": (
        "import duckdb, pandas as pd\ncon = duckdb.connect()\nd = pd.DataFrame({'a': range(20)})",
        "con.register('v', d[d.a > n.value]);",
        "con.execute('select count(*) from v').fetchone()",
        lambda n: (19 - n,),
    ),
    "a type of Arrow": (
        "import pyarrow as pa",
        "class T(pa.ExtensionType):\n"
        "    def __init__(self): super().__init__(pa.int64(), 'my.t')\n"
        "    def __arrow_ext_serialize__(self): return b''\n"
        "    @classmethod\n"
        "    def __arrow_ext_deserialize__(cls, storage, data): return cls()\n"
        "k = n.value\npa.register_extension_type(T())",
        "k",
        lambda n: n,
    ),
}


@pytest.mark.parametrize(("connects", "says", "seen", "expected"), SAID.values(), ids=SAID)
def test_what_a_connection_is_told_follows_the_cell_that_says_it(
    book: Book, connects: str, says: str, seen: str, expected: Callable[[int], object]
) -> None:
    book.open(SLIDER, connects, says, f"print(({seen}))")
    book.shows(lambda n: f"{expected(n)}\n", 3, 8, 3, 9, 8)


def test_a_table_in_a_file_is_not_dropped(book: Book) -> None:
    book.open(
        SLIDER,
        "import sqlite3\ncon = sqlite3.connect('mine.db')\ncon.execute('drop table if exists t');",
        "k = n.value\ncon.execute('create table if not exists t(a)'); con.execute('insert into t values (1)'); con.commit()",
    )
    for n in (4, 5):
        book.set("n", n)
    assert book.error is None
    assert book.eval("len(con.execute('select * from t').fetchall())") >= 1


def test_what_the_author_shares_stays_open(book: Book) -> None:
    shared = "import nbapp\n@nbapp.resource\ndef opened():\n    import lookalike\n    return lookalike.File('shared')"
    book.open(SLIDER, ALIKE, shared, "f = opened(); k = n.value", "print('shared' in lib.File._open, k)")
    book.shows(lambda n: f"True {n}\n", 4, 7, 4)
    book.open(
        SLIDER,
        ALIKE,
        "#| nbapp: handle\nf = lib.File('kept')",
        "f.rows.append(n.value)",
        "print('kept' in lib.File._open)",
    )
    assert book.set("n", 7).executed == (3,)
    assert (book.error, book.text(4)) == (None, "True\n")


def test_an_image_that_lies_in_an_array_follows_it(book: Book) -> None:
    book.open(
        SLIDER,
        "import numpy as np\nfrom PIL import Image\narray = np.zeros((4, 6), 'uint8')",
        "image = Image.fromarray(array)",
        "array[:] = n.value",
        "print(image.getpixel((0, 0)))",
    )
    book.shows(lambda n: f"{n}\n", 3, 8, 3, 9)


def test_an_image_that_lies_in_an_array_is_found_by_a_cell_that_only_reads_images(book: Book) -> None:
    book.open(
        SLIDER,
        "import numpy as np\nfrom PIL import Image\narray = np.zeros((4, 6), 'uint8')",
        "image = Image.fromarray(array)\nturned = image.rotate(180)",
        "array[:] = n.value\nsmall = image.resize((2, 2))",
        "print(image.getpixel((0, 0)), small.getpixel((0, 0)), turned.getpixel((0, 0)))",
    )
    book.shows(lambda n: f"{n} {n} 0\n", 3, 8, 3, 9)


PIXELS = {
    "what was asked to read and write them": ("pixels = image.load()", "pixels[0, 0] = (n.value, 0, 0)"),
    "the core": ("core = image.im", "core.putpixel((0, 0), (n.value, 0, 0))"),
    "before the image": ("pixels, picture = image.load(), image", "pixels[0, 0] = (n.value, 0, 0)"),
}


@pytest.mark.parametrize(("get", "write"), PIXELS.values(), ids=PIXELS)
def test_an_image_whose_pixels_have_a_name_follows_them(book: Book, get: str, write: str) -> None:
    book.open(
        SLIDER,
        "from PIL import Image\nimage = Image.new('RGB', (9, 9))",
        "other = Image.new('RGB', (9, 9), 'red')",
        get,
        write,
        "print(other.size, image.getpixel((0, 0)))",
    )
    book.shows(lambda n: f"(9, 9) ({n}, 0, 0)\n", 3, 8, 3, 9)
    assert 2 not in book.executed


SHARE_MEMORY = {
    "a record of a structured array": (
        "import numpy as np\nrecords = np.zeros(3, dtype=[('x', 'i4'), ('y', 'f8')])",
        "row = records[0]",
        "row['x'] = n.value",
        "records['x'][0]",
    ),
    "a record of a recarray": (
        "import numpy as np\nrecords = np.rec.array([(1, 2.0)], dtype=[('x', 'i4'), ('y', 'f8')])",
        "row = records[0]",
        "row.x = n.value",
        "records.x[0]",
    ),
    "a list in a record": (
        "import numpy as np\nrecords = np.zeros(3, dtype=[('x', 'O')])\nrecords[0] = ([0],)",
        "row = records[0]",
        "row['x'][0] = n.value",
        "records['x'][0][0]",
    ),
    "a walk over an array": (
        "import numpy as np\na = np.zeros(4, int)",
        "walk = np.nditer(a, op_flags=['readwrite'])",
        "walk[0][...] = n.value",
        "a[0]",
    ),
    "what goes over two arrays": (
        "import numpy as np\na = np.zeros(4, int)",
        "both = np.broadcast(a, a)",
        "a[:] = n.value",
        "(both.reset() or next(both))[0]",
    ),
    "memory that processes share": (
        "from multiprocessing.shared_memory import SharedMemory\nimport numpy as np\n"
        "memory = SharedMemory(create=True, size=16)",
        "view = np.frombuffer(memory.buf, dtype='u1')",
        "view[0] = n.value",
        "memory.buf[0]",
    ),
    "an image over bytes that change": (
        "memory = bytearray(12)",
        "from PIL import Image\nimage = Image.frombuffer('L', (3, 4), memory, 'raw', 'L', 0, 1)",
        "memory[0] = n.value",
        "image.getpixel((0, 0))",
    ),
    "an image over an array of Python": (
        "import array\nmemory = array.array('B', bytes(12))",
        "from PIL import Image\nimage = Image.frombuffer('L', (3, 4), memory, 'raw', 'L', 0, 1)",
        "memory[0] = n.value",
        "image.getpixel((0, 0))",
    ),
    "an image over a view": (
        "memory = memoryview(bytearray(12))",
        "from PIL import Image\nimage = Image.frombuffer('L', (3, 4), memory, 'raw', 'L', 0, 1)",
        "memory[0] = n.value",
        "image.getpixel((0, 0))",
    ),
    "an image over mapped memory": (
        "import mmap\nmemory = mmap.mmap(-1, 12)",
        "from PIL import Image\nimage = Image.frombuffer('L', (3, 4), memory, 'raw', 'L', 0, 1)",
        "memory[0] = n.value",
        "image.getpixel((0, 0))",
    ),
    "an image over memory of C": (
        "import ctypes\nmemory = (ctypes.c_ubyte * 12)()",
        "from PIL import Image\nimage = Image.frombuffer('L', (3, 4), memory, 'raw', 'L', 0, 1)",
        "memory[0] = n.value",
        "image.getpixel((0, 0))",
    ),
    "the EXIF data of an image": (
        "from PIL import Image\nimage = Image.new('L', (3, 4))",
        "exif = image.getexif()",
        "exif[270] = str(n.value)",
        "image.getexif()[270]",
    ),
    "EXIF data that have no name": (
        "from PIL import Image\nimage = Image.new('L', (3, 4))",
        "same = image",
        "image.getexif()[270] = str(n.value)",
        "same.getexif()[270]",
    ),
    "a part of the EXIF data": (
        "from PIL import Image\nimage = Image.new('L', (3, 4))",
        "part = image.getexif().get_ifd(0x8769)",
        "part[0x9286] = str(n.value)",
        "image.getexif().get_ifd(0x8769)[0x9286]",
    ),
    "a list that processes share": (
        "from multiprocessing.shared_memory import ShareableList\nitems = ShareableList([0, 1])",
        "memory = items.shm",
        "items[0] = n.value",
        "items[0], memory.size > 0",
    ),
}


@pytest.mark.parametrize(("makes", "takes", "writes", "seen"), SHARE_MEMORY.values(), ids=SHARE_MEMORY)
def test_what_shares_memory_follows(book: Book, makes: str, takes: str, writes: str, seen: str) -> None:
    book.open(SLIDER, makes, takes, writes, f"print(({seen}))")
    for value in (3, 8, 3, 9):
        book.set("n", value)
        assert book.error is None
        assert str(value) in book.text(4)
