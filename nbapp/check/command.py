"""`nbapp check`: reads a notebook, runs it once, and says what will not work or be slow, with the remedy."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbapp.serve.kernels.interpreter import check_interpreter  # isort: skip -- before nbformat: `nbapp.serve` halves its import
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbformat import NotebookNode
from rich.console import Console
from rich.text import Text

from nbapp.check import code, outside, seen
from nbapp.check.finding import LEVELS, Finding, in_order
from nbapp.check.source import Source
from nbapp.core.notebook import Cell
from nbapp.errors import UsageError
from nbapp.headless import INTERRUPTED, with_progress
from nbapp.persistence.current import NOWHERE
from nbapp.serve.extensions import installed, wanted
from nbapp.serve.layout.remark import Remark
from nbapp.serve.layout.settings import settings
from nbapp.serve.layout.tree import arrange
from nbapp.serve.prepare import kernel, read
from nbapp.testing.child import Child, KernelDied

CLEAN, FOUND = 0, 3
_LOOK = '__import__("nbapp.check.live", fromlist=["live"]).look()'
_STYLES = {"problem": "bold red", "slow": "yellow", "note": "cyan"}
_NEEDS = {"file": "FileNotFoundError", "module": "ModuleNotFoundError", "path": "FileNotFoundError"}


def main(asked: argparse.Namespace) -> int:
    """Check `asked.notebook`: 0 when there is no problem, 3 when there is one.

    Raises:
        UsageError: no such file, or a time that makes no sense.
    """
    path = Path(asked.notebook)
    if asked.timeout is not None and not asked.timeout > 0:
        raise UsageError(f"--timeout {asked.timeout:g}", "give a number of seconds above 0")
    if not path.is_file():
        read(path)  # says what is wrong
    out, told = Console(highlight=False), Console(stderr=True, highlight=False)
    try:
        check = Check(path, asked.timeout, told)
        check.check(run=not asked.no_run)
    except KeyboardInterrupt:
        told.print("stopped")
        return INTERRUPTED
    found = in_order(check.found)
    if asked.json:
        about = {"notebook": str(path), "ran": check.ran, "cells": len(check.cells)}
        sys.stdout.write(json.dumps({**about, "findings": [each.as_json() for each in found]}, indent=2) + "\n")
    else:
        _print(out, found, check)
    return FOUND if any(each.level == "problem" for each in found) else CLEAN


@dataclass(slots=True)
class Check:
    """One notebook; `found` is what was found so far, `ran` how many cells ran."""

    path: Path
    timeout: float | None
    told: Console
    found: list[Finding] = field(default_factory=list)
    cells: tuple[Cell, ...] = ()
    ran: int = 0

    def check(self, *, run: bool) -> None:
        """Look at the file, at the code, and at a run of it."""
        try:
            notebook = read(self.path)
        except UsageError as error:
            what = error.message.removeprefix(f"{self.path} ")
            remedy = error.remedy or "restore the file, or save it again in Jupyter"
            self.found.append(Finding("problem", "file-broken", what, "it cannot be opened", remedy))
            return
        sources = Source.of_notebook(notebook)
        self.cells = tuple(source.cell for source in sources)
        self.found += code.look(sources)
        folder = self.path.resolve().parent
        self.found += [*outside.paths(sources, folder), *outside.files(sources, folder)]
        self.found += map(_asked, (*settings(notebook.metadata, folder).remarks, *arrange(notebook.cells).remarks))
        spec = self._kernel(notebook)
        if spec is not None and Path(spec.argv[0]).name.startswith("python"):
            self.found += outside.modules(sources, folder, _python(spec))
        if spec is not None and run:
            self._run(spec, sources)
        elif not code.has_widgets(sources):
            self.found.append(code.no_controls(sources))

    def _kernel(self, notebook: NotebookNode) -> KernelSpec | None:
        """The kernel that `nbapp serve` would start, None when it has none."""
        specs = KernelSpecManager()
        known = specs.get_all_specs()
        asked = notebook.metadata.get("kernelspec", {}).get("name")
        try:
            name = kernel(self.path, notebook, known)["name"]
            spec = specs.get_kernel_spec(name)
            check_interpreter(spec)
        except UsageError as error:
            what = error.message.removeprefix(f"{self.path} ")
            remedy = error.remedy or "choose a Python kernel in Jupyter and save the notebook"
            self.found.append(Finding("problem", "kernel", what, "no kernel can run it as an app", remedy))
            return None
        if asked and asked not in known:
            what = f"asks for the kernel `{asked}`, which is not installed"
            why = f"`{name}` would run it, with other packages, perhaps"
            there = ", ".join(f"`{each}`" for each in sorted(known))
            remedy = f"install that kernel, or choose another in Jupyter and save; there are {there}"
            self.found.append(Finding("problem", "kernel", what, why, remedy))
        spec.name = name
        return spec

    def _run(self, spec: KernelSpec, sources: Sequence[Source]) -> None:
        with contextlib.closing(Child(self.path.resolve().parent, spec.name)) as child:
            settings = {"timeout": self.timeout, "results": NOWHERE}
            child.call("start", self.cells, settings, str(child.folder), True)
            try:
                steps, _ = with_progress(child, self.cells, self.told)
                live: seen.Live = child.call("evaluate", _LOOK)
            except KernelDied as error:
                self.found.append(self._died(child, error))
                return
        done = {step.index + 1 for step in steps if step.state == "ran"}
        self.ran = len(done)
        self.found = [each for each in self.found if not (each.kind in _NEEDS and each.cell in done)]
        failed = any(step.state == "failed" for step in steps)
        self.found += (each for each in seen.failures(steps, self.cells) if not self._is_told(each))
        self.found += seen.look(live, self.cells, wanted(installed()))
        if not live.controls and not live.hidden and not (failed and code.has_widgets(sources)):
            self.found.append(code.no_controls(sources))

    def _is_told(self, failure: Finding) -> bool:
        """Whether a cell fails for want of what was missed in its code already."""
        kinds = (each.kind for each in self.found if each.cell == failure.cell and each.level == "problem")
        return any(_NEEDS.get(kind, "-") in failure.what for kind in kinds)

    def _died(self, child: Child, error: KernelDied) -> Finding:
        index = next((index for index, cell in enumerate(self.cells) if cell.id[:64] == child.running), None)
        why = error.remedy.strip().splitlines()[-1] if error.remedy else "it left no message"
        line = "" if index is None else self.cells[index].source.partition("\n")[0]
        remedy = "run it in Jupyter to see what it needs: memory, or a library that fits"
        number = None if index is None else index + 1
        return Finding("problem", "died", "ends its kernel", why, remedy, number, line)


def _python(spec: KernelSpec) -> str:
    """The Python of a kernel; a bare name is this one, as Jupyter starts it."""
    return str(spec.argv[0]) if Path(spec.argv[0]).is_absolute() else sys.executable


def _asked(remark: Remark) -> Finding:
    """What an author asked of the page that makes no sense."""
    return Finding("note", "layout", remark.what, remark.why, remark.remedy, remark.cell, remark.line)


def _print(out: Console, found: Iterable[Finding], check: Check) -> None:
    """The findings for a person, and how many there are."""
    found = list(found)
    for each in found:
        where = f"cell {each.cell}" if each.cell is not None else "notebook"
        head = Text.assemble((f"{each.level:<8}", _STYLES[each.level]), f" {where:<9}", (each.line, "dim"))
        out.print(head, soft_wrap=True)
        for line in (f"{each.what}: {each.why}", f"-> {each.remedy}"):
            out.print(Text(f"         {line}"), soft_wrap=True)
    counted = {level: sum(each.level == level for each in found) for level in LEVELS}
    words = {"problem": "problems", "slow": "slow", "note": "notes"}
    told = [f"{number} {words[level] if number != 1 else level}" for level, number in counted.items() if number]
    ran = f"{check.ran} of {len(check.cells)} cells ran" if check.ran else f"{len(check.cells)} cells, not run"
    out.print(Text(f"{', '.join(told) or 'nothing found'} ({ran})"), soft_wrap=True)
