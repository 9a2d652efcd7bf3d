"""Which tables of databases a cell writes, and which rows it fetches, as its text says in SQL and in calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeGuard

_RUNS = frozenset({"sql", "query", "execute", "executemany", "executescript"})
_GIVEN = frozenset({"to_sql", "register", "insert_into", "create_view", "write_database", "create_function"})
_ASKS = _RUNS | _GIVEN | {"append", "table"}  # those of `_GIVEN` are given the name of what they write first
_FETCHES = frozenset(
    {"fetchone", "fetchmany", "fetchall", "fetchdf", "fetch_df", "fetchnumpy", "fetch_arrow_table", "fetch_df_chunk"}
    | {"df", "pl", "arrow", "torch", "tf", "to_arrow_table", "to_arrow_reader", "fetch_record_batch"}
)
_OBJECT = r"(?:table|view|macro(?:\s+table)?|function|sequence|schema|type|(?:unique\s+)?index|trigger|secret)"
_NAME = r"""\s+["`\[]?(?:\w+\.)?([^\W\d]\w*)"""
_WRITES = re.compile(
    rf"\b(?:create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?{_OBJECT}(?:\s+if\s+not\s+exists)?"
    r"|(?:insert(?:\s+or\s+\w+)?|replace|merge)\s+into|delete\s+from|alter\s+table|truncate\s+table"
    r"|set\s+variable|reset\s+variable|detach(?:\s+database)?(?:\s+if\s+exists)?"
    rf"|drop\s+{_OBJECT}(?:\s+if\s+exists)?){_NAME}|\b(?:update{_NAME}\s+set|copy{_NAME}\s+from)\b"
    r"|\bpragma\s+(?:\w+\.)?(\w+)\s*=|\bnextval\s*\(\s*'(?:\w+\.)?(\w+)'"
    r"|\battach\s+(?:database\s+)?(?:if\s+not\s+exists\s+)?(?:'[^']*'|\"[^\"]*\"|\S+)\s+as\s+(\w+)",
    re.IGNORECASE,
)


def tables_in(tree: ast.AST) -> tuple[frozenset[str], frozenset[str]]:
    """The tables that the code of a tree writes when it is executed, and those that only functions in it would."""
    whole, outside = list(ast.walk(tree)), list(_outside_functions(tree))
    used = {node.id for node in outside if isinstance(node, ast.Name)}
    if any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in used for node in whole):
        outside = whole  # it calls them
    written = frozenset(_written(outside))
    return written, frozenset(_written(whole)) - written


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from _outside_functions(child)


def _written(nodes: list[ast.AST]) -> Iterator[str]:
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    methods = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}
    if _ASKS.isdisjoint(methods):
        return
    texts = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    for text in texts:
        yield from (next(filter(None, found.groups())) for found in _WRITES.finditer(text))
    for call in calls:
        yield from _given(call)


def _given(call: ast.Call) -> Iterator[str]:
    """The table that a method writes which is given its name: `df.to_sql('t')`, `con.append('t', df)`."""
    method, given = call.func, call.args
    if not isinstance(method, ast.Attribute):
        return
    if method.attr == "insert" and isinstance(method.value, ast.Call):
        inner = method.value.func  # `con.table('t').insert([1])`
        given, is_told = method.value.args, isinstance(inner, ast.Attribute) and inner.attr == "table"
    else:
        is_told = method.attr in _GIVEN or (method.attr == "append" and len(given) + len(call.keywords) > 1)
    name = getattr(given[0], "value", None) if given and is_told else None
    if isinstance(name, str):
        yield name


def rows_in(tree: ast.AST) -> tuple[frozenset[str], frozenset[str]]:
    """The connections whose rows the code of a tree has yet to fetch when it has run, and those whose rows it fetches
    that other code asked for."""
    methods = [(node.func.value, node.func.attr) for node in _outside_functions(tree) if _is_method(node)]
    asked = {value.id for value, method in methods if isinstance(value, ast.Name) and method in _RUNS - {"sql"}}
    fetched = {value.id for value, method in methods if isinstance(value, ast.Name) and method in _FETCHES}
    return frozenset(map(rows_of, asked)), frozenset(map(rows_of, fetched - asked))


@lru_cache(maxsize=4096)
def fetched_in(source: str) -> frozenset[str]:
    """The rows that a cell fetches which other code asked for, as far as its plain text tells."""
    if not any(f".{method}(" in source for method in _FETCHES):
        return frozenset()
    try:
        return rows_in(ast.parse(source))[1]
    except (SyntaxError, ValueError):
        return frozenset()  # it has magics, or its execution will tell what is wrong


def rows_of(connection: str) -> str:
    """The word that stands for the rows that a connection has yet to give."""
    return f"<rows of {connection}>"


def _is_method(node: ast.AST) -> TypeGuard[Any]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
