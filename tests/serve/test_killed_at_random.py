"""The kernel, what forks kernels and the server are killed at random moments while a slider moves: pages come back with
their values and go on right, and of a server nothing stays.

Each run has another seed. A failure names it, and `NBAPP_SEED=... pytest` has the same moments again.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tornado.httpclient import HTTPClientError

from tests.e2e.conftest import PATIENCE, Serve, Server, command_line, is_running, until
from tests.serve.moving import APP, Ended, Moving
from tests.serve.zygotes import WHERE_KERNELS_FORK, forks, zygotes

pytestmark = WHERE_KERNELS_FORK
_PR_SET_CHILD_SUBREAPER = 36
_CHOSEN = "with the values that you had chosen"


class Chance(random.Random):
    """Where the moments come from; each message of a failure names `seed`."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.said = f"NBAPP_SEED={seed}"


@pytest.fixture
def chance() -> Chance:
    found = Chance(int(os.environ.get("NBAPP_SEED", time.time_ns() % 10**9)))
    print(found.said)  # pytest shows it with a test that fails, wherever it fails
    return found


@pytest.fixture
def orphans() -> Iterator[Callable[[], list[psutil.Process]]]:
    """The processes that a killed one left: until the test ends they become ours, whoever started them.

    So it is where systemd looks after a user's session; elsewhere they become children of the first process.
    """
    prctl, own = ctypes.CDLL(None).prctl, psutil.Process()
    before = {child.pid for child in own.children()}
    assert prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    yield lambda: [child for child in own.children() if child.pid not in before and is_running(child)]
    assert prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) == 0


def started(server: Server, page: Moving) -> list[psutil.Process]:
    """The process of a page's kernel, unless it was forked."""
    children = psutil.Process(server.process.pid).children()
    return [child for child in children if f"kernel-{page.kernel}" in command_line(child)]


def process(server: Server, page: Moving) -> psutil.Process:
    """The process of a page's kernel: one that was forked is the newest of them."""
    own = started(server, page)
    return own[0] if own else max(forks(server), key=psutil.Process.create_time)


async def forked_page(server: Server) -> Moving:
    """A page whose kernel was forked, as soon as one is."""
    while started(server, page := await Moving.open(server.url)):
        page.visitor.leave()
    return page


async def after(chance: Chance, longest: float) -> None:
    """Let a random time pass, which is the moment of the kill."""
    await asyncio.sleep(chance.uniform(0, longest))


async def comes_back(page: Moving, moving: asyncio.Task[None], chance: Chance) -> Moving:
    """The page once it has heard that its kernel is gone, and goes on in another: nothing is wrong in either."""
    await asyncio.wait_for(moving, 60)
    new = await page.again()
    results = [value for value, _ in page.shown]
    assert new.kernel != page.kernel, chance.said
    # What is told of the last result comes right after it, so the one before it has surely been told.
    assert max(results[:-1], default=page.began) <= new.began <= page.value, (chance.said, results, new.began)
    assert "It was started again" in new.told, chance.said
    assert _CHOSEN not in new.told or new.began == page.value, (chance.said, new.told, new.began, page.value)
    await new.settles()
    assert page.wrong() == new.wrong() == [], chance.said
    return new


async def kernel_is_killed(server: Server, page: Moving, chance: Chance) -> Moving:
    """While its slider moves."""
    kernel = process(server, page)
    moving = asyncio.create_task(page.moves())
    await after(chance, 0.6)
    kernel.kill()
    return await comes_back(page, moving, chance)


async def somebody_comes(server: Server, chance: Chance) -> None:
    """At a random moment. Whose kernel ends as they come loads the page again; what is shown at last is right."""
    await after(chance, 1.5)
    while True:
        try:
            page = await Moving.open(server.url)
            await page.settles()
        except (HTTPClientError, Ended):
            continue
        assert page.wrong() == [], chance.said
        page.visitor.leave()
        return


async def zygote_is_killed(server: Server, page: Moving, chance: Chance, longest: float) -> Moving:
    """While a page moves its slider and others come, some of which wait for a fork; the page, which may have another
    kernel now.
    """
    coming = [asyncio.create_task(somebody_comes(server, chance)) for _ in range(3)]
    moving = asyncio.create_task(page.moves())
    await after(chance, longest)
    is_fork, killed = not started(server, page), zygotes(server)
    for zygote in killed:
        zygote.kill()
    if killed and is_fork:
        page = await comes_back(page, moving, chance)
    else:
        moving.cancel()
        await asyncio.wait([moving])
        await page.settles()
        assert page.wrong() == [], chance.said
    await asyncio.wait_for(asyncio.gather(*coming), PATIENCE)
    return page


def ends_well(server: Server, page: Moving, chance: Chance) -> None:
    """The page is left and the server stopped: nothing went wrong in it."""
    page.visitor.leave()
    assert server.stop() == 0
    assert "Traceback" not in server.output, chance.said


async def server_is_killed(
    server: Server, chance: Chance, orphans: Callable[[], list[psutil.Process]], longest: float
) -> None:
    """While one page moves its slider, if there is time for one, and others come, whose kernels start or are forked."""

    async def visit() -> None:
        await (await Moving.open(server.url)).moves()

    visits = [asyncio.create_task(visit()) for _ in range(3)]
    await after(chance, longest)
    server.process.kill()
    await asyncio.gather(*visits, return_exceptions=True)  # how the connection ends is not our matter here
    await asyncio.to_thread(until, lambda: not orphans(), f"a process stayed; {chance.said}")


async def test_a_page_whose_kernel_is_killed_while_its_slider_moves_comes_back_and_goes_on_right(
    serve: Serve, notebook: Callable[..., Path], chance: Chance
) -> None:
    server = serve(notebook(*APP), "--warm", "1")
    page = await Moving.open(server.url)
    page = await kernel_is_killed(server, page, chance)
    page = await kernel_is_killed(server, page, chance)
    ends_well(server, page, chance)


async def test_nothing_stays_of_a_server_that_is_killed_while_pages_come(
    serve: Serve, notebook: Callable[..., Path], chance: Chance, orphans: Callable[[], list[psutil.Process]]
) -> None:
    server = serve(notebook(*APP), "--warm", "1")
    assert server.url
    await server_is_killed(server, chance, orphans, 2.0)


async def test_pages_whose_kernels_end_with_what_forked_them_come_back_and_go_on_right(
    serve: Serve, notebook: Callable[..., Path], chance: Chance
) -> None:
    server = serve(notebook(*APP), "--warm", "1")
    page = await zygote_is_killed(server, await forked_page(server), chance, 1.0)
    ends_well(server, page, chance)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(10))
async def test_pages_go_on_right_after_many_kills_of_what_forks_their_kernels(
    serve: Serve, notebook: Callable[..., Path], chance: Chance, number: int
) -> None:
    server = serve(notebook(*APP), "--warm", "1")
    page = await (forked_page(server) if number % 2 else Moving.open(server.url))
    for _ in range(4):  # the last one finds none, or one that is the first to be followed by no other
        page = await zygote_is_killed(server, page, chance, 4.0)
    ends_well(server, page, chance)


@pytest.mark.soak
async def test_pages_come_back_after_many_kills(serve: Serve, notebook: Callable[..., Path], chance: Chance) -> None:
    server = serve(notebook(*APP), "--warm", "1")
    page = await Moving.open(server.url)
    for _ in range(60):
        page = await kernel_is_killed(server, page, chance)
    ends_well(server, page, chance)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(12))
async def test_nothing_stays_of_many_servers_that_are_killed(
    serve: Serve,
    notebook: Callable[..., Path],
    chance: Chance,
    orphans: Callable[[], list[psutil.Process]],
    number: int,
) -> None:
    server = serve(notebook(*APP), "--warm", str(number % 2))
    assert server.url
    await server_is_killed(server, chance, orphans, 6.0)
