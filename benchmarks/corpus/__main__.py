"""A folder of notebooks with and without nbapp, on two ways in: nothing may differ. Exit code 1 if something does.

Each notebook is run four times, each time in a kernel of its own; every control that it shows is moved once, and once
back, with the messages that a front end sends:

plain      plain Jupyter: nbclient, a front end without cell ids
loaded     the same with `%load_ext nbapp` in a cell above: outputs, tracebacks and widgets must be the same, because
           such a front end gets no reruns; only callbacks act
clean      plain Jupyter again, where each control is given the value that it was moved to when it is constructed: what
           Restart and Run All shows with these values
app        `AppTest`: cells are rerun and callbacks act

With `--served` the page of `nbapp serve` stands beside plain Voila's in Chromium, and both get the same gestures. Their
texts, pictures and numbers of controls must be the same at each stage up to which the app showed just what *plain* did:
Voila cannot tell what a cell that reads a control should show, and keys that lead there do not always lead back. The
page may not complain of what Voila's does not.

What the app must show is decided for each leaf of the picture (a text, a picture, the trait of a widget). If *clean*
shows there what *plain* showed at first, the leaf rests on no control, or only through callbacks: it must be as in
*plain* after the same moves. Otherwise a cell has read the control: it must be as in *clean*, and with the controls
back as at first; where a callback acted too, as in a log to which `interact` adds lines, it may be as in *plain*. A
leaf that is neither is right when it is what *plain* shows once the cells that differ are run again by hand after the
moves: that is a cell which reads what a callback changed.

A notebook that gives two results in *plain* is reported as chance, in those leaves, and not as different.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.corpus import app as as_app
from benchmarks.corpus import plain, served
from benchmarks.corpus.notebooks import found, sources, work_in
from benchmarks.corpus.picture import Leaves
from benchmarks.corpus.plain import Ran, differing
from benchmarks.corpus.served import Pages
from benchmarks.report import save, show

STAGES = ("at first", "moved", "back")
MOST = 6  # differences printed for each notebook
LONGEST = 90  # letters of a leaf that are printed


@dataclass(slots=True)
class Result:
    """What was found about one notebook. `seconds` and `cpu`: without and with nbapp."""

    name: str
    controls: int = 0
    loaded: list[str] = field(default_factory=list)
    app: list[str] = field(default_factory=list)
    page: list[str] = field(default_factory=list)
    served: bool = False
    chance: bool = False
    seconds: tuple[float, float] = (0.0, 0.0)
    cpu: tuple[float, float] = (0.0, 0.0)
    took: float = 0.0


@dataclass(slots=True)
class Notebook:
    """The runs of one notebook; those that few notebooks need are made when they are asked for."""

    cells: list[str]
    folder: Path
    plain: Ran = field(default_factory=Ran)
    clean: Leaves = field(default_factory=dict)
    second: Ran | None = None
    as_plain: list[bool] = field(default_factory=list)  # at which stages the app shows just what plain Jupyter does

    def chance(self) -> set[tuple[int, str]]:
        """The leaves that differ between two plain runs, with their stage; a cell that has one has nothing else."""
        if self.second is None:
            self.second = asyncio.run(plain.ran(self.cells, self.folder, loading=False, plan=self.plain.planned))
        found = set[tuple[int, str]]()
        for stage in range(len(STAGES)):
            found |= {(stage, path) for path in differing(self.plain.front[stage], self.second.front[stage])}
        return found

    def wanted(self, stage: int, path: str) -> list[str | None]:
        """What the app may show there; the first is the one that is told."""
        first, moved, then = (self.plain.kernel[which].get(path) for which in (0, 1, stage))
        clean = self.clean.get(path)
        if stage == 0 or clean == first:
            return [then]
        anew = clean if stage == 1 else first
        return [anew] if moved == first else [anew, then]  # a callback acted there too: what it left may stay

    def again(self, stage: int, paths: Sequence[str]) -> Leaves:
        """What plain shows when the cells of these leaves are run again after the moves."""
        cells = sorted({int(path.partition("/")[0]) for path in paths})
        run = plain.rerun(self.cells, self.folder, self.plain.planned, cells, back=stage == 2)
        return asyncio.run(run)


def compare(path: Path) -> tuple[Notebook, Result]:
    """Run a notebook on each way without a page, and tell what differs. What its cells write is not left beside it."""
    begun, result = time.perf_counter(), Result(path.stem)
    with tempfile.TemporaryDirectory(prefix="corpus-") as place:
        notebook = Notebook(sources(path), work_in(Path(place), path.parent))
        _compare(notebook, result)
    notebook.folder = path.parent
    result.took = time.perf_counter() - begun
    return notebook, result


def _compare(notebook: Notebook, result: Result) -> None:
    notebook.plain = asyncio.run(plain.ran(notebook.cells, notebook.folder, loading=False))
    plan = notebook.plain.planned
    loaded = asyncio.run(plain.ran(notebook.cells, notebook.folder, loading=True, plan=plan))
    result.controls = len(plan)
    result.seconds = notebook.plain.seconds, loaded.seconds
    result.cpu = notebook.plain.cpu, loaded.cpu
    for stage, (one, other) in enumerate(zip(notebook.plain.front, loaded.front)):
        result.loaded += _told(notebook, result, stage, differing(one, other), one, other)
    result.loaded += _undone(notebook.plain, loaded)
    notebook.clean = asyncio.run(plain.clean(notebook.cells, notebook.folder, notebook.plain.values))
    _compare_app(notebook, result)


def compare_page(notebook: Notebook, result: Result, pages: Pages) -> None:
    """The page beside plain Voila's, at the stages at which the app shows what plain Jupyter does."""
    result.served = True
    voila, page = pages.beside(result.name, notebook.cells, notebook.folder)
    result.page += [f"the page complains: {error}" for error in page.errors if error not in voila.errors]
    found = [
        (stage, path)
        for stage, (one, other) in enumerate(zip(voila.stages, page.stages))
        for path in differing(one, other)
        if all(notebook.as_plain[: stage + 1])
    ]
    second = pages.again(result.name, notebook.folder) if found else voila
    for stage, path in found:
        if second.stages[stage].get(path) != voila.stages[stage].get(path):
            result.chance = True
        else:
            one, other = voila.stages[stage].get(path), page.stages[stage].get(path)
            result.page.append(f"{STAGES[stage]}, {path}: {_differing_part(other, one)}")


def _compare_app(notebook: Notebook, result: Result) -> None:
    app = as_app.ran(notebook.cells, notebook.folder, notebook.plain.planned)
    notebook.as_plain = [one == other for one, other in zip(notebook.plain.kernel, app.kernel)]
    for stage, shown in enumerate(app.kernel):
        every = dict.fromkeys((*notebook.plain.kernel[stage], *notebook.clean, *notebook.plain.kernel[0], *shown))
        paths = [path for path in every if shown.get(path) not in notebook.wanted(stage, path)]
        wanted = {path: leaf for path in paths if (leaf := notebook.wanted(stage, path)[0]) is not None}
        if paths and stage and any(not _is_chance(notebook, stage, path) for path in paths):
            again = notebook.again(stage, paths)
            paths = [path for path in paths if shown.get(path) != again.get(path)]
        result.app += _told(notebook, result, stage, paths, wanted, shown)
    result.app += _undone(notebook.plain, app)


def _is_chance(notebook: Notebook, stage: int, path: str) -> bool:
    """Whether a leaf, or one of the same output, differs between two plain runs."""
    output = path.split("/")[:2]
    return any(stage == when and path.split("/")[:2] == output for when, path in notebook.chance())


def _told(notebook: Notebook, result: Result, stage: int, paths: object, wanted: Leaves, shown: Leaves) -> list[str]:
    """The differences in words, without those that are chance."""
    lines = []
    for path in list(paths):  # type: ignore[call-overload]
        if _is_chance(notebook, stage, path):
            result.chance = True
        else:
            number, _, rest = path.partition("/")
            where = f"{STAGES[stage]}, cell {int(number) + 1}, {rest}"
            lines.append(f"{where}: {_short(shown.get(path))} instead of {_short(wanted.get(path))}")
    return lines


def _differing_part(shown: str | None, wanted: str | None) -> str:
    """Two long texts from where they differ on."""
    pairs = enumerate(zip_longest(shown or "", wanted or ""))
    same = next((index for index, (one, other) in pairs if one != other), 0)
    return f"{_short(shown and shown[same:])} instead of {_short(wanted and wanted[same:])}"


def _undone(one: Ran, other: Ran) -> list[str]:
    gone = [f"a control could be moved: {path}" for path in one.undone if path not in other.undone]
    return [*gone, *(f"a control could not be moved: {path}" for path in other.undone if path not in one.undone)]


def _short(leaf: str | None) -> str:
    if leaf is None:
        return "nothing"
    return repr(leaf if len(leaf) <= LONGEST else f"{leaf[: LONGEST // 2]}…{leaf[-LONGEST // 2 :]}")


def row(result: Result) -> list[str]:
    """One line of the table."""
    words = ["differs" if found else "same" for found in (result.loaded, result.app)]
    words.append("-" if not result.served else "differs" if result.page else "same")
    ratio = result.seconds[1] / result.seconds[0] if result.seconds[0] else 0.0
    chance = "chance" if result.chance else ""
    times = [f"{result.seconds[0]:.1f} s", f"{result.seconds[1]:.1f} s", f"{ratio:.2f}"]
    return [result.name, str(result.controls), *words, chance, *times]


def tell(result: Result, *, only_page: bool = False) -> None:
    """Print the differences of a notebook."""
    console = Console(stderr=True, highlight=False)
    ways = {"loaded": result.loaded, "app": result.app, "page": result.page}
    for way, lines in ways.items():
        if only_page != (way == "page"):
            continue
        more = [f"and {len(lines) - MOST} more"] if len(lines) > MOST else []
        for line in (*lines[:MOST], *more):
            console.print(f"{result.name} ({way}): {line}", markup=False, soft_wrap=True)


def report(results: Sequence[Result]) -> None:
    """Print and write."""
    head = ["notebook", "controls", "loaded", "app", "page", "", "without", "with", "ratio"]
    sums = [sum(result.seconds[which] for result in results) for which in (0, 1)]
    cpus = [sum(result.cpu[which] for result in results) for which in (0, 1)]
    different = [result.name for result in results if result.loaded or result.app or result.page]
    notes = [
        f"{len(results) - len(different)} of {len(results)} the same; {sum(result.took for result in results):.0f} s",
        f"nbclient {sums[0]:.1f} s, with nbapp {sums[1]:.1f} s: {sums[1] / sums[0]:.2f} times; the goal is at most 1.1",
        f"processor time of the kernels: {cpus[0]:.1f} s, {cpus[1]:.1f} s: {cpus[1] / cpus[0]:.2f} times",
        f"median of the ratios {median(result.seconds[1] / result.seconds[0] for result in results):.2f}",
    ]
    show("Notebooks with and without nbapp", head, [row(result) for result in results], notes)
    save("corpus", {"notebooks": list(map(asdict, results))})


def main() -> int:
    """Compare, print, write; 1 when a notebook differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, help="folders of notebooks, or single ones")
    parser.add_argument("--served", action="store_true", help="compare the pages in Chromium too; takes twice as long")
    asked = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # who has installed nbapp has it compiled, as the other libraries
    warnings.filterwarnings("ignore", module="nbformat")  # cells without ids are what this is about
    paths = [path for folder in asked.folders for path in found(folder)]
    if not paths:
        parser.error(f"no notebook in {', '.join(map(str, asked.folders))}")
    compared = []
    for number, path in enumerate(paths, 1):
        print(f"{number} of {len(paths)}: {path.name}", file=sys.stderr, flush=True)
        compared.append(compare(path))
        tell(compared[-1][1])
    if asked.served:
        with served.pages() as pages:  # its event loop is in the way of others, so it comes last
            for notebook, result in compared:
                print(f"in Chromium: {result.name}", file=sys.stderr, flush=True)
                compare_page(notebook, result, pages)
                tell(result, only_page=True)
    results = [result for _, result in compared]
    report(results)
    return int(any(result.loaded or result.app or result.page for result in results))


if __name__ == "__main__":
    sys.exit(main())
