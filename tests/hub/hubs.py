"""A real JupyterHub with its proxy, in processes of its own: what the tests of sharing run on.

Its users log in with any password; each has a folder of one's own as home. Servers run as whoever runs the tests.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from nbapp.hub.sharing import HubSharing
from nbapp.hub.shelf import AppRegistry
from tests.e2e.conftest import PATIENCE, Server, until

CONFIG = """
import random
c = get_config()
c.JupyterHub.public_url = "{url}"
c.JupyterHub.bind_url = "{url}"
c.JupyterHub.hub_bind_url = "{hub_url}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.check_running_interval = 1
c.ConfigurableHTTPProxy.command = {proxy!r}
c.JupyterHub.db_url = "sqlite:///{folder}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie_secret"
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "jupyterhub.spawner.SimpleLocalProcessSpawner"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/home/{{username}}"
c.Spawner.args = ["--allow-root", "--ServerApp.log_level=WARN"]
c.Spawner.env_keep = ["PATH", "PYTHONPATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"]
c.Spawner.poll_interval = 1
c.Spawner.environment = {{"JUPYTERHUB_ACTIVITY_INTERVAL": "1"}}
# A server binds its port seconds after the Hub chose it: one of those that the system hands out may be another's by then.
c.Spawner.pre_spawn_hook = lambda spawner: setattr(spawner, "port", random.randrange(15000, 32000))
c.JupyterHub.services = [{{"name": "tests", "api_token": "{token}", "admin": True}}]
c.JupyterHub.load_groups = {{"team": {{"users": ["dave"]}}}}
c.JupyterHub.log_level = "INFO"
c.JupyterHub.cleanup_servers = False  # one after the other takes long; the tests end them all at once
"""
ADMINS_LINE = """
from nbapp.hub import configure
configure(c)
"""
USERS = ("alice", "bob", "carol", "dave")
ADMIN_TOKEN = "a-token-of-the-tests"


def free_ports(count: int) -> list[int]:
    """Numbers of ports that nothing listens on, below those that the system hands out: nobody takes them meanwhile."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randrange(15000, 32000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
    return found


@dataclass
class Hub:
    """A Hub. `url` is its address for browsers, `hub_url` the one for servers; the first ends with a slash."""

    folder: Path
    url: str
    hub_url: str

    def run(self) -> None:
        """Start it, and wait until it is there."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTERHUB")}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        command = [sys.executable, "-m", "jupyterhub", "-f", str(self.folder / "jupyterhub_config.py")]
        self.process = Server(
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder, env=environment
            )
        )
        runs = self.process.process.poll
        until(lambda: "JupyterHub is now running" in self.process.output or runs() is not None)
        assert runs() is None, self.process.output

    def restart(self) -> None:
        """End it and its proxy, and start it again; the servers go on meanwhile."""
        self.process.process.send_signal(signal.SIGTERM)
        self.process.process.wait(PATIENCE)
        self.run()

    def variables(self, user: str) -> dict[str, str]:
        """What the Hub would put into the environment of a user's own server, without starting it."""
        with contextlib.suppress(urllib.error.HTTPError):  # there already
            self.api("POST", f"users/{user}", {})
        scopes = ["users:activity!user", "access:servers!user", "shares!user", "servers!user", "read:users:name"]
        wanted = {"note": "server", "scopes": [*scopes, "read:groups:name", "custom:nbapp:app!user"]}
        return {
            "NBAPP_HUB": "1",
            "JUPYTERHUB_API_URL": f"{self.hub_url}/hub/api",
            "JUPYTERHUB_API_TOKEN": self.api("POST", f"users/{user}/tokens", wanted)["token"],
            "JUPYTERHUB_USER": user,
            "JUPYTERHUB_PUBLIC_HUB_URL": f"{self.url}hub/",
        }

    def stop(self) -> None:
        """End it, its proxy and all servers."""
        if not hasattr(self, "process"):
            return
        servers = [process for process in psutil.process_iter() if self._started(process)]
        for server in servers:
            server.terminate()
        psutil.wait_procs(servers, PATIENCE)
        self.process.stop()

    def _started(self, process: psutil.Process) -> bool:
        """Whether a process is a server of this Hub, and no kernel in one."""
        try:
            environment = process.environ()
        except psutil.Error:
            return False
        mine = environment.get("JUPYTERHUB_API_URL", "").startswith(self.hub_url)
        return mine and "JPY_PARENT_PID" not in environment

    def home(self, user: str) -> Path:
        """A user's home."""
        path = self.folder / "home" / user
        path.mkdir(parents=True, exist_ok=True)
        return path

    def api(self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str = ADMIN_TOKEN) -> Any:
        """What the Hub answers to an administrator, or to another token."""
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}hub/api/{path}", sent, {"Authorization": f"token {token}"}, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text.strip() else None

    def start(self, user: str) -> None:
        """Start a user's own server, and wait until it is there."""
        self.home(user)
        try:
            self.api("POST", f"users/{user}", {})
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
        self.api("POST", f"users/{user}/server", {})
        until(lambda: self.server(user, "").get("ready"), f"{user}'s server did not start")

    def server(self, user: str, name: str) -> dict[str, Any]:
        """What the Hub says of a server; empty when there is none or it does not run."""
        found: dict[str, Any] = self.api("GET", f"users/{user}").get("servers", {}).get(name, {})
        return found

    def sharing(self, user: str) -> HubSharing:
        """What makes links in a terminal of a user's own server."""
        return HubSharing(self.variables(user), self.shelf(user))

    def shelf(self, user: str) -> AppRegistry:
        """The list of what a user shares."""
        return AppRegistry(self.home(user) / ".local" / "share" / "jupyter" / "nbapp" / "hub")

    def environment(self, user: str, server: str = "") -> dict[str, str]:
        """The environment of a user's server, as its terminals have it."""
        return self._process(user, server)[1]

    def command_line(self, user: str, server: str = "") -> list[str]:
        """The command line of a user's server."""
        return self._process(user, server)[0].read_bytes().decode().split("\0")

    def _process(self, user: str, server: str) -> tuple[Path, dict[str, str]]:
        for path in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
            try:
                lines = (path / "environ").read_bytes().decode().split("\0")
            except OSError:
                continue
            found = dict(line.partition("=")[::2] for line in lines if line)
            mine = found.get("JUPYTERHUB_API_URL", "").startswith(self.hub_url)
            if mine and found.get("JUPYTERHUB_USER") == user and found.get("JUPYTERHUB_SERVER_NAME", "") == server:
                return path / "cmdline", found
        raise AssertionError(f"{user} has no server {server!r}")

    def terminal(self, user: str, *command: str) -> subprocess.CompletedProcess[str]:
        """What a command prints in a terminal of a user's server."""
        return subprocess.run(
            command, env=self.environment(user), cwd=self.home(user), capture_output=True, text=True, timeout=180
        )


@contextmanager
def running_hub(folder: Path, lines: str = ADMINS_LINE) -> Iterator[Hub]:
    """A Hub whose configuration ends with some lines."""
    port, hub_port, proxy_port = free_ports(3)
    proxy = Path(sys.executable).with_name("configurable-http-proxy")
    assert proxy.exists(), "run 'make test' or 'make proxy' once: it installs configurable-http-proxy"
    url, hub_url = f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{hub_port}"
    config = CONFIG.format(
        url=url, hub_url=hub_url, proxy_port=proxy_port, proxy=[str(proxy)], folder=folder, token=ADMIN_TOKEN
    )
    (folder / "jupyterhub_config.py").write_text(config + lines, encoding="utf-8")
    hub = Hub(folder, url, hub_url)
    try:
        hub.run()
        yield hub
    finally:
        hub.stop()
