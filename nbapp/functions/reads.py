"""Everything a function's result may depend on besides its arguments, with its present version.

That is its own code with defaults and closure, and, transitively, what its code looks up: globals, functions, classes,
names in the author's modules, and files that it names. What is named counts whether or not it is used: an extra read
costs a run, a missing one a wrong result.
"""

from __future__ import annotations

import builtins
import dis
import functools
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from nbapp.core.change import plain_function
from nbapp.functions.calls import NotCacheable
from nbapp.functions.files import file_version, texts_in
from nbapp.functions.own import is_own
from nbapp.functions.seen import SeenReads
from nbapp.values.digest import Digest, Opaque
from nbapp.values.names import code_names
from nbapp.values.types import Types, importable

UNBOUND = Digest("unbound")
CODE = "its own code"
_ATOMS = frozenset({int, float, bool, complex, str, bytes, type(None)})
_NOT_THE_AUTHORS = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
_NEVER = object()
Names = dict[str, Any]


@dataclass(slots=True)
class Reader:
    """Reads one function's surroundings; remembers what cannot have changed since, but not the function itself."""

    known: Types
    _code: tuple[tuple[object, ...], Digest] | None = None
    _memo: dict[tuple[int, str], tuple[object, object, Digest, SeenReads]] = field(default_factory=dict)

    def versions(self, function: types.FunctionType, met: SeenReads) -> dict[str, Digest]:
        """The versions of all that the function reads, by what to call it. `met` is what the arguments brought along.

        Raises:
            NotCacheable: something that the code names has no digest.
        """
        walk = _Walk(self, function, met)
        try:
            walk.versions[CODE] = self._code_version(function, met)
        except Opaque as opaque:
            raise walk.refusal("what it encloses or has as a default", opaque) from opaque
        walk.follow()
        return walk.versions

    def _code_version(self, function: types.FunctionType, met: SeenReads) -> Digest:
        proof = plain_function(function, self.known)
        if proof is None or self._code is None or not _same(self._code[0], proof):
            version = met.digest(function)
            self._code = (proof, version) if proof is not None else None
            return version
        met.functions.append(function)
        return self._code[1]

    def version(self, key: tuple[int, str], value: object) -> tuple[Digest, SeenReads]:
        """The version of a value, and what it brings along. Raises `Opaque`."""
        proof = self._proof(value)
        known = self._memo.get(key)
        if known is not None and proof is not None and known[0] is value and _same(known[1], proof):
            return known[2], known[3]
        seen = SeenReads(self.known)
        version = seen.digest(value)
        if proof is not None:
            self._memo[key] = value, proof, version, seen
        return version, seen

    def _proof(self, value: object) -> tuple[object, ...] | None:
        """What must be the same objects for the same value to have the same content; None when that proves nothing."""
        kind = type(value)
        if kind in _ATOMS or kind is types.ModuleType or kind is types.BuiltinFunctionType:
            return ()
        if kind is types.FunctionType:
            return plain_function(value, self.known)
        if isinstance(value, type) and not self.known.of_notebook(value) and importable(value):
            return ()
        return None


def _same(one: Any, other: Any) -> bool:
    return len(one) == len(other) and all(map(lambda a, b: a is b, one, other))


@dataclass(slots=True)
class _Walk:
    """One pass over all reads: functions lead to names, names to values, values to further functions and modules."""

    reader: Reader
    function: types.FunctionType
    met: SeenReads
    versions: dict[str, Digest] = field(default_factory=dict)
    _done: set[tuple[int, str]] = field(default_factory=set)
    _codes: set[tuple[int, int]] = field(default_factory=set)
    _attributes: set[str] = field(default_factory=set)
    _any_attribute: bool = False

    def follow(self) -> None:
        """Read until nothing new turns up."""
        while True:
            before = len(self._done), len(self._codes)
            while self.met.functions:
                self._function(self.met.functions.pop())
            for module in dict.fromkeys(self.met.modules):
                self._module(module)
            if (len(self._done), len(self._codes)) == before and not self.met.functions:
                return

    def read(self, key: tuple[int, str], label: str, value: object, *, soft: bool = False) -> None:
        """Note the version of one value. A `soft` read may not be one: without a digest, the object itself counts."""
        if key in self._done:
            return
        self._done.add(key)
        try:
            version, seen = self.reader.version(key, value)
        except Opaque as opaque:
            if not soft:
                raise self.refusal(label, opaque) from opaque
            version = Digest(f"object {self.reader.known.handle(value)}")
            seen = SeenReads(self.reader.known, is_of_process=True)
        self.versions[label] = version
        self.versions.update(file_version(value))
        self.met.functions.extend(seen.functions)
        self.met.modules.extend(seen.modules)
        self.met.is_of_process |= seen.is_of_process

    def refusal(self, label: str, opaque: Opaque) -> NotCacheable:
        """What to say of a read without a digest."""
        name = self.function.__qualname__
        return NotCacheable(
            f"{name} cannot be cached: {label} has no digest ({opaque})",
            "pass it as an argument whose name begins with an underscore, which does not count, get it from a"
            " function with @nbapp.resource, or teach nbapp its class with nbapp.register",
        )

    def _function(self, function: types.FunctionType) -> None:
        names, space = code_names(function.__code__, self.reader.known.evaluators), function.__globals__
        if (id(space), id(function.__code__)) in self._codes:
            return
        self._codes.add((id(space), id(function.__code__)))
        self._attributes.update(_attributes(function.__code__))
        self.met.modules.extend(_imported(function.__code__))
        for text in texts_in(function.__code__):
            self.versions.update(file_version(text))
        self._any_attribute |= names.everything or "getattr" in names.refs
        for name in sorted(names.refs):
            self._global(space, name)
        for name in sorted(names.words - names.refs):
            if name in space:
                self._global(space, name, soft=True)
        if names.everything:
            for name in _visible(space):
                self._global(space, name, soft=True)

    def _global(self, space: Names, name: str, *, soft: bool = False) -> None:
        value = space.get(name, _NEVER)
        label = f"the {_kind(value)} `{self._prefix(space)}{name}`"
        if value is not _NEVER:
            self.read((id(space), name), label, value, soft=soft)
        elif not hasattr(builtins, name):
            self.versions[label] = UNBOUND

    def _prefix(self, space: Names) -> str:
        return "" if space is self.function.__globals__ else f"{space.get('__name__')}."

    def _module(self, module: types.ModuleType) -> None:
        """Of a module, what any code that was met may mean by an attribute."""
        space = vars(module)
        names = _visible(space) if self._any_attribute else self._attributes & space.keys()
        for name in sorted(names):
            self._global(space, name, soft=self._any_attribute)


def _visible(space: Names) -> list[str]:
    return [name for name in space if not name.startswith("_") and name not in _NOT_THE_AUTHORS]


def _kind(value: object) -> str:
    if isinstance(value, types.FunctionType) or hasattr(type(value), "__nbapp_digest__"):
        return "function" if callable(value) else "global"
    return "class" if isinstance(value, type) else "global"


def _attributes(code: types.CodeType) -> Iterator[str]:
    """The names of attributes and imports, and the strings that could be such names."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _attributes(constant)
        elif isinstance(constant, str) and constant.isidentifier():
            yield constant
        elif isinstance(constant, tuple):
            yield from _identifiers(constant)


def _imported(code: types.CodeType) -> Iterator[types.ModuleType]:
    """The author's modules that the code imports by itself, as far as they are loaded."""
    for name in _imports(code):
        for length in range(1, name.count(".") + 2):
            module = sys.modules.get(".".join(name.split(".")[:length]))
            if isinstance(module, types.ModuleType) and is_own(module):
                yield module


@functools.lru_cache(maxsize=4096)
def _imports(code: types.CodeType) -> tuple[str, ...]:
    found = {each.argval for each in dis.get_instructions(code) if each.opname == "IMPORT_NAME"}
    inner = [_imports(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return tuple(sorted(found.union(*inner)))


def _identifiers(constants: Iterable[object]) -> Iterator[str]:
    return (constant for constant in constants if isinstance(constant, str) and constant.isidentifier())
