"""Questions to the Hub's REST API, on behalf of the server that this process runs in."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

PATIENCE = 30.0  # seconds that an answer may take


class Refused(Exception):
    """The Hub answered that it will not. `status` is HTTP's, `message` the Hub's own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class Unreachable(Exception):
    """The Hub does not answer; `url` is where it was asked."""

    def __init__(self, url: str, reason: object) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url


@dataclass(frozen=True)
class HubApi:
    """The Hub as one user's server sees it. `url` is of its API, `prefix` of its pages, as in /hub/."""

    url: str
    token: str
    user: str
    prefix: str

    @classmethod
    def of(cls, variables: Mapping[str, str] = os.environ) -> HubApi:
        """The Hub that started this process. KeyError: none did."""
        url = variables["JUPYTERHUB_API_URL"]
        prefix = variables.get("JUPYTERHUB_BASE_URL", "/").rstrip("/") + "/hub/"
        return cls(url, variables["JUPYTERHUB_API_TOKEN"], variables["JUPYTERHUB_USER"], prefix)

    def ask(self, method: str, *path: str, body: Mapping[str, object] | None = None) -> Any:
        """What the Hub answers: a JSON value, or None.

        Raises:
            Refused: it will not.
            Unreachable: it does not answer.
        """
        url = "/".join([self.url.rstrip("/"), *(quote(part, safe="") for part in path)])
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, sent, {"Authorization": f"token {self.token}"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, _message(error)) from None
        except (OSError, ValueError) as error:
            raise Unreachable(self.url, getattr(error, "reason", error)) from None
        return json.loads(text) if text.strip() else None


def _message(error: urllib.error.HTTPError) -> str:
    text = error.read().decode(errors="replace")
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return str(error.reason)
