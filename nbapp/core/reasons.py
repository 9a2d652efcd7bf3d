"""Why a cell ran, in words an author can act on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nbapp.core.digest import Digest
from nbapp.core.env import BASELINE, Env
from nbapp.core.run import Component, Run

_COMPONENTS = {
    "trait": "a widget's `{}`",
    "choice": "the `{}` chosen in a widget of this cell",
    "consumed": "a widget's `{}`",
    "callbacks": "a widget's callbacks",
    "uncalled": "a widget's callbacks",
    "open": "a widget of this cell that was closed: its state",
}


def because(
    before: Run | None,
    source: str,
    now: Mapping[str, Digest],
    env: Env,
    version: Callable[[Component], Digest],
) -> str:
    """What differs from the run that the cell shows: the first change found."""
    if before is None:
        return "first run"
    if before.source != source:
        return "its source was edited"
    for name, old in before.versions().items():
        if name in before.question.components:
            if version(name) != old:
                return f"{component_word(name)} changed"
        elif name not in env.bindings:
            return f"`{name}` is no longer bound above"
        elif now.get(name, old) != old:
            return f"`{name}` changed{_where(name, env)}"
    for name in sorted(before.question.absent):
        if name in env.bindings:
            return f"`{name}` is now bound above{_where(name, env)}"
    return "the objects it shares with the cells above were made again"


def remade(name: str) -> str:
    """The reason for making an object again."""
    return f"`{name}` is needed as this cell left it, and a later cell changed it in place"


def component_word(component: Component) -> str:
    """A component in words."""
    kind, _, rest = component.partition(":")
    trait = rest.rpartition(".")[2]
    return _COMPONENTS.get(kind, kind).format(trait)


def _where(name: str, env: Env) -> str:
    source = env.source.get(name, BASELINE)
    return f" (cell {source + 1})" if source != BASELINE else ""
