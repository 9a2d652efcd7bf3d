"""The address of a served page: it has the values of the controls that differ from what the page begins with, and the
controls follow it when it becomes another one by Back, Forward or by hand.

A control follows as if its visitor had moved it: what an address asks for goes the way of a message of the page, behind
the same guard.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from ipywidgets import Widget
from traitlets import TraitError

from nbapp._compat.ipywidgets import message_handler
from nbapp.errors import UsageError
from nbapp.kernel.app import App
from nbapp.kernel.common import author_log
from nbapp.kernel.widgets.updates.link_values import as_a_page_has_it, label, parsed
from nbapp.kernel.widgets.updates.query_values import (
    Texts,
    as_set,
    controls,
    given_in_address,
    in_address,
    looked_after,
)

_MOST = 200  # names in an address
_LONGEST = 100_000  # characters of one


class Address:
    """The address of the page of an app. `namespace`: the notebook's."""

    def __init__(self, app: App, namespace: Mapping[str, Any]) -> None:
        self._app = app
        self._namespace = namespace
        self._keyed: dict[str, Widget] = {}  # the controls of the last walk, also those that no global name holds
        self._first: dict[str, Texts] = {}  # what controls had when nobody had moved them
        self._moved: dict[str, Texts] = {}  # what those that were moved had first
        self._told: tuple[str, ...] = ()
        self._visits = 0
        self._has_failed = False

    def query(self) -> dict[str, object]:
        """The names and texts that the address is to have; the `names` that stand for controls there; what is to be
        told of the address that was asked for last, and how many were so far.
        """
        about = {"names": looked_after(self._app.named()), "told": list(self._told), "visits": self._visits}
        return {**about, "query": [[name, each] for name, texts in self._values() for each in texts]}

    def _values(self) -> Iterator[tuple[str, Texts]]:
        try:
            yield from self._differing()
        except Exception:  # noqa: BLE001 -- the author's and libraries' widgets: the walk has ended well all the same
            if not self._has_failed:
                self._has_failed = True
                author_log.write(f"nbapp: the address of the page does not follow:\n{traceback.format_exc()}")

    def _differing(self) -> Iterator[tuple[str, Texts]]:
        """The controls that were moved away from what they had first."""
        self._first |= self._app.initial_values.of_query.first
        self._keyed = controls(self._app.named())
        given = {id(widget): values for widget, values in self._app.host.widgets.unchosen()}
        moved: dict[str, Texts] = {}
        for name, widget in self._named():
            now = in_address(widget)
            if now is None:
                continue
            if id(widget) not in given:
                self._first[name] = now
                continue
            first = self._base(name) or given_in_address(widget, given[id(widget)]) or self._first.get(name, ())
            moved[name] = first
            if now != first:
                yield name, now
        self._moved = moved

    def _base(self, name: str) -> Texts | None:
        return self._app.initial_values.base.get(name)

    def _named(self) -> Iterator[tuple[str, Widget]]:
        """The controls, each by its first name."""
        seen: set[int] = set()
        for name, widget in self._keyed.items():
            if id(widget) not in seen:
                seen.add(id(widget))
                yield name, widget

    def goes_to(self, content: object) -> None:
        """Move the controls to what another address asks for: those that it does not name go back to what they had
        first. Called on any thread.
        """
        asked, known = _asked(content), self._keyed | controls(self._namespace)
        told: list[str] = []
        first_names = {id(widget): name for name, widget in reversed(known.items())}
        back = {name: texts for name, texts in self._moved.items() if texts}
        wanted = back | {first_names[id(known[name])]: texts for name, texts in asked.items() if name in known}
        for name, texts in wanted.items():
            if name in known and in_address(known[name]) != texts:
                told += _moved_to(known[name], name, texts)
        self._told, self._visits = tuple(told), self._visits + 1
        self._app.follow()


def _moved_to(widget: Widget, name: str, texts: Texts) -> list[str]:
    """Give a control what an address asks for, as its page would; what is told of it."""
    text = as_set(widget, texts)
    try:
        value, fits = parsed(widget, text)
    except (UsageError, TraitError) as error:
        return [f"“{label(widget, name)}” could not be set to {text}: {error}."]
    trait, sent = as_a_page_has_it(widget, value)
    data = {"method": "update", "state": {trait: sent}, "buffer_paths": []}
    message_handler(widget)({"content": {"data": data}, "buffers": []})
    return [] if fits else [f"“{label(widget, name)}” is {value} instead of {text}."]


def _asked(content: object) -> dict[str, Texts]:
    """Texts by name of a message `{"query": [[name, text], ...]}`; what is none asks for nothing."""
    pairs = content.get("query") if isinstance(content, dict) else None
    if not isinstance(pairs, list) or len(pairs) > _MOST or not all(map(_is_pair, pairs)):
        return {}
    found: dict[str, Texts] = {}
    for name, text in pairs if sum(len(text) for _, text in pairs) <= _LONGEST else ():
        found[name] = (*found.get(name, ()), text)
    return found


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
