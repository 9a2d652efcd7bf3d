"""Links to a real server, spoken to by hand: whom they let in, to what, and for how long."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import quote, urlencode
from uuid import uuid4

import psutil
import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from nbapp.serve.kernels.connection import V1
from nbapp.serve.visitors.links import Links
from nbapp.share.ask import Wanted
from nbapp.share.registry import LinkRegistry
from nbapp.share.signing import Signer
from tests.e2e.conftest import Serve, Server, until, write_notebook
from tests.serve.test_attack_messages import shown, states
from tests.serve.test_connection import CODE_TYPES, Visitor, close
from tests.serve.test_routes import COOKIES, ask, kernel_of
from tests.serve.zygotes import WHERE_KERNELS_FORK, forks, zygotes
from tests.share.conftest import Share, at_home, typed

SLIDER = "import ipywidgets as w\nn = w.IntSlider(3, max=30, description='Number')\nn"
SHOWN = "print('n is', n.value)"
TOKEN = "sesame-of-the-owner"
NOT_THE_APP = (
    *(
        "api/kernels",
        "api/kernels/",
        "api/contents",
        "api/contents/app.ipynb",
        "api/sessions",
        "api/terminals",
        "api/me",
    ),
    *("api/config/x", "api/kernelspecs", "api/status", "lab", "tree", "terminals/1", "metrics", "files/secret.txt"),
    *("voila/files/secret.txt", "voila/files/app.ipynb", "secret.txt", "app.ipynb", "voila/render/app.ipynb"),
    *("voila/files/../secret.txt", "voila/files/%2e%2e/secret.txt", "voila/files//shown.png", "//", "nbapp", "link"),
    *("login/../api/contents", "api/kernels/00000000-0000-0000-0000-000000000000/channels"),
)
Notebook = Callable[..., Path]


@dataclass(frozen=True)
class Shop:
    """A served notebook and its owner's means."""

    path: Path
    server: Server
    type: Share

    @property
    def base(self) -> str:
        return self.server.url.partition("?")[0]

    def link(self, *options: str) -> str:
        """The address of a new link."""
        answer = self.type(self.path, *options)
        assert answer.code == 0, answer.err
        # The log of a server that runs beside it is printed for pytest, at any moment.
        return next(line for line in answer.out.splitlines() if line.startswith("http"))


def opened_shop(serve: Serve, folder: Path) -> Shop:
    path = write_notebook(folder / "app.ipynb", "# Sales\n\n![](shown.png)", SLIDER, SHOWN)
    (folder / "shown.png").write_bytes(b"\x89PNG")
    (folder / "secret.txt").write_text("of the owner")
    server = serve(path, "--token", TOKEN)
    assert server.url
    return Shop(path, server, typed)


@pytest.fixture(scope="module")
def shop(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One for all tests that leave the notebook and the server as they are."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        at_home(folder, patch)
        yield opened_shop(serve_anywhere, folder)


@pytest.fixture
def own(serve: Serve, home: Path) -> Shop:
    """One for a test that changes it."""
    return opened_shop(serve, home)


def arrive(link: str, **headers: str) -> tuple[int, str, str]:
    """Open a link: the status, the cookie and where it leads."""
    status, _, got = ask(link, **headers)
    cookie = re.search(r"nbapp-link-\w+=[^;]*", got.get("Set-Cookie", ""))
    return status, cookie[0] if cookie else "", got.get("Location", "")


def opened(shop: Shop, link: str) -> tuple[str, str]:
    """The page that a link leads to, and the visitor's cookie."""
    status, cookie, location = arrive(link)
    assert status == 302
    status, text, _ = ask(shop.base + location.lstrip("/"), Cookie=cookie)
    assert status == 200
    return text, COOKIES[kernel_of(text)]


async def connected(shop: Shop, kernel: str, cookie: str, **headers: str) -> Visitor:
    address = f"{shop.base.replace('http', 'ws', 1)}api/kernels/{kernel}/channels?session_id={uuid4().hex}"
    return Visitor(
        await websocket_connect(HTTPRequest(address, headers={"Cookie": cookie, **headers}), subprotocols=[V1])
    )


async def test_a_visitor_sees_the_app_with_the_links_values_and_can_use_it(shop: Shop) -> None:
    page, cookie = opened(shop, shop.link("--set", "n=12"))
    visitor = await connected(shop, kernel_of(page), cookie)
    found = await states(visitor)
    assert shown(found) == "n is 12\n"
    await close(visitor.socket)


def test_the_pages_address_holds_no_secret_and_the_page_no_token(shop: Shop) -> None:
    link = shop.link()
    _, cookie, location = arrive(link)
    assert location == "/?link=app"
    page, _ = opened(shop, link)
    _, login, _ = ask(f"{shop.base}login")
    for text in (page, login, location, cookie):
        assert TOKEN not in text
        assert "of the owner" not in text
    assert link.rsplit("/", 1)[1] not in page


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(shop: Shop) -> None:
    _, _, headers = ask(shop.link())
    assert re.search(r"nbapp-link-\w+=[^;]*; expires=[^;]*; HttpOnly; Path=/; SameSite=Lax", headers["Set-Cookie"])
    assert headers["Cache-Control"] == "no-store"


def test_opening_a_link_starts_no_kernel_before_the_page_is_asked_for(shop: Shop) -> None:
    link, before = shop.link(), set(shop.server.kernels())
    assert ask(link, "HEAD")[0] in (302, 405)
    assert arrive(link)[0] == 302
    assert set(shop.server.kernels()) <= before


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_sent_to_a_link(shop: Shop, method: str) -> None:
    assert ask(shop.link(), method)[0] in (403, 405)


def test_a_forged_altered_or_cut_link_gives_nothing(shop: Shop) -> None:
    link, before = shop.link(), set(shop.server.kernels())
    body, _, signature = link.rsplit("/", 1)[1].partition(".")
    other = Signer(b"x" * 32, shop.path).write("an-id")
    for secret in (body, f"{body}.", f".{signature}", f"{body}.{signature[:-4]}", f"x{body}.{signature}", other, "x"):
        status, cookie, location = arrive(f"{shop.base}link/{secret}")
        assert (status, cookie, location) == (403, "", ""), secret
        assert "This link does not work" in ask(f"{shop.base}link/{secret}")[1]
    assert set(shop.server.kernels()) <= before


def test_a_forged_cookie_gives_nothing(shop: Shop) -> None:
    _, cookie, location = arrive(shop.link())
    name, _, value = cookie.partition("=")
    for bad in (value[:-4], f"x{value}", value.replace(".", ""), "", ":", "a:b:c"):
        status, _, headers = ask(shop.base + location.lstrip("/"), Cookie=f"{name}={bad}")
        assert (status, headers["Location"].partition("?")[0]) == (302, "/login"), bad
    assert ask(shop.base, Cookie=f"{name}=x:{value}")[0] == 200


def test_a_link_opens_no_other_notebook(serve: Serve, shop: Shop) -> None:
    other = write_notebook(shop.path.parent / "other.ipynb", "'other'")
    server = serve(other, "--token", "another")
    base = server.url.partition("?")[0]
    link = shop.link()
    secret = link.rsplit("/", 1)[1]
    assert arrive(f"{base}link/{secret}")[:2] == (403, "")
    _, cookie, location = arrive(link)
    for name in ("", "app"):
        renamed = re.sub(r"^nbapp-link-\w+", _cookie_of(other), cookie)
        for given in (cookie, renamed):
            assert ask(f"{base}?link={name}", Cookie=given)[0] == 302, location
    assert server.kernels() == []


def _cookie_of(path: Path) -> str:
    return Links(path.resolve(), LinkRegistry(), logging.getLogger(), secure=False)._cookie


def test_a_link_that_was_taken_back_says_so_and_its_pages_stop(shop: Shop) -> None:
    link = shop.link()
    page, cookie = opened(shop, link)
    kernel = kernel_of(page)
    assert kernel in shop.server.kernels()
    assert shop.type("--revoke", "app").code == 0
    until(lambda: kernel not in shop.server.kernels(), "the kernel of a link that was taken back goes on")
    before = set(shop.server.kernels())
    status, text, _ = ask(link)
    assert status == 410
    assert "This link was taken back" in text
    assert arrive(link, Cookie=cookie)[1] == ""
    status, _, headers = ask(f"{shop.base}?link=app", Cookie=cookie)
    assert status == 302
    status, text, _ = ask(shop.base.rstrip("/") + headers["Location"], Cookie=cookie)
    assert (status, "This link was taken back" in text) == (410, True)
    assert json.loads(ask(f"{shop.base}nbapp/link?link=app", Cookie=cookie)[1]) == {"state": "revoked", "signed": None}
    assert set(shop.server.kernels()) <= before


async def test_the_connection_of_a_link_that_was_taken_back_is_closed_and_stays_so(shop: Shop) -> None:
    page, cookie = opened(shop, shop.link())
    visitor = await connected(shop, kernel_of(page), cookie)
    await states(visitor)
    assert shop.type("--revoke", "app").code == 0
    while await visitor.socket.read_message() is not None:
        pass
    visitor.leave()
    with pytest.raises(HTTPClientError, match="403"):
        await connected(shop, kernel_of(page), cookie)


def test_an_expired_link_says_so_and_its_pages_stop(shop: Shop) -> None:
    link = shop.link("--expires", "30m")
    page, cookie = opened(shop, link)
    expire("app")
    until(lambda: kernel_of(page) not in shop.server.kernels(), "the kernel of an expired link goes on")
    status, text, _ = ask(link)
    assert (status, "This link has expired" in text) == (410, True)
    assert "It was good until" in text
    assert json.loads(ask(f"{shop.base}nbapp/link?link=app", Cookie=cookie)[1]) == {"state": "expired", "signed": None}
    assert '"expired": true' in shop.type("--list", "--json").out
    assert shop.link("--expires", "30m") == link
    assert arrive(link)[0] == 302


def expire(name: str) -> None:
    """Make a link's time be over."""
    registry = LinkRegistry()
    with registry._writing() as links:
        index = next(index for index, link in enumerate(links) if link.name == name)
        links[index] = replace(links[index], expires=datetime.now(timezone.utc) - timedelta(seconds=1))


def test_a_damaged_list_of_links_lets_nobody_in(own: Shop) -> None:
    link = own.link()
    page, cookie = opened(own, link)
    (LinkRegistry().folder / "links.json").write_text("{")
    until(lambda: kernel_of(page) not in own.server.kernels(), "a link lives on without its list")
    assert arrive(link)[0] == 410
    assert ask(own.base, Cookie=cookie)[0] == 302
    assert own.server.output.count("cannot be read") == 1
    assert ask(f"{own.base}?token={TOKEN}")[0] == 200


# --- containment


def test_a_visitor_of_a_link_gets_nothing_but_the_app(shop: Shop) -> None:
    before = set(shop.server.kernels())
    _, cookie, _ = arrive(shop.link())
    for path in NOT_THE_APP:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            status, text, headers = ask(shop.base + path, method, Cookie=cookie)
            leads = headers.get("Location", "")
            told = path, method, status, leads
            assert status in (403, 404, 405) or (status == 302 and leads.startswith("/login?")), told
            assert "of the owner" not in text
    assert set(shop.server.kernels()) <= before


def test_a_visitor_may_ask_for_all_that_the_page_asks_for(shop: Shop) -> None:
    page, cookie = opened(shop, shop.link())
    kernel = kernel_of(page)
    asked = set(re.findall(r"\$\{baseUrl\}(nbapp/\w+)/\$\{(?:config\(\)\.)?kernelId\}", page))
    assert {"nbapp/progress", "nbapp/still", "nbapp/download"} <= asked
    for path in asked:
        status, _, _ = ask(
            f"{shop.base}{path}/{kernel}{'/' + 32 * '0' if path == 'nbapp/download' else ''}", Cookie=cookie
        )
        assert status != 403, path


def test_a_visitor_sees_the_pictures_that_the_notebook_shows(shop: Shop) -> None:
    assert ask(f"{shop.base}voila/files/shown.png")[0] == 302
    _, cookie, _ = arrive(shop.link())
    assert ask(f"{shop.base}voila/files/shown.png", Cookie=cookie)[0] == 200
    assert ask(f"{shop.base}shown.png", Cookie=cookie)[0] == 302


async def test_no_code_runs_over_the_connection_of_a_link(shop: Shop) -> None:
    page, cookie = opened(shop, shop.link())
    visitor = await connected(shop, kernel_of(page), cookie)
    for kind, content in CODE_TYPES.items():
        for channel in ("shell", "control", "stdin", "iopub"):
            await visitor.send(kind, content, channel)
    assert shown(await states(visitor)) == "n is 3\n"
    assert not list(shop.path.parent.glob("**/canary"))
    await close(visitor.socket)


async def test_a_page_of_another_site_cannot_use_a_visitors_link(shop: Shop) -> None:
    page, cookie = opened(shop, shop.link())
    with pytest.raises(HTTPClientError, match="403"):
        await connected(shop, kernel_of(page), cookie, Origin="http://evil.example")
    for method, path in (("POST", "nbapp/stop"), ("POST", "voila/api/shutdown"), ("DELETE", "api/kernels")):
        assert ask(f"{shop.base}{path}/{kernel_of(page)}", method, Cookie=cookie)[0] in (403, 405)
    assert kernel_of(page) in shop.server.kernels()
    assert "frame-ancestors 'self'" in ask(f"{shop.base}?link=app", Cookie=cookie)[2]["Content-Security-Policy"]


async def test_the_kernel_of_another_page_is_out_of_reach(shop: Shop) -> None:
    owners = kernel_of(ask(f"{shop.base}?token={TOKEN}")[1])
    one, cookie = opened(shop, shop.link("--name", "one"))
    two, _ = opened(shop, shop.link("--name", "two"))
    for kernel in (owners, kernel_of(two)):
        with pytest.raises(HTTPClientError, match="403"):
            await connected(shop, kernel, cookie)
        for path in (f"api/kernels/{kernel}", f"nbapp/progress/{kernel}"):
            assert ask(shop.base + path, Cookie=cookie)[0] == 403
        _, _, headers = ask(f"{shop.base}?link=one", Cookie=cookie)
        xsrf = re.search(r"_xsrf=([^;]+)", headers["Set-Cookie"])
        assert xsrf
        for path in (f"nbapp/stop/{kernel}", f"voila/api/shutdown/{kernel}", f"api/kernels/{kernel}"):
            for method in ("POST", "DELETE"):
                sent = f"{cookie}; {xsrf[0]}"
                assert ask(shop.base + path, method, Cookie=sent, X_XSRFToken=xsrf[1])[0] in (403, 405)
        assert kernel in shop.server.kernels()
    assert ask(f"{shop.base}nbapp/progress/{kernel_of(one)}", Cookie=cookie)[0] == 200


def test_two_links_have_their_own_values_side_by_side(shop: Shop) -> None:
    _, one, _ = arrive(shop.link("--name", "one"))
    _, both, location = arrive(shop.link("--name", "two"), Cookie=one)
    assert location == "/?link=two"
    for name in ("one", "two"):
        assert f'data-nbapp-link="{name}"' in ask(f"{shop.base}?link={name}", Cookie=both)[1]
    assert 'data-nbapp-link="two"' in ask(shop.base, Cookie=both)[1]
    assert shop.type("--revoke", "two").code == 0
    assert 'data-nbapp-link="one"' in ask(shop.base, Cookie=both)[1]
    assert ask(f"{shop.base}?link=two", Cookie=both)[0] == 302
    assert ask(f"{shop.base}?link=none", Cookie=both)[0] == 302


def test_every_page_of_a_link_that_was_taken_back_ends(shop: Shop) -> None:
    link = shop.link("--name", "many")
    kernels = {kernel_of(opened(shop, link)[0]) for _ in range(3)}
    assert len(kernels) == 3
    shop.type("--revoke", "many")
    until(lambda: not kernels & set(shop.server.kernels()), "some pages of a link that was taken back go on")


def test_the_owner_gets_in_as_ever_and_is_told_of_a_dead_link_too(shop: Shop) -> None:
    link = shop.link()
    assert "data-nbapp-link" not in ask(f"{shop.base}?token={TOKEN}")[1]
    _, cookie, _ = arrive(link)
    assert 'data-nbapp-link="app"' in ask(f"{shop.base}?link=app&token={TOKEN}", Cookie=cookie)[1]
    shop.type("--revoke", "app")
    status, text, _ = ask(f"{shop.base}?link=app&token={TOKEN}", Cookie=cookie)
    assert (status, "This link was taken back" in text) == (410, True)
    assert ("Open the app without it" in text, "<form" in text) == (True, False)


def test_no_secret_of_an_address_is_in_the_log(shop: Shop) -> None:
    link = shop.link()
    secret = link.rsplit("/", 1)[1]
    assert ask(link, "POST")[0] in (403, 405)
    assert ask(f"{shop.base}nothing/here?token={TOKEN}&x=1", "POST")[0] in (403, 405)
    assert ask(f"{link}?next=x", "DELETE")[0] in (403, 405)
    until(lambda: "DELETE /link/[secret] " in shop.server.output)  # of several the last is told, after a while
    assert secret not in shop.server.output
    assert TOKEN not in shop.server.output.replace(shop.server.url, "")


def test_signing_out_forgets_the_links(shop: Shop) -> None:
    _, cookie, _ = arrive(shop.link())
    _, _, headers = ask(f"{shop.base}logout", Cookie=cookie)
    assert re.search(r'nbapp-link-\w+="";', headers["Set-Cookie"])


# --- a lost token


def sign_in(shop: Shop, typed: str) -> tuple[int, str, dict[str, str]]:
    _, _, headers = ask(f"{shop.base}login")
    xsrf = re.search(r"_xsrf=([^;]+)", headers["Set-Cookie"])
    assert xsrf
    return ask(f"{shop.base}login?{urlencode({'password': typed})}", "POST", Cookie=xsrf[0], X_XSRFToken=xsrf[1])


def test_a_link_or_the_token_can_be_pasted_where_one_is_asked_for(shop: Shop) -> None:
    link = shop.link()
    for pasted in (
        link,
        f"  {link}\n",
        link.rsplit("/", 1)[1],
        f"https://elsewhere.example/x/link/{link.rsplit('/', 1)[1]}",
    ):
        status, _, headers = sign_in(shop, pasted)
        assert (status, headers["Location"]) == (302, "/?link=app"), pasted
        assert "nbapp-link-" in headers["Set-Cookie"]
        assert "username-" not in headers["Set-Cookie"]
    status, _, headers = sign_in(shop, TOKEN)
    assert (status, headers["Location"]) == (302, "/")
    assert "username-" in headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ("guess", 401, "neither a link nor the token"),
        ("", 401, "neither a link nor the token"),
        ("http://localhost/link/x.y", 403, "This link does not work"),
    ],
)
def test_anything_else_pasted_there_lets_nobody_in(shop: Shop, typed: str, status: int, says: str) -> None:
    got, text, headers = sign_in(shop, typed)
    assert (got, says in text) == (status, True)
    assert "nbapp-link-" not in headers.get("Set-Cookie", "")
    assert "username-" not in headers.get("Set-Cookie", "")


def test_the_page_that_asks_leads_to_no_other_site(shop: Shop) -> None:
    for following in ("https://evil.example/", "//evil.example", "/\\evil.example", '"><script>alert(1)</script>'):
        _, text, _ = ask(f"{shop.base}login?next={quote(following)}")
        assert "<script>alert" not in text
    status, _, headers = ask(f"{shop.base}link/{shop.link().rsplit('/', 1)[1]}?next=https://evil.example/")
    assert (status, headers["Location"]) == (302, "/?link=app")


# --- what the notebook becomes


def test_a_visitor_is_told_when_the_app_has_changed_since(own: Shop) -> None:
    link = own.link()
    says = "This app has changed since the link to it was made."
    assert says not in opened(own, link)[0]
    write_notebook(own.path, "# Sales\n\n![](shown.png)", SLIDER, SHOWN.replace("n is", "N:"))
    assert says in opened(own, link)[0]
    own.link()
    assert says not in opened(own, link)[0]


async def test_a_pinned_link_goes_on_with_the_version_it_was_made_of(own: Shop) -> None:
    link, other = own.link("--pin", "--name", "pinned"), own.link("--name", "other")
    write_notebook(own.path, "# New title", "'everything else'")
    page, cookie = opened(own, link)
    assert "<title>Sales</title>" in page
    assert "since the link to it was made" not in page
    visitor = await connected(own, kernel_of(page), cookie)
    assert shown(await states(visitor)) == "n is 3\n"
    assert ask(f"{own.base}voila/files/shown.png", Cookie=cookie)[0] == 200
    assert "<title>New title</title>" in opened(own, other)[0]
    await close(visitor.socket)
    own.path.unlink()
    assert "<title>Sales</title>" in opened(own, link)[0]


# --- where servers are, and proxies


def test_links_outlive_a_restart_of_the_server(serve: Serve, own: Shop) -> None:
    link = own.link()
    port = re.search(r":(\d+)/", own.base)
    assert port
    own.server.stop()
    assert own.type("--list").out.splitlines()[0].startswith("app  ")
    again = serve(own.path, "--token", "--port", port[1])
    assert again.url
    assert arrive(link)[0] == 302
    again.stop()
    assert own.type("--revoke", "app").code == 0
    third = serve(own.path, "--token", "--port", port[1])
    assert third.url
    assert arrive(link)[0] == 410


def test_links_behind_a_proxy_begin_with_its_address(serve: Serve, notebook: Notebook, share: Share) -> None:
    path = notebook(SLIDER)
    proxy = "https://apps.example.org/deep/sales/"
    server = serve(path, "--token", TOKEN, "--base-url", "/deep/sales/", "--port", "0", "--link-url", proxy.rstrip("/"))
    until(lambda: proxy in server.output or server.process.poll() is not None)
    port = json.loads(next((path.parent / "runtime").glob("nbapp-*.json")).read_text())
    assert port["url"] == proxy
    link = share(path).out.splitlines()[0]
    assert link.startswith(f"{proxy}link/")
    local = _port_of(server)
    status, _, headers = ask(f"http://localhost:{local}/deep/sales/link/{link.rsplit('/', 1)[1]}")
    assert (status, headers["Location"]) == (302, "/deep/sales/?link=app")
    assert "Path=/deep/sales/; SameSite=Lax; Secure" in headers["Set-Cookie"]


def _port_of(server: Server) -> int:
    (address,) = {
        found.laddr.port for found in psutil.Process(server.process.pid).net_connections() if found.status == "LISTEN"
    }
    return int(address)


def test_a_server_without_a_token_has_no_links(serve: Serve, notebook: Notebook, share: Share) -> None:
    path = notebook(SLIDER)
    for option in ((), ("--public",)):
        server = serve(path, *option)
        answer = share(path) if server.url else None
        assert answer is not None
        assert answer.code == 2
        assert "lets in whoever can reach it" in answer.err
        assert "--token" in answer.err
        server.stop()


def test_a_link_of_before_works_where_nobody_needs_one_and_says_when_it_is_over(
    serve: Serve, notebook: Notebook, home: Path
) -> None:
    path = notebook(SLIDER)
    registry = LinkRegistry()
    link = registry.put(Wanted(path.resolve(), values={"n": 7}), "digest", "")
    server = serve(path, "--public")
    address = f"{server.url}link/{Signer(registry.key(), path.resolve()).write(link.id)}"
    _, cookie, location = arrive(address)
    assert 'data-nbapp-link="app"' in ask(server.url + location.lstrip("/"), Cookie=cookie)[1]
    registry.revoke("app")
    status, text, _ = ask(address)
    assert (status, "Open the app without it" in text, "<form" in text) == (410, True, False)


def test_what_a_server_tells_of_itself_is_its_owners_and_goes_with_it(own: Shop) -> None:
    (file,) = (own.path.parent / "runtime").glob("nbapp-*.json")
    assert file.stat().st_mode & 0o077 == 0
    assert TOKEN not in file.read_text()
    own.server.stop()
    assert not file.exists()


def test_a_server_that_was_killed_is_not_taken_for_one_that_runs(own: Shop) -> None:
    (file,) = (own.path.parent / "runtime").glob("nbapp-*.json")
    left = file.read_text()
    own.server.stop()
    about = json.loads(left)
    alive = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    for pid in (about["pid"], alive.pid):  # gone, and another process with its number
        file.write_text(json.dumps({**about, "pid": pid, "started": about["started"] - 60}))  # a minute ago
        answer = own.type(own.path)
        assert (answer.code, "no server of yours" in answer.err) == (2, True)
        assert not file.exists()
    alive.communicate()


def test_it_is_served_where_nothing_can_be_told(serve: Serve, notebook: Notebook, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    server = serve(notebook("1"), "--token", environment={"JUPYTER_RUNTIME_DIR": str(tmp_path / "file" / "x")})
    assert ask(server.url)[0] == 200
    until(lambda: "will not find this server" in server.output)


@WHERE_KERNELS_FORK
def test_visitors_of_a_link_get_forked_kernels_and_its_values(serve: Serve, home: Path) -> None:
    path = write_notebook(home / "app.ipynb", SLIDER, SHOWN)
    server = serve(path, "--token", TOKEN, "--warm", "1")
    assert server.url
    shop = Shop(path, server, typed)
    links = {number: shop.link("--set", f"n={number}", "--name", f"with-{number}") for number in (7, 8)}
    number, texts = 7, []

    def is_forked() -> bool:
        before = len(forks(server))
        page, cookie = opened(shop, links[number])
        parts: dict[str, str] = {}
        state, since = "under way", 0
        while state == "under way":
            news = json.loads(ask(f"{shop.base}nbapp/progress/{kernel_of(page)}?since={since}", Cookie=cookie)[1])
            since, state, parts = news["number"], news["state"], {**parts, **news["shown"]}
        texts.append("".join(parts.values()))
        return len(forks(server)) > before

    until(is_forked, "no visitor of the link got a fork")
    assert f"n is {number}" in texts[-1]
    (first,) = zygotes(server)
    number = 8
    is_forked()  # one page of another kind does not drive out what forks for the pages before
    assert f"n is {number}" in texts[-1]
    assert zygotes(server) == [first]
    until(is_forked, "no visitor of the other link got a fork")
    assert f"n is {number}" in texts[-1]
