"""From *Share App* to a colleague's first move, on a real JupyterHub, beside the colleague's own JupyterLab.

In both cases the colleague, bob, is logged in and has the link or the file. The app: alice presses the dialog's button;
bob opens the link, accepts, authorises, and moves the slider, until the page shows it. JupyterLab: bob's own server
starts, he opens a copy of the notebook, runs all cells, and moves the slider: there nothing follows but its readout.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.report import save, show
from nbapp.share.ask import Wanted
from tests.e2e.conftest import CHROMIUM, write_notebook
from tests.e2e.controls import press
from tests.e2e.lab import SLIDER, LabNotebook
from tests.hub.hubs import Hub, running_hub
from tests.hub.visits import log_in, new_page, open_link, own_lab

PATIENCE = 120_000  # milliseconds
END = "the first move shows"


def by_link(hub: Hub, page: Page) -> dict[str, float]:
    """Seconds until the link is there, the app, and the first move; from `--revoke` to the notice on the open page."""
    times, since = {}, _clock()
    shared = hub.sharing("alice").share(Wanted(hub.home("alice") / "sales.ipynb"))
    times["the link is there"] = since()
    open_link(page, shared.url)
    expect(page.get_by_text("n is 3")).to_be_visible(timeout=PATIENCE)
    times["the app is there"] = since()
    press(page, "s", "ArrowRight")
    expect(page.get_by_text("n is 4")).to_be_visible(timeout=PATIENCE)
    times[END] = since()
    since = _clock()
    hub.sharing("alice").revoke(shared.name)
    expect(page.locator("#nbapp-notice")).to_contain_text("taken back", timeout=PATIENCE)
    times["taken back: the open page has stopped"] = since()
    return times


def in_a_lab_of_ones_own(hub: Hub, page: Page) -> dict[str, float]:
    """Seconds since bob asked for his server until JupyterLab is there, the cells have run, and the first move."""
    times, since = {}, _clock()
    page.goto(f"{hub.url}hub/spawn/bob?next={hub.url}user/bob/api")  # JupyterLab is loaded once, by `open`
    page.wait_for_url("**/user/bob/api", timeout=PATIENCE)
    lab = LabNotebook(page, own_lab(hub, "bob"), "sales.ipynb")
    lab.open()
    times["JupyterLab is there"] = since()
    lab.run_all()
    expect(page.get_by_text("n is 3")).to_be_visible(timeout=PATIENCE)
    times["the cells have run"] = since()
    lab.press("ArrowRight")
    expect(page.locator(".jp-Notebook .widget-readout")).to_have_text("4", timeout=PATIENCE)
    times[END] = since()
    hub.api("DELETE", "users/bob/server")
    return times


def _clock() -> Callable[[], float]:
    started = time.perf_counter()
    return lambda: time.perf_counter() - started


WAYS = {"nbapp, by link": by_link, "a JupyterLab of one's own": in_a_lab_of_ones_own}


def visit(hub: Hub, browser: Browser, way: str) -> dict[str, float]:
    """One visit of somebody who is logged in, in a new browser."""
    page = new_page(browser)
    log_in(page, hub, "bob")
    times = WAYS[way](hub, page)
    page.context.close()
    return times


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="visits of each kind (default: %(default)s)")
    repeats = parser.parse_args().repeats
    home = Path(tempfile.mkdtemp(prefix="nbapp-bench-"))
    expose = "c.Spawner.args += ['--LabApp.expose_app_in_browser=True']\n"
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    with (
        running_hub(home, f"from nbapp.hub import configure\nconfigure(c)\n{expose}") as hub,
        sync_playwright() as play,
    ):
        for user in ("alice", "bob"):
            write_notebook(hub.home(user) / "sales.ipynb", SLIDER, "print('n is', s.value)")
        hub.start("alice")
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        for _ in range(repeats):
            for way in WAYS:
                found[way].append(visit(hub, browser, way))
        browser.close()
    shutil.rmtree(home)
    rows = []
    for way, visits in found.items():
        for step in visits[0]:
            rows.append([f"{way}: {step}", f"{median(visit[step] for visit in visits):.1f} s"])
    ends = {way: median(visit[END] for visit in visits) for way, visits in found.items()}
    ratio = ends["nbapp, by link"] / ends["a JupyterLab of one's own"]
    show(
        "From Share App to a colleague's first move", ["", "after"], rows, [f"Medians of {repeats}; {ratio:.2f} times."]
    )
    save("share", {"unit": "s", "visits": found})
    return 0


if __name__ == "__main__":
    sys.exit(main())
