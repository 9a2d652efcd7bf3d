"""A real JupyterLab server with our extension as it is committed, and a notebook in it as a person meets it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PATIENCE, Server, until, write_notebook

ROOT = Path(__file__).parents[2]
OURS = {"nbapp": ROOT / "labextension" / "built"}
LOAD = "%load_ext nbapp"
READY = """async () => {
    const session = window.jupyterapp.shell.currentWidget.sessionContext;
    await session.ready;
    await session.session.kernel.info;
}"""
# Closes all that is open, as no question is asked where the views go themselves, and opens a notebook.
INSTEAD = """async path => {
    const { commands, shell } = window.jupyterapp;
    [...shell.widgets('main')].forEach(widget => widget.dispose());
    await commands.execute('docmanager:open', { path });
}"""
SLIDER = "import ipywidgets as w\ns = w.IntSlider(value=3, max=50, description='s')\ns"


@contextmanager
def lab_server(
    folder: Path,
    *,
    app: str = "jupyterlab",
    extensions: Mapping[str, Path] = OURS,
    python: str = sys.executable,
    path: str = "",
    sharing: str = "",
    page: Mapping[str, str] | None = None,
) -> Iterator[LabServer]:
    """JupyterLab, or Notebook 7 (`app="notebook"`), on a free port, with nothing of this computer's settings.

    `extensions` are added, by name, to those that `python` has installed; without any, ours is turned off. `path` is
    where commands are found. `sharing` is who makes links, as `module:name`, instead of the real one. `page` is added to
    what the server tells the page.
    """
    added, files = folder / "labextensions", folder / "files"
    files.mkdir(parents=True)
    added.mkdir()
    for name, place in extensions.items():
        shutil.copytree(place, added / name)
    off = {} if extensions else {"disabledExtensions": {"nbapp": True}}
    told = folder / "config" / "labconfig" / "page_config.json"
    told.parent.mkdir(parents=True)
    unasked = {"buildCheck": "false", "buildAvailable": "false"}  # each page asked for it, and the server asked Node
    told.write_text(json.dumps({**off, **unasked, **(page or {})}))
    if not path:  # the wheel has not brought it
        shutil.copytree(ROOT / "labextension" / "jupyter-config", folder / "config" / "jupyter_server_config.d")
    if sharing:
        module, _, name = sharing.partition(":")
        setting = f"from {module} import {name}\nc.ServerApp.tornado_settings = {{'nbapp_sharing': {name}}}\n"
        (folder / "config" / "jupyter_server_config.py").write_text(setting)
    quiet = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    quiet.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "spaces")}
    own |= {"JUPYTER_PREFER_ENV_PATH": "1"}
    own |= {"PATH": path} if path else {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [
            *(python, "-m", app, "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"),
            *("--IdentityProvider.token=", f"--ServerApp.root_dir={files}", "--ServerApp.disable_check_xsrf=True"),
            *(f"--LabServerApp.extra_labextensions_path={added}", "--LabApp.expose_app_in_browser=True"),
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **own},
        cwd=files,
    )
    server = LabServer(Server(process), files)
    try:
        until(server.answers, "the server never answered")
        yield server
    finally:
        server.server.stop(signal.SIGTERM)


@dataclass
class LabServer:
    """A running server, and the folder that it shows."""

    server: Server
    files: Path

    @property
    def url(self) -> str:
        """Its address, without a path."""
        found = re.match(r"http://[^/]+", self.server.url)
        assert found
        return found[0]

    def answers(self) -> bool:
        """Whether it takes requests; it announces its address before it does."""
        try:
            urllib.request.urlopen(f"{self.url}/api").close()
        except urllib.error.URLError:
            return False
        return True

    def shutdown_kernels(self) -> None:
        """End all kernels, as no test needs those of another."""
        with urllib.request.urlopen(f"{self.url}/api/sessions") as reply:
            sessions = json.load(reply)
        for session in sessions:
            ask = urllib.request.Request(f"{self.url}/api/sessions/{session['id']}", method="DELETE")
            urllib.request.urlopen(ask).close()


class LabNotebook:
    """A notebook that is open in a page."""

    def __init__(self, page: Page, server: LabServer, name: str) -> None:
        self.page = page
        self.server = server
        self.path = server.files / name

    @classmethod
    def write(cls, page: Page, server: LabServer, name: str, *sources: str) -> LabNotebook:
        """Write a notebook that loads nbapp in its first cell, and open it: in the JupyterLab that the page shows, if any."""
        write_notebook(server.files / name, *sources)
        notebook = cls(page, server, name)
        if page.url.startswith(f"{server.url}/lab"):
            notebook._open_instead()
        else:
            notebook.open()
        return notebook

    def _open_instead(self) -> None:
        """Open it in the place of all that is open; to load JupyterLab anew takes most of what a test takes."""
        dialogs = self.page.locator(".jp-Dialog")
        while dialogs.count():
            dialogs.last.locator("button").last.press("Escape")
        self.page.evaluate(INSTEAD, self.path.name)
        self._is_there()

    def open(self, address: str = "lab/tree") -> None:
        """Open it in JupyterLab, or load the page again; in Notebook 7 the address is "notebooks"."""
        self.page.goto(f"{self.server.url}/{address}/{self.path.name}?reset")
        self._is_there()

    def _is_there(self) -> None:
        expect(self.page.locator(".jp-Notebook .jp-Cell").first).to_be_visible()
        self.page.evaluate(READY)

    def cell(self, index: int) -> Locator:
        """A cell, from 0."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def output(self, index: int) -> Locator:
        """What a cell shows."""
        return self.cell(index).locator(".jp-OutputArea-output")

    def badge(self, index: int) -> Locator:
        """The badge of a cell."""
        return self.cell(index).locator(".nbapp-Badge")

    def command(self, name: str, arguments: dict[str, Any] | None = None) -> Any:
        """Do what a menu does, once the menu offers it."""
        given = [name, arguments or {}]
        self.page.wait_for_function("given => window.jupyterapp?.commands.isEnabled(...given)", arg=given)
        return self.page.evaluate("given => window.jupyterapp.commands.execute(...given)", given)

    def run_all(self) -> None:
        """Run all cells, and wait until the kernel is idle and no cell waits."""
        self.command("notebook:run-all-cells")
        self.idle()

    def run(self, index: int) -> None:
        """Run one cell."""
        self.select(index)
        self.command("notebook:run-cell")

    def select(self, index: int) -> None:
        """Make a cell the active one, in command mode."""
        self.cell(index).locator(".jp-InputPrompt").click()

    def edit(self, index: int, source: str) -> None:
        """Type a new source into a cell."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def idle(self) -> None:
        """Wait until no cell waits for the kernel."""
        prompts = self.page.locator(".jp-Notebook .jp-InputPrompt")
        until(lambda: not any("*" in text for text in prompts.all_inner_texts()), "a cell still waits")

    def handle(self, index: int = 0) -> Locator:
        """The handle of a slider."""
        return self.page.locator(".jp-Notebook .noUi-handle").nth(index)

    def press(self, key: str, times: int = 1) -> None:
        """Move the first slider with the keyboard."""
        self.handle().focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def drag(self, steps: int) -> str:
        """Drag the first slider with the mouse; the value at which it ends."""
        self.handle().hover()  # waits until it stands still: outputs that arrive above move it
        box = self.handle().bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for step in range(steps):
            self.page.mouse.move(x + 2 * step, y)
        self.page.mouse.up()
        return self.page.locator(".jp-Notebook .widget-readout").first.inner_text()

    def saved(self) -> Any:
        """The notebook as it is in the file after it was saved; it must be valid."""
        self.command("docmanager:save")
        notebook: Any = nbformat.read(self.path, as_version=4)
        nbformat.validate(notebook)
        return notebook

    def saved_text(self, index: int) -> str:
        """The text outputs of a cell in the saved file."""
        outputs = self.saved().cells[index].outputs
        return "".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)


__all__ = ["LOAD", "PATIENCE", "SLIDER", "LabNotebook", "LabServer", "lab_server"]
