"""What leads requests to what answers them: tornado's, which also answers those that no handler stands."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import tornado.web
from tornado.httputil import HTTPInputError, HTTPMessageDelegate, parse_body_arguments

_CONTROL = re.compile("[\\x00-\\x1f\\x7f]")  # no file's, and nothing that an answer's headers may have


class Application(tornado.web.Application):
    """Tornado has a handler refuse a method like PROPFIND, an address that is no UTF-8 and a body that is not what it
    says it is, before it is prepared, and Jupyter's cannot write then.
    """

    def find_handler(self, request: Any, **options: Any) -> Any:
        """What answers a request."""
        if request.method not in tornado.web.RequestHandler.SUPPORTED_METHODS:
            return self.get_handler_delegate(request, tornado.web.ErrorHandler, {"status_code": 405})
        if not _is_address(request.path):
            return self.get_handler_delegate(request, tornado.web.ErrorHandler, {"status_code": 404})
        found = super().find_handler(request, **options)
        return _Judged(
            found, self.get_handler_delegate(request, tornado.web.ErrorHandler, {"status_code": 400}), request
        )


class _Judged(HTTPMessageDelegate):
    """Has a request answered once its body was judged."""

    def __init__(self, answers: Any, refuses: Any, request: Any) -> None:
        self._answers, self._refuses, self._request = answers, refuses, request
        self._body: list[bytes] = []

    def headers_received(self, start_line: Any, headers: Any) -> Any:
        """The body may come."""
        return self._answers.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Any:
        """A part of the body came."""
        self._body.append(chunk)
        return self._answers.data_received(chunk)

    def finish(self) -> None:
        """The body is there."""
        (self._answers if _is_readable(self._request.headers, b"".join(self._body)) else self._refuses).finish()

    def on_connection_close(self) -> None:
        """Whoever asked went away."""
        self._answers.on_connection_close()


def _is_readable(headers: Any, body: bytes) -> bool:
    """Whether a body that says it is a form is one."""
    try:
        parse_body_arguments(headers.get("Content-Type", ""), body, {}, {}, headers)
    except HTTPInputError:
        return False
    return True


def _is_address(path: str) -> bool:
    try:
        return not _CONTROL.search(unquote(path, errors="strict"))
    except UnicodeDecodeError:
        return False
