"""The place for results fails under a served app: pages stay right, and the log says it once for all of them."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import redis

from nbapp.serve.page.recordings import Recordings, like
from tests.e2e.conftest import Serve, Server, until
from tests.persistence.places import redis_server, results
from tests.serve.moving import Moving
from tests.serve.test_connection import close

APP = (
    "import ipywidgets as w\nn = w.IntSlider(3, max=100_000)\nn",
    "import nbapp, time\n@nbapp.cache(persist=True)\ndef square(n):\n    time.sleep(0.06)\n    return n ** 2",
    "print('seen', n.value, square(n.value))",
)


async def _are_right(server: Server, said: str) -> None:
    """Two visitors move their sliders while the place fails."""
    for _ in range(2):
        page = await Moving.open(server.url)
        for number in range(3):
            await page.chooses(number + 10)
            while not page.shown or page.shown[-1][0] != number + 10:
                await page._listen()
        assert page.wrong() == []
        assert said not in page.heard
        await close(page.visitor.socket)
    until(lambda: said in server.output)
    assert server.output.count(said) == 1
    assert "failed" not in server.output


async def test_with_a_full_redis_server_each_page_is_right_and_it_is_told_once(
    serve: Serve, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    with redis_server(tmp_path) as url:
        server = serve(notebook(*APP), "--cache", url, "--cache-key", str(tmp_path / "key"))
        assert server.url
        redis.Redis.from_url(url).config_set("maxmemory", "1")
        await _are_right(server, "cannot be written")


async def test_without_its_redis_server_each_page_is_right_and_it_is_told_once(
    serve: Serve, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    with redis_server(tmp_path) as url:
        server = serve(notebook(*APP), "--cache", url, "--cache-key", str(tmp_path / "key"))
        assert server.url
        redis.Redis.from_url(url).shutdown()
        await _are_right(server, "cannot be read")


async def test_a_page_does_not_wait_for_a_place_that_does_not_answer(tmp_path: Path) -> None:
    """What others showed comes with the next page."""
    with redis_server(tmp_path) as url:
        page = like("version", {})
        before = Recordings(results(url))
        before.keep(page, {"a": "shown"})
        until(lambda: redis.Redis.from_url(url).dbsize())
        (server,) = (each for each in psutil.Process().children() if each.name() == "redis-server")
        server.send_signal(signal.SIGSTOP)
        known = Recordings(results(url))
        await known.bring(page)
        server.send_signal(signal.SIGCONT)
        assert known.of(page) == {}
        await known.bring(page)
        assert known.of(page) == {"a": "shown"}
