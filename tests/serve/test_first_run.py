"""The page is there before its notebook has run: what it hears of the first run, and what it shows of earlier ones."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tornado.httpclient import HTTPClientError

from nbapp.serve.kernels.connection import V1
from nbapp.serve.kernels.first_run import FirstRun
from nbapp.serve.page.recordings import _MOST, _PAGES, Recordings, like
from tests.e2e.conftest import Serve, until
from tests.serve.test_connection import close, connect
from tests.serve.test_routes import COOKIES, ask, first_run, kernel_of, ran

SLIDER = "import ipywidgets\nx = ipywidgets.IntSlider(3, description='quantity')\nx"
WAITS = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.05)"


async def test_news_come_once_and_at_once() -> None:
    run = FirstRun()
    waiting = asyncio.ensure_future(run.news(0, 10))
    await asyncio.sleep(0)
    run.shows({"a": "one"})
    assert (await waiting)["shown"] == {"a": "one"}
    first = await run.news(0, 10)
    assert (await run.news(first["number"], 0.01))["shown"] == {}
    run.shows({"a": "one", "b": "two"})
    run.is_at({"cell": 2, "of": 3})
    news = await run.news(first["number"], 10)
    assert (news["shown"], news["at"], news["state"]) == ({"b": "two"}, {"cell": 2, "of": 3}, "under way")
    run.ends("whole")
    assert (await run.news(news["number"], 10))["state"] == "whole"
    assert (await run.news(10**9, 10))["state"] == "whole"  # whatever a page says that it knows
    await run.over()


async def test_what_the_page_was_written_with_is_no_news() -> None:
    run = FirstRun()
    run.expects({"a": "one", "b": "two"})
    run.shows({"a": "one", "b": "another"})
    assert (await run.news(0, 10))["shown"] == {"b": "another"}


def test_recordings_are_of_pages_that_are_alike_and_bounded() -> None:
    known = Recordings()
    page = like("version", {"QUERY_STRING": "a"})
    known.keep(page, {"a": "x" * (_MOST - 1), "b": "too much", "c": "y"})
    assert set(known.of(page)) == {"a", "c"}
    assert known.of(like("version", {"QUERY_STRING": "b"})) == {}
    assert known.of(like("another", {"QUERY_STRING": "a"})) == {}
    for number in range(_PAGES):
        known.keep(like(str(number), {}), {"a": str(number)})
    assert known.of(page) == {}
    assert known.of(like("0", {})) == {"a": "0"}


def test_the_page_is_whole_before_the_notebook_has_run_and_hears_what_cells_show(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    path = notebook("print('early')", SLIDER, WAITS, "print('late')")
    server = serve(path)
    began = time.monotonic()
    status, page, _ = ask(server.url)
    assert (status, page.rstrip().endswith("</html>")) == (200, True)
    assert time.monotonic() - began < 60  # the third cell waits for ever
    assert page.count('class="nbapp-recorded"') == 4
    shown: dict[str, str] = {}
    number, at = 0, None
    while not (at == {"cell": 3, "of": 4} and len([text for text in shown.values() if text]) == 2):
        news = json.loads(ask(f"{server.url}nbapp/progress/{kernel_of(page)}?since={number}")[1])
        shown |= news["shown"]
        number, at = news["number"], news["at"]
        assert news["state"] == "under way"
    assert ["early" in text for text in shown.values() if text] == [True, False]
    assert "quantity" in "".join(shown.values())
    (path.parent / "go").touch()
    assert first_run(server.url, page) == "whole"


def test_the_next_page_shows_what_cells_showed_before_and_only_a_page_that_is_alike(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    path = notebook("import os\nprint('query', os.environ['QUERY_STRING'])", SLIDER)
    server = serve(path)
    _, first, _ = ask(server.url)
    assert not re.findall(r"nbapp.show\(\"", first)
    ran(server.url, first)
    _, second, _ = ask(server.url)
    assert len(re.findall(r"nbapp.show\(\"", second)) == 2
    assert "quantity" in second
    _, other, _ = ask(f"{server.url}?a=1")
    assert "quantity" not in other
    path.write_text(path.read_text().replace("query", "question"))
    _, changed, _ = ask(server.url)
    assert "quantity" not in changed


def test_what_is_of_the_moment_or_of_one_visitor_is_not_shown_to_the_next(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(
        notebook(
            "import datetime, uuid\nprint('always the same')",
            "print('ticket', uuid.uuid4())",
            "now = datetime.datetime.now()",
            "print('stamp', now)",
            SLIDER,
        )
    )
    ran(server.url, ask(server.url)[1])
    _, page, _ = ask(server.url)
    for shown in ("always the same", "quantity"):
        assert shown in page
    for hidden in ("ticket ", "stamp "):
        assert hidden not in page


def test_who_goes_away_while_the_notebook_runs_leaves_no_kernel_and_no_word(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook(SLIDER, WAITS))
    kernel = kernel_of(ask(server.url)[1])
    where, cookie = urlsplit(server.url), f"Cookie: {COOKIES[kernel]}\r\n"
    until(lambda: json.loads(ask(f"{server.url}nbapp/progress/{kernel}?since=0")[1])["at"] == {"cell": 2, "of": 2})
    for _ in range(3):
        with socket.create_connection((where.hostname, where.port)) as visitor:
            question = f"GET /nbapp/progress/{kernel}?since=1000 HTTP/1.1\r\nHost: localhost\r\n{cookie}\r\n"
            visitor.sendall(question.encode())
            time.sleep(0.3)
    began = time.monotonic()
    until(lambda: server.kernels() == [], "the kernel of a page that is gone stayed")
    took = time.monotonic() - began
    assert took < 19  # not as long as a page has that was never heard of
    time.sleep(max(11 - took, 0))  # longer than a question waits
    server.stop()
    assert "Traceback" not in server.output


async def test_who_connects_before_the_app_is_there_waits(serve: Serve, notebook: Callable[..., Path]) -> None:
    path = notebook(SLIDER, WAITS)
    server = serve(path)
    kernel = kernel_of((await asyncio.to_thread(ask, server.url))[1])
    connecting = asyncio.ensure_future(connect(server.url, kernel, V1))
    done, _ = await asyncio.wait([connecting], timeout=3)
    assert not done
    (path.parent / "go").touch()
    await close(await connecting)


async def test_nobody_connects_to_an_app_that_could_not_start(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook("import os\nos._exit(1)"))
    kernel = kernel_of((await asyncio.to_thread(ask, server.url))[1])
    with pytest.raises(HTTPClientError):
        await connect(server.url, kernel, V1)
    until(lambda: "The app did not start" in server.output)
