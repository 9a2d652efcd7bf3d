#!/usr/bin/env bash
# jupyterhub 6.1.1: members of a group that a server is shared with pass the Hub, and the server refuses them.
#
# A share adds `access:servers!server=ada/` to what a user may do, be it the user's own or one of a group of theirs: the
# Hub shows a member the page on which to authorise the server, which a stranger does not get, and issues the token.
# What that token may do is worked out from roles and the user's own shares, without those of groups; the scope is
# discarded with a warning in the Hub's log, and HubOAuth in the server answers 403. The share in the REST API looks right.
# Seen: cat (own share) 200 at the Hub and at the server; ben (by group) 200 and then 403; dan (none) 403 at the Hub.
# A real Hub: dummy authenticator, a server that uses jupyterhub.services.auth as a single-user server does. There is no
# proxy; the client below sends a path of the Hub to the Hub and any other to the server.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check jupyterhub==6.1.1
cd "$folder"
cat > server.py <<'PY'
import os
from urllib.parse import urlparse

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from tornado import ioloop, web


class Page(HubOAuthenticated, web.RequestHandler):
    @web.authenticated
    def get(self):
        self.write("served to " + self.current_user["name"])


class Up(web.RequestHandler):
    def get(self):
        self.write({})


prefix, url = os.environ["JUPYTERHUB_SERVICE_PREFIX"], urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
handlers = [(prefix + "oauth_callback", HubOAuthCallbackHandler), (prefix + "api", Up), (prefix, Page)]
web.Application(handlers, cookie_secret=os.urandom(32)).listen(url.port, url.hostname)
ioloop.IOLoop.current().start()
PY
cat > jupyterhub_config.py <<'PY'
import os
import sys

from jupyterhub.proxy import Proxy


class NoProxy(Proxy):
    should_start = False
    routes = {}

    async def add_route(self, routespec, target, data):
        self.routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec):
        self.routes.pop(routespec, None)

    async def get_all_routes(self):
        return self.routes


c = get_config()
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:" + os.environ["HUB_PORT"]
c.JupyterHub.services = [{"name": "sharer", "api_token": "a" * 32}]
c.JupyterHub.load_roles = [{
    "name": "sharer", "services": ["sharer"],
    "scopes": ["admin:servers", "shares", "read:users:name", "read:groups:name"],
}]
c.JupyterHub.load_groups = {"team": {"users": ["ben"]}}
c.Authenticator.allowed_users = {"ada", "ben", "cat", "dan"}
c.SimpleLocalProcessSpawner.home_dir_template = os.path.join(os.getcwd(), "home-{username}")
c.Spawner.cmd = [sys.executable, os.path.abspath("server.py")]
c.Spawner.port = int(os.environ["SERVER_PORT"])
PY
no_proxy=127.0.0.1 "$folder/env/bin/python" - <<'PY'
import os
import re
import socket
import subprocess
import sys
import time
from urllib.parse import urljoin

import requests


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


hub_port, server_port = free_ports(2)


def visit(browser, path, method="GET", **data):
    """Follow redirects as a browser behind a proxy would."""
    for _ in range(20):
        origin = f"http://127.0.0.1:{hub_port if path.startswith('/hub/') else server_port}"
        answer = browser.request(method, origin + path, allow_redirects=False, **data)
        if not answer.is_redirect:
            return answer
        path, method, data = urljoin(path, answer.headers["Location"]), "GET", {}
    raise SystemExit(f"no end to the redirects: {path}")


def hidden(page, name):
    return re.findall(rf'name="{name}"\s+value="([^"]+)"', page.text)


def open_as(name):
    """What the Hub answers to `name` on the way to ada's server, and what the server answers after that."""
    browser = requests.Session()
    token = hidden(visit(browser, "/hub/login"), "_xsrf")[0]
    login = f"http://127.0.0.1:{hub_port}/hub/login"
    browser.post(login, data={"username": name, "password": "any", "_xsrf": token}, allow_redirects=False)
    page = visit(browser, "/user/ada/")
    assert "/hub/api/oauth2/authorize" in page.url, page.url
    if not page.ok:
        return page.status_code, None
    scopes = hidden(page, "scopes")
    assert "access:servers!server=ada/" in scopes, scopes
    form = {"_xsrf": hidden(page, "_xsrf")[0], "scopes": scopes}
    served = visit(browser, page.request.path_url, "POST", data=form)
    assert f":{server_port}/user/ada/" in served.url, served.url
    return page.status_code, served.status_code


with open("hub.log", "w") as log:
    hub = subprocess.Popen([sys.executable, "-m", "jupyterhub"], stdout=log, stderr=log,
                           env={**os.environ, "HUB_PORT": str(hub_port), "SERVER_PORT": str(server_port)})
try:
    api, by = f"http://127.0.0.1:{hub_port}/hub/api", {"Authorization": "token " + "a" * 32}
    for _ in range(240):
        try:
            assert requests.get(api).ok
            break
        except requests.ConnectionError:
            assert hub.poll() is None, open("hub.log").read()
            time.sleep(0.25)
    requests.post(f"{api}/users/ada/server", headers=by).raise_for_status()
    for _ in range(240):
        if requests.get(f"{api}/users/ada", headers=by).json()["servers"][""]["ready"]:
            break
        time.sleep(0.25)
    for share in ({"user": "cat"}, {"group": "team"}):
        requests.post(f"{api}/shares/ada/", headers=by, json=share).raise_for_status()
    seen = {name: open_as(name) for name in ("cat", "ben", "dan")}
    discarded = re.findall(r"discarding scopes .*", open("hub.log").read())
    print("(Hub, server):", seen, *discarded, sep="\n")
    assert seen == {"cat": (200, 200), "ben": (200, 403), "dan": (403, None)}, open("hub.log").read()
    assert len(discarded) == 1 and "access:servers!server=ada/" in discarded[0] and "ben" in discarded[0]
finally:
    hub.terminate()
    hub.wait()
PY
