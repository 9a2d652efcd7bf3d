"""What is in the databases that lie in memory: asked around a cell, to know what it made there, and dropped again.

Nobody reads that from the cell's text: `duckdb.sql`, `df.to_sql('t', engine)`, `relation.create('t')` and a function of
the author's all make tables. What lies in a file is not listed: that may be the author's only copy.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from nbapp.libraries import duckdb, sqlalchemy
from nbapp.libraries.registry import REGISTRY
from nbapp.libraries.slot import is_imported
from nbapp.values.names import Names, module_component

_IN_MEMORY = "select database_name from duckdb_databases() where path is null"
_DUCKDB = " union all ".join(
    (
        *(
            f"select '{kind}', database_name, schema_name, {name} from duckdb_{listed}() where {which}"
            f" and database_name in ({_IN_MEMORY})"
            for kind, name, listed, which in (
                ("view", "view_name", "views", "not internal"),
                ("index", "index_name", "indexes", "true"),
                ("table", "table_name", "tables", "not internal"),
                ("sequence", "sequence_name", "sequences", "true"),
                ("type", "type_name", "types", "not internal"),
            )
        ),
        f"select 'schema', database_name, null, schema_name from duckdb_schemas() where not internal"
        f" and database_name in ({_IN_MEMORY})",
        "select 'database', null, null, database_name from duckdb_databases() where not internal",
    )
)
_MACROS = (
    " union all select distinct case function_type when 'macro' then 'macro' else 'macro table' end,"
    " database_name, schema_name, function_name"
    f" from duckdb_functions() where function_type like '%macro' and not internal and database_name in ({_IN_MEMORY})"
)
_ORDER = ("trigger", "view", "index", "macro", "macro table", "table", "sequence", "type", "schema", "database")
_FUNCTIONS = (FunctionType, BuiltinFunctionType)
_MAKING = frozenset({"create", "attach", "import", "alter"})
_MAKERS = frozenset({"to_sql", "create", "create_view", "create_all", "to_table", "to_view", "write_database"})


class Item(NamedTuple):
    """Something in a database: its kind, the database and schema in which it is, and its name."""

    kind: str
    database: str | None
    schema: str | None
    name: str


class Listing(NamedTuple):
    """What is in the databases of a connection; not `whole` without what is temporary, None when it cannot be asked."""

    connection: Any
    items: frozenset[Item] | None
    whole: bool = True

    def made_since(self, before: Listing) -> frozenset[Item]:
        """What was not there before."""
        if self.items is None or before.items is None:
            return frozenset()
        new = self.items - before.items
        return new if before.whole else frozenset(item for item in new if item.database != "temp")


def may_make(names: Names, methods: Collection[str], namespace: Mapping[str, Any]) -> bool:
    """Whether code of these names that calls these methods may make something in a database."""
    if not (is_imported("sqlite3") or is_imported(duckdb.MODULE) or _imports(names)):
        return False
    if names.everything or any(word.lower() in _MAKING for word in names.words) or not _MAKERS.isdisjoint(methods):
        return True
    codes = (code for name in names.looked_up for code in _codes(namespace.get(name)))
    return any(not _MAKERS.isdisjoint(code.co_names) for code in codes)


def listed(names: Names, namespace: Mapping[str, Any]) -> dict[int, Listing]:
    """By the id of each connection, what there is: of those of the namespace, and those that code of these names has.

    Of all of them, because two connections may be of one database: what is seen through a new one may be there already.
    """
    macros = names.everything or any(word.lower() in {"macro", "function"} for word in names.words)
    found = {id(each): each for each in _connections(names, namespace)}
    return {key: _listing(each, macros=macros) for key, each in found.items()}


def drop(connection: Any, items: Iterable[Item]) -> None:
    """Take things out of a database, those first that rest on others."""
    ask = _plainly(connection)
    for kind, *place, name in sorted(items, key=lambda item: _ORDER.index(item.kind)):
        dotted = ".".join(f'"{part}"' for part in (*place, name) if part)
        with suppress(Exception):  # it is gone, or in use: then the cell says what is wrong
            ask(f"detach {dotted}" if kind == "database" else f"drop {kind} if exists {dotted}")


def _codes(value: Any) -> Iterator[CodeType]:
    """What runs when an author's function is called, or one of a class or module."""
    kind = value if issubclass(type(value), type) else type(value)
    held = vars(value) if issubclass(type(value), ModuleType) else vars(kind) if _top(kind) == "__main__" else {}
    for each in (value, *tuple(held.values())):
        if type(each) is FunctionType:
            yield each.__code__


# --- which connections


def of_resources() -> set[int]:
    """The ids of connections that resources hold: each is built once, with what its maker made in it."""
    handles = [value for value in list(REGISTRY.handles.values()) if value is not None]
    return {id(connection) for value in handles for connection in _under(value)}


def _imports(names: Names) -> bool:
    return not names.refs.isdisjoint(map(module_component, ("sqlite3", "duckdb", "sqlalchemy")))


def _connections(names: Names, namespace: Mapping[str, Any]) -> Iterator[Any]:
    named = [namespace[name] for name in names.looked_up | names.defs if name in namespace]
    values = [*namespace.values(), *(inner for value in named for inner in _inside(value, namespace))]
    if is_imported(duckdb.MODULE) and (_imports(names) or any(map(_is_of_duckdb, values))):
        with suppress(Exception):  # the author has closed it
            yield sys.modules["duckdb"].default_connection()
    for value in values:
        yield from _under(value)


def _under(value: Any) -> Iterator[Any]:
    """The connections that a value of a library is or has."""
    if _is_of(value, "sqlite3", "Cursor"):
        yield value.connection
    elif _is_of(value, "sqlite3", "Connection") or _is_of(value, duckdb.MODULE, "DuckDBPyConnection"):
        yield value
    elif _top(type(value)) == sqlalchemy.MODULE:
        yield from sqlalchemy.driven_by(getattr(value, "engine", None))


def _inside(value: Any, namespace: Mapping[str, Any]) -> Iterable[Any]:
    """What an author's object, module or function has at hand, where a connection is likely to be kept."""
    if type(value) is FunctionType:
        known = value.__globals__
        return () if known is namespace else [known[name] for name in value.__code__.co_names if name in known]
    if issubclass(type(value), ModuleType):
        return tuple(vars(value).values())
    if type(value) in (dict, list, tuple):
        return tuple(value.values() if isinstance(value, dict) else value)[:100]
    kind = value if issubclass(type(value), type) else type(value)
    if _top(kind) != "__main__":
        return ()
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:  # of `__slots__`
        own = {}
    return *vars(kind).values(), *own.values()


def _is_of_duckdb(value: Any) -> bool:
    kind: type = type(value)
    if issubclass(kind, ModuleType):
        return bool(vars(value).get("__name__") == "duckdb")
    return _top(value if kind in _FUNCTIONS else kind) in {"duckdb", duckdb.MODULE}


def _top(thing: Any) -> str:
    """The library that a class or function is of."""
    module = getattr(thing, "__module__", None)
    return module.partition(".")[0] if type(module) is str else ""


def _is_of(value: Any, module: str, name: str) -> bool:
    # Not `isinstance`, which asks the value: an author's may raise.
    return is_imported(module) and issubclass(type(value), getattr(sys.modules[module], name))


# --- what is in them


def _listing(connection: Any, *, macros: bool) -> Listing:
    sql = _DUCKDB + _MACROS * macros
    try:
        if _is_of(connection, "sqlite3", "Connection"):
            return Listing(connection, frozenset(_of_sqlite(connection)))
        try:
            return Listing(connection, frozenset(Item(*row) for row in connection.sql(sql).fetchall()))
        except Exception:  # noqa: BLE001 -- it has rows to give; another cursor does not see what is temporary
            rows = connection.cursor().execute(sql).fetchall()
            return Listing(connection, frozenset(Item(*row) for row in rows), whole=False)
    except Exception:  # noqa: BLE001 -- it is closed or busy: it is asked again next time
        return Listing(connection, None)


def _of_sqlite(connection: Any) -> Iterator[Item]:
    cursor = connection.cursor()
    cursor.row_factory = None
    for _, database, file in cursor.execute("pragma database_list").fetchall():
        if database not in {"main", "temp"}:
            yield Item("database", None, None, database)
        if not file:
            master = "sqlite_temp_master" if database == "temp" else f'"{database}".sqlite_master'
            made = f"select type, name from {master} where name not like 'sqlite^_%' escape '^'"
            yield from (Item(kind, database, None, name) for kind, name in cursor.execute(made).fetchall())


def _plainly(connection: Any) -> Any:
    """How to say something to a connection beside the rows that it has yet to give."""
    if _is_of(connection, "sqlite3", "Connection"):
        return connection.cursor().execute

    def say(sql: str) -> None:
        try:
            connection.sql(sql)
        except Exception:  # noqa: BLE001 -- it has rows to give
            connection.cursor().execute(sql)

    return say
