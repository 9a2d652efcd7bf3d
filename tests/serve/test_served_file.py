"""The file may change, vanish and come back while it is served."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from nbapp.errors import UsageError
from nbapp.serve.served_file import ServedFile
from tests.e2e.conftest import write_notebook

LOG = logging.getLogger("tests.served_file")


def test_a_newer_version_is_served_and_a_broken_one_never(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_notebook(tmp_path / "app.ipynb", "# One")
    served = ServedFile(path, None, KernelSpecManager(), LOG)
    first = served.newest()
    assert first.title == "One"
    assert served.newest() is first
    path.write_text("{")
    assert served.newest() is first
    assert "invalid JSON" in caplog.text
    path.unlink()
    assert served.newest() is first
    write_notebook(path, "# Number two")
    assert served.newest().title == "Number two"


def test_a_file_that_is_broken_to_begin_with_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.ipynb").write_text("{")
    with pytest.raises(UsageError):
        ServedFile(tmp_path / "app.ipynb", None, KernelSpecManager(), LOG)
