"""Whose a kernel is, what outlives it, and the line of those who wait: a real server, spoken to by hand."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tornado.httpclient import HTTPClientError

from nbapp.serve.kernels.connection import V1
from nbapp.serve.kernels.limits import Limits
from nbapp.serve.kernels.visits import NOBODY, Visit, Visits
from nbapp.serve.visitors.line import Line
from tests.e2e.conftest import PATIENCE, Serve, is_running, until
from tests.serve.moving import APP, Ended, Moving
from tests.serve.test_attack_messages import states, widget
from tests.serve.test_connection import Visitor, close, connect
from tests.serve.test_left import SLIDER, Limited, serve_with
from tests.serve.test_routes import COOKIES, ask, kernel_of, ran

__all__ = ["serve_with"]
COUNTS = (SLIDER, "print('x is', x.value)")
SLOW_AT_50_DEADLY_AT_60 = """
import os, time
if n.value >= 50:
    with open('reached', 'a') as file: _ = file.write(f'{n.value} ')
if n.value == 50: time.sleep(600)
if n.value == 60: os.kill(os.getpid(), 9)
square = n.value ** 2
"""

WAITS_AT_50 = """
import os, time
if n.value == 50: open('reached', 'a').write('50 ')
while n.value == 50 and not os.path.exists('go'): time.sleep(0.05)
square = n.value ** 2
"""


def ended(url: str, kernel: str) -> str | None:
    """Why a kernel has ended, as its page hears it."""
    found: str | None = json.loads(ask(f"{url}nbapp/progress/{kernel}")[1]).get("why")
    return found


def xsrf(server_url: str, kernel: str) -> dict[str, str]:
    """The headers of a page that changes something about its kernel."""
    cookie = COOKIES[kernel]
    _, _, headers = ask(server_url, Cookie=cookie)
    found = re.search(r"_xsrf=([^;]+)", headers["Set-Cookie"])
    assert found
    return {"Cookie": f"{cookie}; {found[0]}", "X_XSRFToken": found[1]}


def reached(path: Path) -> list[str]:
    """The values above 50 that a notebook's cells have come to."""
    file = path.with_name("reached")
    return file.read_text(encoding="utf-8").split() if file.exists() else []


async def move(url: str, kernel: str, value: int) -> Visitor:
    """Connect to a page's kernel and move its slider."""
    visitor = Visitor(await connect(url, kernel, V1))
    name = widget(await states(visitor), "IntSliderModel")
    await visitor.send(
        "comm_msg", {"comm_id": name, "data": {"method": "update", "state": {"value": value}, "buffer_paths": []}}
    )
    while f"x is {value}" not in json.dumps(await states(visitor), default=str):
        pass
    return visitor


async def test_the_page_of_a_kernel_is_written_with_what_it_shows_for_its_own_browser_only(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook(*COUNTS), "--public")
    kernel = ran(server.url, ask(server.url)[1])
    await close((await move(server.url, kernel, 5)).socket)
    back = f"nbapp-back={kernel}"
    status, page, _ = ask(server.url, Cookie=f"{COOKIES[kernel]}; {back}")
    assert (status, kernel_of(page)) == (200, kernel)
    if "x is 5" not in page:  # a busy machine: the page was written before the kernel told, and hears of it
        until(lambda: "x is 5" in ask(f"{server.url}nbapp/progress/{kernel}?since=0")[1])
    for cookie in (back, f"{back}; nbapp-visitor-0123456789ab={'x' * 43}"):
        assert kernel_of(ask(server.url, Cookie=cookie)[1]) != kernel
    assert kernel_of(ask(server.url, Cookie=f"{COOKIES[kernel]}; {back}", Cache_Control="no-cache")[1]) != kernel
    assert kernel_of(ask(f"{server.url}?q=1", Cookie=f"{COOKIES[kernel]}; {back}")[1]) != kernel


async def test_the_id_of_a_kernel_opens_nothing_for_another_browser(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook(*COUNTS), "--public")
    kernel, other = (ran(server.url, ask(server.url)[1]) for _ in range(2))
    stranger = xsrf(server.url, other)
    for path, method in (
        (f"api/kernels/{kernel}", "GET"),
        (f"nbapp/stop/{kernel}", "POST"),
        (f"voila/api/shutdown/{kernel}", "POST"),
    ):
        assert ask(server.url + path, method, **stranger)[0] == 404, path
    assert json.loads(ask(f"{server.url}nbapp/progress/{kernel}", **stranger)[1]) == {"gone": True, "why": None}
    assert ask(server.url, X_Nbapp_Kernel=kernel, **stranger)[0] == 404
    owner = COOKIES[kernel]
    COOKIES[kernel] = COOKIES[other]
    with pytest.raises(HTTPClientError, match="404"):
        await connect(server.url, kernel, V1)
    COOKIES[kernel] = owner
    await close(await connect(server.url, kernel, V1))


async def test_the_kernel_of_a_closed_page_is_kept_for_a_while_and_gives_way_to_who_comes(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook(*COUNTS), "--max-kernels", "1", "--keep", "600")
    kernel = ran(server.url, ask(server.url)[1])
    visitor = await move(server.url, kernel, 5)
    assert ask(server.url)[0] == 503
    headers = xsrf(server.url, kernel)
    await close(visitor.socket)
    assert ask(f"{server.url}voila/api/shutdown/{kernel}", "POST", **headers)[0] == 204
    assert server.kernels() == [kernel]
    status, page, _ = ask(server.url)
    assert status == 200
    assert server.kernels() == [kernel_of(page)] != [kernel]
    assert json.loads(ask(f"{server.url}nbapp/progress/{kernel}")[1]) == {"gone": True, "why": "left"}


async def test_with_keep_0_the_kernel_of_a_closed_page_ends_at_once(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook(*COUNTS), "--keep", "0")
    kernel = ran(server.url, ask(server.url)[1])
    headers = xsrf(server.url, kernel)
    await close((await move(server.url, kernel, 5)).socket)
    assert ask(f"{server.url}voila/api/shutdown/{kernel}", "POST", **headers)[0] == 204
    until(lambda: kernel not in server.kernels())


async def test_a_page_that_nobody_uses_and_one_that_is_old_end_and_say_why(
    serve_with: Limited, notebook: Callable[..., Path]
) -> None:
    for limit, why in (({"idle_after": 1.5}, "idle"), ({"oldest": 12.0}, "age")):
        server = serve_with(notebook(*COUNTS), looked_every=0.2, **limit)
        kernel = ran(server.url, ask(server.url)[1])
        visitor = Visitor(await connect(server.url, kernel, V1))
        while await visitor.socket.read_message() is not None:
            pass
        visitor.leave()
        until(lambda server=server: server.kernels() == [])  # type: ignore[misc]
        until(lambda url=server.url, kernel=kernel, why=why: ended(url, kernel) == why)  # type: ignore[misc]


async def test_a_kernel_that_takes_more_memory_than_it_may_ends_and_a_large_demand_is_refused(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    grows = (
        "kept = []\nfor _ in range(x.value - 3):\n    kept.append(bytearray(b'x' * 50_000_000))\nprint('x is', x.value)"
    )
    large = "size = bytearray(4_000_000_000) if x.value == 4 else 0"
    server = serve(notebook(SLIDER, large, grows), "--public", "--memory-limit", "400MB")
    kernel = ran(server.url, ask(server.url)[1])
    visitor = Visitor(await connect(server.url, kernel, V1))
    name = widget(await states(visitor), "IntSliderModel")
    update = {"method": "update", "state": {"value": 4}, "buffer_paths": []}
    await visitor.send("comm_msg", {"comm_id": name, "data": update})
    until(lambda: "MemoryError" in server.output)
    assert "needs more memory than this app may use" in json.dumps(await states(visitor), default=str)
    await visitor.send("comm_msg", {"comm_id": name, "data": {**update, "state": {"value": 13}}})
    while await visitor.socket.read_message() is not None:
        pass
    until(lambda: server.kernels() == [])
    visitor.leave()
    until(lambda: ended(server.url, kernel) == "memory")
    assert "more than it may; it ends" in server.output


def test_kernels_end_with_a_server_that_is_killed(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook(*COUNTS, "import subprocess\nsubprocess.Popen(['sleep', '600'])\nwhile True: pass"))
    assert ask(server.url)[0] == 200
    until(lambda: len(psutil.Process(server.process.pid).children(recursive=True)) == 2)
    family = psutil.Process(server.process.pid).children(recursive=True)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(PATIENCE)
    until(lambda: not is_running(family[0]), "a kernel outlived its server")


def test_who_came_first_comes_in_first_and_who_does_not_ask_loses_the_place() -> None:
    now = [0.0]
    line = Line(lambda: now[0])
    assert [line.waits(name) for name in ("a", "b", "c")] == [0, 1, 2]
    assert line.before("new") == line.before("") == 3
    now[0] = 10.0
    assert [line.waits("b"), line.waits("c")] == [1, 2]
    now[0] = 20.0
    assert line.waits("c") == 1
    assert len(line) == 2
    line.leave("b")
    assert line.waits("c") == 0
    assert line.waits("a") == 1


def visit(**about: object) -> Visit:
    known: dict[str, object] = {"browser": "s", "environment": {"QUERY_STRING": "a=1"}, "link": None, "who": None}
    return Visit(**{**known, **about})  # type: ignore[arg-type]


def test_a_page_is_the_same_one_only_for_the_same_browser_address_link_and_visitor() -> None:
    same = visit(environment={"QUERY_STRING": "token=x&a=1", "VOILA_REQUEST_URL": "http://x/?token=x&a=1"})
    assert visit().may_be_followed(same)
    for other in (
        visit(browser="t"),
        visit(browser=""),
        visit(link="l"),
        visit(who={"name": "bob", "groups": []}),
        visit(environment={"QUERY_STRING": "a=2"}),
    ):
        assert not visit().may_be_followed(other)
    assert not visit(browser="").may_be_followed(visit(browser=""))


@pytest.mark.parametrize("by", ["the kernel", "the server"])
def test_values_are_those_chosen_only_when_nothing_newer_waits(by: str) -> None:
    one, moves = visit(), {"method": "update", "state": {"value": 4}}
    one.hears_page(moves)
    one.hears({"values": {"n": 3}, "unkept": 0, "is_behind": by == "the kernel"}, is_behind=by == "the server")
    assert "with the values of its last result." in one.told()
    one.hears({"values": {"n": 4}, "unkept": 0, "is_behind": False})
    assert "with the values that you had chosen." in one.told()
    one.hears_page(moves)
    assert "with the values of its last result." in one.told()


def test_values_are_kept_up_to_a_size_and_of_so_many_visits() -> None:
    visits, one = Visits(), visit()
    one.hears({"values": {"n": 4}, "unkept": 1})
    one.hears({"values": {"n": "x" * 200_000}, "unkept": 0})
    assert one.values == {"n": 4}
    visits.begin("k", one)
    visits.end("k", "died")
    visits.end("k", "left")
    assert one.told() == (
        "This app had stopped by itself. It was started again with the values that you had chosen. "
        "Some controls have their first values again."
    )
    for number in range(1000):
        visits.begin(str(number), visit())
        visits.end(str(number), "left")
    assert visits.of("k") is None
    assert visits.of("999") is not None
    assert NOBODY.browser == ""


def test_a_page_whose_cells_compute_is_not_idle() -> None:
    limits, one = Limits(idle=10, age=100), visit(began=0.0, acted=0.0)
    assert limits.over(one, 11) == "idle"
    one.hears({"busy": True})
    assert limits.over(one, 50) is None
    one.hears({"busy": False})
    assert limits.over(one, 59) is None
    assert limits.over(one, 61) == "idle"
    assert limits.over(one, 101) == "age"
    assert Limits(0, 0).over(one, 10**9) is None


@pytest.mark.parametrize("by", ["a newer one", "Stop, before the page was loaded again"])
async def test_values_of_a_walk_that_was_cut_short_are_not_given_to_another_kernel(
    serve: Serve, notebook: Callable[..., Path], by: str
) -> None:
    """They were perhaps about to end this one."""
    path = notebook(APP[0], SLOW_AT_50_DEADLY_AT_60, APP[2])
    server = serve(path)
    page = await Moving.open(server.url)
    await page.settles()
    result = page.value
    await page.chooses(50)
    await asyncio.to_thread(until, lambda: "50" in reached(path))
    if by != "a newer one":
        headers = xsrf(server.url, page.kernel)
        assert ask(f"{server.url}nbapp/stop/{page.kernel}", "POST", **headers)[0] == 204
        await close(page.visitor.socket)
        page = await page.again()
        assert page.began == 50
    await page.chooses(60)
    with pytest.raises(Ended):
        await page.settles(0)
    page = await page.again()
    assert page.began == result
    assert "with the values of its last result." in page.told
    page.visitor.leave()


async def test_what_is_saved_while_a_cell_runs_for_long_comes_into_the_page_after_it(
    serve_with: Limited, notebook: Callable[..., Path]
) -> None:
    path = notebook(APP[0], WAITS_AT_50, APP[2])
    server = serve_with(path, "--watch", answers_within=1)
    page = await Moving.open(server.url)
    await page.chooses(50)
    await asyncio.to_thread(until, lambda: reached(path))
    path.write_text(path.read_text().replace("print('seen'", "print('version two')\\nprint('seen'"))
    await asyncio.sleep(4)  # longer than is waited for it
    path.with_name("go").touch()
    await page.settles(1)
    while "version two" not in json.dumps(await states(page.visitor), default=str):
        await asyncio.sleep(0.1)
    assert page.wrong() == []
    page.visitor.leave()
    assert server.stop() == 0
    assert "stays at the version before" not in server.output


async def test_a_page_whose_kernel_goes_on_talking_is_loaded_again(serve: Serve, notebook: Callable[..., Path]) -> None:
    talks = (
        "import threading, time\nshown = ipywidgets.HTML()\n"
        "def talk():\n    for number in range(10**6):\n        shown.value = str(number)\n        time.sleep(0.02)\n"
        "threading.Thread(target=talk, daemon=True).start()\nshown"
    )
    server = serve(notebook(SLIDER, talks))
    kernel = ran(server.url, ask(server.url)[1])
    status, page, _ = ask(server.url, Cookie=f"{COOKIES[kernel]}; nbapp-back={kernel}")
    assert (status, kernel_of(page)) == (200, kernel)
    news = f"{server.url}nbapp/progress/{kernel}?since=0"
    until(lambda: json.loads(ask(news)[1])["state"] == "whole", "the page waits for a kernel that is never silent")


@pytest.mark.parametrize("fork", ["--fork", "--no-fork"])
async def test_a_kernel_that_nobody_has_come_for_takes_no_more_memory_than_it_may_either(
    serve: Serve, notebook: Callable[..., Path], fork: str
) -> None:
    # In one piece, and below what `nbapp.memory.bound` lets it ask for: what is more raises MemoryError in its cell.
    grows = (
        "from pathlib import Path\nran = Path('ran')\nkept = bytearray(b'x') * 500_000_000 if ran.exists() else None"
    )
    waits = "import time\nwhile kept: time.sleep(1)\nran.touch()"
    server = serve(notebook(SLIDER, grows, waits), "--memory-limit", "400MB", "--warm", "1", fork)
    kernel = ran(server.url, ask(server.url)[1])
    visitor = Visitor(await connect(server.url, kernel, V1))  # whose page stays
    until(lambda: "(--memory-limit 400MB)" in server.output)
    until(lambda: server.kernels() == [kernel])
    assert ended(server.url, kernel) is None
    await close(visitor.socket)
