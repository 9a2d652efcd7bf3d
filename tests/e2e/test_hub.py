"""alice shares a notebook on a real JupyterHub: bob, whom she sent the link, uses the app and gets at nothing else."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, Page

from nbapp.share.ask import Wanted
from tests.e2e.conftest import until, write_notebook
from tests.e2e.controls import expect, press
from tests.hub.hubs import Hub, running_hub
from tests.hub.visits import authorise, log_in, new_page, open_link

SALES = (
    "# Sales",
    "%load_ext nbapp\nimport ipywidgets as w, nbapp, os\nn = w.IntSlider(value=3, description='n')\nn",
    "print('square', n.value ** 2)",
    "print('for', nbapp.user.name, *nbapp.user.groups)",
    "print('secrets', sorted(name for name in os.environ if 'JUPYTERHUB' in name or 'TOKEN' in name))",
)
SECRET = "what only alice may read"
CONFIGURED = """
from nbapp.hub import configure
configure(c, command=["{folder}/nbapp"])
"""
WITHOUT_OURS = """#!/bin/sh
exec python -c "import sys
sys.modules['nbapp.hub.app.server'] = None
from nbapp.cli import main
sys.exit(main())" "$@"
"""
STARTER = '#!/bin/sh\nexec nbapp "$@"\n'


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    starts_with(folder_of := folder / "nbapp", STARTER)
    with running_hub(folder, CONFIGURED.format(folder=folder_of.parent)) as hub:
        for name in ("sales", "other", "grouped"):
            write_notebook(hub.home("alice") / f"{name}.ipynb", *SALES)
        (hub.home("alice") / "secret.txt").write_text(SECRET, encoding="utf-8")
        hub.start("alice")
        yield hub


def starts_with(path: Any, script: str) -> None:
    """What the Hub runs to start an app."""
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture(scope="module")
def link(hub: Hub) -> str:
    """As alice makes it in a terminal of JupyterLab."""
    ran = hub.terminal("alice", "nbapp", "share", "sales.ipynb", "--set", "n=5", "--json")
    assert ran.returncode == 0, ran.stderr
    url: str = json.loads(ran.stdout)["url"]
    assert url.startswith(f"{hub.url}hub/accept-share?code=")
    return url


@pytest.fixture(scope="module")
def bob(hub: Hub, browser: Browser, link: str) -> Iterator[Page]:
    page = new_page(browser)
    log_in(page, hub, "bob")
    open_link(page, link)
    expect(page.locator("body")).to_contain_text("square")
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def dave(hub: Hub, browser: Browser, link: str) -> Iterator[Page]:
    """Of the group `team`, with which the app `grouped` is shared."""
    hub.sharing("alice").share(Wanted(hub.home("alice") / "grouped.ipynb", to=("team",)))
    page = new_page(browser)
    log_in(page, hub, "dave")
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def token(hub: Hub, bob: Page) -> str:
    """A token that may do all that bob's browser may on the Hub's pages: it may start, rename and stop the app's server."""
    scopes = [f"{scope}!server=alice/app-sales" for scope in ("start:servers", "delete:servers", "read:servers")]
    hub.api("POST", "shares/alice/app-sales", {"user": "bob", "scopes": scopes})
    made: str = hub.api("POST", "users/bob/tokens", {"note": "all of bob"})["token"]
    return made


# --- the app


def test_bob_accepts_and_moves_a_slider(bob: Page) -> None:
    expect(bob.locator("body")).to_contain_text("square 25")
    press(bob, "n", "ArrowRight")
    expect(bob.locator("body")).to_contain_text("square 36")


def test_the_notebook_knows_who_looks_and_no_secret(bob: Page) -> None:
    expect(bob.locator("body")).to_contain_text("for bob")
    expect(bob.locator("body")).to_contain_text("secrets []")


def test_a_group_gets_it_at_once(hub: Hub, dave: Page) -> None:
    dave.goto(f"{hub.url}hub/user/alice/app-grouped/")
    authorise(dave)
    expect(dave.locator("body")).to_contain_text("for dave team")


def test_who_was_not_invited_gets_403(hub: Hub, link: str, browser: Browser) -> None:
    page = new_page(browser)
    log_in(page, hub, "carol")
    answer = page.goto(f"{hub.url}user/alice/app-sales/")
    assert answer is not None
    if "/oauth2/authorize" in page.url and answer.status == 200:
        with page.expect_response(lambda found: "/user/alice/app-sales/" in found.url and found.status != 302) as last:
            page.get_by_role("button", name="Authorize").click()
        answer = last.value
    assert answer.status == 403
    page.context.close()


# --- nothing else


OF_THE_MAIN_SERVER = (
    "",
    "lab",
    "tree",
    "api/contents",
    "api/kernels",
    "api/terminals",
    "files/secret.txt",
    "api/status",
)
OF_THE_APP = (
    *("api", "api/contents", "api/contents/secret.txt", "api/kernels", "api/sessions", "api/terminals", "api/status"),
    *("api/kernelspecs", "api/config/notebook", "api/nbconvert", "api/me", "lab", "tree", "edit/secret.txt", "metrics"),
    *("files/secret.txt", "files/sales.ipynb", "voila/files/secret.txt", "voila/files/sales.ipynb", "login"),
    *("voila/files/..%2Fsecret.txt", "voila/static/..%2F..%2F..%2Fsecret.txt", "voila/render/sales.ipynb", "notebooks"),
    *("nbconvert/html/sales.ipynb", "terminals/websocket/1", "proxy/8081/", "link/x", "voila/tree", "nbapp/share"),
)


def contained(answer: APIResponse) -> bool:
    return answer.status in (400, 403, 404, 405) and SECRET not in answer.text()


@pytest.mark.parametrize("path", OF_THE_MAIN_SERVER)
def test_bob_cannot_reach_the_main_server(hub: Hub, bob: Page, token: str, path: str) -> None:
    url = f"{hub.url}user/alice/{path}"
    assert contained(bob.context.request.get(url))
    assert contained(bob.context.request.get(url, headers={"Authorization": f"token {token}"}))


@pytest.mark.parametrize("path", OF_THE_APP)
def test_the_apps_server_has_no_such_thing(hub: Hub, bob: Page, token: str, path: str) -> None:
    url = f"{hub.url}user/alice/app-sales/{path}"
    assert contained(bob.context.request.get(url))
    assert contained(bob.context.request.get(url, headers={"Authorization": f"token {token}"}))


@pytest.mark.parametrize("path", ["api/kernels", "api/sessions", "api/terminals", "api/contents", "api/shutdown"])
def test_bob_can_make_nothing(hub: Hub, token: str, bob: Page, path: str) -> None:
    url = f"{hub.url}user/alice/app-sales/{path}"
    headers = {"Authorization": f"token {token}"}
    assert contained(bob.context.request.post(url, headers=headers, data={}))
    assert contained(bob.context.request.put(url, headers=headers, data={}))


def test_bob_cannot_reach_another_app(hub: Hub, bob: Page, dave: Page, token: str) -> None:
    url = f"{hub.url}user/alice/app-grouped/"
    assert contained(bob.context.request.get(url))
    assert contained(bob.context.request.get(url, headers={"Authorization": f"token {token}"}))


@pytest.mark.parametrize("path", ["users/alice", "users/alice/tokens", "users/alice/servers/", "shares/alice"])
def test_the_hub_tells_bob_nothing_about_alice(hub: Hub, bob: Page, token: str, path: str) -> None:
    answer = bob.context.request.get(f"{hub.url}hub/api/{path}", headers={"Authorization": f"token {token}"})
    told = answer.json() if answer.status == 200 else {}
    assert set(told.get("servers", {})) <= {"app-sales"}
    assert not {"auth_state", "state", "environment", "token", "tokens"} & (
        set(told) | set(told.get("servers", {}).get("app-sales", {})) - {"state"}
    )
    assert all(not server.get("state") for server in told.get("servers", {}).values())


def test_what_the_apps_own_token_may_do_is_little(hub: Hub, link: str) -> None:
    token = hub.environment("alice", "app-sales")["JUPYTERHUB_API_TOKEN"]
    scopes = set(hub.api("GET", "user", token=token)["scopes"])
    assert {scope for scope in scopes if not scope.startswith("read:")} == {
        "users:activity!user=alice",
        "access:servers!server=alice/app-sales",
    }
    assert all(scope.endswith("!user=alice") for scope in scopes if scope.startswith("read:"))


CODE = "open('owned', 'w').close()"
SEND = """async ([url, frames]) => {
  const socket = new WebSocket(url, ['v1.kernel.websocket.jupyter.org']);
  socket.binaryType = 'arraybuffer';
  const opened = await new Promise(done => { socket.onopen = () => done(true); socket.onerror = () => done(false); });
  if (!opened) return false;
  for (const frame of frames) socket.send(Uint8Array.from(atob(frame), c => c.charCodeAt(0)));
  const answered = await new Promise(done => {
    socket.onmessage = () => done(true); socket.onclose = () => done(true);
    setTimeout(() => done(false), 20000);
  });
  socket.close();
  return answered;
}"""


def frame(channel: str, kind: str, content: dict[str, Any]) -> str:
    """A message of the newest framing, in base64."""
    header = {
        "msg_id": kind,
        "msg_type": kind,
        "session": "s",
        "username": "bob",
        "date": "2026-01-01T00:00:00Z",
        "version": "5.4",
    }
    parts = [channel.encode(), *(json.dumps(part).encode() for part in (header, {}, {}, content))]
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    numbers = [len(parts) + 1, *offsets]
    return base64.b64encode(b"".join(number.to_bytes(8, "little") for number in numbers) + b"".join(parts)).decode()


def kernel_of(page: Page) -> str:
    found: str = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
    return found


def socket_of(hub: Hub, kernel: str) -> str:
    return f"{hub.url.replace('http', 'ws', 1)}user/alice/app-sales/api/kernels/{kernel}/channels?session_id=s"


def test_bob_cannot_run_code_over_the_websocket(hub: Hub, bob: Page) -> None:
    asked = {"code": CODE, "silent": False, "user_expressions": {"x": CODE}, "allow_stdin": False}
    frames = [frame(channel, "execute_request", asked) for channel in ("shell", "control", "stdin", "iopub")]
    frames += [frame("shell", "comm_open", {"comm_id": "x", "target_name": "jupyter.widget", "data": {}})]
    frames += [frame("shell", "kernel_info_request", {})]
    assert bob.evaluate(SEND, [socket_of(hub, kernel_of(bob)), frames])
    press(bob, "n", "ArrowRight")
    expect(bob.locator("body")).to_contain_text("square 49")
    assert not (hub.home("alice") / "owned").exists()


def test_two_visitors_are_isolated(hub: Hub, bob: Page, dave: Page, link: str) -> None:
    open_link(dave, link)
    expect(dave.locator("body")).to_contain_text("square 25")
    press(dave, "n", "ArrowLeft")
    expect(dave.locator("body")).to_contain_text("square 16")
    assert "square 16" not in bob.locator("body").inner_text()
    kernel, base = kernel_of(dave), f"{hub.url}user/alice/app-sales/"
    assert kernel != kernel_of(bob)
    assert bob.evaluate(SEND, [socket_of(hub, kernel), [frame("shell", "kernel_info_request", {})]]) is False
    headers = {"X-XSRFToken": xsrf_of(bob)}
    assert bob.context.request.get(f"{base}api/kernels/{kernel}").status == 404
    assert bob.context.request.get(f"{base}nbapp/progress/{kernel}").status == 404
    assert bob.context.request.post(f"{base}nbapp/stop/{kernel}", headers=headers).status == 404
    assert bob.context.request.post(f"{base}voila/api/shutdown/{kernel}", headers=headers).status == 404
    assert bob.context.request.delete(f"{base}api/kernels/{kernel}", headers=headers).status == 404
    press(dave, "n", "ArrowLeft")
    expect(dave.locator("body")).to_contain_text("square 9")


def xsrf_of(page: Page) -> str:
    found = re.search(r"\b_xsrf=([^;]*)", page.evaluate("document.cookie"))
    assert found, "no cookie"
    return found[1]


def test_stop_works_behind_the_hub(hub: Hub, bob: Page) -> None:
    url = f"{hub.url}user/alice/app-sales/nbapp/stop/{kernel_of(bob)}"
    assert bob.context.request.post(url).status == 403
    assert bob.context.request.post(url, headers={"X-XSRFToken": xsrf_of(bob)}).status == 204


def test_who_leaves_the_group_is_out(hub: Hub, dave: Page) -> None:
    dave.goto(f"{hub.url}user/alice/app-grouped/")
    authorise(dave)
    expect(dave.locator("body")).to_contain_text("for dave team")
    hub.api("DELETE", "groups/team/users", {"users": ["dave"]})
    expect(dave.locator("#nbapp-notice")).not_to_be_empty()
    until(lambda: dave.context.request.get(f"{hub.url}user/alice/app-grouped/").status == 403)


# --- the right to start it is the right to start the app


def stop(hub: Hub, name: str) -> None:
    hub.api("DELETE", f"users/alice/servers/{name}")
    until(lambda: not hub.server("alice", name).get("ready") and not hub.server("alice", name).get("pending"))


def start(bob: Page, hub: Hub, token: str, name: str, options: dict[str, Any]) -> APIResponse:
    return bob.context.request.post(
        f"{hub.url}hub/api/users/alice/servers/{name}",
        headers={"Authorization": f"token {token}"},
        data={"user_options": options},
    )


def test_whoever_starts_it_starts_the_app(hub: Hub, bob: Page, token: str) -> None:
    stop(hub, "app-sales")
    options = {"cmd": ["jupyterhub-singleuser"], "args": ["--allow-root"], "image": "evil", "profile": "lab"}
    assert start(bob, hub, token, "app-sales", options).status in (201, 202)
    until(lambda: hub.server("alice", "app-sales").get("ready"))
    assert "serve --hub --stop-idle 3600" in " ".join(hub.command_line("alice", "app-sales"))
    bob.goto(f"{hub.url}user/alice/app-sales/")
    authorise(bob)
    expect(bob.locator("body")).to_contain_text("square 25")
    assert contained(bob.context.request.get(f"{hub.url}user/alice/app-sales/lab"))


def test_an_app_that_was_renamed_does_not_start(hub: Hub, bob: Page, token: str) -> None:
    stop(hub, "app-sales")
    headers = {"Authorization": f"token {token}"}
    url = f"{hub.url}hub/api/users/alice/servers"
    renamed = bob.context.request.patch(f"{url}/app-sales", headers=headers, data={"name": "mine"})
    assert renamed.status == 200  # JupyterHub 6 lets who may start a server rename it
    assert start(bob, hub, token, "mine", {}).status == 403
    assert not hub.server("alice", "mine").get("ready")
    assert bob.context.request.patch(f"{url}/mine", headers=headers, data={"name": "app-sales"}).status == 200
    assert start(bob, hub, token, "app-sales", {}).status in (201, 202)
    until(lambda: hub.server("alice", "app-sales").get("ready"))


def test_without_our_server_nothing_starts(hub: Hub, bob: Page, token: str) -> None:
    stop(hub, "app-sales")
    starts_with(hub.folder / "nbapp", WITHOUT_OURS)
    try:
        assert start(bob, hub, token, "app-sales", {}).status in (202, 500)
        until(lambda: "ModuleNotFoundError" in hub.process.output)
        assert not hub.server("alice", "app-sales").get("ready")
        assert contained(bob.context.request.get(f"{hub.url}user/alice/app-sales/lab"))
    finally:
        starts_with(hub.folder / "nbapp", STARTER)
