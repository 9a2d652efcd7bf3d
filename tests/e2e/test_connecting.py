"""A page that connects while its kernel makes widgets, computes or was cut off gets all of them, and asks in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.e2e.conftest import PATIENCE, Serve, until
from tests.e2e.test_library_widgets import learns
from tests.e2e.test_live_coding import START, save
from tests.e2e.test_serve import step, visit
from tests.e2e.wire import Wire

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)

SLIDER = "import ipywidgets as w\nx = w.IntSlider(7, description='how many')\nx"
# The page's question for the states of all widgets waits until it is let go.
HELD = """
const { send } = WebSocket.prototype;
window.held = [];
WebSocket.prototype.send = function (frame) {
  const asks = new TextDecoder().decode(frame).includes('request_states');
  asks && window.held ? window.held.push(() => send.call(this, frame)) : send.call(this, frame);
};
window.letGo = () => {
  const held = window.held;
  window.held = null;
  held.forEach(go => go());
};
"""
OPENS = """
address => new Promise(opens => {
  const other = new WebSocket(address.replace(/session_id=\\w+/, 'session_id=other'), 'v1.kernel.websocket.jupyter.org');
  window.heard = 0;
  other.addEventListener('message', () => window.heard++);
  other.addEventListener('open', opens);
})
"""
# The kernel says something just after the socket was handed over, as it may at any time: is it heard before it is open?
SPEAKS = """
window.WebSocket = class extends WebSocket {
  constructor(...asked) {
    super(...asked);
    this.binaryType = 'arraybuffer';
    this.addEventListener('message', ({ data }) => (window.last ??= data));
  }
  set onopen(opens) {
    super.onopen = event => {
      window.opened = true;
      opens.call(this, event);
    };
  }
  set onmessage(hears) {
    super.onmessage = event => {
      window.early ||= !window.opened;
      hears.call(this, event);
    };
    queueMicrotask(() => window.last && this.dispatchEvent(new MessageEvent('message', { data: window.last })));
  }
};
"""
# The page's first question for the states gets lost.
LOST = """
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (frame) {
  if (!window.isLost && new TextDecoder().decode(frame).includes('request_states')) {
    window.isLost = true;
  } else {
    send.call(this, frame);
  }
};
"""
# The manager is ready to wait four seconds for the states: here it is not.
IMPATIENT = """
const inTime = window.setTimeout;
window.setTimeout = (call, milliseconds, ...rest) => {
  const gives = (...about) => {
    call(...about);
    window.gaveUp = true;
  };
  return milliseconds === 4000 ? inTime(gives, 100, ...rest) : inTime(call, milliseconds, ...rest);
};
"""


# While the kernel puts the states together, and has read those of the first widgets, a thread changes these.
MEANWHILE = """
import ipywidgets as w, threading
label, box, asked, said = w.Label('before'), w.VBox(), threading.Event(), threading.Event()
class Slow(w.Label):
    def get_state(self, *args, **options):
        if 'drop_defaults' in options:  # so asks who answers
            asked.set()
            said.wait(5)
        return super().get_state(*args, **options)
def speaks():
    asked.wait()
    label.value = 'after'
    box.children = [w.Button(description='made meanwhile')]
    said.set()
threading.Thread(target=speaks, daemon=True).start()
w.VBox([label, box, Slow('at last')])
"""


def how_often(found: list[list[bytes]], text: bytes) -> int:
    """In how many frames of all sockets a text stands."""
    return sum(text in frame for frames in found for frame in frames)


@contextmanager
def a_page(browser: Browser, headers: dict[str, str]) -> Iterator[Page]:
    context = browser.new_context(extra_http_headers=headers)
    try:
        yield context.new_page()
    finally:
        context.close()


here = partial(a_page, headers={})
far_away = partial(a_page, headers={"X-Forwarded-For": "192.0.2.1"})  # by way of a proxy


def frames(page: Page, event: str) -> list[list[bytes]]:
    """What the page's sockets send or get from now on: a list for each, which grows."""
    found: list[list[bytes]] = []

    def opens(socket: Any) -> None:
        passed: list[bytes] = []
        found.append(passed)
        socket.on(event, lambda frame: passed.append(frame if isinstance(frame, bytes) else frame.encode()))

    page.on("websocket", opens)
    return found


def test_widgets_that_are_made_before_the_page_has_the_states_of_all_are_shown(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    path = save(tmp_path / "app.ipynb", {"title": "# A title"})
    got = frames(page, "framereceived")
    page.add_init_script(HELD)
    page.goto(serve(path, "--watch").url)
    page.wait_for_function("window.held.length > 0")
    save(path, START)
    until(lambda: page.title() and any(b"nbapp-saved" in frame for frame in got[0]), "the kernel did not run it")
    page.evaluate("window.letGo()")
    expect(page.get_by_text("x is 3")).to_be_visible()
    step(page)
    expect(page.get_by_text("x is 4")).to_be_visible()


def test_a_page_whose_kernel_speaks_as_the_socket_is_handed_over_asks_it_first(
    serve: Serve, page: Page, notebook: Callable[..., Path]
) -> None:
    scripts: list[Any] = []
    sent = frames(page, "framesent")
    page.add_init_script(SPEAKS)
    page.route("**/voila.js", lambda route: scripts.append(route))
    page.goto(serve(notebook(SLIDER, "print('x is', x.value)")).url, wait_until="commit")
    page.wait_for_function("window.last")
    for route in scripts:
        route.continue_()
    expect(page.get_by_text("x is 7")).to_be_visible()
    assert page.evaluate("[window.opened, window.early]") == [True, False]
    assert b"kernel_info_request" in sent[0][0]  # all else waits for its answer


def test_a_page_that_is_connected_again_asks_its_kernel_before_it_sends_what_waits(
    serve: Serve, page: Page, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook(SLIDER, "print('x is', x.value)"))
    wire = Wire(urlsplit(server.url).port or 0)
    visit(page, f"http://localhost:{wire.port}/")
    expect(page.get_by_text("x is 7")).to_be_visible()
    sent = frames(page, "framesent")
    wire.cut()
    expect(page.get_by_text("The connection is lost.")).to_be_visible()
    step(page)
    wire.mend()
    expect(page.get_by_text("x is 8")).to_be_visible()
    assert b"kernel_info_request" in next(frames for frames in sent if frames)[0]
    wire.close()


def test_a_page_that_connects_to_a_kernel_which_computes_for_long_gets_what_it_makes(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    path = save(tmp_path / "app.ipynb", {"title": "# A title", "slider": SLIDER})
    page.add_init_script(HELD)
    page.add_init_script(IMPATIENT)
    page.goto(serve(path, "--watch").url)
    page.wait_for_function("window.held.length > 0")
    waits = "import os, time\nopen('begun', 'w').close()\nwhile not os.path.exists('go'): time.sleep(0.05)"
    makes = "w.HBox([w.VBox([w.IntText(n, description=f'made {n}')]) for n in range(5)])"
    save(
        path,
        {"title": "# A title", "slider": SLIDER, "waits": waits, "makes": makes, "shown": "print('x is', x.value)"},
    )
    until((tmp_path / "begun").exists)
    page.evaluate("window.letGo()")
    page.wait_for_function("window.gaveUp")
    (tmp_path / "go").touch()
    expect(page.get_by_text("x is 7")).to_be_visible()
    for n in range(5):
        expect(page.get_by_role("spinbutton", name=f"made {n}")).to_have_value(str(n))
    step(page)
    expect(page.get_by_text("x is 8")).to_be_visible()


@pytest.mark.parametrize("place", [here, far_away], ids=["here", "far away"])
def test_what_a_thread_says_while_the_kernel_answers_is_not_lost(
    serve: Serve, browser: Browser, notebook: Callable[..., Path], place: Callable[..., Any]
) -> None:
    url = serve(notebook(MEANWHILE)).url
    with place(browser) as page:
        page.goto(url)
        expect(page.get_by_text("at last")).to_be_visible()
        expect(page.get_by_role("button", name="made meanwhile")).to_be_visible()
        expect(page.get_by_text("after")).to_be_visible()


def let_go(held: list[Any]) -> bool:
    """Answer what waits."""
    while held:
        held.pop().continue_()
    return True


def test_what_the_kernel_says_of_a_widget_while_its_library_is_on_its_way_is_not_lost(
    serve: Serve, page: Page, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    source = """
import bqplot, ipywidgets as w, os, threading, time
figure, label, begun = bqplot.Figure(title='before'), w.Label('one'), w.Label('begun')
def speaks():
    while not os.path.exists('go'):
        time.sleep(0.02)
    figure.title = 'after'
    begun.value = 'said'
    box.children = [figure, w.Label('two')]
threading.Thread(target=speaks, daemon=True).start()
box = w.VBox([figure, label])
w.VBox([begun, box])
"""
    held: list[Any] = []
    page.route(re.compile("/labextensions/bqplot/"), lambda route: held.append(route))
    got = frames(page, "framereceived")
    page.goto(serve(notebook(source)).url)
    until(lambda: page.title() and held and how_often(got, b"update_states"))
    page.wait_for_timeout(500)
    (tmp_path / "go").touch()
    until(lambda: page.title() and how_often(got, b"two"))
    until(lambda: let_go(held) and page.get_by_text("two").is_visible())
    expect(page.locator(".bqplot").get_by_text("after")).to_be_visible()


def test_a_page_whose_connection_takes_longer_than_it_waits_asks_for_the_states_once(
    serve: Serve, page: Page, notebook: Callable[..., Path]
) -> None:
    wire = Wire(urlsplit(serve(notebook(SLIDER, "print('x is', x.value)")).url).port or 0)
    sent = frames(page, "framesent")
    page.add_init_script(IMPATIENT)
    wire.hold()
    page.goto(f"http://localhost:{wire.port}/", wait_until="commit")
    page.wait_for_function("window.gaveUp")
    wire.let_go()
    expect(page.get_by_text("x is 7")).to_be_visible()
    step(page)
    expect(page.get_by_text("x is 8")).to_be_visible()
    assert how_often(sent, b"request_states") == 1
    wire.close()


def test_far_away_the_states_are_there_before_the_scripts_and_what_the_kernel_says_meanwhile_is_kept(
    serve: Serve, browser: Browser, tmp_path: Path
) -> None:
    start = {"title": "# A title", "slider": SLIDER, "large": "w.HTML('large ' * 20_000 + 'end')"}
    path = save(tmp_path / "app.ipynb", {**start, "shown": "print('x is', x.value)"})
    server = serve(path, "--watch")
    url = server.url
    with far_away(browser) as page:
        visit(page, url)
        learns(server)
    with far_away(browser) as page:
        scripts: list[Any] = []
        sent, got = frames(page, "framesent"), frames(page, "framereceived")
        page.route("**/voila.*.js", lambda route: scripts.append(route))
        page.goto(url, wait_until="commit")
        until(
            lambda: page.title() and any(frame[:8] == bytes(8) for frames in got for frame in frames),
            "no packed states came",
        )
        new = "w.HBox([w.IntText(5, description='made later'), w.Image(value=bytes(range(256)) * 40)])"
        save(path, {**start, "shown": "print('x was', x.value)", "new": new})
        until(lambda: page.title() and how_often(got, b"made later"), "it was not run")
        for route in scripts:
            route.continue_()
        expect(page.get_by_role("spinbutton", name="made later")).to_have_value("5")
        expect(page.locator(".widget-html", has_text="large end")).to_be_visible()
        expect(page.get_by_text("x was 7")).to_be_visible()
        step(page)
        expect(page.get_by_text("x was 8")).to_be_visible()
        assert how_often(sent, b"request_states") == 1


def test_who_opens_another_socket_to_the_kernel_does_not_cut_off_the_page(
    serve: Serve, page: Page, notebook: Callable[..., Path]
) -> None:
    """As a library may that talks to the kernel itself: with the session of the page either would end the other."""
    opened: list[str] = []
    ended: list[str] = []

    def opens(socket: WebSocket) -> None:
        opened.append(socket.url)
        socket.on("close", lambda _: ended.append(socket.url))

    page.on("websocket", opens)
    visit(page, serve(notebook(SLIDER, "print('x is', x.value)")).url)
    expect(page.get_by_text("x is 7")).to_be_visible()
    page.evaluate(OPENS, opened[0])
    step(page)
    expect(page.get_by_text("x is 8")).to_be_visible()
    page.wait_for_function("window.heard > 0")
    assert (len(opened), ended) == (2, [])


@pytest.mark.parametrize("is_far", [False, True], ids=["here", "far away"])
def test_a_question_that_goes_down_with_its_connection_is_asked_again(
    serve: Serve, browser: Browser, notebook: Callable[..., Path], is_far: bool
) -> None:
    server = serve(notebook(SLIDER, "print('x is', x.value)"))
    wire = Wire(urlsplit(server.url).port or 0)
    if is_far:
        with far_away(browser) as page:
            visit(page, server.url)
            learns(server)
    with far_away(browser) if is_far else here(browser) as page:
        sent = frames(page, "framesent")
        page.add_init_script(LOST)
        page.goto(f"http://localhost:{wire.port}/", wait_until="commit")
        opened = 1 + is_far  # channels for the question: the manager's, after that of the page itself
        until(lambda: page.title() and how_often(sent, b"comm_open") == opened, "it did not ask")
        page.wait_for_function("window.isLost")
        wire.cut()
        wire.mend()
        expect(page.get_by_text("x is 7")).to_be_visible()
        step(page)
        expect(page.get_by_text("x is 8")).to_be_visible()
    wire.close()
