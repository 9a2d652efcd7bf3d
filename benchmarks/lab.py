"""A notebook of 1,000 cells in JupyterLab, with our extension live and without it: typing, saving, scrolling.

Both pages are open in one run, and take turns in front: a page behind another is painted late. The kernel of the first
has nbapp loaded, and every cell has run. The first round, in which JupyterLab builds what it then keeps, is left out.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from benchmarks.report import save, show
from tests.e2e.conftest import CHROMIUM, write_notebook
from tests.e2e.lab import LOAD, OURS, SLIDER, LabNotebook, LabServer, lab_server

ROUNDS = 15
TYPED = 40  # keys for one measurement
FRAME = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"""


def opened(page: Page, server: LabServer, cells: int, *, load: bool) -> LabNotebook:
    """The notebook in a page, all its cells run."""
    sources = [LOAD if load else "1", SLIDER, "print(s.value)", *(f"x{i} = {i}" for i in range(cells))]
    write_notebook(server.files / "large.ipynb", *sources)
    lab = LabNotebook(page, server, "large.ipynb")
    lab.open()
    lab.run_all()
    return lab


def typing(lab: LabNotebook) -> float:
    """Seconds until what was typed into a cell is painted, for a key."""
    lab.cell(2).locator(".cm-content").click()
    lab.page.keyboard.press("End")
    started = time.perf_counter()
    for _ in range(TYPED):
        lab.page.keyboard.press("#")
    lab.page.evaluate(FRAME)
    return (time.perf_counter() - started) / TYPED


def saving(lab: LabNotebook) -> float:
    """Seconds to save."""
    started = time.perf_counter()
    lab.command("docmanager:save")
    return time.perf_counter() - started


def scrolling(lab: LabNotebook) -> float:
    """Seconds to go to the last cell and back, painted."""
    started = time.perf_counter()
    for where in ("node.scrollHeight", "0"):
        lab.page.evaluate(
            f"() => {{ const node = document.querySelector('.jp-WindowedPanel-outer'); node.scrollTop = {where}; }}"
        )
        lab.page.evaluate(FRAME)
    return time.perf_counter() - started


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cells", type=int, nargs="?", default=1_000, help="cells (default: %(default)s)")
    cells = parser.parse_args().cells
    measured = {"typing, a key": typing, "saving": saving, "scrolling to the end and back": scrolling}
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in measured}
    home = Path(tempfile.mkdtemp(prefix="nbapp-bench-"))
    with (
        lab_server(home / "with", extensions=OURS) as ours,
        lab_server(home / "without", extensions={}) as plain,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        pages = [browser.new_page(viewport={"width": 1280, "height": 800}) for _ in range(2)]
        labs = [opened(pages[0], ours, cells, load=True), opened(pages[1], plain, cells, load=False)]
        for number in range(ROUNDS + 1):
            for name, measure in measured.items():
                turns = list(zip(labs, found[name]))
                for lab, seconds in turns if number % 2 else turns[::-1]:
                    lab.page.bring_to_front()
                    taken = measure(lab)
                    if number > 0:
                        seconds.append(taken)
        browser.close()
    shutil.rmtree(home)
    rows = []
    for name, (with_it, without) in found.items():
        ratio = median(with_it) / median(without)
        rows.append(
            [name, f"{1000 * median(with_it):.1f} ms ({ratio:.2f}×)", f"{1000 * median(without):.1f} ms (1.00×)"]
        )
    show(f"JupyterLab, {cells:,} cells", ["", "with nbapp's extension", "without"], rows, [f"Medians of {ROUNDS}."])
    save("lab", {name: {"with": with_it, "without": without} for name, (with_it, without) in found.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
