"""What the server answers besides the app, and to whom: a real server, spoken to by hand."""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import PATIENCE, Serve, Server, until, write_notebook

TEXT = "# Pictures\n\n![](shown.png)\n<img src='shown.png'>"
ENVIRONMENT = "import json, os, pathlib\n_ = pathlib.Path('environment.json').write_text(json.dumps(dict(os.environ)))"


KERNEL_ID = r'"kernelId": "([\w-]+)"'


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


# By kernel: the cookie of the browser that opened its page, which only that browser has.
COOKIES: dict[str, str] = {}


def browser_of(kernel: str) -> dict[str, str]:
    """The headers by which a request is one of the browser that opened a kernel's page."""
    return {"Cookie": COOKIES[kernel]} if kernel in COOKIES else {}


def ask(url: str, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
    """The status, text and headers of an answer. Each page that is opened is another browser's; what is asked about its
    kernel, that browser asks, unless another cookie is given.
    """
    status, text, got = _ask(url, method, {**browser_of(_named(url)), **headers})
    if (kernel := re.search(KERNEL_ID, text)) and (
        cookie := re.search(r"nbapp-visitor-\w+=[\w-]+", got.get("Set-Cookie", ""))
    ):
        COOKIES[kernel[1]] = "; ".join(filter(None, (cookie[0], headers.get("Cookie"))))
    return status, text, got


def _named(url: str) -> str:
    found = re.search(r"\w{8}(-\w{4}){3}-\w{12}", url)
    return found[0] if found else ""


def _ask(url: str, method: str, headers: dict[str, str]) -> tuple[int, str, dict[str, str]]:
    request = urllib.request.Request(
        url, method=method, headers={name.replace("_", "-"): headers[name] for name in headers}
    )
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=PATIENCE) as response:
            return response.status, response.read().decode("utf-8", "replace"), _headers(response.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace"), _headers(error.headers)


def first_run(url: str, page: str, **headers: str) -> str:
    """How the first run of a page ends: `whole` or `failed`, as its script would hear."""
    number, state = 0, "under way"
    while state == "under way":
        status, text, _ = ask(f"{url}nbapp/progress/{kernel_of(page)}?since={number}", **headers)
        assert status == 200, text
        news = json.loads(text)
        if "gone" in news:
            return "failed"
        number, state = news["number"], news["state"]
    return state


def ran(url: str, page: str, **headers: str) -> str:
    """The kernel of a page, whose first run is over."""
    assert first_run(url, page, **headers) == "whole"
    return kernel_of(page)


def _headers(message: Message) -> dict[str, str]:
    return {name: "; ".join(map(str, message.get_all(name, []))) for name in message}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    (folder / "shown.png").write_bytes(b"\x89PNG")
    (folder / "other.png").write_bytes(b"\x89PNG")
    return folder


@pytest.fixture(scope="module")
def runtime() -> Iterator[Path]:
    """A folder with a short path, as `/run/user/1000`: a socket's path must not be long."""
    with tempfile.TemporaryDirectory(prefix="nb-", dir="/tmp") as runtime:
        yield Path(runtime)


@pytest.fixture(scope="module")
def server(serve_anywhere: Serve, folder: Path, runtime: Path) -> Server:
    path = write_notebook(folder / "app.ipynb", TEXT, ENVIRONMENT, "import time\n'done'")
    planted = {"JUPYTERHUB_API_TOKEN": "planted", "WANTED": "yes", "XDG_RUNTIME_DIR": str(runtime)}
    return serve_anywhere(path, "--pass-env", "WANTED", environment=planted)


@pytest.fixture(scope="module")
def page(server: Server) -> str:
    """One page's HTML."""
    status, text, _ = ask(server.url)
    assert status == 200
    ran(server.url, text)
    return text


def kernel_of(page: str) -> str:
    found = re.search(KERNEL_ID, page)
    assert found
    return found[1]


@pytest.mark.usefixtures("page")
def test_the_notebook_sees_the_environment_from_a_list(folder: Path) -> None:
    seen = json.loads((folder / "environment.json").read_text())
    assert "planted" not in seen.values()
    assert seen["WANTED"] == "yes"
    assert seen["PATH"] == os.environ["PATH"]
    assert seen["VOILA_KERNEL_ID"]


@pytest.mark.usefixtures("page")
def test_kernels_are_reached_through_sockets_in_a_folder_of_ours(runtime: Path) -> None:
    (ours,) = runtime.glob("nbapp-*")
    assert stat.S_IMODE(ours.stat().st_mode) & 0o777 == 0o700
    connections = [json.loads(path.read_text()) for path in ours.glob("kernel-*.json")]
    assert connections
    assert all(connection["transport"] == "ipc" for connection in connections)


def test_pages_carry_headers_that_keep_them_to_themselves(server: Server) -> None:
    _, _, headers = ask(server.url)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]


def test_a_request_must_name_this_computer(server: Server) -> None:
    before = set(server.kernels())
    assert ask(server.url, Host="evil.example")[0] == 403
    assert set(server.kernels()) == before
    port = server.url.rsplit(":", 1)[1].rstrip("/")
    assert ask(f"{server.url}voila/files/shown.png", Host=f"127.0.0.1:{port}")[0] == 200


def test_an_address_without_anything_leads_to_the_app(server: Server) -> None:
    status, text, _ = ask(f"{server.url}voila/files/nothing.png")
    assert status == 404
    for part in ("<title>Page not found</title>", "<h1>Page not found</h1>", "nothing at this address", 'href="/"'):
        assert part in text


def test_only_the_files_that_texts_show_are_served(server: Server) -> None:
    assert ask(f"{server.url}voila/files/shown.png")[0] == 200
    for path in ("other.png", "app.ipynb", "./shown.png", "x/../shown.png", "%2e/shown.png", "environment.json", ""):
        assert ask(f"{server.url}voila/files/{path}")[0] in (403, 404), path
    status, _, headers = ask(f"{server.url}shown.png")
    assert (status, headers["Location"]) == (302, "/voila/files/shown.png")


def test_options_in_the_address_change_nothing(server: Server) -> None:
    _, text, _ = ask(f"{server.url}?theme=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&template=base&voila-theme=dark")
    assert "alert(1)" not in text
    assert 'data-nbapp-theme="auto"' in text


def test_stop_and_the_end_of_a_kernel_need_the_pages_cookie(server: Server, page: str) -> None:
    kernel = kernel_of(page)
    stop = f"{server.url}nbapp/stop/{kernel}"
    assert ask(stop)[0] == 405
    assert ask(stop, "POST")[0] == 403
    assert ask(f"{server.url}api/kernels/{kernel}", "DELETE")[0] == 403
    assert ask(f"{server.url}voila/api/shutdown/{kernel}", "POST")[0] == 403
    assert kernel in server.kernels()
    _, _, headers = ask(server.url)
    found = re.search(r"_xsrf=([^;]+)", headers["Set-Cookie"])
    assert found
    cookie, token = f"{found[0]}; {COOKIES[kernel]}", found[1]
    assert ask(stop, "POST", Cookie=cookie, X_XSRFToken="made up")[0] == 403
    assert ask(stop, "POST", Cookie=cookie, X_XSRFToken=token)[0] == 204
    unknown = stop.replace(kernel, "00000000-0000-0000-0000-000000000000")
    assert ask(unknown, "POST", Cookie=cookie, X_XSRFToken=token)[0] == 404


@pytest.mark.parametrize("path", ["kernels", "contents", "sessions", "terminals", "config/x", "kernelspecs", "me"])
def test_nothing_of_jupyters_own_server_is_there(server: Server, path: str) -> None:
    before = set(server.kernels())
    status, _, headers = ask(f"{server.url}api/{path}")
    assert (status, headers["Location"]) == (302, f"/voila/files/api/{path}")
    assert ask(f"{server.url}api/{path}", "POST")[0] in (403, 405)
    assert set(server.kernels()) == before


def test_an_address_without_an_app_says_so_without_a_kernel(server: Server) -> None:
    before = set(server.kernels())
    status, text, _ = ask(f"{server.url}voila/files/nothing")
    assert status == 404
    assert "There is nothing at this address." in text
    assert "cdn" not in text
    assert set(server.kernels()) == before


def test_the_source_of_cells_is_not_in_the_page(page: str) -> None:
    assert "environment.json" not in page
    assert "nbapp.kernel.served" not in page


def test_an_edited_file_is_served_to_the_next_page(serve: Serve, notebook: Callable[..., Path]) -> None:
    path = notebook("# First title")
    server = serve(path)
    assert "<title>First title</title>" in ask(server.url)[1]
    path.write_text("{ half")
    assert "<title>First title</title>" in ask(server.url)[1]
    notebook("# Second title")
    assert "<title>Second title</title>" in ask(server.url)[1]
    until(lambda: "the version before is served" in server.output)


def test_with_a_token_nothing_of_the_app_is_there_for_others(serve: Serve, notebook: Callable[..., Path]) -> None:
    path = notebook("# Secret title\n\n![](shown.png)", "1")
    (path.parent / "shown.png").write_bytes(b"\x89PNG")
    server = serve(path, "--token", "sesame", "--base-url", "/deep/")
    address = server.url.partition("?")[0]
    status, _, headers = ask(address)
    assert (status, headers["Location"]) == (302, "/deep/login?next=%2Fdeep%2F")
    assert ask(f"{address}?token=guess")[0] == 302
    assert ask(f"{address}voila/files/shown.png")[0] in (302, 403)
    assert ask(f"{address}api/kernels/00000000-0000-0000-0000-000000000000")[0] in (302, 403)
    assert server.kernels() == []
    status, text, _ = ask(f"{address}login")
    assert status == 200
    assert "Secret title" not in text
    assert "Secret title" in ask(f"{address}?token=sesame")[1]
    assert len(server.kernels()) == 1


def test_the_browser_is_opened_and_no_token_is_on_its_command_line(
    serve: Serve, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o755)
    environment = {"BROWSER": f"{browser} %s"}
    server = serve(notebook("1"), environment=environment)
    until(opened.exists)
    assert opened.read_text() == server.url
    opened.unlink()
    server = serve(notebook("1"), "--token", environment=environment)
    until(opened.exists)
    landing = Path(opened.read_text().removeprefix("file://"))
    assert f"url={server.url}" in landing.read_text()
    assert stat.S_IMODE(landing.parent.stat().st_mode) & 0o777 == 0o700
