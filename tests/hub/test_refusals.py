"""Where an app cannot be shared on a Hub: one message that says what is missing, who can mend it, what to do instead."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from nbapp.share.ask import CannotShare, Wanted
from tests.e2e.conftest import write_notebook
from tests.hub.hubs import Hub, running_hub

# Without `configure`, and without named servers; people may share what they have.
WITHOUT = """
c.JupyterHub.custom_scopes = {"custom:nbapp:app": {"description": "Use an app"}}
c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["self", "shares!user", "custom:nbapp:app!user", "read:groups:name", "read:users:name"]}
]
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tmp_path_factory.mktemp("hub"), WITHOUT) as hub:
        write_notebook(hub.home("alice") / "sales.ipynb", "1 + 1")
        yield hub


def refused(hub: Hub, **variables: str | None) -> CannotShare:
    """What `share` says to alice when her environment is another."""
    environment = {name: value for name, value in {**hub.variables("alice"), **variables}.items() if value is not None}
    sharing = hub.sharing("alice")
    sharing._variables = environment
    with pytest.raises(CannotShare) as caught:
        sharing.share(Wanted(hub.home("alice") / "sales.ipynb"))
    assert hub.shelf("alice").links() == () or all(link.revoked for link in hub.shelf("alice").links())
    assert "nbapp serve" in caught.value.instead
    return caught.value


def test_without_the_administrators_line(hub: Hub) -> None:
    error = refused(hub, NBAPP_HUB=None)
    assert "not configured for apps" in error.missing
    assert "from nbapp.hub import configure; configure(c)" in error.who


def test_without_the_right_scope(hub: Hub) -> None:
    few = hub.api("POST", "users/alice/tokens", {"note": "few", "scopes": ["users:activity!user", "read:users!user"]})
    error = refused(hub, JUPYTERHUB_API_TOKEN=few["token"])
    assert "lacks the scope shares and start:servers" in error.missing
    assert "administrator" in error.who


def test_without_named_servers(hub: Hub) -> None:
    error = refused(hub)
    assert "named servers are off" in error.missing
    assert "administrator" in error.who


def test_where_the_hub_does_not_answer(hub: Hub) -> None:
    error = refused(hub, JUPYTERHUB_API_URL="http://127.0.0.1:9/hub/api")
    assert "the Hub does not answer (http://127.0.0.1:9/hub/api" in error.missing


class Old(BaseHTTPRequestHandler):
    """Answers as the API of JupyterHub 4 does when it is asked for its version."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"version": "4.1.6"}')


def test_on_jupyterhub_4(hub: Hub) -> None:
    with HTTPServer(("127.0.0.1", 0), Old) as old:
        Thread(target=old.serve_forever, daemon=True).start()
        error = refused(hub, JUPYTERHUB_API_URL=f"http://127.0.0.1:{old.server_port}/hub/api")
        old.shutdown()
    assert "JupyterHub 4.1.6 cannot share servers" in error.missing


def test_the_command_says_it_in_one_line_and_ends_with_2(hub: Hub) -> None:
    environment = {**os.environ, **hub.variables("alice"), "HOME": str(hub.home("alice"))}
    del environment["NBAPP_HUB"]
    command = [sys.executable, "-m", "nbapp", "share", "sales.ipynb"]
    ran = subprocess.run(command, env=environment, cwd=hub.home("alice"), capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("nbapp share: this Hub is not configured for apps")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("server", ["", "research", "app-nothing"])
def test_serve_hub_is_for_apps_that_are_shared(server: str, tmp_path: Path) -> None:
    names = ["JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN", "JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_SERVICE_PREFIX"]
    given = dict.fromkeys(names, "http://127.0.0.1:9/") | {"JUPYTERHUB_SERVER_NAME": server, "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "nbapp", "serve", "--hub"]
    ran = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True)
    assert ran.returncode == 2
    assert "shares no app of the name of this server" in ran.stderr


def test_serve_hub_without_a_hub_says_so() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTERHUB")}
    command = [sys.executable, "-m", "nbapp", "serve", "--hub"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ran.returncode == 2
    assert "--hub is for JupyterHub" in ran.stderr
