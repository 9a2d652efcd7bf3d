"""What the author's functions do, found by their code objects in the cells that they were compiled from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType, FunctionType

from nbapp.readonly.operations import Node, Operations, of_function, united

_REMEMBERED = 5000  # functions; an author who edits for weeks must not fill the memory


@dataclass(slots=True)
class Functions:
    """Knows the functions of the cells that it has read.

    A function is found by its code, which is equal only where text, place and constants are; one that no cell has, such
    as one made by `exec`, is not known.
    """

    _trees: list[tuple[ast.Module, CodeType]] = field(default_factory=list)  # not looked into so far
    _nodes: dict[CodeType, list[Node]] = field(default_factory=dict)
    _found: dict[tuple[CodeType, bool], Operations] = field(default_factory=dict)

    def learn(self, tree: ast.Module, code: CodeType) -> None:
        """A cell, and what it is compiled to."""
        if any(isinstance(each, CodeType) for each in code.co_consts):
            self._trees.append((tree, code))

    def operations(self, function: FunctionType, *, makes_self: bool = False) -> Operations | None:
        """What a function does; None when nobody knows. `makes_self`: see `of_function`."""
        while self._trees:
            self._look_into(*self._trees.pop(0))
        key = function.__code__, makes_self
        if key not in self._found and function.__code__ in self._nodes:
            outer = frozenset(function.__code__.co_freevars)
            nodes = self._nodes[function.__code__]
            self._found[key] = united([of_function(node, outer, makes_self=makes_self) for node in nodes])
        return self._found.get(key)

    def _look_into(self, tree: ast.Module, code: CodeType) -> None:
        if len(self._nodes) > _REMEMBERED:
            self._nodes.clear()
            self._found.clear()
        nodes: dict[tuple[str, int], list[Node]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Lambda):
                nodes.setdefault(("<lambda>", node.lineno), []).append(node)
            elif isinstance(node, ast.FunctionDef):
                line = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                nodes.setdefault((node.name, line), []).append(node)
        for inner in _codes(code):
            found = nodes.get((inner.co_name, inner.co_firstlineno))
            if found:
                self._nodes[inner] = found


def _codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)
