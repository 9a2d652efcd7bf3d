"""Why a cell ran, or did not, in words an author can act on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from nbapp.core.host import Reading
from nbapp.core.memos.env import BASELINE, Env, is_global, name_of
from nbapp.core.memos.kinds import in_words
from nbapp.core.memos.memo import Component, Memo
from nbapp.values.digest import Digest

_LONGEST_CHAIN = 4  # cells
_LARGE = 1_000_000_000  # bytes
FIRST = "first run"
RETAGGED = "its tags have it run otherwise than before"
FAILED = "it failed, and nothing that it reads changed since"

Tell = Callable[[Component], "str | None"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a cell ran, in words; `cell` is the position of the one that made the difference, if one did."""

    words: str
    cell: int | None = None


def because(
    before: Memo | None,
    source: str,
    now: Mapping[str, Digest],
    env: Env,
    version: Callable[[Component], Digest],
    tell: Tell = lambda component: None,
    texts: Collection[str] = (),
) -> Cause:
    """What differs from the memo that the cell shows: the first change found. `tell` knows more of a component; `texts`
    are the names that stand in texts of the cell only."""
    if before is None:
        return Cause(FIRST)
    if before.source != source:
        return Cause("its source was edited")
    for name, old in before.by_name().items():
        if name in before.reads.components:
            if version(name) != old:
                return Cause(tell(name) or f"{in_words(name)} changed")
        elif name not in env.bindings:
            return Cause(f"{_word(name)} is no longer bound above")
        elif now.get(name, old) != old:
            named = ", and a text here names it" if name in texts else ""
            return Cause(f"{_word(name)} {_how(name, env)}{_where(name, env)}{named}", _cell(name, env))
    for name in sorted(before.reads.absent):
        if name in env.bindings:
            return Cause(f"{_word(name)} is now bound above{_where(name, env)}", _cell(name, env))
    if before.executed.error is not None and not before.executed.error.is_end:
        return Cause("it failed last time")
    return Cause("the objects it shares with the cells above were made again")


def chain(cause: Cause, earlier: Mapping[int, Cause]) -> str:
    """The words of a cause, and of those that led to it in this walk, back to what the user did."""
    words = [cause.words]
    while cause.cell is not None and cause.cell in earlier and len(words) < _LONGEST_CHAIN:
        cause = earlier[cause.cell]
        if cause.words == FIRST:
            break
        words.append(cause.words)
    return ", because ".join(words)


def untouched(reading: Reading) -> str:
    """Why a cell did not run."""
    words = "it runs once" if reading.once else "nothing it reads changed"
    return f"{words}; frozen: it uses {reading.frozen}" if reading.frozen and not reading.once else words


def remade(name: str, nbytes: int) -> str:
    """The reason for making an object again; of a large one also why there is no copy."""
    words = f"{_word(name)} is needed as this cell left it, and a later cell changed it in place"
    return words if nbytes < _LARGE else f"{words}: {nbytes / 1e9:.1f} GB, not copied"


def _word(name: str) -> str:
    return f"`{name_of(name)}`" if is_global(name) else in_words(name)


def _how(name: str, env: Env) -> str:
    binding = env.bindings[name]
    if not binding.opaque or not is_global(name):
        return "changed"
    kind = type(binding.value).__name__
    return f"({kind}) cannot be compared, so it counts as changed; `#| nbapp: handle` where it is made stops that"


def _cell(name: str, env: Env) -> int | None:
    source = env.source.get(name, BASELINE)
    return None if source == BASELINE else source


def _where(name: str, env: Env) -> str:
    cell = _cell(name, env)
    return "" if cell is None else f" (cell {cell + 1})"
