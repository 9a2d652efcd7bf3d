"""`--current`: the values of the author's own kernel, asked of a real Jupyter server."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from nbapp.share.ask import CannotShare
from nbapp.share.current import current
from tests.e2e.conftest import PATIENCE, Serve, until
from tests.share.conftest import Share

CELLS = (
    "import ipywidgets as w\nn = w.IntSlider(3, max=30)\nregion = w.Dropdown(options=['North', 'East'])\nn",
    "secret = w.Password('hunter2')\nspan = w.IntRangeSlider(value=(1, 4))\nprint(n.value)",
)


def is_written(file: Path) -> bool:
    """Whether a file is there and whole."""
    return file.exists() and file.read_text().rstrip().endswith("}")


def answers(url: str) -> bool:
    """Whether a server is there by now, whatever it says."""
    try:
        with urllib.request.urlopen(f"{url}api", timeout=PATIENCE):
            return True
    except HTTPError as error:
        with error:
            return True
    except OSError:
        return False


class Author:
    """A Jupyter server of the author's, and a kernel in it with the notebook."""

    def __init__(self, url: str, token: str, path: Path) -> None:
        self._url = url
        self._token = token
        model = {"path": path.name, "name": path.name, "type": "notebook", "kernel": {"name": "python3"}}
        self.kernel = str(self._call("api/sessions", model)["kernel"]["id"])
        self.client: Any = BlockingKernelClient()
        file = Path(os.environ["JUPYTER_RUNTIME_DIR"], f"kernel-{self.kernel}.json")
        until(lambda: is_written(file))
        self.client.load_connection_file(str(file))
        self.client.start_channels()
        self.client.kernel_info(reply=True, timeout=PATIENCE)

    def _call(self, path: str, model: object) -> Any:
        request = urllib.request.Request(f"{self._url}{path}", json.dumps(model).encode())
        request.add_header("Authorization", f"token {self._token}")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def run(self, code: str) -> None:
        """Run code in the author's kernel."""
        reply = self.client.execute(code, reply=True, timeout=PATIENCE)
        assert reply["content"]["status"] == "ok", reply["content"]

    def move(self, name: str, **state: object) -> None:
        """Move a control as a page does."""
        asked = {"id": f"{name}.comm.comm_id"}
        reply = self.client.execute("", silent=True, user_expressions=asked, reply=True, timeout=PATIENCE)
        comm_id = ast.literal_eval(reply["content"]["user_expressions"]["id"]["data"]["text/plain"])
        data = {"method": "update", "state": state, "buffer_paths": []}
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self.client.shell_channel.send(message)


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., str]]:
    """Starts a Jupyter server in a folder; its address."""
    servers: list[tuple[subprocess.Popen[str], threading.Thread]] = []

    def start(folder: Path, *options: str) -> str:
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--port=0", "--allow-root"]
        process = subprocess.Popen(
            [*command, f"--ServerApp.root_dir={folder}", *options], stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        line = next(line for line in process.stderr if "is running at" in line or "http://" in line)
        rest = threading.Thread(target=process.stderr.read)
        rest.start()
        servers.append((process, rest))
        file = home / "runtime" / f"jpserver-{process.pid}.json"
        until(lambda: is_written(file), line)
        url = str(json.loads(file.read_text())["url"])
        until(lambda: answers(url))  # it tells of itself before it listens
        return url

    yield start
    for process, rest in servers:
        process.terminate()
        process.wait(PATIENCE)
        rest.join(PATIENCE)
        assert process.stderr is not None
        process.stderr.close()


@pytest.fixture
def author(start: Callable[..., str], notebook: Callable[..., Path], tmp_path: Path) -> Iterator[Author]:
    url = start(tmp_path, "--IdentityProvider.token=mine")
    author = Author(url, "mine", notebook(*CELLS))
    yield author
    author.client.stop_channels()


@pytest.mark.parametrize("live", [False, True])
def test_a_link_starts_with_the_values_that_the_author_sees(
    author: Author, share: Share, serve: Serve, tmp_path: Path, live: bool
) -> None:
    if live:
        author.run("%load_ext nbapp")
    for cell in CELLS:
        author.run(cell)
    author.move("n", value=12)
    author.move("region", index=1)
    author.move("span", value=[2, 9])
    path = tmp_path / "app.ipynb"
    assert current(path) == {"n": 12, "region": "East", "span": [2, 9]}
    assert serve(path, "--token").url
    made = json.loads(share(path, "--current", "--set", "n=7", "--json").out)
    assert made["values"] == {"n": "7", "region": "East", "span": [2, 9]}


def test_asking_leaves_no_trace_in_the_authors_kernel(author: Author, tmp_path: Path) -> None:
    author.run(CELLS[0])
    author.run("before = set(globals()); count = get_ipython().execution_count")
    assert current(tmp_path / "app.ipynb") == {"n": 3, "region": "North"}
    author.run("new = set(globals()) - before; assert new <= {'before', 'count', '_i3'}, new  # the input of this cell")
    author.run("assert get_ipython().execution_count == count + 2, get_ipython().execution_count")


def test_another_notebook_of_the_same_name_is_not_asked(author: Author, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "app.ipynb"
    other.parent.mkdir()
    other.write_text("{}")
    with pytest.raises(CannotShare, match="runs in no Jupyter server here"):
        current(other)


def test_a_kernel_that_is_busy_is_told(author: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbapp.share.current.PATIENCE", 0.5)
    author.client.execute("import threading; threading.Event().wait(30)")
    with pytest.raises(CannotShare, match="is busy"):
        current(tmp_path / "app.ipynb")


def test_a_kernel_without_nbapp_is_told(author: Author, tmp_path: Path) -> None:
    author.run("import sys; sys.modules['nbapp.kernel.widgets.updates.current_values'] = None")
    with pytest.raises(CannotShare, match="cannot tell its values") as caught:
        current(tmp_path / "app.ipynb")
    assert "pip install nbapp" in caught.value.who


def test_a_server_that_asks_for_a_password_is_told(start: Callable[..., str], tmp_path: Path, notebook: Any) -> None:
    from jupyter_server.auth.security import passwd

    url = start(tmp_path, f"--PasswordIdentityProvider.hashed_password={passwd('hunter2')}")
    with pytest.raises(CannotShare, match=re.escape(f"not let in by {url}")):
        current(notebook(*CELLS))
