"""Makes links that lead nowhere, for tests of who asks for them: what is asked, and what is answered, is real."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import ClassVar

from jupyter_server.auth import Authorizer, User
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.contents.manager import ContentsManager

from nbapp.errors import UsageError
from nbapp.share.ask import CannotShare, Shared, Wanted

CANNOT = CannotShare(
    "no server of yours on this computer serves refused.ipynb",
    "start one in another terminal with 'nbapp serve refused.ipynb --token', then share again",
    "on a JupyterHub, share from a terminal of JupyterLab there",
)


class Links:
    """The links are kept as long as the process. A notebook called `refused` cannot be shared; one called `slow` is
    shared once there is a file `go` beside it.
    """

    kept: ClassVar[dict[str, Shared]] = {}

    def share(self, wanted: Wanted) -> Shared:
        """Make a link, whose name is the notebook's unless it is asked for."""
        if wanted.notebook.stem == "refused":
            raise CANNOT
        wanted.notebook.with_suffix(".asked").touch()
        while wanted.notebook.stem == "slow" and not wanted.notebook.with_name("go").exists():
            time.sleep(0.02)
        name = wanted.name or wanted.notebook.stem
        if " " in name:
            raise UsageError(f"{name!r} cannot be in a link", "letters, digits and hyphens can")
        now = datetime.now(timezone.utc)
        self.kept[name] = Shared(
            name=name,
            url=f"https://apps.example.org/link/{name}?{len(self.kept)}",
            notebook=wanted.notebook,
            digest="0" * 32,
            made=now,
            expires=None if wanted.expires is None else now + wanted.expires,
            to=wanted.to,
            values=dict(wanted.values),
            pinned=wanted.pin,
        )
        return self.kept[name]

    def shared(self) -> list[Shared]:
        """The newest first."""
        return sorted(self.kept.values(), key=lambda shared: shared.made, reverse=True)

    def revoke(self, name: str) -> None:
        """Forget a link."""
        if name not in self.kept:
            raise UsageError(f"no link is called {name}", ", ".join(self.kept))
        del self.kept[name]


class Elsewhere(ContentsManager):
    """Keeps notebooks in no files."""


class Deny(Authorizer):
    """Lets a user do everything but share."""

    def is_authorized(self, handler: JupyterHandler, user: User, action: str, resource: str) -> bool:
        """Whether it is not ours."""
        return resource != "nbapp"
