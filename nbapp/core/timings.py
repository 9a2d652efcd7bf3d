"""Where the time of executions went, in lines for the author: their code, what nbapp does beside it, dear values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nbapp.core.step import Step

_WORTH = 0.005  # seconds of comparing from which on a remedy is told


def profile(steps: Iterable[Step]) -> Iterator[str]:
    """A line for all cells that ran together, one for each of them, and one for each value that is dear."""
    ran = [step for step in steps if step.costs is not None]
    if not ran:
        yield "No cell has run yet."
        return
    yield _line("all cells", ran)
    for step in ran:
        yield _line(f"cell {step.index + 1}", [step])
    for step in sorted(ran, key=_dearest, reverse=True):
        yield from _remedy(step)


def _line(words: str, steps: list[Step]) -> str:
    code, costs = sum(step.seconds for step in steps), [step.costs for step in steps if step.costs is not None]
    compared, rest = sum(cost.compared for cost in costs), sum(cost.rest for cost in costs)
    return f"{words}: your code {_ms(code)}, comparing {_ms(compared)}, the rest {_ms(rest)}"


def _dearest(step: Step) -> float:
    return step.costs.dearest if step.costs is not None else 0.0


def _remedy(step: Step) -> Iterator[str]:
    costs = step.costs
    if costs is None or costs.dearest < _WORTH:
        return
    begins = f"`{costs.dear}` is dear in cell {step.index + 1}: {_ms(costs.dearest)} to compare"
    if costs.doubt is None:
        yield f"{begins}, as it is new. In a cell that only reads it costs nothing."
    else:
        yield f"{begins}, as {costs.doubt}. In a cell that only reads it costs nothing."


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"
