"""An app behind nginx, as people put it on the web: a prefix, TLS, time-outs, and a proxy that lets no websockets through.

nginx is configured as docs/howto/deploy.md says.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import PATIENCE, Serve, until
from tests.e2e.controls import expect
from tests.nginx import NGINX, started

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl, which makes a certificate, is not installed"),
]
LASTS = 7  # seconds that the first walk takes; nginx gives up a server that is silent for so long less one
APP = (
    "import ipywidgets as w\nn = w.IntSlider(description='n')\nn",
    f"import time\nif n.value == 0: time.sleep({LASTS})\nprint('now', n.value)",
)
PAGE = Path(__file__).parents[2] / "docs" / "howto" / "deploy.md"
UPGRADE = "proxy_set_header Upgrade $http_upgrade;"
Proxy = Callable[..., str]


def as_the_page_says(others: Mapping[str, str]) -> str:
    """The configuration of the page for who deploys an app, with other addresses, files and times."""
    found = re.search(r"^```nginx\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found
    text = found[1]
    for said, other in others.items():
        assert said in text
        text = text.replace(said, other)
    return text


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Proxy]:
    """Starts nginx in front of a port; the address of the app there."""
    running: list[subprocess.Popen[bytes]] = []
    folder = tmp_path / "nginx"
    folder.mkdir()
    asked = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    where = ["-keyout", str(folder / "key"), "-out", str(folder / "certificate")]
    subprocess.run(["openssl", *asked, *where], check=True, capture_output=True)

    def start(to: int, upgrades: bool = True, patience: int = 60) -> str:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        others = {
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "server_name apps.example.org": "server_name localhost",
            "/etc/ssl/apps.pem": f"{folder}/certificate",
            "/etc/ssl/apps.key": f"{folder}/key",
            "127.0.0.1:8866": f"127.0.0.1:{to}",
            "proxy_read_timeout 75s": f"proxy_read_timeout {patience}s",
        }
        running.append(started(folder, as_the_page_says(others if upgrades else {**others, UPGRADE: ""})))
        until(lambda: _listens(port), "nginx does not listen")
        return f"https://localhost:{port}/sales/"

    yield start
    for process in running:
        process.terminate()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A page that takes the certificate as it is."""
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(PATIENCE * 1000)
    yield context.new_page()
    context.close()


def test_below_a_prefix_with_tls_a_page_loads_for_longer_than_nginx_waits_for_a_silent_server(
    serve: Serve, notebook: Callable[..., Path], behind: Proxy, visitor: Page
) -> None:
    server = serve(notebook(*APP), "--base-url", "/sales/", "--public")
    errors: list[str] = []
    visitor.on("pageerror", lambda error: errors.append(str(error)))
    visitor.goto(behind(urlsplit(server.url).port or 0, patience=LASTS - 1))
    expect(visitor.get_by_text("now 0")).to_be_visible()
    visitor.locator(".noUi-handle").press("ArrowRight")
    expect(visitor.get_by_text("now 1")).to_be_visible()
    visitor.reload(wait_until="commit")
    until(lambda: len(server.kernels()) == 1, "a kernel was left behind by a reload")
    assert errors == []
    assert "refused" not in server.output


def test_a_proxy_that_lets_no_websockets_through_is_named(
    serve: Serve, notebook: Callable[..., Path], behind: Proxy, visitor: Page
) -> None:
    server = serve(notebook(APP[0], "print('now', n.value)"), "--base-url", "/sales/", "--public")
    visitor.goto(behind(urlsplit(server.url).port or 0, upgrades=False))
    expect(visitor.locator("#nbapp-notice")).to_contain_text("what lies between may let no websockets through")
    expect(visitor.get_by_role("button", name="Reload")).to_be_visible()
