"""Who came in with the token stays in when the server is started anew, and nobody else does: real servers."""

from __future__ import annotations

import logging
import re
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, build_opener

import pytest

from nbapp.serve.visitors.cookies import cookie_secret
from tests.e2e.conftest import PATIENCE, Serve, Server
from tests.serve.test_routes import NoRedirect, ask


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the owner's key is kept; there is none so far."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data" / "nbapp" / "shares" / "key"


def came_in(server: Server) -> str:
    """The cookie of whoever opens the app with the token `sesame`."""
    _, _, headers = ask(f"{server.url.partition('?')[0]}?token=sesame")
    found = re.search(r"username-[\w-]+=\"?[^;\"]+\"?", headers["Set-Cookie"])
    assert found, headers
    return found[0]


def status(server: Server, **headers: str) -> int:
    return ask(server.url.partition("?")[0], **headers)[0]


@pytest.mark.parametrize("several", [False, True], ids=["a notebook", "a folder"])
def test_who_has_the_token_stays_in_when_the_server_is_started_anew_until_the_token_is_another_one(
    serve: Serve, notebook: Callable[..., Path], key: Path, several: bool
) -> None:
    path = notebook("1")
    served = path.parent if several else path
    server = serve(served, "--token", "sesame")
    cookie, port = came_in(server), str(urlsplit(server.url).port)
    server.stop()
    again = serve(served, "--token", "sesame", "--port", port)
    assert (status(again), status(again, Cookie=cookie)) == (302, 200)
    again.stop()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    changed = serve(served, "--token", "open", "--port", port)
    assert status(changed, Cookie=cookie) == 302


def test_no_cookie_of_an_app_without_a_token_opens_one_that_asks_for_it(
    serve: Serve, notebook: Callable[..., Path], key: Path
) -> None:
    server = serve(notebook("1"), "--public")
    cookie, port = came_in(server), str(urlsplit(server.url).port)
    server.stop()
    assert not key.exists()
    assert status(serve(notebook("1"), "--token", "sesame", "--port", port), Cookie=cookie) == 302


def test_a_cookie_is_good_for_one_token_and_one_owner(key: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test")
    first = cookie_secret("sesame", log)
    assert cookie_secret("sesame", log) == first != cookie_secret("sesame2", log)
    assert cookie_secret(None, log) != cookie_secret(None, log)
    key.unlink()
    assert cookie_secret("sesame", log) != first
    key.write_bytes(b"short")
    assert cookie_secret("sesame", log) != cookie_secret("sesame", log)
    assert "is damaged" in caplog.text


def test_who_has_the_token_cannot_put_a_password_in_its_place(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook("1"), "--token", "sesame")
    login = f"{server.url.partition('?')[0]}login"
    _, text, headers = ask(login)
    cookie = headers["Set-Cookie"].partition(";")[0]
    asks = re.search(r'name="_xsrf" value="([^"]+)"', text)
    assert asks

    def answer(**form: str) -> int:
        sent = urlencode({"_xsrf": asks[1], **form}).encode()
        with pytest.raises(HTTPError) as caught:  # a redirect is one, too
            build_opener(NoRedirect).open(Request(login, sent, {"Cookie": cookie}), timeout=PATIENCE)
        caught.value.close()
        return caught.value.code

    assert answer(password="sesame", new_password="mine") == 302
    assert answer(password="mine") == 401
    assert answer(password="sesame") == 302
    assert "Traceback" not in server.output
