"""What happens to the disk under a served app: a notebook that goes away or changes at random, folders that are full
or may not be written."""

from __future__ import annotations

import json
import logging
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from nbapp.serve.served_file import ServedFile
from tests.e2e.conftest import Serve, Server, until, write_notebook
from tests.serve.test_routes import ask, first_run, kernel_of

SLIDER = "import ipywidgets\nx = ipywidgets.IntSlider(3)\nx"
WRITES = "from pathlib import Path\nPath('written').write_text('x' * 1_000_000)"
Change = Callable[[Path], object]


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def _link_through_a_file(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/null/x")


def _device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


CHANGES: dict[str, Change] = {
    "deleted": Path.unlink,
    "truncated": lambda path: path.write_text(path.read_text()[:100]),
    "emptied": lambda path: path.write_text(""),
    "a folder": _folder,
    "a link to nowhere": _link_to_nowhere,
    "a link to itself": _link_to_itself,
    "a device": _device,
    "a link through a file": _link_through_a_file,
    "binary": lambda path: path.write_bytes(b"\xff" * 1000),
    "a list": lambda path: path.write_text("[1]"),
    "deep": lambda path: path.write_text("[" * 100_000),
    "deeper metadata": lambda path: path.write_text(
        path.read_text().replace("{}", '{"a": ' * 5_000 + "1" + "}" * 5_000, 1)
    ),
    "null cells": lambda path: path.write_text('{"nbformat": 4, "nbformat_minor": 5, "cells": null}'),
    "odd metadata": lambda path: path.write_text(_with(path, metadata=[])),
    "odd kernel": lambda path: path.write_text(_with(path, metadata={"kernelspec": "python3"})),
    "another language": lambda path: path.write_text(_with(path, metadata={"kernelspec": {"language": "R"}})),
    "odd name": lambda path: path.write_text(_with(path, metadata={"kernelspec": {"name": ["x"]}})),
    "odd source": lambda path: path.write_text(_with(path, cells=[{"cell_type": "code", "source": 3}])),
    "odd tags": lambda path: path.write_text(
        _with(path, cells=[{"cell_type": "code", "source": "1", "metadata": {"tags": 3}}])
    ),
}


def _with(path: Path, **changed: object) -> str:
    return json.dumps({**json.loads(path.read_text()), **changed})


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_becomes_of_the_file_the_version_before_is_served_and_said(
    notebook: Callable[..., Path], caplog: pytest.LogCaptureFixture, change: Change
) -> None:
    path = notebook("# Before", SLIDER)
    served = ServedFile(path, None, KernelSpecManager(), logging.getLogger("tests.disk"))
    change(path)
    assert served.newest().title == "Before"
    assert caplog.text.count("the version before is served") == 1


def test_edited_many_times_what_is_served_is_always_one_of_the_versions(notebook: Callable[..., Path]) -> None:
    path = notebook("# Version 0", SLIDER)
    served = ServedFile(path, None, KernelSpecManager(), logging.getLogger("tests.disk"))
    content, chance, valid = json.loads(path.read_text()), random.Random(5), 0
    for number in range(1, 300):
        content["cells"][0]["source"] = f"# Version {number}"
        text = json.dumps(content)
        if chance.random() < 0.3:
            path.write_text(text[: chance.randrange(len(text))])
        else:
            path.write_text(text)
            valid = number
        assert served.newest().title == f"Version {valid}"


@pytest.fixture
def read_only(tmp_path: Path) -> Path:
    """A folder in which nothing can be made, not even by root: a path below a file."""
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "folder"


def test_a_home_that_cannot_be_written_keeps_no_page_away(
    serve: Serve, notebook: Callable[..., Path], read_only: Path
) -> None:
    server = serve(
        notebook(SLIDER), environment=dict.fromkeys(("HOME", "IPYTHONDIR", "XDG_CACHE_HOME"), str(read_only))
    )
    status, text, _ = ask(server.url)
    assert status == 200
    assert kernel_of(text) in server.kernels()
    assert first_run(server.url, text) == "whole"


def test_where_no_folder_for_sockets_can_be_made_it_says_so(
    serve: Serve, notebook: Callable[..., Path], read_only: Path
) -> None:
    server = serve(notebook(SLIDER), environment={"XDG_RUNTIME_DIR": str(read_only)})
    assert server.process.wait(60) == 2
    assert server.stop() == 2
    assert "Traceback" not in server.output
    assert str(read_only) in server.output


def test_a_full_disk_fails_the_cell_that_writes_and_nothing_else(notebook: Callable[..., Path]) -> None:
    path = notebook(SLIDER, WRITES, "print('after')")
    command = [sys.executable, "-m", "nbapp", "serve", str(path), "--no-browser", "--port", "0", "--cache", "none"]
    most = 200_000  # bytes in a file, for the server and its kernels: writing more fails, as on a full disk

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=limited)
    server = Server(process)
    try:
        status, text, _ = ask(server.url)
        assert status == 200
        assert kernel_of(text) in server.kernels()
        assert first_run(server.url, text) == "whole"
        assert (path.parent / "written").stat().st_size <= most
    finally:
        assert server.stop() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a megabyte of its own, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> None:
    """Leave no byte."""
    with (folder / "filler").open("wb", buffering=0) as file:
        while shutil.disk_usage(folder).free:
            file.write(bytes(4096))


def test_a_folder_that_cannot_be_written_fails_the_cell_that_writes_and_nothing_else(
    serve: Serve, small_disk: Path
) -> None:
    path = write_notebook(small_disk / "app.ipynb", SLIDER, WRITES)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    server = serve(path, "--public", environment={"TMPDIR": str(small_disk), "HOME": str(small_disk)})
    status, text, _ = ask(server.url)
    assert (status, first_run(server.url, text)) == (200, "whole")
    assert kernel_of(text) in server.kernels()
    until(lambda: "cell 2 failed: OSError: [Errno 30] Read-only file system" in server.output)
    assert server.output.count("failed") == 1
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)


def test_a_full_disk_for_the_notebook_and_temporary_files_keeps_no_page_away_and_one_for_ipython_is_told(
    serve: Serve, small_disk: Path, tmp_path: Path
) -> None:
    path = write_notebook(small_disk / "app.ipynb", SLIDER, WRITES)
    fill(small_disk)
    full = {"TMPDIR": str(small_disk), "HOME": str(small_disk), "XDG_RUNTIME_DIR": str(tmp_path)}
    server = serve(path, "--public", environment={**full, "IPYTHONDIR": str(small_disk)})
    status, text, _ = ask(server.url)
    assert (status, first_run(server.url, text)) == (200, "failed")
    until(lambda: "No space left on device" in server.output and server.kernels() == [])
    server = serve(path, "--public", environment={**full, "IPYTHONDIR": str(tmp_path)})
    status, text, _ = ask(server.url)
    assert (status, first_run(server.url, text)) == (200, "whole")
    until(lambda: "cell 2 failed: OSError: [Errno 28] No space left on device" in server.output)


def test_a_disk_that_fills_up_under_the_server_is_told_and_when_there_is_room_again_pages_open(
    serve: Serve, notebook: Callable[..., Path], small_disk: Path
) -> None:
    server = serve(notebook(SLIDER), environment={"XDG_RUNTIME_DIR": str(small_disk), "TMPDIR": str(small_disk)})
    assert server.url
    fill(small_disk)
    status, text, _ = ask(server.url)
    assert (status, "could not be opened" in text) == (500, True)
    assert "No space left" not in text
    until(lambda: "No space left" in server.output)
    assert server.output.count("Traceback") == 0
    (small_disk / "filler").unlink()
    status, text, _ = ask(server.url)
    assert (status, kernel_of(text) in server.kernels()) == (200, True)
    assert server.stop() == 0
    assert list(small_disk.iterdir()) == []
