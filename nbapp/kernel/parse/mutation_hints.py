"""Which names a cell plainly changes in place, by its syntax: a hint to copy what they hold before it runs.

Nothing depends on it but speed: what a cell really changed is found by comparison.
"""

from __future__ import annotations

import ast

from nbapp.libraries import MUTATING

_OF_PYTHON = """
    append extend insert remove pop clear sort reverse update setdefault popitem add discard appendleft popleft
"""
_CHANGING = MUTATING.union(_OF_PYTHON.split())


def changed_in_place(tree: ast.AST) -> set[str]:
    """The names whose items or attributes are assigned or deleted, or whose methods are known to change them."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            found.add(_root(node))
        elif isinstance(node, ast.AugAssign):
            found.add(_root(node.target))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
            found.add(_root(node.func))
    return found - {""}


def _root(node: ast.AST) -> str:
    """The name that a chain of items, attributes and calls begins with."""
    while isinstance(node, (ast.Subscript, ast.Attribute, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
