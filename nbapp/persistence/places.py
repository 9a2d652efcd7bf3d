"""The place that a text names: a folder, a URL, or none; opened with the key of this user."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from nbapp.errors import UsageError
from nbapp.persistence.blobs import Blobs
from nbapp.persistence.results import Results
from nbapp.persistence.seal import key_path, read_key

LIMIT = 2 * 10**9  # bytes
NONE = "none"
_LOG = logging.getLogger("nbapp.persistence")
# As JSON: `where` it is, its `limit` in bytes, the file of its `key`, None for the user's, and with `is_default` that
# nobody chose it.
Place = Mapping[str, Any]


def default_place() -> str:
    """The folder of this user for what may be lost."""
    return str(user_cache_path("nbapp", appauthor=False) / "results")


def without_secrets(where: str) -> str:
    """The place as it may stand in a log: without a user and password."""
    return re.sub(r"://[^@/]*@", "://", where)


def blobs(where: str) -> Blobs:
    """What lies at a folder or URL.

    Raises:
        UsageError: no such kind of place, or the package for it is not installed.
    """
    scheme, found, _ = where.partition("://")
    if not found:
        from nbapp.persistence.folder import Folder  # noqa: PLC0415 -- filelock, which a kernel needs when it keeps results

        return Folder(Path(where).expanduser().absolute())
    if scheme in ("redis", "rediss", "unix"):
        from nbapp.persistence.redis import Redis  # noqa: PLC0415 -- an extra

        return Redis.at(where)
    from nbapp.persistence.objects import Objects  # noqa: PLC0415 -- an extra

    return Objects.at(where)


def open_results(place: Place) -> Results | None:
    """The results at a place; None where nothing is to outlive the process.

    Raises:
        UsageError: the place or the key is not usable.
        OSError: the key can neither be read nor made.
    """
    where = str(place["where"])
    if where == NONE:
        return None
    path = Path(place["key"]) if place["key"] is not None else key_path()
    return Results(blobs(where), read_key(path), int(place["limit"]), without_secrets(where))


def usable(place: Place) -> Place:
    """The place, if results can be written and read there; else none, where nobody chose it.

    Raises:
        UsageError: they cannot, and somebody chose it.
    """
    if place["where"] == NONE:
        return place
    try:
        _check(place)
    except UsageError as error:
        if not place["is_default"]:
            raise
        _LOG.warning("%s; results end with the server", error)
        return {"where": NONE}
    return place


def _check(place: Place) -> None:
    where = place["where"]
    try:
        open_results(place)
        there = blobs(where)
        trial = f"trial/{secrets.token_hex(8)}"  # another server may try the same place at this moment
        there.put(trial, [b"nbapp"])
        seen = there.get(trial, 100)
        there.remove(trial)
    except OSError as error:
        raise UsageError(
            f"--cache {without_secrets(where)}: {error}", "name a folder that you may write, a URL, or none"
        ) from error
    if seen != b"nbapp":
        raise UsageError(
            f"--cache {without_secrets(where)}: what is written there does not come back", "name another place, or none"
        )
