"""The syntax of a function that is there: its source, as long as it compiles to the very code that the function has."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from types import CodeType

from nbapp.readonly.operations import Operations, of_function
from nbapp.values.names import inner_codes

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_REMEMBERED = 500  # files and cells
_GENERATED = "<string>"  # where dataclasses say that their methods come from


class Sources:
    """The operations of functions, by their code; each file or cell is read once."""

    def __init__(self) -> None:
        self._by_code: dict[CodeType, Operations | None] = {}

    def operations(self, code: CodeType) -> Operations | None:
        """What a function with this code does; None when its source is not to be had, or is another one by now."""
        if code not in self._by_code:
            if len(self._by_code) > _REMEMBERED:
                self._by_code.clear()
            self._by_code[code] = _found(code)
        return self._by_code[code]


def _found(code: CodeType) -> Operations | None:
    source = "".join(linecache.getlines(code.co_filename))
    try:
        tree = ast.parse(source)
        compiled = compile(source, code.co_filename, "exec", flags=_FLAGS, dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    if code not in inner_codes(compiled):
        return None  # edited since, or made by a decorator
    nodes = [node for node in _functions(tree) if _line(node) == code.co_firstlineno and _name(node) == code.co_name]
    return of_function(nodes[0]) if len(nodes) == 1 else None


def _functions(tree: ast.AST) -> Iterator[_Function]:
    return (node for node in ast.walk(tree) if isinstance(node, _Function))


def _line(node: _Function) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min([node.lineno, *(each.lineno for each in decorators)])


def _name(node: _Function) -> str:
    return "<lambda>" if isinstance(node, ast.Lambda) else node.name
