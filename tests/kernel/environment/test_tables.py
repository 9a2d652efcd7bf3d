"""Tables that cells write by SQL are followed by their names, whatever connection they use."""

from __future__ import annotations

import ast

import pytest

from nbapp.kernel.parse.sql import tables_in
from tests.kernel.book import SLIDER, Book

CONNECTION = "con = duckdb.connect()\n"
NOTEBOOKS = {
    "the connection that nobody sees": (
        "import duckdb",
        "duckdb.sql(f'create or replace table t as select {n.value} as b')",
        "duckdb.sql('select b from t').fetchall()[0][0]",
    ),
    "a frame of pandas in a database in memory": (
        "import sqlite3, pandas as pd\ncon = sqlite3.connect(':memory:')",
        "pd.DataFrame({'b': [n.value]}).to_sql('t', con, if_exists='replace', index=False)",
        "int(pd.read_sql('select b from t', con).b[0])",
    ),
    "rows added to a table of the cell above": (
        f"import duckdb\n{CONNECTION}con.execute('create or replace table t(b int)');",
        "con.execute('insert into t values (?)', [n.value]);",
        "con.execute('select sum(b) from t').fetchall()[0][0]",
    ),
    "functions that write and read": (
        f"import duckdb\n{CONNECTION}def load(k): con.execute(f'create or replace table t as select {{k}} as b')\n"
        "def total(): return con.execute('select b from t').fetchall()[0][0]",
        "load(n.value)",
        "total()",
    ),
}


@pytest.mark.parametrize("cells", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_a_cell_that_reads_a_table_follows_the_cell_that_writes_it(book: Book, cells: tuple[str, str, str]) -> None:
    connects, writes, reads = cells
    book.open(SLIDER, connects, writes, f"print({reads})", "other = 1")
    assert book.text(3) == "1\n"
    assert book.set("n", 5).text(3) == "5\n"
    assert book.set("n", 1).text(3) == "1\n"
    book.insert(4, f"print('again', {reads})").run()  # the table is as another value of the slider left it
    assert (book.error, book.text(4)) == (None, "again 1\n")
    assert book.edit(2, writes.replace("n.value", "n.value + 1")).run().text(3) == "2\n"


SQLITE, DUCKDB = "import sqlite3\ncon = sqlite3.connect(':memory:')", "import duckdb\ncon = duckdb.connect()"
MAKES = {
    "a table of SQLite": (SQLITE, "con.execute('create table t(x)')"),
    "a temporary one": (SQLITE, "con.execute('create temp table t(x)')"),
    "a table of DuckDB": (DUCKDB, "con.execute('create table t(x int)')"),
    "one that may be made again": (DUCKDB, "con.execute('create or replace table t(x int)')"),
    "a view": (DUCKDB, "con.execute('create or replace view t as select 1 as x')"),
}


@pytest.mark.parametrize(("connects", "makes"), MAKES.values(), ids=MAKES)
def test_a_table_in_memory_is_there_below_the_cell_that_makes_it_and_nowhere_else(
    book: Book, connects: str, makes: str
) -> None:
    reads = "print(con.execute('select count(*) from t').fetchall()[0][0])"
    book.open(connects, makes, reads, "other = 1")
    shown = book.text(2)
    book.move(1, 3).run()
    assert book.error is not None
    assert book.error.index == 1
    assert book.move(3, 1).edit(2, f"{reads}  # again").run().text(2) == shown
    assert book.states == ["skipped", "ran", "ran", "skipped"]
    book.delete(1).run()
    assert book.error is not None
    assert book.error.index == 1


def test_rows_that_callbacks_add_stay_until_the_cell_that_made_their_table_runs_again(book: Book) -> None:
    makes = "n.value; con.execute('create table if not exists t(x)');"
    book.open(
        f"{SLIDER}\nm = W.IntSlider(1)",
        SQLITE,
        makes,
        "add = W.Button()\nadd.on_click(lambda _: con.execute('insert into t values (1)'))",
        "m.value",
    )
    book.app.click("add")
    assert book.set("m", 5).eval("con.execute('select * from t').fetchall()") == [(1,)]
    assert book.set("n", 5).eval("con.execute('select * from t').fetchall()") == []


DEFAULT, FROM_T = "import duckdb", "duckdb.sql('from t').fetchall()"
MODULE = """
open('tables_of_mine.py', 'w').write('''
import duckdb
def load(k): duckdb.sql(f"create table t as select {k} as x")
def rows(): return duckdb.sql("from t").fetchall()
''')
import tables_of_mine"""
IN_MEMORY = {  # what connects, what makes a table `t` of the number that n is, what reads it
    "a table": (DEFAULT, "duckdb.sql(f'create table t as select {n.value} as x')", FROM_T),
    "a view of a frame": (
        f"{DEFAULT}, pandas as pd",
        "df = pd.DataFrame({'x': [n.value]})\nduckdb.sql('create view t as from df')",
        FROM_T,
    ),
    "a macro": (
        DEFAULT,
        "duckdb.sql(f'create macro t(a) as a * {n.value}; create macro u(a) as table select t(a)')",
        "duckdb.sql('from u(1)').fetchall()",
    ),
    "a relation": (DEFAULT, "duckdb.sql(f'select {n.value}').create('t')", FROM_T),
    "a temporary table": (
        DUCKDB,
        "con.execute(f'create temp table t as select {n.value}');",
        "con.sql('from t').fetchall()",
    ),
    "a second connection": (
        DEFAULT,
        "duckdb.connect(':default:').execute(f'create table t as select {n.value} as x');",
        FROM_T,
    ),
    "a name for the function": (
        "from duckdb import sql as ask",
        "ask(f'create table t as select {n.value} as x')",
        "ask('from t').fetchall()",
    ),
    "a function of the notebook": (
        f"{DEFAULT}\ndef ask(text): return duckdb.sql(text)",
        "ask(f'create table t as select {n.value} as x')",
        "ask('from t').fetchall()",
    ),
    "a module of one's own": (MODULE, "tables_of_mine.load(n.value)", "tables_of_mine.rows()"),
    "a table if there is none, and rows": (
        f"{DEFAULT}\nduckdb.sql('create table if not exists t(x int)')",
        "duckdb.sql(f'insert into t values ({n.value})')",
        FROM_T,
    ),
    "a frame of pandas": (
        "import sqlite3, pandas as pd\ncon = sqlite3.connect(':memory:')",
        "pd.DataFrame({'x': [n.value]}).to_sql('t', con, index=False);",
        "con.execute('select * from t').fetchall()",
    ),
    "a method of a class": (
        "import sqlite3, pandas as pd\nclass Shop:\n    con = sqlite3.connect(':memory:')\n"
        "    def save(self, frame): frame.to_sql('t', self.con, index=False)\nshop = Shop()",
        "shop.save(pd.DataFrame({'x': [n.value]}))",
        "shop.con.execute('select * from t').fetchall()",
    ),
    "an engine of SQLAlchemy": (
        "import sqlalchemy, pandas as pd\nengine = sqlalchemy.create_engine('sqlite://')",
        "pd.DataFrame({'x': [n.value]}).to_sql('t', engine, index=False);",
        "[tuple(map(int, row)) for row in pd.read_sql('select * from t', engine).to_numpy()]",
    ),
    "a table by another name": (
        f"{SQLITE}\ncon.execute('create table v(x)')",
        "con.execute('create table u(x)'); con.execute('insert into u values (?)', [n.value])\n"
        "con.execute('alter table u rename to t');",
        "con.execute('select * from t').fetchall()",
    ),
    "a cache that connections share": (
        "import sqlite3\nplace = dict(database='file:shared?mode=memory&cache=shared', uri=True)",
        "con = sqlite3.connect(**place)\ncon.execute('create table t(x)')\n"
        "con.execute('insert into t values (?)', [n.value]); con.commit()",
        "sqlite3.connect(**place).execute('select * from t').fetchall()",
    ),
}


@pytest.mark.parametrize(("connects", "makes", "reads"), IN_MEMORY.values(), ids=IN_MEMORY)
def test_what_a_cell_makes_in_a_database_in_memory_is_made_anew_whichever_way_it_is_said(
    book: Book, connects: str, makes: str, reads: str
) -> None:
    book.open(SLIDER, connects, makes, f"print({reads})", "other = 1")
    for value in (5, 1, 7):
        assert (book.set("n", value).error, book.text(3)) == (None, f"[({value},)]\n")
        assert 4 not in book.executed


def test_a_second_connection_of_a_database_makes_nothing_of_what_is_there(book: Book) -> None:
    place = "'file:second?mode=memory&cache=shared', uri=True"
    book.open(
        f"{SLIDER}\nimport sqlite3\nfirst = sqlite3.connect({place})",
        "first.execute('create table t(x)')\nfirst.execute('insert into t values (3)'); first.commit()",
        f"second = sqlite3.connect({place})\nm = n.value\nsecond.execute('create table if not exists t(x)')",
        "print(m, second.execute('select * from t').fetchall())",
    )
    assert book.set("n", 5).text(3) == "5 [(3,)]\n"


def test_a_table_of_an_earlier_value_is_not_made_again_before_somebody_needs_it(book: Book) -> None:
    connects, writes, reads = NOTEBOOKS["the connection that nobody sees"]
    book.open(SLIDER, connects, writes, f"print({reads})").set("n", 5)
    assert (book.set("n", 1).text(3), book.executed) == ("1\n", ())


def test_another_table_is_another_one(book: Book) -> None:
    book.open(
        f"{SLIDER}\nimport duckdb\ncon = duckdb.connect()",
        "con.execute(f'create or replace table t as select {n.value} as b');",
        "con.execute('create or replace table other as select 3 as b');",
        "print(con.execute('select b from other').fetchall())",
    )
    assert book.set("n", 7).executed == (1,)


@pytest.mark.parametrize(
    ("source", "written", "told"),
    [
        ("con.execute('CREATE TABLE IF NOT EXISTS main.t (a int)')", {"t"}, set()),
        ("con.sql('insert or ignore into \"t\" values (1)')", {"t"}, set()),
        ("con.execute(f'update t set a = {x}'); con.execute('delete from u')", {"t", "u"}, set()),
        ("df.to_sql('t', con)\ncon.register('v', df)", {"t", "v"}, set()),
        ("con.sql('select * from t')", set(), set()),
        ("print('update the plot, insert into the list, copy it from there')", set(), set()),
        ("def f(): con.execute('drop table t')", set(), {"t"}),
        ("def f(): con.execute('drop table t')\nf()", {"t"}, set()),
    ],
)
def test_which_tables_code_writes(source: str, written: set[str], told: set[str]) -> None:
    assert list(map(set, tables_in(ast.parse(source)))) == [written, told]
