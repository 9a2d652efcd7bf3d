"""The link by which every visitor comes to an app on a Hub: that of the app. The Hub decides who comes."""

from __future__ import annotations

import logging
from typing import Any

from nbapp.hub.shelf import AppRegistry
from nbapp.serve.visitors.links import Links
from nbapp.share.registry import Link


class HubLinks(Links):
    """The link of one app. No cookie of ours lets anybody in."""

    def __init__(self, link: Link, shelf: AppRegistry, log: logging.Logger) -> None:
        super().__init__(link.notebook, shelf, log, secure=True)
        self._of_app = link

    def came_by(self, handler: Any) -> list[str]:
        """The app's."""
        return [self._of_app.id]

    def asked(self, handler: Any, name: str | None) -> Link | None:
        """The app's, whatever an address says."""
        return self.find(self._of_app.id)

    def lets_in(self, handler: Any, files: frozenset[str], kernels: Any) -> Link | None:
        """None: whom the Hub does not know is nobody."""
        return None
