"""The values that the author's controls have now: asked of the notebook's kernel in the author's own Jupyter server.

A saved notebook does not tell: its widgets' states stand there without the names that hold them.
"""

from __future__ import annotations

import ast
import json
import os
import queue
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_core.paths import jupyter_runtime_dir
from jupyter_server.serverapp import list_running_servers

from nbapp.share.ask import CannotShare

PATIENCE = 30.0  # seconds for the kernel to answer, which it does between two cells
_ASKED = '__import__("nbapp.kernel.widgets.updates.current_values", fromlist=["current"]).current()'
_INSTEAD = "or give the values by --set NAME=VALUE"


def current(notebook: Path) -> dict[str, object]:
    """JSON values by the global names that hold the controls.

    Raises:
        CannotShare: no kernel runs the notebook here, or it does not answer.
    """
    kernel_id = _kernel(notebook)
    file = Path(jupyter_runtime_dir(), f"kernel-{kernel_id}.json")
    if not file.exists():
        raise CannotShare(
            f"--current: the kernel of {notebook} runs on another computer, or for somebody else",
            "type 'nbapp share' in a terminal of the same JupyterLab",
            _INSTEAD,
        )
    client: Any = BlockingKernelClient()
    client.load_connection_file(str(file))
    client.start_channels()
    try:
        return _answer(client, notebook)
    finally:
        client.stop_channels()


def _kernel(notebook: Path) -> str:
    """The kernel of a notebook that is open in a Jupyter server of this user; of several, the one used last."""
    closed: list[str] = []
    running = list(_sessions(closed))
    path = notebook.resolve()
    found = [kernel for at, kernel in running if at.resolve() == path]
    if found:
        return str(max(found, key=lambda kernel: str(kernel.get("last_activity", "")))["id"])
    besides = f" (not let in by {', '.join(closed)}, which asks for a password)" if closed else ""
    raise CannotShare(
        f"--current takes the values from the running notebook, and {notebook} runs in no Jupyter server here{besides}",
        "open it in JupyterLab and run its cells, then share again",
        _INSTEAD,
    )


def _sessions(closed: list[str]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The files that are open in servers of this user, with their kernels; those that let nobody in go to `closed`."""
    try:
        servers = list(list_running_servers())
    except ValueError:  # what one tells of itself is just being written
        raise CannotShare("--current: a Jupyter server is just starting", "share again in a moment", _INSTEAD) from None
    for server in servers:
        token = server.get("token") or os.environ.get("JUPYTERHUB_API_TOKEN", "")
        if not server["url"].startswith(("http:", "https:")):
            continue  # it listens on a socket of the file system
        request = urllib.request.Request(f"{server['url']}api/sessions")
        if token:
            request.add_header("Authorization", f"token {token}")
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                sessions = json.load(response)
        except HTTPError as error:
            with error:
                closed.append(server["url"])  # it asks for a password
            continue
        except (OSError, ValueError):  # it starts or ends at this moment
            continue
        for session in sessions:
            yield Path(server["root_dir"], session["path"]), session["kernel"] or {}


def _answer(client: Any, notebook: Path) -> dict[str, object]:
    asked = client.execute("", silent=True, user_expressions={"values": _ASKED}, allow_stdin=False)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            message = client.get_shell_msg(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise CannotShare(
                f"--current: the kernel of {notebook} is busy and did not answer for {PATIENCE:.0f} s",
                "share again once its cells are done",
                _INSTEAD,
            ) from None
        if message["parent_header"].get("msg_id") == asked:
            break
    found = message["content"].get("user_expressions", {}).get("values", {})
    if found.get("status") != "ok":
        why = f": {found['ename']}: {found['evalue']}" if "ename" in found else ""
        raise CannotShare(
            f"--current: the kernel of {notebook} cannot tell its values{why}",
            "its Python must have nbapp: 'python -m pip install nbapp' there",
            _INSTEAD,
        )
    values: dict[str, object] = json.loads(ast.literal_eval(found["data"]["text/plain"]))
    return values
