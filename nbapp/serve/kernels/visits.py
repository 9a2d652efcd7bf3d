"""What is known of the visit that a kernel is for: whose it is, the values that were chosen, and how it ended.

It outlives the kernel by a while, so that a page whose kernel ended goes on in another one with its values.
"""

from __future__ import annotations

import json
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from nbapp.serve.visitors.address import VIEW
from nbapp.serve.visitors.browser import is_same

_MOST = 1000  # visits that are remembered after their kernels
_LARGEST = 100_000  # characters of a visit's values: what is longer is not replayed

_AGAIN = "It was started again"
_TOLD = {
    "died": "This app had stopped by itself.",
    "memory": "This app needed more memory than it may use, and was stopped.",
    "idle": "This app had been stopped because nobody used it for a while.",
    "age": "This app had been stopped because it was open for as long as it may be.",
    "unread": "This app had been stopped because the page did not keep up with it.",
    "left": "This app had been stopped because its page was closed.",
}


@dataclass(frozen=True, slots=True)
class Asks:
    """Who asks for a page: the browser, and the kernel of the page that its tab showed before."""

    browser: str = ""
    back: str | None = None


NOBODY = Asks()
# For whom the page of this request is.
asks: ContextVar[Asks] = ContextVar("asks", default=NOBODY)
# The version of the notebook that the page of this request shows.
shows: ContextVar[str] = ContextVar("shows", default="")


@dataclass(slots=True)
class Visit:
    """One page and its kernel. `environment` is what the kernel got; `link` the id of the link that it came by, `who`
    the visitor's name where visitors have names. Times are on `time.monotonic`.
    """

    browser: str
    environment: Mapping[str, str]
    link: str | None
    who: Mapping[str, Any] | None
    before: Visit | None = None  # the visit whose values this one began with
    pages: int = 1  # how often the page was loaded
    values: Mapping[str, object] = field(default_factory=dict)
    controls: frozenset[str] = frozenset()  # names that the address may have for them
    unkept: int = 0  # controls that were moved and whose values cannot be told
    is_busy: bool = False  # cells take a while at this moment
    is_left: bool = False  # the page was closed
    began: float = field(default_factory=time.monotonic)
    acted: float = field(default_factory=time.monotonic)  # when its visitor did something last
    changed: float = 0.0  # when the page changed something last
    heard: float = field(default_factory=time.monotonic)  # when values were told last that were the newest
    place: Mapping[str, str] = field(default_factory=dict)  # what the place for results cannot do, as the kernel says
    ended: str | None = None  # why there is no kernel any more

    def continues(self, kernel_id: str) -> str:
        """The kernel that the page had before, if it goes on with that or with its values; else nothing."""
        asked = asks.get().back
        return asked if asked is not None and (kernel_id == asked or self.before is not None) else ""

    def hears_page(self, data: object) -> None:
        """What the page sends to a widget, or something else."""
        self.acted = time.monotonic()
        if isinstance(data, dict) and data.get("method") in ("update", "custom"):
            self.changed = self.acted

    def hears(self, news: Mapping[str, Any], *, is_behind: bool = False) -> None:
        """What the kernel says of itself. `is_behind`: something that the page has sent has not come there so far."""
        self.is_busy = bool(news.get("busy", self.is_busy))
        if "values" in news and len(json.dumps(news["values"])) <= _LARGEST:
            self.values, self.unkept = news["values"], news["unkept"]
            self.controls = frozenset(news.get("controls", self.controls))
            if not (is_behind or news.get("is_behind")):
                self.heard = time.monotonic()

    def told(self) -> str:
        """What the page of the visit that follows says of how this one ended."""
        why = _TOLD.get(self.ended or "", _TOLD["died"])
        if not self.values:
            return f"{why} {_AGAIN}."
        is_behind = self.is_busy or self.changed > self.heard  # of what was done last there is no result
        which = "of its last result" if is_behind else "that you had chosen"
        first = " Some controls have their first values again." if self.unkept else ""
        return f"{why} {_AGAIN} with the values {which}.{first}"

    def may_be_followed(self, other: Visit) -> bool:
        """Whether another page is this one again: the same browser, link and visitor, and the same address but for the
        values of controls, which the page looks after.
        """
        same_address = _address(self.environment, self.controls) == _address(other.environment, self.controls)
        return (
            is_same(self.browser, other.browser) and same_address and (self.link, self.who) == (other.link, other.who)
        )


def _address(environment: Mapping[str, str], controls: frozenset[str]) -> dict[str, str]:
    """An environment without what a page's script writes into its address and takes out of it."""
    looked_after = controls | {"token", VIEW}
    pairs = parse_qsl(environment.get("QUERY_STRING", ""))
    query = [(name, value) for name, value in pairs if name not in looked_after]
    left_out = {"QUERY_STRING": urlencode(query), "VOILA_REQUEST_URL": ""}
    return {**environment, **left_out}


class Visits:
    """Visits by the ids of their kernels."""

    def __init__(self) -> None:
        self._open: dict[str, Visit] = {}
        self._ended: OrderedDict[str, Visit] = OrderedDict()
        self.counts: Counter[tuple[str, str]] = Counter()  # of what happened, and how
        self.seconds = 0.0  # that first runs took together

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, kernel_id: str, visit: Visit) -> None:
        """A kernel is that of a visit from now on."""
        self._open[kernel_id] = visit
        self.counts["opened", "new" if visit.before is None else "again"] += 1

    def has_run(self, seconds: float) -> None:
        """A first run is over, after so many seconds."""
        self.counts["run", "whole"] += 1
        self.seconds += seconds

    def of(self, kernel_id: str | None) -> Visit | None:
        """The visit of a kernel, which may have ended."""
        return self._open.get(kernel_id or "") or self._ended.get(kernel_id or "")

    def open(self) -> Mapping[str, Visit]:
        """Those that have a kernel."""
        return self._open

    def is_of(self, kernel_id: str, browser: str) -> bool:
        """Whether a kernel is, or was, that of a browser's page."""
        visit = self.of(kernel_id)
        return visit is not None and is_same(visit.browser, browser)

    def end(self, kernel_id: str, why: str) -> None:
        """A kernel ends; the first reason counts."""
        visit = self._open.pop(kernel_id, None)
        if visit is not None:
            visit.ended, visit.before = why, None
            self.counts["ended", why] += 1
            self._ended[kernel_id] = visit
            while len(self._ended) > _MOST:
                self._ended.popitem(last=False)

    def forget(self, is_over: Callable[[str], bool]) -> None:
        """End those whose kernels are gone."""
        for kernel_id in [name for name in self._open if is_over(name)]:
            self.end(kernel_id, "died")
