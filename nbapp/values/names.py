"""Which globals a piece of code may read, bind, or name in a string: an over-approximation from its bytecode.

An extra name costs a needless run; a missing name would cost a wrong answer. This file knows neither cells nor
IPython: the host compiles, and adds what its own syntax means. `evaluators` are the functions and methods that look up
the names in a string they are given, as the profiles of libraries say.
"""

from __future__ import annotations

import dis
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import zip_longest
from operator import or_

from nbapp.values.definite_assignment import Paths

_NOTHING: frozenset[str] = frozenset()
_READS = frozenset({"LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS", "DELETE_NAME", "DELETE_GLOBAL"})
_BINDS = frozenset({"STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"})
_BINDS_FROM_INSIDE = frozenset({"STORE_GLOBAL", "DELETE_GLOBAL"})
_CONSTANTS = frozenset({"LOAD_CONST", "RETURN_CONST"})
_NAMES_OF_CALLS = frozenset({"CALL_KW", "CALL_FUNCTION_KW", "CALL_METHOD_KW", "IMPORT_NAME"})
_DYNAMIC = frozenset(
    {"eval", "exec", "globals", "locals", "vars", "dir", "__import__", "compile", "get_ipython", "builtins"}
    | {"__builtins__", "__main__", "breakpoint"}
)
_DYNAMIC_ATTRIBUTES = frozenset(
    {"_getframe", "currentframe", "f_globals", "f_locals", "f_back", "user_ns", "__globals__", "modules", "get_ipython"}
    | {"testmod"}  # of doctest: it looks through `__main__`
)
# How a function of a module comes by the notebook's names, as an attribute, an import or a key of `sys.modules`.
_OF_CALLERS = frozenset({"f_globals", "f_locals", "user_ns", "user_global_ns", "__main__"})
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_SQL = re.compile(
    r"\s*(?:select|from|with|insert|replace|update|delete|merge|create|drop|alter|attach|pivot|summarize)\s",
    re.IGNORECASE,
)
_RANDOM = re.compile(r"rand|seed|rng|shuffle|sample|choice|permut|noise", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """Globals that code may read (`refs`), may bind or delete (`defs`), or names in strings (`words`); of those that it
    may bind it has bound `sure` when it ends without an error.

    `everything`: the code can look up any name at run time (`eval`, `globals`, frames, `import *`). `random`: it names
    something that may draw random numbers, or seed them.
    """

    refs: frozenset[str] = _NOTHING
    defs: frozenset[str] = _NOTHING
    words: frozenset[str] = _NOTHING
    everything: bool = False
    random: bool = False
    sure: frozenset[str] = _NOTHING

    def __or__(self, other: Names) -> Names:
        """What either piece of code may do."""
        if not (other.refs or other.defs or other.words or other.everything or other.random):
            return self
        return Names(
            self.refs | other.refs,
            self.defs | other.defs,
            self.words | other.words,
            self.everything or other.everything,
            self.random or other.random,
            self.sure | other.sure,
        )

    @property
    def looked_up(self) -> frozenset[str]:
        """Every name whose value may matter to the code."""
        return self.refs | self.words


NOTHING = Names()


@lru_cache(maxsize=4096)
def code_names(code: types.CodeType, evaluators: frozenset[str]) -> Names:
    """The names of a code object and of all code nested in it."""
    inside = (own_names(inner, evaluators, outermost=False) for inner in inner_codes(code))
    return reduce(or_, inside, own_names(code, evaluators, outermost=True))


@lru_cache(maxsize=4096)
def names_from_afar(code: types.CodeType) -> Names:
    """What a function of a module may look up that other modules and cells have too: names of the notebook, through
    the frames of its callers, and tables of a database, by SQL."""
    strings = [(each.co_names, tuple(_strings(each.co_consts))) for each in (code, *inner_codes(code))]
    everything = any(not _OF_CALLERS.isdisjoint((*names, *texts)) for names, texts in strings)
    sql = (text for _, texts in strings for text in texts if _SQL.match(text))
    return Names(words=frozenset(word for text in sql for word in _IDENTIFIER.findall(text)), everything=everything)


@lru_cache(maxsize=4096)
def own_names(code: types.CodeType, evaluators: frozenset[str], *, outermost: bool) -> Names:
    """The names of a code object alone; what one inside a cell binds are locals or members, unless it says `global`."""
    refs: set[str] = set()
    defs: set[str] = set()
    words: set[str] = set()
    binds = _BINDS if outermost else _BINDS_FROM_INSIDE
    everything = not _DYNAMIC_ATTRIBUTES.isdisjoint(code.co_names)
    evaluates = not evaluators.isdisjoint(code.co_names)
    instructions = list(dis.get_instructions(code))
    loaded = {each.argval for each in instructions if each.opname == "LOAD_NAME"}
    paths = Paths.of(code, instructions) if outermost else Paths(frozenset(loaded), _NOTHING)
    refs |= paths.loaded
    for instruction, following in zip_longest(instructions, instructions[1:]):
        name = instruction.argval
        if instruction.opname in _READS:
            refs.add(name)
        if instruction.opname in binds:
            defs.add(name)
        if instruction.opname in _CONSTANTS:
            words.update(_words_in(name, following.opname if following else "", evaluates))
        if instruction.opname == "IMPORT_NAME":
            refs.add(module_component(name))
        everything = everything or _imports_star(instruction)
        everything = everything or (instruction.opname == "IMPORT_NAME" and name == "__main__")
    everything = everything or not _DYNAMIC.isdisjoint(refs | loaded)
    random = any(map(_RANDOM.search, code.co_names))
    return Names(frozenset(refs), frozenset(defs), frozenset(words), everything, random, paths.bound)


def _words_in(constant: object, following: str, evaluates: bool) -> Iterator[str]:
    """The identifiers in a constant that code loads: not those of keywords and imported names.

    A single word is a key or a label, unless the code calls something that evaluates text.
    """
    if following in _NAMES_OF_CALLS:
        return
    for text in _strings((constant,)):
        if evaluates or not text.isidentifier():
            yield from _IDENTIFIER.findall(text)


def module_component(name: str) -> str:
    """The component of a module's top-level package."""
    return f"module:{name.partition('.')[0]}"


def words_of(text: str) -> Names:
    """The identifiers inside a string: a query, a formula or SQL may look them up."""
    return Names(words=frozenset(_IDENTIFIER.findall(text)))


def _imports_star(instruction: dis.Instruction) -> bool:
    return instruction.opname == "IMPORT_STAR" or (
        instruction.opname == "CALL_INTRINSIC_1" and instruction.argrepr == "INTRINSIC_IMPORT_STAR"
    )


def inner_codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """All code inside a piece of code: functions, lambdas, class bodies, comprehensions."""
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from inner_codes(constant)


def _strings(constants: tuple[object, ...]) -> Iterator[str]:
    for constant in constants:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, (tuple, frozenset)):
            yield from _strings(tuple(constant))
