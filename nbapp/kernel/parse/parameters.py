"""Cells of parameters, as papermill has them, whose author asks for controls: which assignments get one.

`n = 10  # how many` becomes what `nbapp.ui.inputs.parameter("n", 10, "how many")` returns. That happens in the tree of
an execution; the text of the notebook stays as it is. Pure: this file runs nothing, and makes no control.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nbapp.core.notebook import Cell, Notebook

PARAMETERS, CONTROLS, INJECTED = "parameters", "controls", "injected-parameters"
_CALL = '__import__("nbapp.ui.inputs", fromlist=["parameter"]).parameter()'
_EXACT = 2**53  # whole numbers beyond it are others in a browser
_TYPES: dict[str | None, tuple[type, ...]] = {"bool": (bool,), "int": (int,), "float": (int, float), "str": (str,)}
_COMMENT = re.compile(r"#\s*(?:type:\s*(?P<type>\S+)\s*)?(?P<about>.*?)\s*$")  # papermill's, for its help


@dataclass(frozen=True, slots=True)
class Parameter:
    """One assignment that can have a control; `about` is the comment behind it."""

    name: str
    statement: ast.Assign | ast.AnnAssign
    value: ast.expr
    about: str = ""
    is_real: bool = False  # a float, though it is written `1`


def has_parameters(cell: Cell) -> bool:
    """Whether the cell holds parameters, with controls or not."""
    return PARAMETERS in cell.tags


def wants_controls(cell: Cell) -> bool:
    """Whether the author asks for controls."""
    return has_parameters(cell) and CONTROLS in cell.tags


def injected(notebook: Notebook) -> frozenset[str]:
    """The names that papermill has given a value: they have it, whatever the cell of parameters says."""
    cells = (cell for cell in notebook if INJECTED in cell.tags)
    return frozenset(name for cell in cells for name in _assigned(cell.source))


def _assigned(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))


def parameters(tree: ast.Module, source: str) -> Iterator[Parameter]:
    """The assignments that can have a control, in their order. `source` is the text of the tree.

    A name that is bound more than once stays as it is, and so does what is no literal, or not of the type it is said
    to be.
    """
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load))
    often = Counter(node.id for node in names)
    comments = _comments(source)
    for statement in tree.body:
        target = _target(statement)
        if target is None or often[target.id] != 1:
            continue
        assert isinstance(statement, (ast.Assign, ast.AnnAssign))
        comment = _COMMENT.match(comments.get(statement.end_lineno or 0, "#"))
        told, about = (comment["type"], comment["about"]) if comment is not None else (None, "")
        kind = _annotation(statement) or told
        if statement.value is not None and _fits(statement.value, kind):
            yield Parameter(target.id, statement, statement.value, about, kind == "float")


def with_controls(tree: ast.Module, source: str, fixed: Collection[str] = ()) -> ast.Module:
    """The tree with a control in the place of each value; names that are `fixed` keep theirs."""
    for each in tuple(parameters(tree, source)):
        if each.name not in fixed:
            each.statement.value = _control(each, each.value)
    return tree


def _control(asked: Parameter, value: ast.expr) -> ast.Call:
    """A call that makes the control, where the value stands."""
    template = ast.parse(_CALL, mode="eval").body
    assert isinstance(template, ast.Call)
    template.args = [ast.Constant(each) for each in (asked.name, None, asked.about, asked.is_real)]
    for node in ast.walk(template):
        ast.copy_location(node, value)
    template.args[1] = value
    return template


def _target(statement: ast.stmt) -> ast.Name | None:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return None
    return target if isinstance(target, ast.Name) else None


def _annotation(statement: ast.Assign | ast.AnnAssign) -> str | None:
    """The type that is written behind the name."""
    if isinstance(statement, ast.Assign):
        return None
    written = statement.annotation
    is_text = isinstance(written, ast.Constant) and isinstance(written.value, str)
    return str(written.value) if is_text and isinstance(written, ast.Constant) else ast.unparse(written)


def _fits(value: ast.expr, kind: str | None) -> bool:
    """Whether there is a control for a value as it is written, and it is of the type that is told, where one is."""
    if isinstance(value, ast.Call):
        return _is_day(value) and kind not in _TYPES
    try:
        literal = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    if type(literal) not in (bool, int, float, str) or (kind or "").rpartition(".")[2] in ("date", "datetime"):
        return False
    if not isinstance(literal, str) and not abs(literal) <= _EXACT:
        return False
    return kind not in _TYPES or type(literal) in _TYPES[kind]


def _is_day(call: ast.Call) -> bool:
    """Whether this is `date(2024, 1, 31)`, whatever stands before the word."""
    word = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    numbers = (isinstance(each, ast.Constant) and type(each.value) is int for each in given)
    return word == "date" and len(given) == 3 and all(numbers)


def _comments(source: str) -> dict[int, str]:
    """The comment of each line that has one."""
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string
    except (tokenize.TokenError, SyntaxError):
        pass  # the comments up to there
    return found
