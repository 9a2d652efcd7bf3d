"""A Hub whose administrator took `configure(c)` out starts Jupyter in the place of an app: that ends at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nbapp.hub.names import server_of
from nbapp.hub.shelf import AppRegistry
from nbapp.share.ask import Wanted

ROOT = Path(__file__).parents[2]


def started(home: Path, name: str) -> subprocess.CompletedProcess[str]:
    """What a server of this name says; one that starts is ended after its first answers."""
    shutil.copytree(ROOT / "labextension" / "jupyter-config", home / "config" / "jupyter_server_config.d")
    end = "import threading, os, signal\nend = threading.Timer(8, os.kill, (os.getpid(), signal.SIGKILL))\nend.daemon = True\nend.start()\n"
    (home / "config" / "jupyter_server_config.py").write_text(end)
    own = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    return subprocess.run(
        [sys.executable, "-m", "jupyter_server", "--no-browser", "--port=0", "--allow-root", "--ip=127.0.0.1"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=home,
        check=False,
        env={**os.environ, **own, "PYTHONPATH": str(ROOT), "JUPYTERHUB_SERVER_NAME": name},
    )


@pytest.mark.parametrize(("name", "is_shared"), [("sales", True), ("other", False)])
def test_jupyter_is_no_app_that_was_shared(tmp_path: Path, name: str, is_shared: bool) -> None:
    notebook = tmp_path / "sales.ipynb"
    AppRegistry(tmp_path / "data" / "nbapp" / "hub").put(Wanted(notebook, "sales"), "digest", "")
    done = started(tmp_path, server_of(name))
    assert ("was shared as an app" in done.stderr) == is_shared, done.stderr
    assert ("is running at" in done.stderr) == (not is_shared), done.stderr
    assert (done.returncode == 1) == is_shared
