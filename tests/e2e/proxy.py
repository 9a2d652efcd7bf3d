"""A reverse proxy in a thread, as authors put in front of `nbapp serve`: pages and websockets, the host kept."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import ClientSession, WSMsgType, web

DROPPED = frozenset({"connection", "content-encoding", "content-length", "transfer-encoding", "upgrade"})


@contextmanager
def proxy(listens: socket.socket, port: int) -> Iterator[None]:
    """Pass on what comes to a socket to a port of this computer."""
    loop = asyncio.new_event_loop()
    over = asyncio.Event()
    ready = threading.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_run(listens, port, ready, over)))
    thread.start()
    assert ready.wait(60)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(60)
        loop.close()


async def _run(listens: socket.socket, port: int, ready: threading.Event, over: asyncio.Event) -> None:
    async with ClientSession() as client:

        async def passed(request: web.Request) -> web.StreamResponse:
            address = f"http://localhost:{port}{request.raw_path}"
            headers = {name: value for name, value in request.headers.items() if name.lower() not in DROPPED}
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await _websocket(client, request, address)
            data = await request.read()
            async with client.request(
                request.method, address, headers=headers, data=data, allow_redirects=False
            ) as got:
                response = web.Response(status=got.status, body=await got.read())
                for name, value in got.headers.items():
                    if name.lower() not in DROPPED | {"content-type"}:
                        response.headers.add(name, value)
                response.headers["Content-Type"] = got.headers.get("Content-Type", "text/plain")
                return response

        app = web.Application(client_max_size=2**28)
        app.router.add_route("*", "/{path:.*}", passed)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, listens).start()
        ready.set()
        await over.wait()
        await runner.cleanup()


async def _websocket(client: ClientSession, request: web.Request, address: str) -> web.StreamResponse:
    kept = {name: request.headers[name] for name in ("Cookie", "Host", "Origin") if name in request.headers}
    framings = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if part.strip()]
    async with client.ws_connect(address, headers=kept, protocols=framings, max_msg_size=0) as inner:
        outer = web.WebSocketResponse(protocols=framings, max_msg_size=0)
        await outer.prepare(request)

        there = asyncio.create_task(_pump(outer, inner))
        back = asyncio.create_task(_pump(inner, outer))
        await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
        await inner.close()
        await outer.close()
        await asyncio.gather(there, back)
        return outer


async def _pump(source: Any, target: Any) -> None:
    async for message in source:
        if target.closed:
            return
        if message.type == WSMsgType.BINARY:
            await target.send_bytes(message.data)
        elif message.type == WSMsgType.TEXT:
            await target.send_str(message.data)
