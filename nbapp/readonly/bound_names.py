"""The names that a cell or a function binds, and what it binds them to, by its syntax."""

from __future__ import annotations

import ast


class BoundNames(ast.NodeVisitor):
    """The names that a cell binds, with the values where they are plain."""

    def __init__(self, tree: ast.Module) -> None:
        self.values: dict[str, list[ast.AST | None]] = {}
        self.own: set[str] = set()  # without those that a comprehension has for itself
        self.modules: dict[str, str] = {}  # imported by the first statements, and bound in no other way
        self.is_odd = False
        self._first: dict[str, bool] = {}
        self._at_top = self._in_comprehension = False
        body = list(tree.body)
        while body and isinstance(body[0], (ast.Import, ast.ImportFrom)):
            self._imported(body.pop(0))  # type: ignore[arg-type]
        for statement in body:
            self._at_top = isinstance(statement, (ast.Assign, ast.AnnAssign))
            self.visit(statement)
        self.is_odd = self.is_odd or not self.modules.keys().isdisjoint(self.values)

    def is_first(self, name: str) -> bool:
        """Whether a plain assignment, which runs in any case, comes before everything else that has the name."""
        return self._first.get(name, False)

    def binds(self, name: str) -> bool:
        """Whether anything but a comprehension binds the name."""
        return name in self.own or name in self.modules

    def _bind(self, name: str, value: ast.AST | None) -> None:
        if not self._in_comprehension:
            self.own.add(name)
        self._first.setdefault(name, self._at_top and value is not None)
        self.values.setdefault(name, []).append(value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if _copies_itself(node):
            self._target(node.targets[0], node.value)
        self.visit(node.value)
        for target in node.targets:
            self._target(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self._target(node.target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        self._target(node.target, node)

    def _target(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, value)
        else:
            self.visit(target)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._first.setdefault(node.id, False)
        else:
            self._bind(node.id, None)  # also of a comprehension, which has it for itself: then it only looks less new

    def _comprehension(self, node: ast.AST) -> None:
        outer, self._in_comprehension = self._in_comprehension, True
        self.generic_visit(node)
        self._in_comprehension = outer

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._bind(node.name, None)
        inside = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        for name in inside:  # it may be called from here on
            self._first.setdefault(name, False)
        for each in (*node.args.defaults, *node.args.kw_defaults):
            if each is not None:
                self.visit(each)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name, None)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.is_odd = True  # it may not run, or run after the name had another value

    visit_ImportFrom = visit_Import  # noqa: N815

    def _imported(self, node: ast.Import | ast.ImportFrom) -> None:
        for each in node.names:
            if isinstance(node, ast.ImportFrom):
                name, module = each.asname or each.name, f"module:{node.module}:{each.name}"
                self.is_odd = self.is_odd or each.name == "*" or node.level > 0
            else:
                top = each.name.partition(".")[0]
                name, module = each.asname or top, f"module:{each.name if each.asname else top}"
            self.is_odd = self.is_odd or self.modules.get(name, module) != module
            self.modules[name] = module


def _copies_itself(node: ast.Assign) -> bool:
    """Whether this is `x = x.copy()`: from here on `x` is another object."""
    target, value = node.targets[0], node.value
    copies = isinstance(value, ast.Call) and is_copy(value)
    receiver = value.func.value if copies else None  # type: ignore[attr-defined]
    return isinstance(receiver, ast.Name) and isinstance(target, ast.Name) and receiver.id == target.id


def is_copy(node: ast.Call) -> bool:
    """Whether this is `x.copy()`."""
    is_method = isinstance(node.func, ast.Attribute) and node.func.attr == "copy"
    return is_method and not node.args and not node.keywords
