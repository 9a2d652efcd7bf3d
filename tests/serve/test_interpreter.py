"""A kernel of another environment must have nbapp too, and the author hears it before any page does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpec

from nbapp.errors import UsageError
from nbapp.serve.kernels.interpreter import check_interpreter


def kernel(python: str | Path) -> KernelSpec:
    return KernelSpec(argv=[str(python), "-m", "ipykernel"], display_name="Other")


def interpreter(path: Path, code: int) -> Path:
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("python", ["python", "python3", sys.executable])
def test_our_own_python_is_not_asked(python: str) -> None:
    check_interpreter(kernel(python))


def test_a_python_that_has_nbapp_is_accepted(tmp_path: Path) -> None:
    check_interpreter(kernel(interpreter(tmp_path / "python3", 0)))


def test_a_python_without_nbapp_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    python = interpreter(tmp_path / "python3", 1)
    with pytest.raises(UsageError, match=f"kernel Other has no nbapp.*{python} -m pip install nbapp"):
        check_interpreter(kernel(python))


def test_a_python_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be started"):
        check_interpreter(kernel(tmp_path / "python3"))


def test_a_kernel_that_is_started_in_its_own_way_is_left_alone() -> None:
    check_interpreter(kernel("/usr/bin/conda"))
