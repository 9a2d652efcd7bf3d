"""Kernels that run the notebook ahead: the next visitor gets one, and finds what a run at that moment would show."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from nbapp.serve.kernels.warm import PAUSE
from tests.e2e.conftest import Serve, Server, until, write_notebook
from tests.serve.test_routes import ask, kernel_of

SLIDER = "import ipywidgets\nx = ipywidgets.IntSlider(3)\nx"
STATES = "[step.state for step in get_ipython().nbapp_served.app.steps]"


@pytest.fixture
def client() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(client: BlockingKernelClient, code: str) -> None:
    reply = client.execute_interactive(code, output_hook=lambda _: None)
    assert reply["content"]["status"] == "ok", reply["content"]


def states_on_arrival(client: BlockingKernelClient, *sources: str, between: Callable[[], object] | None = None) -> str:
    """How the cells of a notebook that has run ahead stand when somebody comes."""
    cells = [{"id": f"c{number}", "source": source, "tags": []} for number, source in enumerate(sources)]
    payload = json.dumps({"cells": cells, "settings": {}, "environment": {}, "outbox": None, "user": None})
    served = "__import__('nbapp.kernel.served', fromlist=['served'])"
    run(client, f"{served}.start({payload!r})")
    run(client, f"await {served}.ahead()")
    if between is not None:
        between()
    run(client, f"await {served}.arrive()")
    asked = client.execute_interactive("", user_expressions={"it": STATES}, output_hook=lambda _: None)
    found: str = asked["content"]["user_expressions"]["it"]["data"]["text/plain"]
    return found


def test_only_what_asks_the_clock_runs_again_when_somebody_comes(client: BlockingKernelClient) -> None:
    sources = (
        "import datetime\nx = 1",
        "print(datetime.datetime.now())",
        "def stamp():\n    return datetime.datetime.now()",
        "y = stamp()",
        "print(x)",
        "print(y)",
    )
    assert states_on_arrival(client, *sources) == "['skipped', 'ran', 'ran', 'ran', 'skipped', 'ran']"


def test_what_reads_a_file_that_has_changed_runs_again(client: BlockingKernelClient, tmp_path: Path) -> None:
    data = tmp_path / "data.txt"
    data.write_text("one")
    found = states_on_arrival(
        client, f"text = open({str(data)!r}).read()", "z = 1", "print(text)", between=lambda: data.write_text("two!")
    )
    assert found == "['ran', 'skipped', 'ran']"


def test_all_cells_run_again_when_a_module_of_the_authors_asks_the_clock(
    client: BlockingKernelClient, tmp_path: Path
) -> None:
    (tmp_path / "own_clock_module.py").write_text("import time\ndef stamp():\n    return time.time()\n")
    own = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nfrom own_clock_module import stamp"
    assert states_on_arrival(client, own, "print(stamp())") == "['ran', 'ran']"


def ready(server: Server, *pages: str) -> str:
    """The kernel that is kept for the next visitor, while these pages are open."""
    until(lambda: len(server.kernels()) == len(pages) + 1, "no kernel was made ready")
    (kernel,) = set(server.kernels()) - set(pages)
    return kernel


def test_the_next_page_gets_the_kernel_that_is_ready_and_another_is_made(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook(SLIDER), "--warm", "1", "--no-fork")
    pages = [kernel_of(ask(server.url)[1])]
    kept = ready(server, *pages)

    def is_given() -> bool:
        pages.append(kernel_of(ask(server.url)[1]))  # one of its own as long as the other one runs the notebook
        return pages[-1] == kept

    until(is_given, "no page got the kernel that was ready")
    assert ready(server, *pages) != kept


def test_a_page_that_asks_for_something_else_gets_a_kernel_of_its_own(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook("import os\nprint(os.environ['QUERY_STRING'])", SLIDER), "--warm", "1", "--no-fork")
    first = kernel_of(ask(server.url)[1])
    kept = ready(server, first)
    other = kernel_of(ask(f"{server.url}?region=east")[1])
    assert other not in (first, kept)


def test_a_new_version_of_the_notebook_has_no_use_for_it(serve: Serve, notebook: Callable[..., Path]) -> None:
    path = notebook(SLIDER)
    server = serve(path, "--warm", "1", "--no-fork")
    first = kernel_of(ask(server.url)[1])
    old = ready(server, first)
    write_notebook(path, SLIDER, "print('another version')")
    second = kernel_of(ask(server.url)[1])
    assert second != old
    until(lambda: old not in server.kernels(), "the kernel of the version before stayed")
    ready(server, first, second)


def test_none_is_kept_where_none_is_asked_for_or_there_is_no_room(serve: Serve, notebook: Callable[..., Path]) -> None:
    for arguments in (("--warm", "0"), ("--warm", "1", "--no-fork", "--max-kernels", "1")):
        server = serve(notebook(SLIDER), *arguments)
        first = kernel_of(ask(server.url)[1])
        time.sleep(2 * PAUSE)
        assert server.kernels() == [first]


def test_a_notebook_that_ends_its_kernel_the_second_time_is_not_run_ahead_again(
    serve: Serve, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    once = tmp_path / "once"
    ends = f"import os\nif os.path.exists({str(once)!r}): os._exit(1)\nopen({str(once)!r}, 'w').close()"
    server = serve(notebook(ends, SLIDER), "--warm", "1", "--no-fork")
    first = kernel_of(ask(server.url)[1])
    until(lambda: "no kernel is kept ready" in server.output, "nothing was said")
    assert server.kernels() == [first]
