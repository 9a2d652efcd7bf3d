"""A fresh kernel that runs a function of a module of this folder and hands back what it printed as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).parent.parent


@contextmanager
def kernel() -> Iterator[BlockingKernelClient]:
    """A kernel of this Python, in the project's folder."""
    manager = KernelManager(kernel_name="python3", transport="ipc")
    manager.start_kernel(cwd=str(ROOT))
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def ask(client: BlockingKernelClient, code: str, timeout: float = 600) -> Any:
    """Run code in the kernel; the last line that it printed, read as JSON (None when it printed nothing)."""
    printed: list[str] = []

    def note(message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            (printed.append if content["name"] == "stdout" else print)(content["text"])
        elif message["msg_type"] == "error":
            raise SystemExit("\n".join(content["traceback"]))

    client.execute_interactive(code, timeout=timeout, output_hook=note, store_history=False)
    lines = "".join(printed).splitlines()
    return json.loads(lines[-1]) if lines else None
