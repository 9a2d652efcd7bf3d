"""Tables of databases that cells write by SQL, as components: what is in them is known by who wrote it last.

Nobody can look into every database after each cell. But a cell that says `create table t` or `insert into t` changes
`t`, and one whose text names `t` may read it, whatever connection they use. A table is never put back: a cell that
needs it as it was makes the cells that wrote it run again.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from nbapp.core.digest import text_digest
from nbapp.core.names import Names
from nbapp.core.run import Binding

COMPONENT = "table:"
_ASKS = frozenset({"sql", "query", "execute", "executemany", "executescript", "to_sql", "register"})
_GIVEN = frozenset({"to_sql", "register"})  # their first argument is the name of a table
_NAME = r"""\s+["`\[]?(?:\w+\.)?([^\W\d]\w*)"""
_WRITES = re.compile(
    r"\b(?:create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:table|view)(?:\s+if\s+not\s+exists)?"
    r"|(?:insert(?:\s+or\s+\w+)?|replace|merge)\s+into|delete\s+from|alter\s+table|truncate\s+table"
    rf"|drop\s+(?:table|view)(?:\s+if\s+exists)?){_NAME}|\b(?:update{_NAME}\s+set|copy{_NAME}\s+from)\b",
    re.IGNORECASE,
)
_VERBS = frozenset({"create", "insert", "update", "delete", "replace", "merge", "drop", "alter", "truncate", "copy"})


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
        name = getattr(call.args[0], "value", None) if call.args else None
        if isinstance(call.func, ast.Attribute) and call.func.attr in _GIVEN and isinstance(name, str):
            yield name


class Tables:
    """The tables that cells wrote, and what was written last."""

    def __init__(self) -> None:
        self._last: dict[str, Binding] = {}
        self._known: set[str] = set()
        self._written = 0
        self.baseline = Binding(None, text_digest("table", "as it was"))

    def learn(self, tables: Iterable[str]) -> None:
        """There are tables of these names."""
        self._known.update(tables)

    def named(self, names: Names) -> frozenset[str]:
        """The components of the tables that code with these names may read."""
        found = (name for name in self._known if names.everything or name in names.looked_up)
        return frozenset(COMPONENT + name for name in found)

    def written(self, names: Names, plainly: frozenset[str], only_told: frozenset[str]) -> frozenset[str]:
        """The components of the tables that code may have written: those it says, or a function that it calls."""
        found = frozenset(COMPONENT + name for name in plainly)
        if not any(word.lower() in _VERBS for word in names.words):
            return found
        return found | (self.named(names) - {COMPONENT + name for name in only_told})

    def wrote(self, component: str) -> Binding:
        """A cell wrote a table: as it was before it is nowhere any more."""
        self._written += 1
        name = component.removeprefix(COMPONENT)
        self._known.add(name)
        if name in self._last:
            self._last[name].intact = False
        self._last[name] = Binding(None, text_digest("table", name, str(self._written)))
        return self._last[name]
