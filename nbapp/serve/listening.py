"""The address that a server listens on. Knows no notebook."""

from __future__ import annotations

import errno
import socket

from tornado.netutil import bind_sockets

from nbapp.errors import UsageError


def listening(ip: str, port: int, option: str = "--port") -> list[socket.socket]:
    """Sockets that listen on a port of an address. `option`: the one that asks for it.

    Raises:
        UsageError: the port is taken or reserved, or the address is not this computer's.
    """
    try:
        return bind_sockets(port, "" if ip in ("", "*") else ip)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            free = bind_sockets(0, ip)
            other = free[0].getsockname()[1]
            for found in free:
                found.close()
            raise UsageError(f"port {port} is in use", f"choose another, as in {option} {other}") from None
        if error.errno == errno.EACCES:
            raise UsageError(f"port {port} is reserved", f"choose one above 1023, as in {option} 8866") from None
        raise UsageError(f"cannot listen on {ip} port {port}: {error.strerror}") from None


def shown_host(ip: str) -> str:
    """The host to write in a link to this server."""
    if ip in ("", "*", "0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{ip}]" if ":" in ip else ip
