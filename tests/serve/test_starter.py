"""Nothing that a kernel says is missed by who runs the notebook in it: a real kernel, spoken to by nbclient's means."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

# In a process of its own: a kernel manager that is collected waits for its sockets, whatever else the process does.
RUN = """
import asyncio, collections, json, os, sys
from jupyter_client.session import Session
from nbformat.v4 import new_code_cell, new_notebook
from nbapp.serve.kernels.page_kernel import PageKernel
from nbapp.serve.page.starter import Starter

sent, send = collections.Counter(), Session.send

def counted(self, stream, message, *arguments, **options):
    kind = message if isinstance(message, str) else message["header"]["msg_type"]
    sent[kind, bool(getattr(stream, "_recv_futures", None))] += 1
    return send(self, stream, message, *arguments, **options)

Session.send = counted

async def main(code, times):
    kernel = PageKernel(kernel_name="python3", transport="ipc", connection_file="kernel.json")
    await kernel.start_kernel()
    async with Starter(new_notebook(), kernel) as starter:
        for _ in range(times):
            await starter.async_execute_cell(new_code_cell(code), 0, store_history=False)
    await kernel.shutdown_kernel(now=True)
    while_waiting = sum(count for (_, is_waited), count in sent.items() if is_waited)
    asked = sent["execute_request", False]
    print(json.dumps({"asked": asked, "sent while waiting": while_waiting, "shown": kernel.first_run.shown}), flush=True)
    os._exit(0)  # sockets to a kernel that is gone keep an interpreter from ending

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""
MIRRORED = "import ipywidgets as w\nout = w.Output()\ndisplay(out)\nwith out: print('printed')"
LATE = """
import sys, time
from comm import create_comm
outputs = [{"output_type": "stream", "name": "stdout", "text": "came late"}]
record, flush = create_comm(target_name="nbapp-record", comm_id="nbapp-record"), sys.stderr.flush
def flushed():  # the last thing that a kernel does before it replies
    flush()
    sys.stderr.flush = flush
    get_ipython().kernel.iopub_thread.io_loop.add_callback(time.sleep, 6)
    record.send({"shown": {"a": outputs}})
sys.stderr.flush = flushed
"""


def run(code: str, times: int, folder: Path) -> dict[str, Any]:
    """Execute code in a kernel so many times: what was sent meanwhile, and what cells showed."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, code, str(times)], cwd=folder, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_nothing_is_sent_on_a_socket_on_which_somebody_waits(tmp_path: Path) -> None:
    """What sends on a socket of ZeroMQ takes the sign that there is something to read as well. nbclient answers an
    Output widget so, and then waits for ever for a reply that is there.
    """
    found = run(MIRRORED, 20, tmp_path)
    assert (found["asked"], found["sent while waiting"]) == (20, 0)


def test_what_cells_show_is_heard_however_long_after_the_reply(tmp_path: Path) -> None:
    assert "came late" in run(LATE, 1, tmp_path)["shown"]["a"]
