"""Which attributes a piece of code may set on what it does not make itself, and which tables, found in its text.

`pd.DataFrame.total = total` says it all; of `cls.total = total` only the name is known, and that the code mentions
`pd.DataFrame` somewhere. This file resolves nothing: see `class_attributes`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from nbapp.kernel.parse.sql import rows_in, tables_in

_NOTHING: frozenset[str] = frozenset()
_SETTERS = frozenset({"setattr", "delattr"})
_VERBS = """
    set add register unregister define undefine enable disable use configure config push pop install uninstall remove
    update reset activate deactivate init extension seterr append extend insert setdefault clear discard
"""
_SETS = re.compile(rf"(?:{'|'.join(_VERBS.split())})(?:_|[A-Z]|$)|set[a-z]")  # `setdefaulttimeout`


@dataclass(frozen=True, slots=True)
class Sets:
    """What code sets: `attributes` by their dotted names, and of which `places` (dotted names) it speaks at all.

    `imports` are the names that its import statements bind, with what they stand for; `tables` those of databases, and
    `tables_inside` those that functions in it set when they are called. `called` are the functions that set something
    in their library, by name or because they are given one, and the containers that it changes in place. `rows` are
    those that connections have yet to give when it has run, `fetched` those that it takes. `methods` are the names of
    all methods that it calls.
    """

    attributes: frozenset[str] = _NOTHING
    places: frozenset[str] = _NOTHING
    imports: tuple[tuple[str, str], ...] = ()
    tables: frozenset[str] = _NOTHING
    tables_inside: frozenset[str] = _NOTHING
    called: frozenset[str] = _NOTHING
    rows: frozenset[str] = _NOTHING
    fetched: frozenset[str] = _NOTHING
    methods: frozenset[str] = _NOTHING

    def __or__(self, other: Sets) -> Sets:
        """What either piece of code sets."""
        return Sets(
            self.attributes | other.attributes,
            self.places | other.places,
            self.imports + other.imports,
            self.tables | other.tables,
            self.tables_inside | other.tables_inside,
            self.called | other.called,
            self.rows | other.rows,
            self.fetched | other.fetched,
            self.methods | other.methods,
        )


def sets_of_module(module: ModuleType) -> Sets:
    """What a module sets that is about to be executed."""
    try:
        source = module.__loader__.get_source(module.__name__)  # type: ignore[union-attr]
        return sets_of(ast.parse(source or ""))
    except (AttributeError, ImportError, SyntaxError, ValueError):
        return Sets()  # it has no source, or its import will tell what is wrong with it


def sets_of(tree: ast.AST) -> Sets:
    """What the code of a tree sets."""
    attributes: set[str] = set()
    places: set[str] = set()
    called: set[str] = set()
    methods: set[str] = set()
    imports: dict[str, str] = {}
    for node in ast.walk(tree):
        methods.update(_method(node))
        called.update(_changed_by(node))
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            attributes.add(f"{_dotted(node.value) or ''}.{node.attr}")
        elif isinstance(node, (ast.Attribute, ast.Name)):
            places.add(_dotted(node) or "")
        elif isinstance(node, ast.Call):
            attributes.update(_set_by(node))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.update(_imported(node))
    others = frozenset(name for name in attributes if not name.startswith("self."))  # of the notebook's own classes
    return Sets(
        others,
        frozenset(places) - {""},
        tuple(imports.items()),
        *tables_in(tree),
        frozenset(called),
        *rows_in(tree),
        frozenset(methods),
    )


def _method(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield node.func.attr


def _dotted(node: ast.AST) -> str | None:
    """The dotted name that an expression is; None if it is something else."""
    if isinstance(node, ast.Name):
        return node.id
    inner = _dotted(node.value) if isinstance(node, ast.Attribute) else None
    return f"{inner}.{node.attr}" if inner and isinstance(node, ast.Attribute) else None


def _changed_by(node: ast.AST) -> Iterator[str]:
    """The containers and functions by which an expression may change what a library holds."""
    if isinstance(node, ast.Call) and (name := _dotted(node.func)):
        texts = (*node.args, *(keyword.value for keyword in node.keywords))
        named = any(isinstance(text, ast.Constant) and isinstance(text.value, str) for text in texts)
        if named or is_setter(name.rpartition(".")[2]):
            yield name
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_setter(node.func.attr):
        yield from _held(node.func.value)  # `a.f().add(1)`
    elif isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
        is_plain = isinstance(node, ast.Attribute) and _dotted(node.value) is not None  # it is one of `attributes`
        yield from () if is_plain else _held(node.value)


def is_setter(name: str) -> bool:
    """Whether a function of this name is likely to set something for all."""
    return bool(_SETS.match(name))


def _held(node: ast.AST) -> Iterator[str]:
    """What holds the object that is changed: `a.b` of `a.b['c'].d = 1`, `a.f()` of `a.f()['c'] = 1`."""
    call = ""
    while isinstance(node, (ast.Subscript, ast.Attribute, ast.Call)) and _dotted(node) is None:
        call = "()" if isinstance(node, ast.Call) else ""
        node = node.func if isinstance(node, ast.Call) else node.value
    if name := _dotted(node):
        yield name + call


def _set_by(call: ast.Call) -> Iterator[str]:
    """What a call of `setattr` or `delattr` sets, where the attribute is given as text."""
    if isinstance(call.func, ast.Name) and call.func.id in _SETTERS and len(call.args) > 1:
        place, name = call.args[:2]
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield f"{_dotted(place) or ''}.{name.value}"


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            if node.module and not node.level:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        elif alias.asname:
            yield alias.asname, alias.name
        else:
            top = alias.name.partition(".")[0]
            yield top, top
