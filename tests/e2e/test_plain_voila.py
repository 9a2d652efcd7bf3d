"""A page of plain Voila in an environment that has nbapp: as if nbapp were not there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, until, write_notebook

BUILT = Path(__file__).parents[2] / "labextension" / "built"


@pytest.fixture
def voila(tmp_path: Path) -> Iterator[Server]:
    """Plain Voila with our extension as it is committed, before the installed one."""
    shutil.copytree(BUILT, tmp_path / "share" / "labextensions" / "nbapp")
    notebook = write_notebook(
        tmp_path / "plain.ipynb", "import ipywidgets as W\ns = W.IntSlider(description='mine')\ns", "print('shown')"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]  # Voila announces the port that it was given, also 0
    options = ["--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "voila", str(notebook), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "JUPYTER_PATH": str(tmp_path / "share")},
    )
    server = Server(process)
    yield server
    server.stop(signal.SIGTERM)


def answers(url: str) -> bool:
    """Whether it takes requests; it announces its address before it does."""
    try:
        urllib.request.urlopen(url).close()
    except urllib.error.URLError:
        return False
    return True


def test_nothing_of_nbapp_fails_in_it(voila: Server, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    url = voila.url
    until(lambda: answers(url), "it never answered")
    page.goto(url)
    expect(page.get_by_text("mine", exact=True)).to_be_visible()
    expect(page.get_by_text("shown", exact=True)).to_be_visible()
    assert [text for text in said if re.search("nbapp", text, re.IGNORECASE)] == []
