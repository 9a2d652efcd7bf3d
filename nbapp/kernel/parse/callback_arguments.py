"""The functions that a cell hands, by name, to a method that registers callbacks: it reads them and calls none."""

from __future__ import annotations

import ast
from copy import deepcopy
from dataclasses import dataclass, field

from nbapp.values.uses import Handed

# Methods of ipywidgets and traitlets, which call nothing when they register it.
_REGISTER = frozenset({"observe", "on_click", "on_msg", "on_submit", "on_displayed", "on_trait_change", "on_event"})


def without_handed(tree: ast.Module) -> tuple[ast.Module, tuple[Handed, ...]]:
    """The cell without the names of functions in such calls, and those functions; the tree itself stays as it is."""
    if not any(isinstance(node, ast.Attribute) and node.attr in _REGISTER for node in ast.walk(tree)):
        return tree, ()
    parts = _Registrations()
    return ast.fix_missing_locations(parts.visit(deepcopy(tree))), tuple(parts.handed)


@dataclass
class _Registrations(ast.NodeTransformer):
    handed: list[Handed] = field(default_factory=list)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Attribute) and node.func.attr in _REGISTER:
            node.args = [self._hand_over(argument, node) for argument in node.args]
            for keyword in node.keywords:
                keyword.value = self._hand_over(keyword.value, node)
        return self.generic_visit(node)

    def _hand_over(self, argument: ast.expr, call: ast.Call) -> ast.expr:
        if not isinstance(argument, ast.Name):
            return argument
        self.handed.append(Handed(argument.id, call.lineno, call.end_lineno or call.lineno))
        return ast.copy_location(ast.Constant(value=None), argument)
