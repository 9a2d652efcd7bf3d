"""A process that forks kernels, with and without the server around it, as the tests meet it."""

from __future__ import annotations

import ast
import asyncio
import json
import logging
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpecManager

from nbapp.serve.kernels.zygote.process import ForkedProcess, ZygoteProcess
from tests.e2e.conftest import PATIENCE, Server, command_line, until
from tests.serve.test_routes import ask, ran

IPYKERNEL = tuple(int(part) for part in version("ipykernel").split(".")[:2])
WHERE_KERNELS_FORK = pytest.mark.skipif(
    sys.platform != "linux" or IPYKERNEL < (7, 1), reason="only Linux forks kernels, and ipykernel from 7.1 on"
)
SERVED = "__import__('nbapp.kernel.served', fromlist=['served'])"


class ForkedKernel:
    """A kernel that was forked, and somebody who may execute anything in it. A benchmark has one that was started."""

    def __init__(self, process: Any, client: AsyncKernelClient) -> None:
        self.process: ForkedProcess = process
        self._client: Any = client

    async def run(self, code: str) -> None:
        """Execute code that is no cell."""
        reply = await self._client.execute_interactive(code, output_hook=lambda _: None, timeout=PATIENCE)
        assert reply["content"]["status"] == "ok", reply["content"]

    async def value(self, expression: str) -> Any:
        """The value of an expression of literals, in the kernel."""
        asked = {"it": f"__import__('json').dumps({expression})"}
        reply = await self._client.execute_interactive(
            "", user_expressions=asked, output_hook=lambda _: None, timeout=PATIENCE
        )
        found = reply["content"]["user_expressions"]["it"]
        assert found["status"] == "ok", found
        return json.loads(ast.literal_eval(found["data"]["text/plain"]))

    async def arrive(self, payload: str = '{"environment": {}, "user": null, "link_values": {}}') -> None:
        """Somebody comes."""
        await self.run(f"await {SERVED}.arrive({payload!r})")

    async def states(self) -> list[str]:
        """How the cells stand."""
        found: list[str] = await self.value("[step.state for step in get_ipython().nbapp.steps]")
        return found

    async def shown_live(self, text: str) -> None:
        """Wait until the kernel publishes a text."""
        while text not in json.dumps((await self._client.get_iopub_msg(timeout=PATIENCE))["content"], default=str):
            pass

    async def settle(self) -> None:
        """Wait until no walk is under way."""
        await self.run("await get_ipython().nbapp.settled()")

    def send(self, model_id: str, data: Mapping[str, Any]) -> None:
        """What a page sends when its visitor moves a control."""
        message = self._client.session.msg("comm_msg", {"comm_id": model_id, "data": data})
        self._client.shell_channel.send(message)


def payload(sources: Sequence[Any], settings: Mapping[str, Any] | None = None) -> str:
    """What a kernel gets to start the app of cells."""
    cells = [
        {"id": f"c{index}", "source": source, "tags": []} if isinstance(source, str) else source
        for index, source in enumerate(sources)
    ]
    return json.dumps(
        {"cells": cells, "settings": dict(settings or {}), "environment": {}, "outbox": None, "user": None}
    )


@asynccontextmanager
async def zygote_of(
    sources: Sequence[Any],
    settings: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> AsyncIterator[ZygoteProcess]:
    """A process that runs cells, given by their sources or as a kernel gets them, as soon as it has begun."""
    app = json.loads(payload(sources, settings))
    spec = KernelSpecManager().get_kernel_spec("python3")
    place = str(folder or Path.cwd())
    environment = dict(os.environ)
    for name, value in (variables or {}).items():
        environment[name] = f"{value}:{environment.get(name, '')}"
    zygote = await ZygoteProcess.start(spec, environment, (place, place), logging.getLogger("tests"))
    zygote.run(app)
    try:
        yield zygote
    finally:
        await zygote.end()


@asynccontextmanager
async def forked(zygote: ZygoteProcess) -> AsyncIterator[ForkedKernel]:
    """A kernel of it."""
    with tempfile.TemporaryDirectory(prefix="nb-", dir="/tmp") as folder:
        file = f"{folder}/kernel.json"
        names = ("shell", "iopub", "stdin", "hb", "control")
        ports: Any = {f"{name}_port": number for number, name in enumerate(names, 1)}
        write_connection_file(file, transport="ipc", ip=f"{folder}/kernel", key=b"key", **ports)
        process = await zygote.fork(file, PATIENCE)
        client: Any = AsyncKernelClient(connection_file=file)
        client.load_connection_file()
        client.start_channels(hb=False)
        try:
            await client.wait_for_ready(timeout=PATIENCE)
            yield ForkedKernel(process, client)
        finally:
            client.stop_channels()
            if process.poll() is None:
                process.kill()
            process.close()


def zygotes(server: Server) -> list[psutil.Process]:
    """The processes of a server that fork kernels."""
    children = psutil.Process(server.process.pid).children()
    return [child for child in children if "nbapp.kernel.zygote.main" in command_line(child)]


def forks(server: Server) -> list[psutil.Process]:
    """The kernels that were forked."""
    return [child for zygote in zygotes(server) for child in zygote.children()]


def has_forks(server: Server, url: str | None = None, **headers: str) -> str:
    """Open pages until one has a forked kernel; the id of its kernel."""
    found: list[str] = []

    def is_forked() -> bool:
        before = len(forks(server))
        found.append(ran(server.url, ask(url or server.url, **headers)[1], **headers))
        return len(forks(server)) > before

    until(is_forked, "no page got a fork")
    return found[-1]


async def started(zygote: ZygoteProcess) -> ZygoteProcess:
    """The process, once it can fork kernels."""
    await asyncio.wait_for(zygote.ready(), PATIENCE)
    return zygote
