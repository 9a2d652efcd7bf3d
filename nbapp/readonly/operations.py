"""What code of the author's does, by its syntax, that could change a value: what it loads, calls and stores.

The question is whether a cell or a function can do anything to an object that it did not plainly make itself. All that
it loads counts as called. Only plain code is told: statements, functions, lambdas and comprehensions; what else there
is, and what cannot be told apart, counts as a write.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nbapp.readonly.bound_names import BoundNames, is_copy

Path = tuple[str, ...]  # a global name, or "module:" and what is imported, and the attributes after it
MANY = 99  # arguments by position, when nobody knows how many
NUMBER = "number"  # after an operator in place: what is on its right
_PLAIN = (
    *(ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If, ast.Try, ast.ExceptHandler),
    *(ast.Pass, ast.Break, ast.Continue, ast.Raise, ast.Assert, ast.Delete, ast.Import, ast.ImportFrom, ast.Return),
)
Node = ast.FunctionDef | ast.Lambda
_ODD = (ast.NamedExpr, ast.Await)
COPY = "copy of any object"  # stands for `x.copy()` among what makes new objects
_PLACES = frozenset({"loc", "iloc", "at", "iat"})  # of a frame, through which it is stored into
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NEW = (ast.List, ast.Dict, ast.Set, *_COMPREHENSIONS, ast.JoinedStr, ast.Constant)
_COMPUTED = (ast.BinOp, ast.UnaryOp, ast.Compare)  # new, but for operators that the author's classes define
_WRITING_KEYWORDS = frozenset(
    {"out", "file", "buf", "stream", "path_or_buf", "fp", "fname", "inplace", "in_place"}
    | {"overwrite_input", "overwrite_a", "overwrite_b", "overwrite_x"}
)
# Methods that run what they are given, and those that may be named to them in a text.
_RUN_TEXTS = frozenset({"agg", "aggregate", "apply", "transform", "pipe", "map"})
_READING = "sum mean median min max count std var first last size nunique prod any all sem skew"
_TEXTS = frozenset(_READING.split())
_PLAIN_DECORATORS = frozenset({"property", "staticmethod", "classmethod"})
_OF_POLARS = "col lit len count when element all sum mean min max median"  # what gives an expression
_EXPRESSIONS = frozenset(_OF_POLARS.split())
_OF_AGG = frozenset({"axis", "func", "arg", "args", "engine", "engine_kwargs", "numeric_only", "min_count"})
_TEXT_TYPES = frozenset({"str", "bytes", "bytearray"})
AUGMENTED = "in place"  # stands for an operator in place among methods
_TO_CODE = frozenset(
    {f"{kind}_{what}" for kind in ("gi", "cr", "ag", "tb") for what in ("frame", "code", "yieldfrom", "await", "next")}
    | {"f_globals", "f_locals", "f_builtins", "f_back", "f_code", "f_trace"}
)
_ENCODES = frozenset({"encode", "decode"})  # who handles errors may be the author's function


@dataclass(slots=True)
class Operations:
    """What a piece of code does.

    `writes`: it changes something that it may not have made, or nobody can tell. `paths` are what it loads from
    globals and modules, with the most arguments by position that it gives them; `methods` the attributes that it loads
    from anything else; `sets` those that an `__init__` sets on its object. `unless_new` are methods, or a store (None),
    on an object that is new if calls of these paths give new ones.

    `stored` are the global names that it binds, `imports` those that it imports, `defined` functions that it defines
    under names that it binds in no other way, and `inner` is what these do. `run` are the paths that it hands to
    methods which call what they are given, `expressions` the functions that make what it hands to them otherwise.
    `trusts_objects`: it takes what an operator gives for new, or goes on with another iterator. `uses_super`: it takes
    `super` for Python's. `formats`: it fills a text that may name any attribute of anything.
    """

    writes: bool = False
    paths: dict[Path, int] = field(default_factory=dict)
    methods: dict[str, int] = field(default_factory=dict)
    unless_new: list[tuple[frozenset[Path], str | None]] = field(default_factory=list)
    stored: set[str] = field(default_factory=set)
    imports: Mapping[str, str] = field(default_factory=dict)
    run: set[Path] = field(default_factory=set)
    expressions: set[Path] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    trusts_objects: bool = False
    uses_super: bool = False
    formats: bool = False
    defined: set[str] = field(default_factory=set)
    inner: list[Operations] = field(default_factory=list)

    def everything(self) -> Iterator[Operations]:
        """This code, and the functions that it defines."""
        yield self
        for part in self.inner:
            yield from part.everything()

    def names(self) -> Iterator[str]:
        """All that it calls anything by."""
        for path in self.paths:
            yield from path[0].split(":")
            yield from path[1:]
        yield from self.methods
        for makers, method in self.unless_new:
            yield from (name for path in makers for name in path)
            yield from () if method is None else (method,)

    def load(self, path: Path, arguments: int) -> None:
        """A global, or an attribute of one, is loaded, and may be called."""
        self.paths[path] = max(arguments, self.paths.get(path, 0))

    def method(self, name: str, arguments: int) -> None:
        """An attribute of some object is loaded, and may be called."""
        self.methods[name] = max(arguments, self.methods.get(name, 0))


def united(parts: list[Operations]) -> Operations:
    """What code may do of which nobody knows which of these it is."""
    if len(parts) == 1:
        return parts[0]
    return Operations(writes=any(part.writes for part in parts), inner=parts)


def of_cell(tree: ast.Module) -> Operations:
    """What a cell does. Its last expression is displayed."""
    found = Operations()
    bound = BoundNames(tree)
    found.stored |= bound.values.keys() | bound.modules.keys()
    found.imports = bound.modules
    found.writes = bound.is_odd
    _Code(found, bound).visit(tree)
    return found


def of_function(
    node: Node,
    outer: frozenset[str] = frozenset(),
    modules: Mapping[str, str] = MappingProxyType({}),
    *,
    makes_self: bool = False,
) -> Operations:
    """What a function does when it is called; `outer` are the variables of functions around it, `modules` what the code
    around it imports.

    `makes_self`: it is the `__init__` of a class, whose first argument is new.
    """
    found = Operations()
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    given = {each.arg for each in (*named, arguments.vararg, arguments.kwarg) if each is not None}
    body: list[ast.stmt] = [ast.Expr(node.body)] if isinstance(node, ast.Lambda) else _without_words(node.body)
    bound = BoundNames(ast.Module(body, []))
    found.writes = bound.is_odd or (isinstance(node, ast.FunctionDef) and not _is_plainly_defined(node))
    code = _Code(found, bound, own=given | bound.own | outer, modules=modules, is_function=True)
    first = [each.arg for each in (*arguments.posonlyargs, *arguments.args)][:1]
    if first and not bound.binds(first[0]):
        code.has_self(first[0], is_new=makes_self)
    for statement in body:
        code.visit(statement)
    return found


def _without_words(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements without a docstring."""
    first = body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if is_text else body


def _is_plainly_defined(node: ast.FunctionDef) -> bool:
    return all(isinstance(each, ast.Name) and each.id in _PLAIN_DECORATORS for each in node.decorator_list)


class _Code(ast.NodeVisitor):
    """Of a cell, or with `own` variables of a function."""

    def __init__(
        self,
        found: Operations,
        bound: BoundNames,
        own: frozenset[str] | set[str] = frozenset(),
        modules: Mapping[str, str] = MappingProxyType({}),
        *,
        is_function: bool = False,
    ) -> None:
        self.found = found
        self._bound = bound
        self._modules = {name: module for name, module in modules.items() if name not in own} | bound.modules
        self._own = frozenset(own) - self._modules.keys()
        self._local: frozenset[str] = frozenset()  # the variables of lambdas and comprehensions around
        self._self: str | None = None
        self._is_function = is_function
        names = [name for name in bound.values if bound.is_first(name)]
        self._new = self._known_new(bound, names, _NEW)
        in_place = {name: [isinstance(each, ast.AugAssign) for each in bound.values[name]] for name in names}
        self._augmented = {name for name, found in in_place.items() if any(found)}
        self._computed = self._known_new(bound, names, (*_NEW, *_COMPUTED))

    def has_self(self, name: str, *, is_new: bool) -> None:
        """A variable holds the object whose method this is, if it is one; `is_new`: nobody else has it so far."""
        self._self = name
        if is_new:
            self._new[name] = frozenset()

    def _known_new(
        self, bound: BoundNames, names: Iterable[str], kinds: tuple[type[ast.AST], ...]
    ) -> dict[str, frozenset[Path]]:
        """The variables that never hold anything but new objects, given that calls of these paths make them."""
        found: dict[str, frozenset[Path]] = {}
        for name in names:
            paths = [self._makers(value, kinds) for value in bound.values[name]]
            if all(each is not None for each in paths):
                found[name] = frozenset[Path]().union(*filter(None, paths))
        return found

    def _makers(self, value: ast.AST | None, kinds: tuple[type[ast.AST], ...]) -> frozenset[Path] | None:
        """What must make new objects for this expression to give one; None when it may give any."""
        if isinstance(value, (ast.AugAssign, *kinds)):
            return frozenset()
        if isinstance(value, ast.Call) and is_copy(value):
            return frozenset({(COPY,)})
        is_call = isinstance(value, ast.Call) and all(each.arg not in ("copy", None) for each in value.keywords)
        path = self._path(value.func) if is_call else None  # type: ignore[union-attr]
        return None if path is None else frozenset({path})

    def generic_visit(self, node: ast.AST) -> None:
        """Look inside; what is not plain may do anything."""
        is_strange = isinstance(node, ast.stmt) and not isinstance(node, _PLAIN)
        self.found.writes = self.found.writes or is_strange or isinstance(node, _ODD)
        super().generic_visit(node)

    # --- loads

    def _path(self, node: ast.AST) -> Path | None:
        """The global path that an expression is; None for anything else."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in self._local or node.id in self._own:
            return None
        return (self._modules.get(node.id, node.id), *reversed(attributes))

    def _load(self, node: ast.Name | ast.Attribute, arguments: int = MANY) -> None:
        if isinstance(node, ast.Attribute):
            if node.attr == "__name__":
                self._visit_named(node.value)
                return
            self.found.writes = self.found.writes or node.attr in _ENCODES
            makers = self._maker(node.value)
            if makers is not None and node.value.id not in self._augmented:  # type: ignore[attr-defined]
                self._unless_new(makers, node.attr)
                return
        path = self._path(node)
        if path is not None:
            is_mangled = self._is_function and path[0].startswith("__")  # in a class it may be another name
            self.found.writes = self.found.writes or is_mangled
            self.found.load(path, arguments)
        elif isinstance(node, ast.Attribute):
            self.found.method(node.attr, arguments)
            self.visit(node.value)

    def _visit_named(self, node: ast.AST) -> None:
        """What is asked for its `__name__`, as the class in `self.__class__.__name__`, which is not called."""
        is_class = isinstance(node, ast.Attribute) and node.attr == "__class__"
        self.visit(node.value if is_class else node)  # type: ignore[attr-defined]

    def _is_self(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id == self._self and node.id not in self._local

    def _maker(self, receiver: ast.AST) -> frozenset[Path] | None:
        """What must make new objects for a receiver to be one; None when it may be any object."""
        is_variable = isinstance(receiver, ast.Name) and receiver.id not in self._local
        return self._new.get(receiver.id) if is_variable else None  # type: ignore[attr-defined]

    def _unless_new(self, makers: frozenset[Path], method: str | None) -> None:
        self.found.writes = self.found.writes or (method is not None and is_private(method))
        if makers or method is AUGMENTED:
            self.found.unless_new.append((makers, method))

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._load(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            self._load(node)
        else:
            if self._is_self(node.value):
                self.found.sets.add(node.attr)
            self.found.writes = self.found.writes or node.attr.startswith("__")  # such as `self.__dict__ = shared`
            self._store(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        if self._is_init_above(node.func):
            self.found.uses_super = True  # its class is reached as this one is, and its object is new as well
        elif isinstance(node.func, (ast.Name, ast.Attribute)):
            is_spread = any(isinstance(each, ast.Starred) for each in node.args)
            self._load(node.func, MANY if is_spread else len(node.args))
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name in ("format", "format_map"):
                receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
                self.found.formats = self.found.formats or not _is_plain_template(receiver)
            self.found.writes = self.found.writes or (_is_text_type(node.func) and bool(node.keywords))
            if name in _RUN_TEXTS:
                self.found.writes = self.found.writes or not _runs_plainly(node, name)
                self._hands_over(node.args)
                self._hands_over(each.value for each in node.keywords if each.arg != "axis")
        else:
            self.found.writes = True  # whatever it is that is called
        for keyword in node.keywords:
            is_false = isinstance(keyword.value, ast.Constant) and not keyword.value.value
            if keyword.arg is None or (keyword.arg in _WRITING_KEYWORDS and not is_false):
                self.found.writes = True
        for each in (*node.args, *(keyword.value for keyword in node.keywords)):
            self.visit(each)

    def _is_init_above(self, node: ast.AST) -> bool:
        """Whether this is `super().__init__` in an `__init__`."""
        is_init = self._self in self._new and isinstance(node, ast.Attribute) and node.attr == "__init__"
        above = node.value if is_init else None  # type: ignore[attr-defined]
        is_call = isinstance(above, ast.Call) and not above.args and not above.keywords
        return is_call and not self._local and self._path(above.func) == ("super",)  # type: ignore[union-attr]

    def _hands_over(self, given: Iterable[ast.AST]) -> None:
        """Note which functions a method is given to call; a variable may hold the name of any method."""
        for each in given:
            if isinstance(each, ast.Name):
                path = self._path(each)
                self.found.writes = self.found.writes or path is None
                self.found.run |= {path} if path is not None else set()
            elif isinstance(each, ast.Call):
                path = self._path(_first_call(each).func)
                is_expression = path is not None and path[1:2] and path[1] in _EXPRESSIONS
                meta = any(isinstance(inner, ast.Attribute) and inner.attr == "meta" for inner in ast.walk(each))
                self.found.writes = self.found.writes or not is_expression or meta
                self.found.expressions |= {path} if path is not None else set()
            elif isinstance(each, (ast.List, ast.Tuple)):
                self._hands_over(each.elts)
            elif isinstance(each, ast.Dict):
                self._hands_over(each.values)

    # --- stores

    def _store(self, receiver: ast.expr, *, by_item: bool = False) -> None:
        makers = self._maker(receiver)
        if by_item and isinstance(receiver, ast.Attribute) and receiver.attr in _PLACES:
            found = self._maker(receiver.value)
            makers = found if found == frozenset({(COPY,)}) else None
        if makers is None:
            self.found.writes = True
        else:
            self._unless_new(makers, None)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Load):
            self.visit(node.value)
        else:
            self._store(node.value, by_item=True)
        self.visit(node.slice)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        name = node.target.id if isinstance(node.target, ast.Name) else None
        if name is not None and name in self._computed:
            self.found.trusts_objects = True
            self._unless_new(self._computed[name], AUGMENTED)
            return
        is_number = isinstance(node.value, ast.Constant) and isinstance(node.value.value, (int, float))
        is_number = is_number and not isinstance(node.op, ast.Mult)  # a list takes that too
        self.found.method(f"i{type(node.op).__name__}={NUMBER if is_number else ''}", 1)
        if name is None:
            self.visit(node.target)

    # --- what has variables of its own

    def visit_YieldFrom(self, node: ast.YieldFrom) -> None:
        self.found.trusts_objects = True  # when this one ends, it closes that one
        self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.found.writes = self.found.writes or bool(node.decorator_list)
        for each in ast.walk(node.args):
            if isinstance(each, ast.arg) and each.annotation is not None:
                self.visit(each.annotation)
        for expression in (*node.args.defaults, *node.args.kw_defaults, node.returns):
            if expression is not None:
                self.visit(expression)
        if self._bound.values.get(node.name) == [None]:
            self.found.defined.add(node.name)
        self.found.inner.append(of_function(node, self._own | self._local, self._modules))

    def visit_Lambda(self, node: ast.Lambda) -> None:
        arguments = node.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        named += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
        self.found.writes = self.found.writes or bool(arguments.defaults or any(arguments.kw_defaults))
        self._inside({each.arg for each in named}, [node.body])

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self.found.writes = self.found.writes or any(each.is_async for each in node.generators)
        self.visit(node.generators[0].iter)
        targets = [inner for each in node.generators for inner in ast.walk(each.target)]
        self.found.writes = self.found.writes or any(
            isinstance(each, (ast.Attribute, ast.Subscript)) for each in targets
        )
        names = {each.id for each in targets if isinstance(each, ast.Name)}
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        inner = [each.iter for each in node.generators[1:]] + [test for each in node.generators for test in each.ifs]
        self._inside(names, [*results, *inner])

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815

    def _inside(self, names: set[str], parts: Iterable[ast.AST]) -> None:
        outer, self._local = self._local, self._local | names
        for part in parts:
            self.visit(part)
        self._local = outer


def _runs_plainly(node: ast.Call, name: str) -> bool:
    """Whether a method that runs what it is given is given a lambda, or names of methods that are known to read."""
    others = [keyword.value for keyword in node.keywords if keyword.arg != "axis"]
    if name in ("agg", "aggregate") and others and not node.args:  # each result by its name
        names = {keyword.arg for keyword in node.keywords}
        return names.isdisjoint(_OF_AGG) and all(map(_is_named_result, others))
    given = node.args[-1:] if name == "map" else node.args
    return not others and (name == "map" or len(given) == 1) and all(map(_is_plainly_run, given))


def _is_named_result(node: ast.AST) -> bool:
    """Whether this is a column with what is made of it: `("x", "sum")`."""
    is_pair = isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Constant)
    return is_pair and _is_plainly_run(node.elts[1])  # type: ignore[attr-defined]


def _first_call(node: ast.Call) -> ast.Call:
    """The call that a chain of methods begins with: `pl.col("x")` in `pl.col("x").sum().alias("y")`."""
    inner = node.func.value if isinstance(node.func, ast.Attribute) else None
    return _first_call(inner) if isinstance(inner, ast.Call) else node


def _is_plainly_run(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in _TEXTS
    if isinstance(node, (ast.List, ast.Tuple)):
        return all(map(_is_plainly_run, node.elts))
    if isinstance(node, ast.Dict):
        return all(map(_is_plainly_run, node.values))
    return isinstance(node, (ast.Lambda, ast.Name, ast.Call))


def _is_plain_template(node: ast.AST | None) -> bool:
    """Whether this is a text that names no attribute which leads to code."""
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and "_" not in text


def _is_text_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in _TEXT_TYPES


def is_private(name: str) -> bool:
    """Whether a name begins with an underscore, or leads from a generator or a traceback to frames and code."""
    return name.startswith("_") or name in _TO_CODE
