"""Whether an app is used: told to the Hub, whose culler goes by it, and the reason to stop when it is not."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime, timezone

from tornado.httpclient import AsyncHTTPClient, HTTPError

_PAUSE = 300.0  # seconds between two messages to the Hub, unless it says otherwise


class Activity:
    """When a visitor last did something. `idle_after`: seconds without anything after which it is over."""

    def __init__(self, variables: Mapping[str, str], idle_after: float | None) -> None:
        self._url = variables.get("JUPYTERHUB_ACTIVITY_URL", "")
        self._token = variables["JUPYTERHUB_API_TOKEN"]
        self._server = variables.get("JUPYTERHUB_SERVER_NAME", "")
        self._pause = float(variables.get("JUPYTERHUB_ACTIVITY_INTERVAL") or _PAUSE)
        self._idle_after = idle_after
        self._last = time.monotonic()
        self._when = datetime.now(timezone.utc)
        self._told = 0.0
        self._told_when: datetime | None = None

    def acted(self) -> None:
        """A visitor does something."""
        self._last = time.monotonic()
        self._when = datetime.now(timezone.utc)

    def is_over(self) -> bool:
        """Whether nobody did anything for long enough."""
        return self._idle_after is not None and time.monotonic() - self._last > self._idle_after

    async def tell(self) -> None:
        """Tell the Hub when something was done last, if it is time to and there is something new."""
        if not self._url or self._told_when == self._when or time.monotonic() - self._told < self._pause:
            return
        self._told, when = time.monotonic(), self._when
        body = {"servers": {self._server: {"last_activity": when.isoformat()}}}
        headers = {"Authorization": f"token {self._token}", "Content-Type": "application/json"}
        try:
            await AsyncHTTPClient().fetch(self._url, method="POST", headers=headers, body=json.dumps(body))
        except (HTTPError, OSError):
            return  # the Hub restarts; it is told at the next time
        self._told_when = when
