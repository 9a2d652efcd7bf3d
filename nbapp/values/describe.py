"""What a value consists of, for the pickler: functions, classes and instances of the notebook by their parts.

Everything else keeps its library's pickle, unless that only names something of the notebook.
"""

from __future__ import annotations

import copyreg
import functools
import re
import types
import typing
from collections.abc import Callable
from typing import Any

from nbapp.values.types import NO_ADAPTER, Types, importable, stands_for

_BUILTIN_STATE: dict[type, Callable[[Any], object]] = {
    list: list,
    dict: lambda value: list(dict.items(value)),
    set: lambda value: list(set.__iter__(value)),
    frozenset: lambda value: list(frozenset.__iter__(value)),
    tuple: lambda value: list(tuple.__iter__(value)),
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    int: int.__index__,
    float: float.__float__,
    BaseException: lambda value: BaseException.args.__get__(value),  # type: ignore[attr-defined]
    object: lambda value: None,
}
_REDUCE_HOOKS = ("__reduce_ex__", "__reduce__", "__getstate__", "__getnewargs__", "__getnewargs_ex__")
_CLASS_NOISE = frozenset(
    {"__dict__", "__weakref__", "_abc_impl", "__abstractmethods__", "__firstlineno__", "__slotnames__"}
    | {"_value2member_map_"}  # a memo of enums; the members are in another one
)
_INSTANCE_NOISE = frozenset({"_inverted_"})  # a memo of flags


class Opaque(Exception):
    """The value has no content digest: it cannot be pickled, or its pickle does not tell its content."""


def _token(*parts: object) -> None:
    """Stands in the stream for a value that is described by its parts; it is never called."""


def describe(value: Any, known: Types) -> Any:
    """What stands for a value that is not a plain builtin, as `reducer_override` returns it.

    Raises:
        Opaque: its pickle does not tell its content.
    """
    kind = type(value)
    if value is _token:
        return NotImplemented
    described = _DESCRIBE.get(id(kind))
    if described is not None:
        return described(value, known)
    if issubclass(kind, type):
        return _class(value, known)
    adapter = known.adapter(kind)
    if adapter.handle or known.is_declared(value):
        return handle_token(value, known)
    if adapter.opaque:
        raise Opaque(kind.__name__)
    if adapter.parts is not None:
        return _token, (kind,), (adapter.parts(value),)
    if known.of_notebook(kind):
        return _instance(value, known)
    if issubclass(kind, BaseException):
        return _error(value, known)
    return _reduced(value, known)


def handle_token(value: object, known: Types) -> Any:
    """What stands for a handle: which object it is, and what is set on it."""
    settings = known.adapter(type(value)).parts
    if settings is None or known.is_declared(value):
        return _token, ("handle", known.handle(value))
    return _token, ("handle", known.handle(value)), (settings(value),)


def stand_in(value: object) -> Any:
    """What stands for a value that is described by another one."""
    return _token, ("stands for",), (value,)  # in the state, which may lead back to the value


def _reduced(value: Any, known: Types) -> Any:
    """A library's own pickle, unless it only names something of the notebook."""
    reducer = copyreg.dispatch_table.get(type(value))
    reduced = reducer(value) if reducer else value.__reduce_ex__(5)
    if not isinstance(reduced, str):
        return reduced
    module = getattr(value, "__module__", None) or type(value).__module__
    if module == known.namespace.get("__name__", "__main__"):
        raise Opaque(f"{type(value).__name__} is known by name only")
    return _token, ("global", module, reduced)


def _function(value: types.FunctionType, known: Types) -> Any:
    if stands_for(value) is not value:
        return _token, ("stand-in",), (stands_for(value),)
    home = value.__module__
    is_library = value.__globals__ is not known.namespace and not (known.names_notebook(home) or known.names_own(home))
    if is_library and importable(value):
        return _token, ("global", value.__module__, value.__qualname__)
    state = (
        value.__code__,
        value.__defaults__,
        value.__kwdefaults__,
        value.__closure__,
        value.__dict__ or None,
        value.__annotations__ or None,
        value.__doc__,
        value.__qualname__,
        value.__module__,
        None if known.is_outside(value.__globals__) else _without_builtins(value.__globals__),
    )
    return _token, ("function", value.__name__), state


_MODULE_NOISE = frozenset({"__builtins__", "__loader__", "__spec__", "__cached__", "__file__", "__path__"})


def _without_builtins(names: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in names.items() if name not in _MODULE_NOISE}


def _module(value: types.ModuleType, known: Types) -> Any:
    if known.is_outside(vars(value)):
        return _token, ("module", value.__name__, vars(value).get("__version__"))
    return _token, ("module", value.__name__), (_without_builtins(vars(value)),)  # the author's: a bag of names


def _code(value: types.CodeType, known: Types) -> Any:
    return _token, (
        "code",
        value.co_name,
        (value.co_argcount, value.co_posonlyargcount, value.co_kwonlyargcount, value.co_flags),
        value.co_code,
        value.co_consts,
        value.co_names,
        value.co_varnames,
        (value.co_freevars, value.co_cellvars),
        getattr(value, "co_exceptiontable", b""),
    )


def _cell(value: types.CellType, known: Types) -> Any:
    try:
        return _token, ("cell",), (value.cell_contents,)
    except ValueError:
        return _token, ("empty cell",)


def _class(value: type, known: Types) -> Any:
    if not known.of_notebook(value):
        return _token, ("global", value.__module__, value.__qualname__)
    noise = _CLASS_NOISE | known.adapter(type(value)).memos
    members = {name: member for name, member in value.__dict__.items() if name not in noise}
    slots = types.MemberDescriptorType, types.GetSetDescriptorType
    members = {name: member for name, member in members.items() if not isinstance(member, slots)}
    return _token, ("class", value.__name__), (type(value), value.__bases__, value.__qualname__, members)


def _instance(value: Any, known: Types) -> Any:
    """An instance of a class of the notebook, by its parts: the author's own reduce methods are never asked."""
    kind = type(value)
    foreign = next(base for base in kind.__mro__ if not known.of_notebook(base))
    builtin = BaseException if issubclass(foreign, BaseException) else foreign
    plain = _BUILTIN_STATE.get(builtin)
    if plain is not None:
        return _token, ("instance", kind), (_slots(value, kind), _attributes(value), plain(value))
    if any(name in base.__dict__ for base in kind.__mro__ if known.of_notebook(base) for name in _REDUCE_HOOKS):
        raise Opaque(f"{kind.__name__} changes how {foreign.__name__} is pickled")
    reduced = _reduced_without_trace(value, kind, known)
    return _token, ("instance", kind), (_slots(value, kind), reduced, _untold(value, reduced))


def is_plain(kind: type, known: Types) -> bool:
    """Whether Python's own pickle of an instance is its class and its attributes, and runs no code of the author's:
    that of a class of the notebook, derived from such classes alone, which says nothing of pickling or attributes."""
    bases = type.__dict__["__mro__"].__get__(kind)
    if type(kind) is not type or kind in copyreg.dispatch_table or known.adapter(kind) is not NO_ADAPTER:
        return False
    own = bases[:-1]
    return all(known.of_notebook(base) and _PLAIN.isdisjoint(vars(base)) for base in own)


_PLAIN = frozenset({*_REDUCE_HOOKS, "__slots__", "__class__", "__getattribute__", "__getattr__", "__setstate__"})


def forget_slots(kind: type) -> None:
    """Take away the memo that Python's pickle leaves in a class, where none was: nothing of ours may show there."""
    if has_slots_memo(kind):
        type.__delattr__(kind, "__slotnames__")


def has_slots_memo(kind: type) -> bool:
    """Whether Python's pickle has left a memo in a class."""
    return "__slotnames__" in kind.__dict__


def _untold(value: object, reduced: Any) -> dict[str, object] | None:
    """The attributes, if a library's reduce tells no state: that of an enum, a date or a Counter leaves them out."""
    if len(reduced) > 2 and reduced[2] is not None:
        return None
    return {name: part for name, part in (_attributes(value) or {}).items() if name not in _INSTANCE_NOISE} or None


def _reduced_without_trace(value: Any, kind: type, known: Types) -> Any:
    """What a library's reduce says; object's own leaves a memo in the author's class, which must not show."""
    memo_was_there = has_slots_memo(kind)
    reduced = _reduced(value, known)
    if not memo_was_there:
        forget_slots(kind)
    return reduced


def _attributes(value: object) -> dict[str, object] | None:
    try:
        found: dict[str, object] = object.__getattribute__(value, "__dict__")
        return found
    except AttributeError:
        return None


def _slots(value: Any, kind: type) -> dict[str, object] | None:
    found = {}
    for base in kind.__mro__:
        for name, member in base.__dict__.items():
            if isinstance(member, types.MemberDescriptorType):
                try:
                    found[name] = member.__get__(value)
                except AttributeError:
                    continue  # an unset slot has no content
    return found or None


def _type_variable(value: Any, known: Types) -> Any:
    limits = value.__bound__, value.__constraints__, value.__covariant__, value.__contravariant__
    return _token, ("type variable", value.__name__), limits


def _match(value: re.Match[str], known: Types) -> Any:
    return _token, ("match", value.pos, value.endpos, value.regs, value.lastgroup), (value.re, value.string)


def _error(value: BaseException, known: Types) -> Any:
    """An exception with those it came from; its traceback is where it was raised, not what it is."""
    chain = value.__cause__, value.__context__, value.__suppress_context__
    return _token, ("error",), (_reduced(value, known), chain)


def _view(value: Any, known: Types) -> Any:
    return _token, ("view", type(value).__name__), (list(value),)


_DESCRIPTIONS: dict[type, Callable[[Any, Types], Any]] = {
    typing.TypeVar: _type_variable,
    re.Match: _match,
    type({}.keys()): _view,
    type({}.values()): _view,
    type({}.items()): _view,
    types.FunctionType: _function,
    types.CodeType: _code,
    types.CellType: _cell,
    types.ModuleType: _module,
    types.MethodType: lambda value, known: (_token, ("method",), (value.__func__, value.__self__)),
    property: lambda value, known: (_token, ("property",), (value.fget, value.fset, value.fdel, value.__doc__)),
    staticmethod: lambda value, known: (_token, ("staticmethod",), (value.__func__,)),
    classmethod: lambda value, known: (_token, ("classmethod",), (value.__func__,)),
    types.MappingProxyType: lambda value, known: (_token, ("mappingproxy",), (dict(value),)),
    functools.cached_property: lambda value, known: (_token, ("cached_property",), (value.func, value.attrname)),
}
_DESCRIBE = {id(kind): description for kind, description in _DESCRIPTIONS.items()}
