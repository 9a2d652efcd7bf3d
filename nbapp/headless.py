"""`nbapp run`: bring a notebook up to date once, without a browser, and say how it went."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from nbapp.child import Child
from nbapp.core.notebook import Output
from nbapp.core.step import Step
from nbapp.errors import UsageError
from nbapp.kernel.settings import Settings
from nbapp.serve.options import values
from nbapp.serve.prepare import code_cells, read


def main(asked: argparse.Namespace) -> int:
    """Run the notebook; 0, or 1 when a cell failed.

    Raises:
        UsageError: the notebook or a `--set` is impossible.
    """
    path = Path(asked.notebook)
    notebook = read(path)
    target = Path(asked.output) if asked.output else None
    if target is not None and not target.absolute().parent.is_dir():
        raise UsageError(f"{target}: no such folder as {target.parent}")
    settings = Settings(values=dict(values(asked.set)), timeout=asked.timeout)
    shown = _run(notebook, path.absolute().parent, settings)
    if target is not None:
        _write(notebook, shown.outputs, target)
    failed = next((step for step in shown.steps if step.state == "failed"), None)
    if failed is not None:
        print(_failure(failed, path), file=sys.stderr)  # noqa: T201 - the command's message
        return 1
    return 0


def _run(notebook: NotebookNode, folder: Path, settings: Settings) -> Any:
    child = Child(folder)
    try:
        child.call("start", settings)
        cells = code_cells(notebook)
        with _bar(len(cells)) as advance:
            shown = child.call("rerun", cells, progress=advance)
        if all(step.state != "failed" for step in shown.steps):
            child.call("check_values")
        return shown
    finally:
        child.close()


@contextlib.contextmanager
def _bar(total: int) -> Iterator[Any]:
    """A progress bar on stderr, where there is a terminal."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("cells", total=total)

        def advance(told: str) -> None:
            bar.update(task, completed=json.loads(told)["index"] + 1)

        yield advance


def _failure(step: Step, path: Path) -> str:
    error = step.error
    assert error is not None
    return f"nbapp run: {path}: code cell {step.index + 1} failed: {error.name}: {error.message}"


def _write(notebook: NotebookNode, outputs: dict[str, tuple[Output, ...]], target: Path) -> None:
    """The notebook with its outputs, whole or not at all: written beside the target, then put in its place."""
    count = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count if cell.id in outputs else None
            cell.outputs = [_saved(output, count) for output in outputs.get(cell.id, ())]
    nbformat.validate(notebook)
    try:
        handle, name = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(str(nbformat.writes(notebook)))  # type: ignore[no-untyped-call]  # nbformat has no types
        Path(name).replace(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None


def _saved(output: Output, count: int) -> NotebookNode:
    kept = {key: value for key, value in output.items() if key != "transient"}
    if kept["output_type"] == "execute_result":
        kept["execution_count"] = count
    saved: NotebookNode = nbformat.from_dict(kept)  # type: ignore[no-untyped-call]  # nbformat has no types
    return saved
