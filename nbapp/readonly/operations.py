"""What a piece of code does, by its syntax, that could change a value: loads that may be calls, stores, and no more.

The question is not what the code does to which object, but whether it can do anything to an object that it did not make
itself. Every function and method that it loads counts as called, whatever it is given. What cannot be told apart counts
as a write.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Path = tuple[str, ...]  # a global name, or "module:" and what is imported, and the attributes after it
MANY = 99  # arguments by position, when nobody knows how many
ANY = "*"  # the method that stands for every method of the author's classes
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NEW = (ast.List, ast.Dict, ast.Set, *_COMPREHENSIONS, ast.JoinedStr, ast.Constant)
_COMPUTED = (ast.BinOp, ast.UnaryOp, ast.Compare)  # new, but for operators that the author's classes define
_WRITING_KEYWORDS = frozenset({"out", "file", "overwrite_input", "overwrite_a", "overwrite_b", "overwrite_x"})
_FLAGS = frozenset({"inplace", "in_place"})  # they write unless they are plainly False
# Only code that makes an object, or stores on a new one, runs these: their first argument is new.
_OF_NEW = frozenset({"__init__", "__post_init__", "__setattr__", "__setitem__", "__delattr__", "__delitem__"})
_FORMATS = frozenset({"format", "format_map"})


@dataclass(slots=True)
class Operations:
    """What a piece of code does.

    `writes`: it changes something that it may not have made, or nobody can tell. `paths` are what it loads from
    globals and modules, with the most arguments by position that it gives them; `methods` the attributes that it loads
    from anything else. `unless_new` are methods, or a store (None), on an object that is new if calls of these paths
    give new ones. `stored` are the global names that it binds itself, `new` those of them that its own code relies on
    to hold new objects, `rebound` those that functions in it bind. `operators`
    are the operators in place, which the author's classes may define.
    """

    writes: bool = False
    paths: dict[Path, int] = field(default_factory=dict)
    methods: dict[str, int] = field(default_factory=dict)
    unless_new: list[tuple[frozenset[Path], str | None]] = field(default_factory=list)
    stored: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    rebound: set[str] = field(default_factory=set)
    operators: set[str] = field(default_factory=set)

    def load(self, path: Path, arguments: int = 0) -> None:
        """A global, or an attribute of one, is loaded, and may be called."""
        self.paths[path] = max(arguments, self.paths.get(path, 0))

    def method(self, name: str, arguments: int = 0) -> None:
        """An attribute of some object is loaded, and may be called."""
        if name.startswith("__") and name.endswith("__"):
            self.writes = True
        self.methods[name] = max(arguments, self.methods.get(name, 0))


def of_cell(tree: ast.Module) -> Operations:
    """What a cell does, and all functions in it. Its last expression is displayed."""
    found = Operations()
    scope = _Scope(found, tree.body, (), is_module=True)
    scope.run(tree.body)
    return found


def of_function(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Operations:
    """What a function does when it is called, and all functions in it. A constructor's first argument is new."""
    found = Operations()
    _function(found, node)
    return found


def _function(
    found: Operations,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
    enclosing: frozenset[str] = frozenset(),
) -> None:
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    scope = _Scope(found, body, tuple(each.arg for each in named), enclosing)
    if named and named[0].arg not in scope.bound and _is_of_new(node):
        scope.made = named[0].arg
    scope.run(body)


class _Scope(ast.NodeVisitor):
    """One piece of code with variables of its own."""

    def __init__(
        self,
        found: Operations,
        body: Iterable[ast.AST],
        arguments: tuple[str, ...],
        enclosing: frozenset[str] = frozenset(),
        *,
        is_module: bool = False,
    ) -> None:
        bound = _Bound(body)
        self.found, self.bound = found, bound.values.keys()
        self._is_module, self._modules = is_module, bound.modules
        local = {*bound.values, *bound.modules} - bound.outer - {*arguments}
        if is_module:
            found.stored |= local
        found.rebound |= bound.globals
        found.writes = found.writes or bound.is_odd
        self._variables = (enclosing - bound.outer | local | {*arguments}) - bound.modules.keys()
        names = {name for name in local & bound.values.keys() if not is_module or bound.is_first(name)}
        self.new = self._known_new(bound.values, names, _NEW)
        self._computed = self._known_new(bound.values, names, (*_NEW, *_COMPUTED))
        self.made: str | None = None  # what a constructor makes: new, but its methods are the author's

    def _known_new(
        self, values: Mapping[str, list[ast.AST | None]], names: Iterable[str], kinds: tuple[type[ast.AST], ...]
    ) -> dict[str, frozenset[Path]]:
        """The variables that never hold anything but new objects, given that calls of these paths make them."""
        found: dict[str, frozenset[Path]] = {}
        for name in names:
            paths = [self._makers(value, kinds) for value in values[name]]
            if all(each is not None for each in paths):
                found[name] = frozenset[Path]().union(*filter(None, paths))
        return found

    def _makers(self, value: ast.AST | None, kinds: tuple[type[ast.AST], ...]) -> frozenset[Path] | None:
        """What must make new objects for this expression to give one; None when it may give any."""
        if isinstance(value, (ast.AugAssign, *kinds)):
            return frozenset()
        if isinstance(value, ast.Call) and (path := self._path(value.func)) is not None:
            return frozenset({path})
        return None

    def run(self, body: Iterable[ast.AST]) -> None:
        """Note what the code does."""
        for node in body:
            self.visit(node)

    # --- loads

    def _path(self, node: ast.AST) -> Path | None:
        """The global path that an expression is; None for anything else."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in self._variables:
            return None
        return (self._modules.get(node.id, node.id), *reversed(attributes))

    def _load(self, node: ast.expr, arguments: int = 0) -> None:
        path = self._path(node)
        if path is not None:
            self.found.load(path, arguments)
        elif isinstance(node, ast.Attribute) and node.attr in _FORMATS:
            self.found.method(ANY)  # a format names attributes
            self.visit(node.value)
        elif isinstance(node, ast.Attribute):
            makers = self._new_maker(node.value)
            if makers is None:
                self.found.method(node.attr, arguments)
                self.visit(node.value)
            else:
                self._unless_new(makers, node.attr)
        elif not isinstance(node, ast.Name):
            self.visit(node)

    def _new_maker(self, node: ast.AST) -> frozenset[Path] | None:
        """What must make new objects for a receiver to be one; None when it may be any object."""
        if isinstance(node, ast.Name):
            if self._is_module and node.id in self.new:
                self.found.new.add(node.id)
            return self.new.get(node.id)
        return None

    def _unless_new(self, makers: frozenset[Path], method: str | None) -> None:
        if makers:
            self.found.unless_new.append((makers, method))

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._load(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            self._load(node)
        else:
            self._store(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        arguments = MANY if any(isinstance(each, ast.Starred) for each in node.args) else len(node.args)
        callee = node.func
        if isinstance(callee, ast.Attribute) and _is_super(callee.value):
            self.found.methods.setdefault(callee.attr, 0)
            self.found.load(("super",))
        else:
            self._load(callee, arguments)
        for keyword in node.keywords:
            self._keyword(keyword)
        for each in (*node.args, *(keyword.value for keyword in node.keywords)):
            self.visit(each)

    def _keyword(self, keyword: ast.keyword) -> None:
        is_false = isinstance(keyword.value, ast.Constant) and not keyword.value.value
        if keyword.arg is None or (keyword.arg in _WRITING_KEYWORDS | _FLAGS and not is_false):
            self.found.writes = True

    # --- stores

    def _store(self, receiver: ast.expr) -> None:
        makers = self._new_maker(receiver)
        if isinstance(receiver, ast.Name) and receiver.id == self.made:
            return
        if makers is None:
            self.found.writes = True
        else:
            self._unless_new(makers, None)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Load):
            self.visit(node.value)
        else:
            self._store(node.value)
        self.visit(node.slice)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        self.found.operators.add(f"i{type(node.op).__name__}=")
        if not isinstance(node.target, ast.Name):
            self.visit(node.target)
        elif node.target.id in self._computed:
            if self._is_module:
                self.found.new.add(node.target.id)
            self._unless_new(self._computed[node.target.id], None)
        else:
            self.found.method(f"i{type(node.op).__name__}=")

    # --- what has variables of its own

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self._load(decorator, 1)
        self._defaults(node)
        named = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg)
        for annotation in (node.returns, *(each.annotation for each in named if each is not None)):
            if annotation is not None:
                self.visit(annotation)
        self._inner(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._defaults(node)
        self._inner(node)

    def _defaults(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)

    def _inner(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        _function(self.found, node, frozenset() if self._is_module else self._variables)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self._load(each, 1)
        _Scope(self.found, node.body, (), frozenset() if self._is_module else self._variables).run(node.body)

    # --- what may do anything

    def visit_Await(self, node: ast.AST) -> None:
        self.found.writes = True

    visit_AsyncFor = visit_AsyncWith = visit_Await  # noqa: N815

    def visit_With(self, node: ast.With) -> None:
        self.found.method("with")
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self.found.writes = self.found.writes or bool(node.is_async)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.target)
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)


class _Bound:
    """The names that a piece of code binds, with the values where they are plain; not those of functions in it."""

    def __init__(self, body: Iterable[ast.AST]) -> None:
        self.values: dict[str, list[ast.AST | None]] = {}
        self.modules: dict[str, str] = {}  # imported, and bound in no other way
        self.globals: set[str] = set()
        self.outer: set[str] = set()
        self.is_odd = False
        self._first: dict[str, bool] = {}
        for statement in body:
            self._at_top = isinstance(statement, (ast.Assign, ast.AnnAssign))
            self._note(statement)
        for name in self.values.keys() & self.modules.keys():
            self.values[name].append(None)  # it is a module, or what else is assigned to it
            del self.modules[name]

    def is_first(self, name: str) -> bool:
        """Whether a plain assignment, which runs in any case, comes before everything else that has the name."""
        return self._first.get(name, False)

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._imported(node)
        elif isinstance(node, ast.Assign):
            self._note(node.value)
            for target in node.targets:
                self._target(target, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
            self._at_top = self._at_top and isinstance(node, ast.AnnAssign)  # the other may be in an `and`
            if node.value is not None:
                self._note(node.value)
                self._target(node.target, node.value)
        elif isinstance(node, ast.AugAssign):
            self._note(node.value)
            self._target(node.target, node)
        elif isinstance(node, _SCOPES):
            self._scope(node)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            self._declared(node)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            self._bind(node.name, None)
            self._inside(node)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            self._bind(node.rest, None)
            self._inside(node)
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self._first.setdefault(node.id, False)
            else:
                self._bind(node.id, None)
        else:
            self._inside(node)

    def _inside(self, node: ast.AST) -> None:
        at_top, self._at_top = self._at_top, self._at_top and not isinstance(node, ast.stmt)
        for child in ast.iter_child_nodes(node):
            self._note(child)
        self._at_top = at_top

    def _scope(self, node: ast.AST) -> None:
        """A function or class: its name is bound; the names that it loads come before what is assigned below."""
        if not isinstance(node, ast.Lambda):
            self._bind(node.name, node)  # type: ignore[attr-defined]
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name):
                self._first.setdefault(inner.id, False)

    def _target(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, value)
        else:
            self._inside(target)

    def _bind(self, name: str, value: ast.AST | None) -> None:
        self._first.setdefault(name, self._at_top and value is not None)
        self.values.setdefault(name, []).append(value)

    def _declared(self, node: ast.Global | ast.Nonlocal) -> None:
        self.outer.update(node.names)
        if isinstance(node, ast.Global):
            self.globals.update(node.names)
        else:
            self.is_odd = True  # what a function keeps from call to call is its state

    def _imported(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, module in _imports(node):
            self._first.setdefault(name, False)
            if module is None or self.modules.get(name, module) != module:
                self.is_odd = True  # a star, or two modules of one name
            else:
                self.modules[name] = module


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str | None]]:
    """The names that an import binds, and what they stand for."""
    for each in node.names:
        if isinstance(node, ast.ImportFrom):
            is_plain = each.name != "*" and node.level == 0
            yield each.asname or each.name, f"module:{node.module}:{each.name}" if is_plain else None
        elif each.asname:
            yield each.asname, f"module:{each.name}"
        else:
            top = each.name.partition(".")[0]
            yield top, f"module:{top}"


def _is_of_new(node: ast.AST) -> bool:
    """Whether a function makes its first argument, or is the setter of a property."""
    decorators = getattr(node, "decorator_list", ())
    is_setter = any(isinstance(each, ast.Attribute) and each.attr == "setter" for each in decorators)
    return is_setter or getattr(node, "name", "") in _OF_NEW


def _is_super(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args
