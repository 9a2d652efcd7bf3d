"""Which containers of a library a function of it may change: those in its modules that its code names.

Found in the bytecode of the function, and of the functions and classes of the same library that it calls. C functions
tell nothing; what they set has slots of its own (see `nbapp/libraries`).
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

from nbapp.kernel.environment.process.memento import is_cache, is_container

_DEEP = 4
_MOST = 200  # functions
Place = tuple[str, str]  # the name of a module, or of a class behind a colon, and that of a container in it


@lru_cache(maxsize=1024)
def places_of(function: FunctionType | type) -> tuple[Place, ...]:
    """The containers that a call of a function or class may change."""
    found: dict[Place, None] = {}
    waiting, seen = [(each, 0) for each in _functions(function)], set[int]()
    while waiting and len(seen) < _MOST:
        current, deep = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        for module, name, value in _named(current):
            if _is_set_by(current.__code__, name):
                found[module, name] = None
            elif isinstance(value, (FunctionType, type)):
                if deep < _DEEP and _top(value.__module__) == _top(current.__module__):
                    waiting.extend((each, deep + 1) for each in _functions(value))
            elif is_container(value) and not is_cache(name):
                found[module, name] = None
    return tuple(found)


@lru_cache(maxsize=4096)
def grows(function: FunctionType) -> bool:
    """Whether a function stores into a container that its module holds, by its own code: a registry, by key."""
    stores = any("STORE_SUBSCR" in code for code in _operations(function.__code__))
    return stores and any(is_container(value) and not is_cache(name) for _, name, value in _named(function))


@lru_cache(maxsize=4096)
def keeps(function: FunctionType) -> bool:
    """Whether a function puts what it is given into a global of its module, or into an attribute of one, as it is."""
    code = function.__code__
    given = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    steps = [step for step in dis.get_instructions(code) if step.opname not in ("CACHE", "NOP")]
    for value, holder, store in zip(["", *steps], steps, steps[1:], strict=False):
        if store.opname == "STORE_GLOBAL" and _loads(holder, given):
            return True
        if store.opname == "STORE_ATTR" and holder.opname == "LOAD_GLOBAL" and _loads(value, given):
            return True
    return False


def _loads(step: Any, names: tuple[str, ...]) -> bool:
    return getattr(step, "opname", "").startswith("LOAD_FAST") and step.argval in names


def _functions(value: Any) -> Iterator[FunctionType]:
    value = getattr(value, "__func__", value)
    value = getattr(value, "__wrapped__", value)
    if isinstance(value, FunctionType):
        yield value
    elif isinstance(value, type):
        for name in ("__new__", "__init__"):
            member = next((vars(base)[name] for base in value.__mro__ if name in vars(base)), None)
            yield from _functions(member) if isinstance(member, FunctionType) else ()


def _named(function: FunctionType) -> Iterator[tuple[str, str, Any]]:
    """The globals of its module that a function names, and what it names of other modules of the library."""
    names = [name for code in _nested(function.__code__) for name in code.co_names]
    space = function.__globals__
    home = str(space.get("__name__"))
    for name in names:
        value = space.get(name)
        if isinstance(value, ModuleType) and _top(value.__name__) == _top(home):
            yield from ((value.__name__, other, vars(value)[other]) for other in names if other in vars(value))
        elif name in space:
            owner = sys.modules.get(home)
            if owner is not None and vars(owner) is space:
                yield home, name, value
    for default in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
        if is_container(default):
            yield from ((home, name, value) for name, value in space.items() if value is default)


def _is_set_by(code: CodeType, name: str) -> bool:
    return any(
        step.opname == "STORE_GLOBAL" and step.argval == name
        for each in _nested(code)
        for step in dis.get_instructions(each)
    )


def _operations(code: CodeType) -> Iterator[set[str]]:
    return ({step.opname for step in dis.get_instructions(each)} for each in _nested(code))


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _top(name: str | None) -> str:
    return str(name).partition(".")[0]
