"""Whether a visitor is far away, or sits at the computer that serves.

From far away a page waits for bytes: it is sent less of them, and asks for them sooner. On one computer it would wait
for the work that this takes, as browser, server and kernel share its processors.
"""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar

from tornado.httputil import HTTPServerRequest

# Whether the page of this request is for somebody who is far away.
from_far: ContextVar[bool] = ContextVar("from_far", default=False)


def is_far(request: HTTPServerRequest) -> bool:
    """Whether somebody asks from another computer, or by way of a proxy, which may be for another one."""
    try:
        is_here = ipaddress.ip_address(request.remote_ip or "").is_loopback
    except ValueError:  # there is no address, as for a socket of Unix
        is_here = False
    return not is_here or "X-Forwarded-For" in request.headers
