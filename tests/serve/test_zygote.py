"""Pages whose kernels are forked: they show what a run at that moment shows, and nothing stays of them."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from nbapp.serve.kernels.connection import V1
from nbapp.serve.kernels.zygote.process import NoFork
from tests.e2e.conftest import Serve, Server, command_line, is_running, until, write_notebook
from tests.serve.test_connection import close, connect
from tests.serve.test_routes import ask, first_run, kernel_of, ran
from tests.serve.zygotes import WHERE_KERNELS_FORK, forked, forks, has_forks, started, zygote_of, zygotes

pytestmark = WHERE_KERNELS_FORK
SLIDER = "import ipywidgets\nx = ipywidgets.IntSlider(3, max=100)\nx"
SQUARE = "print('x squared is', x.value ** 2)"


def shown(server: Server, url: str | None = None) -> str:
    """What a page of a forked kernel shows when its first run is over."""
    texts: list[str] = []

    def is_forked() -> bool:
        before = len(forks(server))
        _, page, _ = ask(url or server.url)
        is_one = len(forks(server)) > before
        parts: dict[str, str] = {}
        state, number = "under way", 0
        while state == "under way":
            news = json.loads(ask(f"{server.url}nbapp/progress/{kernel_of(page)}?since={number}")[1])
            number, state, parts = news["number"], news["state"], {**parts, **news["shown"]}
        assert state == "whole"
        texts.append(page + "".join(parts.values()))
        return is_one

    until(is_forked, "no page got a fork")
    return texts[-1]


# --- what a page shows


async def test_each_kernel_is_a_process_of_its_own_with_values_of_its_own() -> None:
    cells = ["import os", SLIDER, SQUARE, "print('process', os.getpid())"]
    async with zygote_of(cells) as zygote, forked(await started(zygote)) as one, forked(zygote) as other:
        for kernel in (one, other):
            await kernel.arrive()
            assert await kernel.states() == ["skipped", "skipped", "skipped", "ran"]
            said = await kernel.value("get_ipython().nbapp.outputs('c3')[0]['text']")
            assert said == f"process {kernel.process.pid}\n"
        model = await one.value("x.model_id")
        one.send(model, {"method": "update", "state": {"value": 7}, "buffer_paths": []})
        await one.settle()
        squares = [await kernel.value("get_ipython().nbapp.outputs('c2')[0]['text']") for kernel in (one, other)]
        assert squares == ["x squared is 49\n", "x squared is 9\n"]


async def test_what_the_link_asks_for_and_whom_the_page_is_for_are_the_pages_own() -> None:
    greets = "import nbapp\nprint('hello', nbapp.user and nbapp.user.name)"
    cells = [SLIDER, SQUARE, greets, "y = 1"]
    async with zygote_of(cells) as zygote, forked(await started(zygote)) as one, forked(zygote) as other:
        ada = {"environment": {}, "user": {"name": "ada", "groups": []}, "link_values": {"x": 5}}
        await one.arrive(json.dumps(ada))
        await other.arrive()
        found = [
            await kernel.value("[o['text'] for c in ('c1', 'c2') for o in get_ipython().nbapp.outputs(c)]")
            for kernel in (one, other)
        ]
        assert found == [["x squared is 25\n", "hello ada\n"], ["x squared is 9\n", "hello None\n"]]
        assert (await one.states())[3] == "skipped"


async def test_text_of_c_code_and_of_programs_arrives_with_its_cell() -> None:
    source = "import os\n_ = os.system('echo from a program')\nprint(x.value)"
    async with zygote_of([SLIDER, source]) as zygote, forked(await started(zygote)) as kernel:
        await kernel.arrive()
        model = await kernel.value("x.model_id")
        kernel.send(model, {"method": "update", "state": {"value": 7}, "buffer_paths": []})
        await kernel.settle()
        text = await kernel.value("get_ipython().nbapp.outputs('c1')[0]['text']")
        # Which comes first is left open: a thread of the kernel reads what programs say, as in every kernel.
        assert sorted(text.splitlines()) == ["7", "from a program"]


async def test_a_long_cell_is_overtaken_stopped_and_shown_while_it_runs() -> None:
    long = "import time\nprint('begins', x.value)\nfor _ in range(600 * (x.value > 5)): time.sleep(0.1)\nprint('ends')"
    async with zygote_of([SLIDER, long]) as zygote, forked(await started(zygote)) as kernel:
        await kernel.arrive()
        model = await kernel.value("x.model_id")
        kernel.send(model, {"method": "update", "state": {"value": 7}, "buffer_paths": []})
        await kernel.shown_live("begins 7")
        kernel.send(model, {"method": "update", "state": {"value": 4}, "buffer_paths": []})
        await kernel.settle()
        assert await kernel.value("get_ipython().nbapp.outputs('c1')[0]['text']") == "begins 4\nends\n"
        kernel.send(model, {"method": "update", "state": {"value": 8}, "buffer_paths": []})
        await kernel.shown_live("begins 8")
        kernel.process.send_signal(signal.SIGINT)
        await kernel.settle()
        assert await kernel.states() == ["skipped", "failed"]


async def test_settings_of_the_command_line_are_in_every_copy() -> None:
    async with zygote_of([SLIDER, SQUARE], {"values": {"x": "6"}}) as zygote, forked(await started(zygote)) as kernel:
        await kernel.arrive()
        assert await kernel.value("get_ipython().nbapp.outputs('c1')[0]['text']") == "x squared is 36\n"


def test_a_page_shows_the_data_of_now(serve: Serve, notebook: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("first", encoding="utf-8")
    server = serve(notebook(SLIDER, "print('data', open('data.txt').read())"), "--warm", "1")
    assert "data first" in shown(server)
    (tmp_path / "data.txt").write_text("second", encoding="utf-8")
    assert "data second" in shown(server)
    assert len(zygotes(server)) == 1
    assert server.stop() == 0
    assert "Traceback" not in server.output


def test_a_page_that_asks_for_something_else_is_not_forked_from_it(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook("import os\nprint('for', os.environ['QUERY_STRING'] or 'all')", SLIDER), "--warm", "1")
    assert "for all" in shown(server)
    before = len(forks(server))
    ran(server.url, ask(f"{server.url}?region=east")[1])
    assert len(forks(server)) == before


def test_the_process_imports_while_the_first_page_runs_and_runs_the_notebook_when_that_is_whole(
    serve: Serve, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    waits = "import os, time\nopen('runs', 'a').write('.')\nwhile not os.path.exists('go'): time.sleep(0.05)"
    server = serve(notebook(SLIDER, waits), "--warm", "1")
    _, page, _ = ask(server.url)
    until(lambda: zygotes(server) and (tmp_path / "runs").exists(), "no process was started")
    assert (tmp_path / "runs").read_text() == "."  # the page's own kernel
    (zygote,) = zygotes(server)
    (tmp_path / "go").touch()
    ran(server.url, page)
    has_forks(server)
    assert zygotes(server) == [zygote]


def test_who_comes_when_only_the_rehearsal_is_to_be_waited_for_gets_a_fork(
    serve: Serve, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    third = (
        "import os, time\nopen('runs', 'a').write('.')\n"  # in the first page, in the process, and in its rehearsal
        "while len(open('runs').read()) > 2 and not os.path.exists('go'): time.sleep(0.05)"
    )
    server = serve(notebook(SLIDER, third), "--warm", "1")
    ran(server.url, ask(server.url)[1])
    until(lambda: len((tmp_path / "runs").read_text()) == 3, "nothing was rehearsed")
    _, page, _ = ask(server.url)
    (tmp_path / "go").touch()
    kernel = ran(server.url, page)
    assert f"kernel-{kernel}" not in " ".join(map(command_line, psutil.Process(server.process.pid).children()))
    assert len(forks(server)) == 1


# --- what is refused


def test_none_are_forked_where_none_are_wanted(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook(SLIDER), "--warm", "1", "--no-fork")
    first = ran(server.url, ask(server.url)[1])
    until(lambda: len(set(server.kernels()) - {first}) == 1, "no kernel was made ready")
    assert zygotes(server) == []


def test_where_it_is_refused_a_kernel_is_kept_ready_and_the_reason_is_told_once(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    thread = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True, name='author').start()"
    server = serve(notebook(SLIDER, thread), "--warm", "1")
    pages = [ran(server.url, ask(server.url)[1])]
    until(lambda: "a thread of the notebook goes on: author" in server.output, "no reason was told")
    pages.append(ran(server.url, ask(server.url)[1]))
    until(lambda: len(set(server.kernels()) - set(pages)) == 1, "no kernel was made ready")
    assert server.output.count("not forked") == 1
    assert zygotes(server) == []


# --- another version


async def test_a_saved_notebook_gets_another_process_and_pages_that_are_open_go_on(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    path = notebook(SLIDER, "print('version one')")
    server = serve(path, "--warm", "1")
    open_page = has_forks(server)
    visitor = await connect(server.url, open_page, V1)
    (old,) = zygotes(server)
    write_notebook(path, SLIDER, "print('version two')")
    until(lambda: {each.pid for each in zygotes(server)} - {old.pid} or not ran(server.url, ask(server.url)[1]))
    assert "version two" in shown(server)
    assert is_running(old)
    assert not json.loads(ask(f"{server.url}nbapp/progress/{open_page}")[1])["gone"]
    await close(visitor)
    for kernel in old.children():
        kernel.kill()
    until(lambda: not is_running(old), "a process that forks no more stayed")


def test_an_open_page_follows_what_is_saved(serve: Serve, notebook: Callable[..., Path]) -> None:
    path = notebook(SLIDER, "_ = open('seen', 'a').write('one,')")
    server = serve(path, "--warm", "1", "--watch")
    has_forks(server)
    (path.parent / "seen").unlink()
    write_notebook(path, SLIDER, "import os\n_ = open('seen', 'a').write(f'{os.getpid()},')")
    kernels = {str(each.pid) for each in forks(server)}

    def edited() -> bool:
        seen = path.parent / "seen"
        return seen.exists() and kernels <= set(seen.read_text(encoding="utf-8").split(","))

    until(edited, "a forked kernel did not take the edit")


def test_no_secret_of_the_servers_environment_is_in_any_process_of_kernels(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    """Those that are started, those that are forked, what forks them, and what cells start."""
    planted = {
        name: f"planted-{number}"
        for number, name in enumerate(
            (
                "AWS_SECRET_ACCESS_KEY",
                "DATABASE_URL",
                "JUPYTERHUB_API_TOKEN",
                "GITHUB_TOKEN",
                "NBAPP_TOKEN",
                "MY_PASSWORD",
            )
        )
    }
    runs = "import subprocess\nprocess = subprocess.run(['sh', '-c', 'env'], capture_output=True, text=True)"
    says = "print('planted' in process.stdout, 'planted' in repr(dict(__import__('os').environ)))"
    server = serve(notebook(SLIDER, runs, says), "--warm", "1", environment=planted)
    has_forks(server)
    family = psutil.Process(server.process.pid).children(recursive=True)
    assert {*zygotes(server), *forks(server)} < set(family)  # and the first page's own
    for process in family:
        assert "planted" not in command_line(process)
        assert "planted" not in " ".join(process.environ().values())
    assert "False False" in shown(server)


# --- faults


async def test_a_walk_that_goes_wrong_before_a_fork_leaves_the_kernels_that_are_there(tmp_path: Path) -> None:
    data = tmp_path / "data.txt"
    data.write_text("first", encoding="utf-8")
    later = f"if open({str(data)!r}).read() == 'later': y = ipywidgets.IntSlider(max=3)"
    cells, settings = [SLIDER, later], {"values": {"y": "5"}}
    async with zygote_of(cells, settings) as zygote, forked(await started(zygote)) as kernel:
        await kernel.arrive()
        data.write_text("later", encoding="utf-8")
        with pytest.raises(NoFork, match="--set y=5"):
            async with forked(zygote):
                pass
        assert await kernel.value("x.max") == 100


def test_a_kernel_that_is_killed_is_told_and_others_go_on(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook(SLIDER), "--warm", "1")
    has_forks(server)
    page = has_forks(server)
    first, last = sorted(forks(server), key=psutil.Process.create_time)[:: len(forks(server)) - 1]
    last.kill()
    until(lambda: json.loads(ask(f"{server.url}nbapp/progress/{page}")[1])["gone"], "the page was not told")
    assert "killed by SIGKILL" in server.output
    assert is_running(first)
    has_forks(server)


def test_a_fork_that_ends_in_its_first_run_is_followed_by_a_kernel_that_is_started(
    serve: Serve, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    """As one does whose library cannot be copied."""
    is_copy = "'zygote' in open(f'/proc/{os.getppid()}/cmdline').read()"
    falls = f"import os\nprint(os.getpid())\nif os.path.exists('falls') and {is_copy}: os.abort()"
    server = serve(notebook(SLIDER, falls), "--warm", "1")
    has_forks(server)
    (tmp_path / "falls").touch()
    _, page, _ = ask(server.url)
    assert first_run(server.url, page) == "whole"
    assert "a forked kernel ended in its first run (killed by SIGABRT): pages get started ones" in server.output
    kernel = kernel_of(page)
    (children,) = [each for each in psutil.Process(server.process.pid).children() if kernel in command_line(each)]
    children.kill()
    until(lambda: kernel not in server.kernels() and "ended by itself (killed by SIGKILL)" in server.output)
    assert first_run(server.url, ask(server.url)[1]) == "whole"  # straight away, from a kernel that was started
    assert server.output.count("ended in its first run") == 1
    assert "Traceback" not in server.output


def test_nothing_stays_of_forks_whose_pages_were_left_as_they_were_asked_for(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook("print('there')"), "--warm", "1")
    has_forks(server)

    def watched() -> int:
        return sum("pidfd" in str(file.readlink()) for file in Path(f"/proc/{server.process.pid}/fd").iterdir())

    before, kernels = watched(), server.kernels()
    where = urlsplit(server.url)
    for _ in range(20):
        with socket.create_connection((where.hostname, where.port)) as visitor:
            visitor.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    last = ask(server.url)[1]
    assert first_run(server.url, last) == "whole"
    until(lambda: set(server.kernels()) - {kernel_of(last)} <= set(kernels), "a kernel stayed")
    until(lambda: watched() <= before + 1, "processes that have ended are watched")
    assert server.stop() == 0
    assert "timed out" not in server.output
    assert "Traceback" not in server.output


def test_when_the_process_that_forks_is_killed_its_kernels_end_and_the_next_page_is_whole(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook(SLIDER), "--warm", "1")
    page = has_forks(server)
    (zygote,), kernels = zygotes(server), forks(server)
    zygote.kill()
    until(lambda: not any(map(is_running, kernels)), "a kernel outlived the process that it is a copy of")
    until(lambda: json.loads(ask(f"{server.url}nbapp/progress/{page}")[1])["gone"], "the page was not told")
    assert first_run(server.url, ask(server.url)[1]) == "whole"
    has_forks(server)  # by another one
    assert "ended by itself" in server.output


def test_what_is_killed_before_it_could_fork_is_followed_by_another_three_times_for_each_version(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    path = notebook(SLIDER)
    server = serve(path, "--warm", "1")
    for count in range(1, 4):
        ran(server.url, ask(server.url)[1])

        def is_killed(count: int = count) -> bool:
            for zygote in zygotes(server):
                zygote.kill()
            return server.output.count("started, not forked: ") == count

        until(is_killed)
    ran(server.url, ask(server.url)[1])
    until(lambda: "what forks them ended 3 times" in server.output)
    until(lambda: not zygotes(server), "one that nobody needs stayed")
    write_notebook(path, SLIDER, "2")
    has_forks(server)


def test_nothing_stays_of_a_server_that_is_killed(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook(SLIDER), "--warm", "1")
    has_forks(server)
    family = [*zygotes(server), *forks(server)]
    os.kill(server.process.pid, signal.SIGKILL)
    until(lambda: not any(map(is_running, family)), "a process stayed")


def test_a_process_that_is_still_running_the_notebook_ends_with_the_server(
    serve: Serve, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    slow = "import os, time\nif os.path.exists('ran'): time.sleep(600)\nopen('ran', 'w').close()"
    server = serve(notebook(SLIDER, slow), "--warm", "1")
    ran(server.url, ask(server.url)[1])
    until(lambda: zygotes(server), "no process was started")
    (zygote,) = zygotes(server)
    assert server.stop() == 0
    assert not is_running(zygote)
    assert "Traceback" not in server.output
