"""Links to apps on a JupyterHub: each app is a named server of its owner's, opened by those whom the Hub lets in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

from nbapp.hub import refusals
from nbapp.hub.api import HubApi, Refused, Unreachable
from nbapp.hub.hooks import ADDRESS
from nbapp.hub.names import MARK, server_of
from nbapp.hub.people import GROUP, USER, plain
from nbapp.hub.shelf import AppRegistry
from nbapp.serve.prepare import read
from nbapp.share.ask import Shared, Wanted
from nbapp.share.digest import digest
from nbapp.share.registry import Link

# Whoever is invited may open the app, and start its server where it has stopped: the Hub's page for that asks for the
# whole of `servers`.
_GIVEN = ("access:servers", "servers", MARK)
_LONGEST, _SHORTEST = timedelta(days=365), 60  # an invitation may not hold longer, nor less: the latter in seconds
_ENOUGH = 0.9  # of the time that is asked for: an earlier invitation that holds so long does
_START = 120.0  # seconds that an app's server may take to start
_LAST = 5.0  # seconds that an app's server has to say goodbye
_LOOK = 0.25  # seconds between two looks at it


class HubSharing:
    """Makes, lists and revokes the links of one person, from a server of hers."""

    def __init__(self, variables: Mapping[str, str] = os.environ, shelf: AppRegistry | None = None) -> None:
        self._variables = variables
        self._shelf = shelf or AppRegistry()

    def share(self, wanted: Wanted) -> Shared:
        """Start an app's server, and let those in for whom it is.

        Raises:
            CannotShare: something that it takes is missing; UsageError: there is no such notebook, or no such name.
        """
        wanted = replace(wanted, notebook=wanted.notebook.resolve())
        notebook = read(wanted.notebook)
        with self._hub() as hub:
            refusals.check_configured(hub, self._variables)
            wanted = replace(wanted, to=self._named(hub, wanted.to))
            copy = wanted.notebook.read_bytes() if wanted.pin else None
            earlier = {link.id: link for link in self._shelf.links()}
            link = self._shelf.put(wanted, digest(notebook), "", copy)
            try:
                self._start(hub, link)
                url = self._invite(hub, link, earlier.get(link.id))
            except BaseException:
                self._put_back(link, earlier.get(link.id))
                raise
            return shared(self._shelf.put(replace(wanted, name=link.name), digest(notebook), url))

    def _put_back(self, link: Link, earlier: Link | None) -> None:
        """After something went wrong: what was there before."""
        if earlier is None:
            self._shelf.revoke(link.name)
        else:
            before = Wanted(earlier.notebook, earlier.name, None, earlier.to, earlier.values, earlier.pinned)
            until = None if earlier.expires is None else earlier.expires - datetime.now(timezone.utc)
            self._shelf.put(replace(before, expires=until), earlier.digest, earlier.at)

    def shared(self) -> list[Shared]:
        """The links that there are, the newest first, also those that have expired."""
        return [shared(link) for link in self._shelf.links() if link.revoked is None]

    def revoke(self, name: str) -> None:
        """Take an app from everybody: open pages stop, its server ends.

        Raises:
            CannotShare: the Hub does not answer; the app's server ends its pages all the same.
            UsageError: there is no such app.
        """
        link = self._shelf.revoke(name)  # its server sees that
        server = server_of(name)
        with self._hub() as hub:
            for kind in ("share-codes", "shares"):
                with _unless_gone():
                    hub.ask("DELETE", kind, hub.user, server)
            if (hub.ask("GET", "users", hub.user).get("servers") or {}).get(server, {}).get("ready"):
                self._until(lambda: self._shelf.was_heard(link), _LAST)  # it tells those whose pages are open
            self._shelf.forget_heard(link)
            with _unless_gone():
                hub.ask("DELETE", "users", hub.user, "servers", server, body={"remove": True})

    @contextmanager
    def _hub(self) -> Iterator[HubApi]:
        hub = HubApi.of(self._variables)
        try:
            yield hub
        except Unreachable as error:
            raise refusals.hub_is_down(error) from None
        except Refused as error:
            raise refusals.refused(error) from None

    def _start(self, hub: HubApi, link: Link) -> None:
        """Start the app's server, and see that it is ours: a server of any other kind would hand over everything."""
        self._shelf.forget_heard(link)
        server = server_of(link.name)
        try:
            hub.ask("POST", "users", hub.user, "servers", server, body={})
        except Refused as error:
            if error.status >= 500:
                raise refusals.did_not_start(server) from None
            if error.status != 400 or "already running" not in error.message:
                raise refusals.cannot_start(error) from None
        self._wait(hub, server)
        heard = self._until(lambda: self._shelf.was_heard(link), 10.0)
        if not heard:
            with _unless_gone():
                hub.ask("DELETE", "users", hub.user, "servers", server, body={"remove": True})
            raise refusals.not_our_server(server)

    def _wait(self, hub: HubApi, server: str) -> None:
        """Wait until the app's server is there."""

        def is_ready() -> bool:
            model = (hub.ask("GET", "users", hub.user).get("servers") or {}).get(server, {})
            if not model.get("ready") and not model.get("pending"):
                raise refusals.did_not_start(server)
            return bool(model.get("ready"))

        if not self._until(is_ready, _START):
            raise refusals.did_not_start(server)

    def _until(self, holds: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK)
        return True

    def _invite(self, hub: HubApi, link: Link, earlier: Link | None) -> str:
        """Let named people in at once, and nobody else any more; or make an invitation that whoever has it accepts.

        The address stays, if it was an invitation and holds long enough: the Hub tells it only once.
        """
        server = server_of(link.name)
        mine = f"!server={hub.user}/{server}"
        scopes = [f"{scope}{mine}" for scope in _GIVEN]
        page = f"{hub.prefix}user/{hub.user}/{server}/"
        if link.to:
            for kind in ("share-codes", "shares"):
                hub.ask("DELETE", kind, hub.user, server)
            for text in link.to:
                kind, _, name = text.partition(":")
                hub.ask("POST", "shares", hub.user, server, body={kind: name, "scopes": scopes})
            return self._address() + page
        seconds = (_code_ends(link) - link.made).total_seconds()
        if earlier is not None and earlier.at and not earlier.to:
            left = (_code_ends(earlier) - link.made).total_seconds()
            if left >= _ENOUGH * seconds and hub.ask("GET", "share-codes", hub.user, server)["items"]:
                return earlier.at
        body = {"scopes": scopes, "expires_in": int(max(seconds, _SHORTEST))}
        made = hub.ask("POST", "share-codes", hub.user, server, body=body)
        query = urlencode({"code": made["code"], "next": page})
        return f"{self._address()}{hub.prefix}accept-share?{query}"

    def _named(self, hub: HubApi, names: Iterable[str]) -> tuple[str, ...]:
        """The people and groups for whom an app is, as `user:bob` and `group:team`."""
        return tuple(self._kind(hub, name) + plain(name) for name in names)

    def _kind(self, hub: HubApi, text: str) -> str:
        name = plain(text)
        known, refused = [], []
        for kind, place in ((USER, "users"), (GROUP, "groups")):
            if text.startswith((kind, name)):
                try:
                    hub.ask("GET", place, name)
                    known.append(kind)
                except Refused as error:
                    refused.append(error)
        if len(known) != 1:
            raise refusals.ambiguous(name) if known else refusals.nobody(name, refused)
        return known[0]

    def _address(self) -> str:
        """The Hub's address for browsers, without a path; empty when it is not known."""
        public = self._variables.get("JUPYTERHUB_PUBLIC_HUB_URL", "")
        if public:
            return "/".join(public.split("/")[:3])
        return self._variables.get(ADDRESS, "")


def _code_ends(link: Link) -> datetime:
    """When the invitation of a link ends."""
    longest = link.made + _LONGEST
    return longest if link.expires is None else min(link.expires, longest)


@contextmanager
def _unless_gone() -> Iterator[None]:
    """What is to be taken back may not be there any more."""
    try:
        yield
    except Refused as error:
        if error.status != 404:
            raise


def shared(link: Link) -> Shared:
    """A link as its owner sees it."""
    return link.shared(link.at, [plain(name) for name in link.to])
