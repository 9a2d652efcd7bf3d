"""What leads requests to what answers them: tornado's, which also answers those that no handler stands."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import tornado.web

_CONTROL = re.compile("[\\x00-\\x1f\\x7f]")  # no file's, and nothing that an answer's headers may have


class Application(tornado.web.Application):
    """Tornado has a handler refuse a method like PROPFIND, and an address that is no UTF-8, before it is prepared, and
    Jupyter's cannot write then.
    """

    def find_handler(self, request: Any, **options: Any) -> Any:
        """What answers a request."""
        if request.method not in tornado.web.RequestHandler.SUPPORTED_METHODS:
            return self.get_handler_delegate(request, tornado.web.ErrorHandler, {"status_code": 405})
        if not _is_address(request.path):
            return self.get_handler_delegate(request, tornado.web.ErrorHandler, {"status_code": 404})
        return super().find_handler(request, **options)


def _is_address(path: str) -> bool:
    try:
        return not _CONTROL.search(unquote(path, errors="strict"))
    except UnicodeDecodeError:
        return False
