"""Whether a visitor is far away, or sits at the computer that serves.

From far away a page waits for bytes: it is sent less of them, and asks for them sooner. On one computer it would wait
for the work that this takes, as browser, server and kernel share its processors.
"""

from __future__ import annotations

import ipaddress
import zlib
from contextvars import ContextVar

from tornado.httputil import HTTPServerRequest

UNPACKS = "unpacks"  # the argument by which a page says that it can
_MARK = bytes(8)  # in the place where a frame of Jupyter's says of how many parts it is
_SMALL = 16_384  # bytes that are under way no longer than a few

# Whether the page of this request is for somebody who is far away.
from_far: ContextVar[bool] = ContextVar("from_far", default=False)


def is_far(request: HTTPServerRequest) -> bool:
    """Whether somebody asks from another computer, or by way of a proxy, which may be for another one."""
    try:
        is_here = ipaddress.ip_address(request.remote_ip or "").is_loopback
    except ValueError:  # there is no address, as for a socket of Unix
        is_here = False
    return not is_here or "X-Forwarded-For" in request.headers


def packed(frame: bytes, in_buffers: int) -> bytes:
    """A message to a page, made smaller, or as it is. `in_buffers`: how many of its bytes are pictures, which are
    packed already, and numbers, which hardly get smaller.

    Not by the websocket's own compression: it would have the server unpack what comes from visitors, and a hundred
    megabytes come in a hundred kilobytes.
    """
    if len(frame) < _SMALL or 2 * in_buffers > len(frame):
        return frame
    return _MARK + zlib.compress(frame, 1)
