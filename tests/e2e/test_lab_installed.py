"""What a person gets who installs the wheel: the extension in JupyterLab without Node, and Notebook 7 without it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import write_notebook
from tests.e2e.lab import LOAD, PATIENCE, ROOT, SLIDER, LabNotebook, lab_server

# Of ipywidgets, which is a dependency, and installed where these tests run.
WIDGETS = {"@jupyter-widgets": Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "@jupyter-widgets"}
pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment in which the wheel is installed; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("nbapp-*.whl")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    subprocess.run([*pip, "--python", str(python), "install", "--no-deps", str(wheel)], check=True)
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "env"


@pytest.mark.soak  # a build of the wheel, and an environment of its own
def test_the_wheel_brings_the_extension_and_no_node_is_needed(page: Page, installed: Path, tmp_path: Path) -> None:
    python = str(installed / "bin" / "python")
    path = str(installed / "bin")  # no Node there
    command = [python, "-m", "jupyterlab.labextensions", "list"]
    own = {"PATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}
    told = subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True, check=True)
    listed = [line for line in (told.stdout + told.stderr).splitlines() if " nbapp " in line]
    assert len(listed) == 1
    assert "enabled" in listed[0]
    assert "OK" in listed[0]
    with lab_server(tmp_path / "home", extensions=WIDGETS, python=python, path=path) as server:
        lab = LabNotebook.write(
            page, server, "installed.ipynb", LOAD, SLIDER, "import nbapp\nprint(nbapp.__file__)\ns.value"
        )
        lab.run_all()
        assert str(installed) in lab.output(2).first.inner_text()
        assert httpx.get(f"{server.url}/nbapp/shares").json() == {"shared": []}  # its part of the server is there
        lab.press("ArrowRight")
        expect(lab.output(2).last).to_have_text("4")
        expect(lab.badge(2)).to_contain_text("ran")


def test_notebook_7_without_the_extension_follows_the_slider(page: Page, tmp_path: Path) -> None:
    with lab_server(tmp_path / "home", app="notebook", extensions={}) as server:
        write_notebook(server.files / "plain.ipynb", LOAD, SLIDER, "print('n is', s.value)")
        notebook = LabNotebook(page, server, "plain.ipynb")
        notebook.open("notebooks")
        notebook.run_all()
        expect(notebook.output(2)).to_have_text("n is 3")
        moved = notebook.drag(20)  # with or without nbapp, Notebook 7 keeps the arrow keys to itself
        assert moved != "3"
        expect(notebook.output(2)).to_have_text(f"n is {moved}")
        expect(page.locator(".nbapp-Badge")).to_have_count(0)
        assert notebook.saved_text(2) == f"n is {moved}\n"


def test_notebook_7_has_the_extension_too(page: Page, tmp_path: Path) -> None:
    with lab_server(tmp_path / "home", app="notebook") as server:
        write_notebook(server.files / "seven.ipynb", LOAD, SLIDER, "print('n is', s.value)")
        notebook = LabNotebook(page, server, "seven.ipynb")
        notebook.open("notebooks")
        notebook.run_all()
        moved = notebook.drag(20)
        assert moved != "3"
        expect(notebook.output(2)).to_have_text(f"n is {moved}")
        expect(notebook.badge(2)).to_contain_text("ran")
