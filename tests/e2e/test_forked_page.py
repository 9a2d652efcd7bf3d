"""The page of a forked kernel is like any other: it is live, shows the data of now, and is nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import PATIENCE, Serve
from tests.e2e.test_run_ahead import opened
from tests.e2e.test_serve import cell, step
from tests.serve.zygotes import WHERE_KERNELS_FORK, forks, has_forks

pytestmark = [pytest.mark.browser, WHERE_KERNELS_FORK]
expect.set_options(timeout=PATIENCE * 1000)


def test_two_pages_of_forked_kernels_are_live_at_once_and_each_is_its_visitors(
    serve: Serve, notebook: Callable[..., Path], tmp_path: Path, browser: Browser
) -> None:
    data = tmp_path / "data.txt"
    data.write_text("old", encoding="utf-8")
    server = serve(
        notebook(
            "import os, ipywidgets as w\nx = w.IntSlider(value=7, description='x')\nx",
            "print('data', open('data.txt').read())",
            "print('x squared is', x.value ** 2)",
            "press = w.Button(description='press')\nshown = w.Output()\n"
            "press.on_click(lambda _: shown.append_stdout(f'pressed in {os.getpid()}'))\nw.VBox([press, shown])",
            "import matplotlib.pyplot as plt\n_ = plt.plot([0, x.value])\nplt.show()",
            "from nbapp import ui\nui.download('get it', lambda: f'{x.value} in {os.getpid()}', 'x.txt')",
        ),
        *("--warm", "1"),
    )
    has_forks(server)
    data.write_text("new", encoding="utf-8")
    context = browser.new_context()
    context.set_default_timeout(PATIENCE * 1000)
    pages, mine = [], []
    for _ in range(2):
        before = {each.pid for each in forks(server)}
        pages.append(context.new_page())
        opened(pages[-1], server)
        mine.append({each.pid for each in forks(server)} - before)
    assert [len(each) for each in mine] == [1, 1]
    for page in pages:
        expect(cell(page, "data new")).to_be_visible()
        expect(cell(page, "x squared is 49")).to_be_visible()
        expect(page.locator(".nbapp-item img")).to_be_visible()
    step(pages[1], 2)
    expect(cell(pages[1], "x squared is 81")).to_be_visible()
    expect(cell(pages[0], "x squared is 49")).to_be_visible()
    for page, kernels in zip(pages, mine, strict=True):
        page.get_by_role("button", name="press").click()
        expect(page.get_by_text(f"pressed in {min(kernels)}")).to_be_visible()
        with page.expect_download() as found:
            page.get_by_role("button", name="get it").click()
        assert found.value.path().read_text() == f"{9 if page is pages[1] else 7} in {min(kernels)}"
    pages[1].reload()
    expect(cell(pages[1], "x squared is 81")).to_be_visible()
    context.close()
    assert "Traceback" not in server.output
