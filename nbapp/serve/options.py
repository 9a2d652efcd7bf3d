"""What was asked for on the command line of `nbapp serve`, checked. Knows no server and no notebook."""

from __future__ import annotations

import argparse
import ipaddress
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nbapp.errors import UsageError
from nbapp.persistence.places import LIMIT, NONE, Place, default_place
from nbapp.persistence.sizes import size

KEEP = 120.0  # seconds
DRAIN = 10.0  # seconds
IDLE, AGE = 30 * 60.0, 12 * 3600.0  # seconds, for an app that is open to others
UPLOAD = 100 * 10**6  # bytes that a visitor may upload at once
_TIME = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d|)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
SMALLEST = 150 * 10**6  # bytes: less holds no kernel


@dataclass(frozen=True, slots=True)
class Options:
    """One app as its author asked for it.

    `token` None: nobody is asked for one. `title` and `theme` None: the notebook's own. `cache_bytes` None: as the
    kernel chooses; in bytes. `results`: where results outlive the kernels, a `Place`. `timeout` and `debounce` are in
    seconds. `environment` are names of variables that the notebook may see besides the usual ones. `max_kernels` None:
    as many as the memory holds. `warm`: how many kernels run the notebook before anybody asks for a page. `fork`:
    whether one process runs it for all of them, and forks their kernels, where that works. `watch`: whether open pages
    follow what is saved. `link_url` None: links begin with the address that the server listens on. In
    seconds: `keep`, how long the kernel of a page that was closed or cut off is kept; `idle_limit` and `age_limit`,
    when a page ends, 0: never; `drain`, how long cells may go on when the server is asked to stop. `memory_limit` in
    bytes, of one kernel. `metrics`: the address and port for figures. `home`: the address of the index that the
    app is one of.
    """

    notebook: Path
    port: int = 8866
    ip: str = "localhost"
    base_url: str = "/"
    browser: bool = True
    token: str | None = None
    public: bool = False
    title: str | None = None
    theme: str | None = None
    show_code: bool = False
    values: tuple[tuple[str, str], ...] = ()
    cache_bytes: int | None = None
    cache: bool = True
    results: Place = field(default_factory=lambda: {"where": NONE})
    timeout: float | None = None
    debounce: float = 0.0
    environment: tuple[str, ...] = ()
    upload_bytes: int = UPLOAD
    max_kernels: int | None = None
    warm: int = 1
    fork: bool = True
    watch: bool = False
    link_url: str | None = None
    keep: float = KEEP
    idle_limit: float = 0.0
    age_limit: float = 0.0
    memory_limit: int | None = None
    drain: float = DRAIN
    metrics: tuple[str, int] | None = None
    log_format: str = "text"
    home: str | None = None

    @property
    def for_author(self) -> bool:
        """Whether whoever opens the page is the author: then a failed cell shows its traceback."""
        return not self.public and self.token is None

    def settings(self) -> dict[str, Any]:
        """What the kernel must know, as JSON values."""
        cache_bytes = self.cache_bytes
        if cache_bytes is None and self.memory_limit is not None:
            cache_bytes = self.memory_limit // 4
        return {
            "cache_bytes": cache_bytes,
            "cache": self.cache,
            "results": self.results,
            "timeout": self.timeout,
            "debounce": self.debounce,
            "values": dict(self.values),
            "tracebacks": self.for_author,
            "memory_bytes": self.memory_limit,
            "log_format": self.log_format,
            "theme": self.theme,
        }


def read(asked: argparse.Namespace) -> Options:
    """The options of a parsed command line.

    Raises:
        UsageError: a value that makes no sense, or an address that lets others in without saying who.
    """
    if not 0 <= asked.port <= 65535:
        raise UsageError(f"--port {asked.port}", "a port is a number from 0 to 65535")
    token = secrets.token_hex(24) if asked.token == "" else asked.token
    if not (is_loopback(asked.ip) or asked.public or token):
        remedy = "add --token, so that only who has the link gets in, or --public"
        raise UsageError(f"--ip {asked.ip} lets other computers in", remedy)
    return Options(
        notebook=Path(asked.notebook),
        port=asked.port,
        ip=asked.ip,
        base_url=_base_url(asked.base_url),
        browser=not asked.no_browser,
        token=token,
        public=asked.public,
        title=asked.title,
        theme=asked.theme,
        show_code=asked.show_code,
        values=values(asked.set),
        cache_bytes=size("--cache-size", asked.cache_size),
        cache=not asked.no_cache,
        results=results(asked),
        timeout=_seconds("--timeout", asked.timeout, zero=False),
        debounce=_seconds("--debounce", asked.debounce) or 0.0,
        environment=tuple(asked.pass_env),
        upload_bytes=_upload(asked.upload_limit),
        max_kernels=_kernels(asked.max_kernels),
        warm=_warm(asked.warm),
        fork=asked.fork,
        watch=asked.watch,
        link_url=_link_url(asked.link_url),
        **_limits(asked, for_others=asked.public or token is not None),
        metrics=_metrics(asked.metrics),
        log_format=asked.log_format,
    )


def results(asked: argparse.Namespace) -> Place:
    """Where results outlive the kernels.

    Raises:
        UsageError: the quota is no size.
    """
    if asked.cache == NONE or asked.no_cache:
        return {"where": NONE}
    limit = size("--cache-quota", asked.cache_quota)
    return {
        "where": asked.cache or default_place(),
        "is_default": asked.cache is None and asked.cache_key is None,
        "limit": LIMIT if limit is None else limit,
        "key": asked.cache_key,
    }


def _limits(asked: argparse.Namespace, *, for_others: bool) -> dict[str, Any]:
    """How long things last, and how much memory a kernel may take."""
    if asked.log_format == "json" and asked.token == "":
        raise UsageError(
            "--log-format json would write a token that is made up into the log", "give one: --token TOKEN"
        )
    memory = size("--memory-limit", asked.memory_limit)
    if memory is not None and memory < SMALLEST:
        raise UsageError(f"--memory-limit {asked.memory_limit}", "an empty notebook takes 100MB; give it 200MB or more")
    return {
        "keep": duration("--keep", asked.keep, KEEP),
        "idle_limit": duration("--idle-limit", asked.idle_limit, IDLE if for_others else 0.0),
        "age_limit": duration("--age-limit", asked.age_limit, AGE if for_others else 0.0),
        "drain": duration("--drain", asked.drain, DRAIN),
        "memory_limit": memory,
    }


def duration(option: str, text: str | None, otherwise: float) -> float:
    """A time as 90, 90s, 30m, 12h or 0, in seconds.

    Raises:
        UsageError: the text is no time.
    """
    if text is None:
        return otherwise
    matched = _TIME.fullmatch(text.strip())
    if not matched:
        raise UsageError(f"{option} {text}", "write it as 90s, 30m, 12h or 0")
    return float(matched[1]) * _SECONDS[matched[2]]


def _metrics(text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    ip, colon, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65535 or (colon and not ip):
        raise UsageError(f"--metrics {text}", "write a port, or an address and a port, as in 9100 or 0.0.0.0:9100")
    return ip.strip("[]") or "localhost", int(port)


def is_loopback(ip: str) -> bool:
    """Whether only this computer can reach an address to listen on."""
    if ip == "localhost":
        return True
    try:
        return ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return False


def values(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The names and values of `--set`, the last one of each name.

    Raises:
        UsageError: a text is not of the form NAME=VALUE.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(f"--set {text}", "write it as NAME=VALUE, as in --set n=5")
        found[name] = value
    return tuple(found.items())


def _seconds(option: str, number: float | None, *, zero: bool = True) -> float | None:
    if number is not None and not (0 <= number < float("inf") and (zero or number)):
        raise UsageError(f"{option} {number:g}", f"a time in seconds is {'0 or more' if zero else 'more than 0'}")
    return number


def _upload(text: str | None) -> int:
    found = size("--upload-limit", text)
    return UPLOAD if found is None else found


def _kernels(number: int | None) -> int | None:
    if number is not None and number < 1:
        raise UsageError(f"--max-kernels {number}", "one visitor needs one kernel, so it is 1 or more")
    return number


def _warm(number: int) -> int:
    if number < 0:
        raise UsageError(f"--warm {number}", "it is how many kernels are kept ready: 0 or more")
    return number


def _base_url(text: str) -> str:
    path = "/" + text.strip("/") + "/" if text.strip("/") else "/"
    if not re.fullmatch(r"[\w/.~%-]+", path, re.ASCII) or "//" in path or "/../" in path:
        raise UsageError(f"--base-url {text}", "write it as a path, as in /sales/")
    return path


def _link_url(text: str | None) -> str | None:
    if text is None:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment or "@" in text:
        raise UsageError(
            f"--link-url {text}", "write it as the browser shows it, as in https://apps.example.org/sales/"
        )
    return text.rstrip("/") + "/"
