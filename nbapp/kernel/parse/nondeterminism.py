"""What a cell asks of the world that nobody can watch: the clock, the network, other programs.

Such a cell is frozen: it runs again only when something else it reads changes. The words are for the author.
"""

from __future__ import annotations

import dis
import inspect
import types
from collections.abc import Iterator, Mapping, Sequence

from nbapp.libraries import ASKS, SEEDABLE
from nbapp.libraries.profile import World

_OF_PYTHON: Mapping[World, str] = {
    "the clock": "now today utcnow time_ns perf_counter monotonic",
    "the network": "urlopen urlretrieve get_dataset_from_url",
    "fresh randomness": "uuid1 uuid4 urandom secrets SystemRandom token_hex",
    "another program": "subprocess Popen check_output popen",
    "a database": "sqlite3 cursor",
}
_BY_NAME = {**ASKS, **{name: world for world, names in _OF_PYTHON.items() for name in names.split()}}
# Ordinary words, which authors also give to variables of their own.
_ONLY_ATTRIBUTES = frozenset({"now", "today", "cursor"})
_GLOBALS = frozenset({"LOAD_NAME", "LOAD_GLOBAL"})
_BEFORE_ARGUMENTS = frozenset({"CACHE", "PUSH_NULL"})
_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


def asked_of_the_world(code: types.CodeType) -> str | None:
    """What code asks of the world, in words; None when it uses nothing of the kind: to import it is not to ask."""
    worlds = {_BY_NAME[name] for name in _used(code) if name in _BY_NAME}
    return " and ".join(sorted(worlds)) or None


def _used(code: types.CodeType) -> Iterator[str]:
    """The names that code looks up, and the attributes that it asks for."""
    before = ""
    instructions = list(dis.get_instructions(code))
    for index, instruction in enumerate(instructions):
        name = instruction.argval
        if name in SEEDABLE and _is_given_something(instructions[index + 1 :]):
            pass
        elif instruction.opname in _ATTRIBUTES:
            yield "time_ns" if before == name == "time" else name
        elif instruction.opname == "IMPORT_NAME" and code.co_flags & inspect.CO_NEWLOCALS:
            yield name  # a function that imports it will use it
        elif instruction.opname in _GLOBALS and name not in _ONLY_ATTRIBUTES:
            yield name
        before = name if instruction.opname in _GLOBALS else ""
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _used(constant)


def _is_given_something(after: Sequence[dis.Instruction]) -> bool:
    """Whether a function that has just been looked up is called with an argument that is not None."""
    first = next((each for each in after if each.opname not in _BEFORE_ARGUMENTS), None)
    return first is not None and first.opname.startswith("LOAD_") and first.argval is not None
