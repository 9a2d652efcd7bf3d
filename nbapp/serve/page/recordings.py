"""What cells showed in first runs, for pages that are alike: of the same version of the notebook and environment."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

_PAGES = 8  # different ones that are known at once
_MOST = 1_000_000  # characters of one page: a second on a line of 8 Mbit/s

Like = tuple[str, frozenset[tuple[str, str]]]


def like(version: str, environment: Mapping[str, str]) -> Like:
    """What pages have in common that show the same, but for the clock and what lies outside."""
    return version, frozenset(environment.items())


@dataclass(slots=True)
class Recordings:
    """HTML by cell id, for each kind of page that was opened lately."""

    _known: OrderedDict[Like, dict[str, str]] = field(default_factory=OrderedDict)

    def keep(self, page: Like, shown: Mapping[str, str]) -> None:
        """A page like this showed this; what would make the next page too large is left out."""
        kept, room = {}, _MOST
        for cell_id, markup in shown.items():
            if len(markup) <= room:
                kept[cell_id] = markup
                room -= len(markup)
        self._known[page] = kept
        self._known.move_to_end(page)
        while len(self._known) > _PAGES:
            self._known.popitem(last=False)

    def of(self, page: Like) -> Mapping[str, str]:
        """What cells of a page like this showed; nothing where there was none."""
        return self._known.get(page, {})
