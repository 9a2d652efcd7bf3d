"""Names that tornado keeps to itself: of a websocket it compresses all messages or none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def uncompressed(socket: Any) -> Iterator[None]:
    """What a handler's websocket sends meanwhile goes out as it is."""
    connection = socket.ws_connection
    if connection is None:  # it went away
        yield
        return
    compressor, connection._compressor = connection._compressor, None
    try:
        yield
    finally:
        connection._compressor = compressor
