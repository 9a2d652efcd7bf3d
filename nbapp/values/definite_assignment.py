"""Which names code at the top of a cell looks up before it has bound them itself, on any path through its bytecode.

`_, ax = plt.subplots()` in two cells are two names: what the first cell left is nothing to the second. The analysis is
the classic one of definite assignment: forward over the paths, and what a path has not bound counts as not bound.
"""

from __future__ import annotations

import dis
import types
from collections.abc import Sequence
from dataclasses import dataclass

_JUMPS = frozenset({*dis.hasjrel, *dis.hasjabs})
_RETURNS = frozenset({"RETURN_VALUE", "RETURN_CONST"})
_GOES = frozenset({"JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"})
_ENDS = frozenset({*_RETURNS, *_GOES, "RAISE_VARARGS", "RERAISE"})


@dataclass(frozen=True, slots=True)
class Paths:
    """The names that code loads where it need not have bound them, and those that it has `bound` at all of its ends."""

    loaded: frozenset[str]
    bound: frozenset[str]

    @classmethod
    def of(cls, code: types.CodeType, instructions: Sequence[dis.Instruction]) -> Paths:
        """Those of code at the top of a cell, whose instructions these are; what it has deleted is not bound."""
        index = {instruction.offset: number for number, instruction in enumerate(instructions)}
        handlers = _handlers(code)
        bit = {name: 1 << number for number, name in enumerate(code.co_names)}  # sets of names as numbers
        bound: dict[int, int] = {}  # before an instruction, on every path to it
        loaded: set[str] = set()
        paths, at_end = [(0, 0)], (1 << len(bit)) - 1
        while paths:
            number, names = paths.pop()
            while number not in bound or bound[number] & ~names:
                names = bound[number] = names & bound.get(number, names)
                instruction = instructions[number]
                if instruction.offset in handlers:
                    paths.append((index[handlers[instruction.offset]], names))
                if instruction.opname == "LOAD_NAME" and not names & bit[instruction.argval]:
                    loaded.add(instruction.argval)
                names = _after(instruction, names, bit)
                if instruction.opcode in _JUMPS:
                    paths.append((index[instruction.argval], names))
                if instruction.opname in _RETURNS:
                    at_end &= names
                if instruction.opname in _ENDS:
                    break
                number += 1
        stored = {each.argval for each in instructions if each.opname == "STORE_NAME"}
        return cls(frozenset(loaded), frozenset(name for name in stored if at_end & bit[name]))


def _after(instruction: dis.Instruction, names: int, bit: dict[str, int]) -> int:
    if instruction.opname == "STORE_NAME":
        return names | bit[instruction.argval]
    if instruction.opname == "DELETE_NAME":
        return names & ~bit[instruction.argval]
    return names


def _handlers(code: types.CodeType) -> dict[int, int]:
    """Where an exception at an offset leads; Python 3.10 says it by an instruction that counts as a jump."""
    entries = getattr(dis.Bytecode(code), "exception_entries", ())
    return {offset: entry.target for entry in entries for offset in range(entry.start, entry.end, 2)}
