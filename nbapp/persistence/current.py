"""Where the results of this process outlive it, and whether it may still write there."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from nbapp.errors import UsageError
from nbapp.persistence.places import LIMIT, NONE, Place, default_place, open_results
from nbapp.persistence.results import Results
from nbapp.visitor import is_known

_LOG = logging.getLogger("nbapp.persistence")
NOWHERE: Place = {"where": NONE}


class AtWork(threading.local):
    """Entered while results are looked for or kept: what this thread opens meanwhile is not the author's."""

    def __init__(self) -> None:
        self.depth = 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *_: object) -> None:
        self.depth -= 1

    def __bool__(self) -> bool:
        return self.depth > 0


@dataclass(slots=True)
class Persistence:
    """What counts in this process. Nothing is opened before something is to be found or kept.

    `private` says why nothing is written any more: what a visitor typed or uploaded must not lie in a place that other
    visitors' kernels read. What others stored before may still be read.
    """

    at_work: AtWork = field(default_factory=AtWork)
    private: str | None = None
    _place: Place | None = None
    _for_visitors: bool = False
    _opened: Results | None = None
    _is_open: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def use(self, place: Place | None, *, for_visitors: bool = False) -> None:
        """From now on results are found and kept there; None: in the user's own folder. `for_visitors`: who moves the
        controls is not the author."""
        with self._lock:
            self._place, self._for_visitors, self.private = place, for_visitors, None
            self._opened, self._is_open = None, False

    def results(self) -> Results | None:
        """The results; None where none are kept, or where they cannot be, which is told once."""
        with self._lock:
            if not self._is_open:
                self._is_open = True
                with self.at_work:
                    self._opened = self._open()
            return self._opened

    def pause(self) -> None:
        """Keep no connection open, until the next result is looked for."""
        with self._lock:
            if self._opened is not None:
                self._opened.blobs.close()
            self._opened, self._is_open = None, False

    def troubles(self) -> dict[str, str]:
        """The words for what the place cannot do now, by what that is."""
        with self._lock:
            return self._opened.troubles.now() if self._opened is not None else {}

    def _open(self) -> Results | None:
        place = self._place or {"where": default_place(), "limit": LIMIT, "key": None}
        try:
            return open_results(place)
        except (UsageError, OSError) as error:
            _LOG.warning("%s; results end with the process", error)
            return None

    def may_write(self) -> bool:
        """Whether nothing is known here of the one visitor."""
        return self.private is None and not is_known()

    def hold_back(self, why: str) -> None:
        """Somebody gave what their author did not offer: if that is a visitor, nothing is written from now on."""
        if self._for_visitors:
            self.private = self.private or why


CURRENT = Persistence()
