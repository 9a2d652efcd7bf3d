#!/usr/bin/env bash
# jupyterhub 6.1.1: `Spawner.oauth_client_allowed_scopes` takes a callable, as documented, and then no server starts.
#
# The Hub calls it and gives the server's OAuth client what it returns. Then `get_env` writes the trait itself, the
# callable, as JSON into JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES. The configuration loads without a word; each start is
# answered by 500, and the log says "TypeError: Object of type function is not JSON serializable". A list works.
# `server_token_scopes`, documented in the same way, is not written out, and does start.
# A real Hub: dummy authenticator, local processes, REST API. No proxy is needed for this, so a class stands for one.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check jupyterhub==6.1.1
cd "$folder"
cat > server.py <<'PY'
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlparse


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()


HTTPServer(("127.0.0.1", urlparse(os.environ["JUPYTERHUB_SERVICE_URL"]).port), Answer).serve_forever()
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


scopes = ["read:users:activity!user"]
c = get_config()
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:" + os.environ["HUB_PORT"]
c.JupyterHub.services = [{"name": "starter", "api_token": "a" * 32}]
c.JupyterHub.load_roles = [{"name": "starter", "scopes": ["admin:servers"], "services": ["starter"]}]
c.Authenticator.allowed_users = {"ada"}
c.SimpleLocalProcessSpawner.home_dir_template = os.path.join(os.getcwd(), "home-{username}")
c.Spawner.cmd = [sys.executable, os.path.abspath("server.py")]
c.Spawner.server_token_scopes = lambda spawner: scopes
c.Spawner.oauth_client_allowed_scopes = scopes if os.environ["SCOPES"] == "list" else lambda spawner: scopes
PY
no_proxy=127.0.0.1 "$folder/env/bin/python" - <<'PY'
import os
import re
import socket
import subprocess
import sys
import time

import requests


def start_a_server(kind):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    api = f"http://127.0.0.1:{port}/hub/api"
    with open("hub.log", "w") as log:
        hub = subprocess.Popen([sys.executable, "-m", "jupyterhub"], stdout=log, stderr=log,
                               env={**os.environ, "HUB_PORT": str(port), "SCOPES": kind})
    try:
        for _ in range(240):
            try:
                assert requests.get(api).ok
                break
            except requests.ConnectionError:
                assert hub.poll() is None, open("hub.log").read()
                time.sleep(0.25)
        answer = requests.post(f"{api}/users/ada/server", headers={"Authorization": "token " + "a" * 32})
        return answer.status_code, set(re.findall(r"TypeError: .*", open("hub.log").read()))
    finally:
        hub.terminate()
        hub.wait()


for kind in ("list", "callable"):
    status, errors = start_a_server(kind)
    print(kind, status, errors or "")
    if kind == "list":
        assert status in (201, 202) and not errors, open("hub.log").read()
    else:
        assert status == 500 and "TypeError: Object of type function is not JSON serializable" in errors
PY
