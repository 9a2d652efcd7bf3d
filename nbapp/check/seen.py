"""What was seen in the kernel of a notebook that has run once, and what that means for its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nbapp.check.finding import Finding, first_line
from nbapp.core.notebook import Cell
from nbapp.core.step import Step

_LARGE = 1_000_000  # bytes of outputs, which each visitor fetches
_SLOW = 1.0  # seconds of a cell at each move
_COSTS = 0.1  # seconds that a value without a digest costs, from which on it is worth a thought
_OURS = ("@jupyter-widgets/base", "@jupyter-widgets/controls", "@jupyter-widgets/output")


@dataclass(frozen=True, slots=True)
class CellSeen:
    """One cell, by its position. `moves`: it runs at a move of a control that it can see. `nbytes` is what it shows."""

    index: int
    seconds: float
    nbytes: int
    moves: bool
    frozen: str | None = None
    always: str | None = None


@dataclass(frozen=True, slots=True)
class OpaqueValue:
    """A value without a digest: the cell that made it, and those that read it, by position."""

    name: str
    kind: str
    why: str
    maker: int
    readers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Widget:
    """A kind of widget that a cell shows; `module` is the front-end package that draws it."""

    index: int
    kind: str
    module: str


@dataclass(frozen=True, slots=True)
class Live:
    """A notebook after its first run. `hidden` are controls that nothing shows: names, and the cells that made them."""

    cells: tuple[CellSeen, ...]
    opaque: tuple[OpaqueValue, ...]
    shown: tuple[Widget, ...]
    controls: int
    hidden: tuple[tuple[str, int], ...]


def look(live: Live, cells: Sequence[Cell], extensions: Sequence[str]) -> Iterator[Finding]:
    """Everything that the run tells; `extensions` are the front-end packages that a page loads."""
    for seen in live.cells:
        yield from _cell(seen, cells[seen.index])
    yield from _opaque(live, cells)
    for widget in live.shown:
        if widget.module not in (*_OURS, *extensions):
            what, why = f"shows a {widget.kind}", f"the page has nothing that draws it: no extension `{widget.module}`"
            remedy = f"install the package that brings `{widget.module}` where the server runs, then start it again"
            yield _at("problem", "extension", cells, widget.index, what, why, remedy)
    if live.controls:
        return
    for name, index in live.hidden:
        why, remedy = "no cell shows it, so visitors cannot move it", f"write `{name}` as the last line of a cell"
        yield _at("problem", "no-controls", cells, index, f"`{name}` is a control", why, remedy)


def failures(steps: Sequence[Step], cells: Sequence[Cell]) -> Iterator[Finding]:
    """The cell that failed, if one did, and how much lies below."""
    for step in steps:
        if step.state == "failed" and step.error is not None and not step.error.is_end:
            below = sum(1 for cell in cells[step.index + 1 :] if cell.source.strip())
            why = f"the {below} cells below it are not run" if below > 1 else "the page shows the error"
            what = f"fails: {step.error.name}: {step.error.message}".rstrip(": ")
            remedy = "mend it: Restart and Run All in Jupyter shows the same"
            yield _at("problem", "error", cells, step.index, what.splitlines()[0], why, remedy)


def _cell(seen: CellSeen, cell: Cell) -> Iterator[Finding]:
    place = seen.index + 1, first_line(cell.source)
    if seen.always is not None and not seen.always.startswith("always runs"):  # its author knows what it says
        why, remedy = "so it runs at each move of a control", "`#| nbapp: never` if once is enough"
        level = "slow" if seen.seconds >= _COSTS else "note"
        yield Finding(level, "always", f"{seen.always}{_took(seen.seconds)}", why, remedy, *place)  # type: ignore[arg-type]
    elif seen.frozen is not None:
        why = "nobody can see when that changes: it runs again only when something else it reads changes"
        remedy = "`#| nbapp: ttl=60` for what ages, `#| nbapp: always` for what must be new each time"
        yield Finding("note", "frozen", f"uses {seen.frozen}", why, remedy, *place)
    if seen.moves and seen.always is None and seen.seconds >= _SLOW:
        why = "visitors wait for it at each move of a control that it reads"
        remedy = "put what reads no control into a cell of its own; `nbapp.cache` keeps results of functions"
        yield Finding("slow", "slow", f"takes {seen.seconds:.1f} s", why, remedy, *place)
    if seen.nbytes >= _LARGE:
        why, remedy = "each visitor fetches that, at each change again", "show a part, or a smaller picture"
        yield Finding("slow", "large", f"shows {seen.nbytes / 1e6:.1f} MB", why, remedy, *place)


def _opaque(live: Live, cells: Sequence[Cell]) -> Iterator[Finding]:
    """Values without a digest that a move uses: the cell that makes one runs again, and those that read it."""
    by_index: Mapping[int, CellSeen] = {seen.index: seen for seen in live.cells}
    for value in live.opaque:
        maker = by_index.get(value.maker)
        readers = [by_index[index] for index in value.readers if index in by_index]
        moved = [seen for seen in readers if seen.moves]
        if maker is None or maker.moves or not moved:
            continue  # it is made again anyway, or never used in a move
        seconds = maker.seconds + sum(seen.seconds for seen in readers if not seen.moves)
        what = f"`{value.name}` is a {value.kind}, which cannot be compared"
        used = f"cell {moved[0].index + 1} uses it at each move of a control"
        why = f"{used}, so this cell runs again: {_seconds(seconds)} a move ({value.why})"
        remedy = "`#| nbapp: handle` at its head, if cells only use it; or teach nbapp the class with `nbapp.register`"
        level = "slow" if seconds >= _COSTS else "note"
        yield _at(level, "no-digest", cells, value.maker, what, why, remedy)


def _took(seconds: float) -> str:
    return f", {_seconds(seconds)}" if seconds >= _COSTS else ""


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _at(level: str, kind: str, cells: Sequence[Cell], index: int, what: str, why: str, remedy: str) -> Finding:
    return Finding(level, kind, what, why, remedy, index + 1, first_line(cells[index].source))  # type: ignore[arg-type]
