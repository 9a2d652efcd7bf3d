"""A notebook of 1,000 cells in JupyterLab, with our extension live and without it: typing, saving, scrolling.

The pages are open in one run, and take turns in front, in a random order: a page behind another is painted late. The
kernel of the first has nbapp loaded, and every cell has run. Two pages are alike: by how much they differ tells what a
difference means. The first round, in which JupyterLab builds what it then keeps, is left out.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from benchmarks.report import save, show
from tests.e2e.conftest import CHROMIUM, write_notebook
from tests.e2e.lab import LOAD, OURS, SLIDER, LabNotebook, LabServer, lab_server

ROUNDS = 15
TYPED = 40  # keys for one measurement
SETTLED = 500  # milliseconds
PAGES: dict[str, dict[str, Path]] = {"with nbapp's extension": OURS, "without": {}, "without, again": {}}
FRAME = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"""


def opened(page: Page, server: LabServer, cells: int, *, load: bool) -> LabNotebook:
    """The notebook in a page, all its cells run."""
    sources = [LOAD if load else "1", SLIDER, "print(s.value)", *(f"x{i} = {i}" for i in range(cells))]
    write_notebook(server.files / "large.ipynb", *sources)
    lab = LabNotebook(page, server, "large.ipynb")
    lab.open()
    lab.run_all()
    return lab


def to_front(page: Page) -> None:
    """Show a page, and let it do what it put off while another was in front."""
    page.bring_to_front()
    page.evaluate(FRAME)
    page.wait_for_timeout(SETTLED)


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


MEASURED = {"typing, a key": typing, "saving": saving, "scrolling to the end and back": scrolling}


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cells", type=int, nargs="?", default=1_000, help="cells (default: %(default)s)")
    cells = parser.parse_args().cells
    found: dict[str, dict[str, list[float]]] = {name: {page: [] for page in PAGES} for name in MEASURED}
    home = Path(tempfile.mkdtemp(prefix="nbapp-bench-"))
    with ExitStack() as stack:
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM
        )
        stack.callback(browser.close)
        labs = {}
        for name, extensions in PAGES.items():
            server = stack.enter_context(lab_server(home / name.replace(" ", "-"), extensions=extensions))
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            labs[name] = opened(page, server, cells, load=bool(extensions))
        for number in range(ROUNDS + 1):
            for name, measure in MEASURED.items():
                for which in random.sample(list(labs), len(labs)):
                    to_front(labs[which].page)
                    taken = measure(labs[which])
                    if number > 0:
                        found[name][which].append(taken)
    shutil.rmtree(home)
    rows = []
    for name, seconds in found.items():
        base = median(seconds["without"])
        shown = (f"{1000 * median(taken):.1f} ms ({median(taken) / base:.2f}×)" for taken in seconds.values())
        rows.append([name, *shown])
    show(f"JupyterLab, {cells:,} cells", ["", *PAGES], rows, [f"Medians of {ROUNDS}; the last two pages are alike."])
    save("lab", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
