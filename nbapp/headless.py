"""`nbapp run` and `nbapp export`: a notebook run as an app, without a browser; what it shows can become a file."""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nbapp.serve.kernels.interpreter import check_interpreter  # isort: skip -- before nbformat: `nbapp.serve` halves its import
import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from nbapp.core.notebook import Cell
from nbapp.core.step import Step
from nbapp.core.timings import profile
from nbapp.errors import UsageError
from nbapp.export.combinations import combinations
from nbapp.export.formats import HTML, NOTEBOOK, PDF, check, write
from nbapp.export.pdf import printed
from nbapp.serve.options import values
from nbapp.serve.page.still import Look, still
from nbapp.serve.prepare import Prepared, prepare, read
from nbapp.testing.child import Child, KernelDied

INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended
_STATE = "application/vnd.jupyter.widget-state+json"


def main(asked: argparse.Namespace) -> int:
    """Run `asked.notebook`, once or for each combination of values; 0, or 1 when a cell failed.

    Raises:
        UsageError: no notebook, a `--set` that does not fit, or a place that cannot be written.
    """
    path = Path(asked.notebook)
    if asked.timeout is not None and not asked.timeout > 0:
        raise UsageError(f"--timeout {asked.timeout:g}", "give a number of seconds above 0")
    read(path)  # what is wrong with it is said before what is wrong with the file
    if asked.command == "export" and asked.output is None:
        asked.output = f"{path.stem}{HTML}"
    runs = combinations(dict(values(asked.set)), asked.output)
    for _, out in runs:
        if out is not None:
            if len(runs) > 1:
                out.absolute().parent.mkdir(parents=True, exist_ok=True)
            check(out, path, is_copy=asked.command == "export")
    console = Console(stderr=True, highlight=False)
    try:
        return _one(asked, path, *runs[0], console) if len(runs) == 1 else _each(asked, runs, console)
    except KeyboardInterrupt:
        console.print("stopped")
        return INTERRUPTED


def _one(asked: argparse.Namespace, path: Path, given: dict[str, str], out: Path | None, console: Console) -> int:
    specs = KernelSpecManager()
    prepared = prepare(path, specs.get_all_specs(), asked.title)
    for remark in prepared.remarks:
        sys.stderr.write(f"nbapp {asked.command}: {remark}\n")
    name = prepared.notebook.metadata.kernelspec.name
    check_interpreter(specs.get_kernel_spec(name))
    cells = tuple(Cell.of(cell) for cell in prepared.notebook.cells if cell.cell_type == "code")
    with contextlib.closing(Child(path.resolve().parent, name)) as child:
        settings = {"values": given, "timeout": asked.timeout, "theme": _theme(asked, prepared, out)}
        child.call("start", cells, settings, str(child.folder), True)
        try:
            steps, _ = with_progress(child, cells, console)
        except KernelDied as error:
            return _died(child, cells, error, console)
        if not any(step.state == "failed" for step in steps):
            child.call("check_values")
        if out is not None:
            write(out, _content(asked, path, prepared, child, out))
    for line in profile(steps) if asked.profile else ():
        console.print(line, markup=False, soft_wrap=True)
    return _verdict(steps, console)


def _each(asked: argparse.Namespace, runs: Sequence[tuple[dict[str, str], Path | None]], console: Console) -> int:
    """Each combination in a process of its own, as many at once as there are processors; the worst exit code.

    What cells keep with `@nbapp.cache(persist=True)` is shared.
    """

    def run(one: tuple[dict[str, str], Path | None]) -> int:
        given, out = one
        chosen = [f"--set={name}={value}" for name, value in given.items()]
        options = [f"--{name}={value}" for name in ("timeout", "title", "theme") if (value := getattr(asked, name))]
        flags = [f"--{name.replace('_', '-')}" for name in ("show_code", "profile") if getattr(asked, name)]
        command = [sys.executable, "-m", "nbapp", asked.command, asked.notebook, *chosen, *options, *flags]
        ran = subprocess.run([*command, "-o", str(out)], capture_output=True, text=True, errors="replace", check=False)
        said = f"\n{ran.stderr.rstrip()}" if ran.stderr.strip() else ""
        console.print(f"{out}{'' if ran.returncode == 0 else ': failed'}{said}", markup=False, soft_wrap=True)
        return ran.returncode

    with ThreadPoolExecutor(min(len(runs), os.cpu_count() or 1)) as pool:
        return max(pool.map(run, runs))


def _theme(asked: argparse.Namespace, prepared: Prepared, out: Path | None) -> str | None:
    """The theme of the page that is written; None: it is no page, or one of paper."""
    if out is None or out.suffix.lower() != HTML:
        return None
    theme: str = asked.theme or prepared.notebook.metadata.nbapp_page.theme or "auto"
    return theme


def _content(asked: argparse.Namespace, path: Path, prepared: Prepared, child: Child, out: Path) -> str | bytes:
    """What stands in the file that is asked for."""
    kind = out.suffix.lower()
    if kind == NOTEBOOK:
        notebook = read(path)
        _fill(notebook, child)
        text: str = nbformat.writes(notebook, version=4)
        return text if text.endswith("\n") else text + "\n"
    look = Look(_theme(asked, prepared, out) or "light", asked.show_code, path.resolve().parent)
    page = still(prepared.notebook, child.call("snapshots"), look)
    return printed(page) if kind == PDF else page


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
        console.print(Text.from_ansi(line.rstrip("\n")), soft_wrap=True)  # colours are for terminals
    message = f"{failed.error.name}: {failed.error.message}" if failed.error.message else failed.error.name
    console.print(f"cell {failed.index + 1} failed: {message}", markup=False, soft_wrap=True)
    return 1


def _died(child: Child, cells: Sequence[Cell], error: KernelDied, console: Console) -> int:
    index = next((index for index, cell in enumerate(cells) if cell.id == child.running), None)
    where = "while no cell ran" if index is None else f"in cell {index + 1}"
    console.print(f"the kernel died {where}: {error.remedy}", markup=False, soft_wrap=True)
    return 1


def _fill(notebook: NotebookNode, child: Child) -> None:
    """Put in the outputs, numbered as Run All would, and the state of the widgets, so that they can be drawn."""
    for count, node in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        node.outputs = [_numbered(nbformat.from_dict(output), count) for output in child.call("outputs", node.id)]
        node.execution_count = count
    state = child.call("widget_state")
    if state["state"]:
        notebook.metadata.widgets = {_STATE: state}


def _numbered(output: NotebookNode, count: int) -> NotebookNode:
    if output.output_type == "execute_result":
        output.execution_count = count
    return output
