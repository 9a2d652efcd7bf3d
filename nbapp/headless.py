"""`nbapp run`: a notebook run as an app, without a browser; its outputs can be written to a file."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nbapp.serve.kernels.interpreter import check_interpreter  # isort: skip -- before nbformat: `nbapp.serve` halves its import
import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from nbapp.core.notebook import Cell
from nbapp.core.profile import profile
from nbapp.core.step import Step
from nbapp.errors import UsageError
from nbapp.serve.options import values
from nbapp.serve.prepare import kernel, read, replaced
from nbapp.testing.child import Child, KernelDied

INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended
_STATE = "application/vnd.jupyter.widget-state+json"


def main(asked: argparse.Namespace) -> int:
    """Run `asked.notebook`; 0, or 1 when a cell failed.

    Raises:
        UsageError: no notebook, a `--set` that does not fit, or a place that cannot be written.
    """
    path = Path(asked.notebook)
    given = dict(values(asked.set))
    if asked.timeout is not None and not asked.timeout > 0:
        raise UsageError(f"--timeout {asked.timeout:g}", "give a number of seconds above 0")
    notebook = read(path)
    out = Path(asked.output) if asked.output else None
    if out is not None:
        _check_writable(out)
    console = Console(stderr=True, highlight=False)
    try:
        settings = {"values": given, "timeout": asked.timeout}
        return _run(path, notebook, settings, out, console, profiled=asked.profile)
    except KeyboardInterrupt:
        console.print("stopped")
        return INTERRUPTED


def _run(
    path: Path,
    notebook: NotebookNode,
    settings: dict[str, Any],
    out: Path | None,
    console: Console,
    *,
    profiled: bool = False,
) -> int:
    nodes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells = tuple(map(Cell.of, nodes))
    with contextlib.closing(Child(path.resolve().parent, _kernel_name(path, notebook))) as child:
        child.call("start", cells, settings, str(child.folder), True)
        try:
            steps, _ = with_progress(child, cells, console)
        except KernelDied as error:
            return _died(child, cells, error, console)
        if not any(step.state == "failed" for step in steps):
            child.call("check_values")
        if out is not None:
            _fill(notebook, nodes, child)
            write(out, notebook)
    for line in profile(steps) if profiled else ():
        console.print(line, markup=False, soft_wrap=True)
    return _verdict(steps, console)


def _kernel_name(path: Path, notebook: NotebookNode) -> str:
    """The kernel that `nbapp serve` would start."""
    specs = KernelSpecManager()
    known = specs.get_all_specs()
    chosen = kernel(path, notebook, known)
    if remark := replaced(path, notebook, chosen, known):
        sys.stderr.write(f"nbapp run: {remark}\n")
    check_interpreter(specs.get_kernel_spec(chosen["name"]))
    return chosen["name"]


def with_progress(child: Child, cells: Sequence[Cell], console: Console) -> Any:
    """A full rerun; a bar of the cells that are done when somebody looks."""
    done: set[int] = set()
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("cell 1", total=len(cells))

        def told(index: int, state: str, seconds: float) -> None:
            done.add(index)
            progress.update(bar, completed=len(done), description=f"cell {min(index + 2, len(cells))}")

        return child.call("run", cells, told=told)


def _verdict(steps: Sequence[Step], console: Console) -> int:
    failed = next((step for step in steps if step.state == "failed"), None)
    if failed is None or failed.error is None:
        return 0
    if failed.error.is_end:
        console.print(f"cell {failed.index + 1} ended the run: {failed.error.message}", markup=False, soft_wrap=True)
        return 0
    for line in failed.error.traceback:
        sys.stderr.write(line.rstrip("\n") + "\n")
    message = f"{failed.error.name}: {failed.error.message}" if failed.error.message else failed.error.name
    console.print(f"cell {failed.index + 1} failed: {message}", markup=False, soft_wrap=True)
    return 1


def _died(child: Child, cells: Sequence[Cell], error: KernelDied, console: Console) -> int:
    index = next((index for index, cell in enumerate(cells) if cell.id == child.running), None)
    where = "while no cell ran" if index is None else f"in cell {index + 1}"
    console.print(f"the kernel died {where}: {error.remedy}", markup=False, soft_wrap=True)
    return 1


def _fill(notebook: NotebookNode, nodes: Sequence[NotebookNode], child: Child) -> None:
    """Put in the outputs, numbered as Run All would, and the state of the widgets, so that they can be drawn."""
    for count, node in enumerate(nodes, 1):
        node.outputs = [_numbered(nbformat.from_dict(output), count) for output in child.call("outputs", node.id)]
        node.execution_count = count
    state = child.call("widget_state")
    if state["state"]:
        notebook.metadata.widgets = {_STATE: state}


def _numbered(output: NotebookNode, count: int) -> NotebookNode:
    if output.output_type == "execute_result":
        output.execution_count = count
    return output


def _check_writable(out: Path) -> None:
    if out.is_dir():
        raise UsageError(f"-o {out} is a folder", "name a file in it")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"-o {out}", f"there is no folder {out.absolute().parent}")


def write(out: Path, notebook: NotebookNode) -> None:
    """Write a notebook file at once: a reader sees the old file or the new one, never a part.

    Raises:
        UsageError: the file cannot be written.
    """
    text = nbformat.writes(notebook, version=4)
    try:
        with _replacing(out) as new:
            new.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"-o {out} cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    out = out.resolve()  # a link stays a link
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".nbapp-") as folder:
        new = Path(folder) / out.name
        yield new
        if out.exists():
            new.chmod(out.stat().st_mode)
        new.replace(out)
