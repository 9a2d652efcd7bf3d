"""What leads requests to what answers them: tornado's, which also answers those whose method nobody knows."""

from __future__ import annotations

from typing import Any

import tornado.web


class Application(tornado.web.Application):
    """Tornado has a handler refuse a method like PROPFIND before it is prepared, and Jupyter's cannot write then."""

    def find_handler(self, request: Any, **options: Any) -> Any:
        """What answers a request."""
        if request.method not in tornado.web.RequestHandler.SUPPORTED_METHODS:
            return self.get_handler_delegate(request, tornado.web.ErrorHandler, {"status_code": 405})
        return super().find_handler(request, **options)
