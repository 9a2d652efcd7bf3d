"""What can be asked of sharing, and what comes back. Everything that makes links keeps to it: JupyterHub, a server of
`nbapp serve`, the command line and the dialog in JupyterLab.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from nbapp.errors import UsageError


@dataclass(frozen=True)
class Wanted:
    """A link that an author asks for.

    `name` None: made from the notebook's name. `expires` None: never. `to` are users and groups; none: whoever has
    the link. `values` are JSON values by the name of the author's control, as of `--set` (texts) or as a widget has
    them. `pin` shares the notebook as it is now, whatever becomes of the file.
    """

    notebook: Path
    name: str | None = None
    expires: timedelta | None = None
    to: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    pin: bool = False


@dataclass(frozen=True)
class Shared:
    """A link that there is.

    `name` is unique among its owner's links. `notebook` is the author's file, also when it is `pinned`. `digest` is
    of what the notebook does (see `nbapp.share.digest`), at the time `made`. Both times know their time zone.
    """

    name: str
    url: str
    notebook: Path
    digest: str
    made: datetime
    expires: datetime | None
    to: tuple[str, ...]
    values: Mapping[str, object]
    pinned: bool


class Sharing(Protocol):
    """Makes links, lists them and takes them back, for one owner. Each method raises `CannotShare`."""

    def share(self, wanted: Wanted) -> Shared:
        """Make a link. A link of this `name` to the same notebook keeps its address, and what is asked for now counts;
        one that was taken back never comes alive again.
        """
        ...

    def shared(self) -> list[Shared]:
        """The owner's links, the newest first, also those that have expired."""
        ...

    def revoke(self, name: str) -> None:
        """Take a link back: pages that are open by it stop within 5 s."""
        ...


class CannotShare(UsageError):
    """A link cannot be made, listed or taken back.

    `missing` says what is missing, `who` can mend it and how, `instead` what can be done until then.
    """

    def __init__(self, missing: str, who: str, instead: str = "") -> None:
        super().__init__(missing, "; ".join(filter(None, (who, instead))))
        self.missing = missing
        self.who = who
        self.instead = instead
