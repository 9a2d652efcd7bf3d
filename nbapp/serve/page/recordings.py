"""What cells showed in first runs, for pages that are alike: of the same version of the notebook and environment."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from nbapp.persistence.results import Results

_PAGES = 8  # different ones that are known at once
_SOON = 0.5  # seconds that a page waits for what others showed: then it begins without
_MOST = 1_000_000  # characters of one page: a second on a line of 8 Mbit/s

_OWNER = "pages"
_WRITER = ThreadPoolExecutor(1, "nbapp-recordings")
Like = tuple[str, frozenset[tuple[str, str]]]


def like(version: str, environment: Mapping[str, str]) -> Like:
    """What pages have in common that show the same, but for the clock and what lies outside."""
    return version, frozenset(environment.items())


@dataclass(slots=True)
class Recordings:
    """HTML by cell id, for each kind of page that was opened lately. `results`: where they outlive this
    server, and are found by others that have `alike` in common with it.
    """

    results: Results | None = None
    alike: str = ""
    _known: OrderedDict[Like, dict[str, str]] = field(default_factory=OrderedDict)

    def keep(self, page: Like, shown: Mapping[str, str]) -> None:
        """A page like this showed this; what would make the next page too large is left out."""
        kept, room = {}, _MOST
        for cell_id, markup in shown.items():
            if len(markup) <= room:
                kept[cell_id] = markup
                room -= len(markup)
        if self.results is not None and kept and kept != self.of(page):
            _WRITER.submit(self._write, page, kept)  # a server of results may take its time; ours has visitors
        self._known[page] = kept
        self._known.move_to_end(page)
        while len(self._known) > _PAGES:
            self._known.popitem(last=False)

    def of(self, page: Like) -> Mapping[str, str]:
        """What cells of a page like this showed, as far as it is known here; nothing where there was none."""
        return self._known.get(page, {})

    async def bring(self, page: Like) -> None:
        """Look for what an earlier server, or another one, wrote. The others are served meanwhile, and a place that
        takes long is not waited for.
        """
        if self.results is None or page in self._known:
            return
        reading = asyncio.ensure_future(asyncio.to_thread(self._read, page))
        await asyncio.wait([reading], timeout=_SOON)
        if reading.done() and page not in self._known and (found := reading.result()) is not None:
            self._known[page] = found

    def _write(self, page: Like, kept: Mapping[str, str]) -> None:
        if self.results is not None and (name := self.results.name(_OWNER, self._key(page))) is not None:
            self.results.put(name, {"of": "a page"}, [json.dumps(kept).encode()])

    def _read(self, page: Like) -> dict[str, str] | None:
        """What an earlier server, or another one, wrote; None when the place does not answer."""
        name = self.results.name(_OWNER, self._key(page)) if self.results is not None else None
        if self.results is None or name is None:
            return None
        entry = self.results.find(name)
        found: dict[str, str] = json.loads(bytes(entry.parts[0])) if entry is not None else {}
        return found

    def _key(self, page: Like) -> str:
        version, environment = page
        return json.dumps([self.alike, version, sorted(environment)])
