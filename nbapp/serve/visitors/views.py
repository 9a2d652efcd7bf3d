"""Views that are too long for an address: it has a short name for them, which the server knows.

A name is a digest of what it stands for, so nobody can make it stand for something else; it lets nobody in.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass, field
from urllib.parse import urlencode

import tornado.web
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler

from nbapp.errors import MALFORMED
from nbapp.persistence.results import Results
from nbapp.serve.visitors.address import LONGEST, MOST

_OWNER = "views"
_KEPT = 10_000_000  # characters of all views together
_NAME = 32  # characters


@dataclass(slots=True)
class Views:
    """The queries of one app by their names. `results`: where they outlive this server, if anywhere."""

    results: Results | None
    app: str
    _known: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def keep(self, query: str) -> str:
        """The name of a query, which is known from now on: the latest ones are."""
        name = self._name(query)
        self._remember(name, query)
        if self.results is not None and (at := self.results.name(_OWNER, name)) is not None:
            self.results.put(at, {"of": "a view"}, [query.encode()])
        return name

    def find(self, name: str) -> str | None:
        """The query of a name."""
        if name not in self._known and self.results is not None and len(name) == _NAME:
            at = self.results.name(_OWNER, name)
            entry = self.results.find(at) if at is not None else None
            query = bytes(entry.parts[0]).decode() if entry is not None else ""
            if self._name(query) == name:
                self._remember(name, query)
        return self._known.get(name)

    def _remember(self, name: str, query: str) -> None:
        self._known[name] = query
        self._known.move_to_end(name)
        while sum(map(len, self._known.values())) > _KEPT:
            self._known.popitem(last=False)

    def _name(self, query: str) -> str:
        return hashlib.sha256(f"{self.app} {query}".encode("utf-8", "surrogatepass")).hexdigest()[:_NAME]


class LongView(APIHandler):
    """What a page asks for whose view is too long for its address."""

    auth_resource = "kernels"

    @tornado.web.authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self, kernel_id: str) -> None:
        """The name of a view: names and texts, as JSON."""
        views: Views = self.settings["nbapp_views"]
        name = await asyncio.to_thread(views.keep, self._query())
        await self.finish({"view": name})

    def _query(self) -> str:
        """What is asked for.

        Raises:
            HTTPError: it is no JSON or far too deep, no pairs, no texts, half characters, or too much.
        """
        try:
            pairs = [(name, text) for name, text in json.loads(self.request.body)]
            if len(pairs) <= MOST and sum(len(name) + len(text) for name, text in pairs) <= LONGEST:
                return urlencode(pairs)
        except MALFORMED as error:
            raise tornado.web.HTTPError(400) from error
        raise tornado.web.HTTPError(400)
