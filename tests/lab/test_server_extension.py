"""nbapp's addresses in a real Jupyter server: who may ask, for which notebooks, and what is answered."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Server, until, write_notebook
from tests.lab.double import CANNOT

ROOT = Path(__file__).parents[2]
TOKEN = {"Authorization": "token secret"}
Start = Callable[..., "Jupyter"]


class Jupyter:
    """A server and the folder that it shows."""

    def __init__(self, server: Server, files: Path) -> None:
        self.server = server
        self.files = files
        self.url = server.url.partition("?")[0].rpartition("/")[0]

    def ask(self, method: str, path: str, body: object = None, **more: Any) -> httpx.Response:
        """Ask as a program with the token does, unless it is said otherwise."""
        return httpx.request(method, f"{self.url}/{path}", json=body, **{"headers": TOKEN, "timeout": 60, **more})

    def share(self, notebook: str, **more: Any) -> httpx.Response:
        """Ask for a link."""
        return self.ask("POST", "nbapp/shares", {"notebook": notebook, **more})

    def names(self) -> list[str]:
        """The names of the links that there are."""
        return [shared["name"] for shared in self.ask("GET", "nbapp/shares").json()["shared"]]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts a server in which ours is loaded as the wheel has it loaded, with the double as the maker of links."""
    servers: list[Server] = []

    def begin(*options: str, program: str = "jupyter_server") -> Jupyter:
        home = tmp_path_factory.mktemp("jupyter")
        files = home / "files"
        files.mkdir()
        shutil.copytree(ROOT / "labextension" / "jupyter-config", home / "config" / "jupyter_server_config.d")
        setting = "from tests.lab.double import Links\nc.ServerApp.tornado_settings = {'nbapp_sharing': Links}\n"
        (home / "config" / "jupyter_server_config.py").write_text(setting)
        write_notebook(files / "app.ipynb", "1")
        own = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        process = subprocess.Popen(
            [sys.executable, "-m", program, "--no-browser", f"--port={_free_port()}", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=files,
            env={**os.environ, **own, "PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1"},
        )
        servers.append(Server(process))
        jupyter = Jupyter(servers[-1], files)
        until(lambda: _answers(jupyter), "it never answered")
        return jupyter

    yield begin
    for server in servers:
        server.stop()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]  # Voila announces the port that it was given, also 0
    return port


def _answers(jupyter: Jupyter) -> bool:
    try:
        return jupyter.ask("GET", "api").status_code < 500
    except httpx.TransportError:
        return False


SECRET = ("--allow-root", "--ip=127.0.0.1", "--IdentityProvider.token=secret")


@pytest.fixture(scope="module")
def jupyter(start: Start) -> Jupyter:
    return start(*SECRET)


@pytest.fixture(autouse=True)
def _forget(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "jupyter" in request.fixturenames:
        jupyter = request.getfixturevalue("jupyter")
        for name in jupyter.names():
            jupyter.ask("DELETE", f"nbapp/shares/{name}")


def test_a_link_is_made_listed_and_taken_back(jupyter: Jupyter) -> None:
    wanted = {"name": "mine", "expires": 3600, "to": ["bob", "staff"], "values": {"s": "8"}, "pin": True}
    made = jupyter.share("app.ipynb", **wanted)
    assert made.status_code == 201
    link = made.json()
    assert (link["name"], link["to"], link["values"], link["pinned"]) == ("mine", ["bob", "staff"], {"s": "8"}, True)
    assert link["notebook"] == "app.ipynb"
    assert link["expires"] > link["made"]
    assert jupyter.ask("GET", "nbapp/shares").json() == {"shared": [link]}
    gone = jupyter.ask("DELETE", "nbapp/shares/mine")
    assert (gone.status_code, gone.content) == (204, b"")
    assert jupyter.names() == []


def test_what_is_not_said_is_left_to_whoever_makes_the_link(jupyter: Jupyter) -> None:
    link = jupyter.share("app.ipynb").json()
    assert (link["name"], link["expires"], link["to"], link["values"], link["pinned"]) == ("app", None, [], {}, False)


def test_a_notebook_in_a_folder_is_named_as_the_server_names_it(jupyter: Jupyter) -> None:
    folder = jupyter.files / "my work"
    folder.mkdir()
    write_notebook(folder / "ü b.ipynb", "1")
    assert jupyter.share("my work/ü b.ipynb", name="ub").json()["notebook"] == "my work/ü b.ipynb"


def test_nobody_without_the_token_hears_of_links_makes_one_or_takes_one_back(jupyter: Jupyter) -> None:
    jupyter.share("app.ipynb")
    for headers in ({}, {"Authorization": "token wrong"}):
        for method, path in (("GET", ""), ("POST", ""), ("DELETE", "/app")):
            body = {"notebook": "app.ipynb", "name": "theirs"} if method == "POST" else None
            answer = jupyter.ask(method, f"nbapp/shares{path}", body, headers=headers)
            assert answer.status_code == 403, (method, answer.text)
    assert jupyter.names() == ["app"]


def test_a_page_of_another_site_cannot_share_with_the_authors_cookies(jupyter: Jupyter) -> None:
    with httpx.Client(base_url=jupyter.url, follow_redirects=True, timeout=60) as browser:
        browser.get("/login?token=secret")
        assert browser.get("/nbapp/shares").status_code == 200
        body = {"notebook": "app.ipynb"}
        assert browser.post("/nbapp/shares", json=body).status_code == 403
        assert browser.delete("/nbapp/shares/app").status_code == 403
        right = {"X-XSRFToken": browser.cookies["_xsrf"]}
        elsewhere = {**right, "Origin": "https://evil.example.org"}
        assert browser.post("/nbapp/shares", json=body, headers=elsewhere).status_code in (403, 404)
        assert jupyter.names() == []
        assert browser.post("/nbapp/shares", json=body, headers=right).status_code == 201


def test_only_notebooks_in_the_folder_of_the_server_can_be_shared(jupyter: Jupyter) -> None:
    outside = write_notebook(jupyter.files.parent / "outside.ipynb", "1")
    (jupyter.files / "link.ipynb").symlink_to(outside)
    (jupyter.files / "out").symlink_to(jupyter.files.parent)
    (jupyter.files / "folder.ipynb").mkdir()
    (jupyter.files / ".hidden").mkdir()
    write_notebook(jupyter.files / ".hidden" / "a.ipynb", "1")
    (jupyter.files / "text.txt").write_text("no notebook")
    asked = {
        "../outside.ipynb": 404,
        "a/../../outside.ipynb": 404,
        str(outside): 404,
        "link.ipynb": 403,
        "out/outside.ipynb": 403,
        "folder.ipynb": 400,
        ".hidden/a.ipynb": 404,
        "text.txt": 400,
        "gone.ipynb": 404,
        "": 400,
        "a\0.ipynb": 404,
    }
    assert {path: jupyter.share(path).status_code for path in asked} == asked
    assert jupyter.names() == []


def test_a_link_within_the_folder_may_be_shared(jupyter: Jupyter) -> None:
    (jupyter.files / "same.ipynb").symlink_to(jupyter.files / "app.ipynb")
    assert jupyter.share("same.ipynb").json()["notebook"] == "app.ipynb"


@pytest.mark.parametrize(
    "wrong",
    [
        {"notebook": 3},
        {"name": 3},
        {"expires": "7d"},
        {"expires": -1},
        {"expires": True},
        {"expires": 1e300},
        {"to": "bob"},
        {"to": [1]},
        {"values": ["s"]},
        {"pin": "yes"},
    ],
    ids=json.dumps,
)
def test_a_request_of_the_wrong_form_is_refused(jupyter: Jupyter, wrong: dict[str, Any]) -> None:
    answer = jupyter.share(**{"notebook": "app.ipynb", **wrong})
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert jupyter.names() == []


def test_neither_a_list_nor_something_that_is_not_json_is_a_request(jupyter: Jupyter) -> None:
    assert jupyter.ask("POST", "nbapp/shares", ["app.ipynb"]).status_code == 400
    assert jupyter.ask("POST", "nbapp/shares", content=b'{"notebook": NaN').status_code == 400
    assert jupyter.ask("POST", "nbapp/shares", content=b'{"notebook": "app.ipynb", "expires": NaN}').status_code == 400
    assert jupyter.names() == []


def test_what_cannot_be_shared_is_answered_in_the_words_of_whoever_makes_links(jupyter: Jupyter) -> None:
    write_notebook(jupyter.files / "refused.ipynb", "1")
    answer = jupyter.share("refused.ipynb")
    assert answer.status_code == 409
    assert answer.json() == {"message": str(CANNOT), "paragraphs": [CANNOT.missing, CANNOT.who, CANNOT.instead]}
    named = jupyter.share("app.ipynb", name="two words")
    assert (named.status_code, len(named.json()["paragraphs"])) == (409, 2)
    assert jupyter.ask("DELETE", "nbapp/shares/unknown").status_code == 409


def test_the_server_does_other_things_while_a_link_is_made(jupyter: Jupyter) -> None:
    write_notebook(jupyter.files / "slow.ipynb", "1")
    with ThreadPoolExecutor(1) as pool:
        sharing = pool.submit(jupyter.share, "slow.ipynb")
        for _ in range(10):
            assert jupyter.ask("GET", "api/contents/app.ipynb?content=0").status_code == 200
        assert not sharing.done()
        (jupyter.files / "go").touch()
        assert sharing.result().status_code == 201


def test_a_link_under_way_does_not_keep_the_server_from_ending(start: Start) -> None:
    jupyter = start(*SECRET)
    write_notebook(jupyter.files / "slow.ipynb", "1")
    with ThreadPoolExecutor(1) as pool:
        sharing = pool.submit(jupyter.share, "slow.ipynb")
        until((jupyter.files / "slow.asked").exists)
        jupyter.server.stop()
        assert isinstance(sharing.exception(), httpx.TransportError)


# --- the layout of a page, for the preview


def cell(name: str, *tags: str, kind: str = "code", source: str = "print(1)") -> dict[str, Any]:
    return {"id": name, "cell_type": kind, "source": source, "metadata": {"tags": list(tags)}}


def layout_of(
    jupyter: Jupyter, *cells: Any, path: str = "app.ipynb", layout: Any = None, **more: Any
) -> httpx.Response:
    """Ask for the layout of a notebook that need not be saved."""
    metadata = {"nbapp": {"layout": layout or {}}}
    return jupyter.ask("POST", "nbapp/layout", {"path": path, "metadata": metadata, "cells": list(cells)}, **more)


def test_a_layout_is_told_of_a_notebook_as_it_stands(jupyter: Jupyter) -> None:
    cells = [cell("a", "sidebar"), cell("b", "tab", kind="markdown", source="# One\nwords"), cell("c", "column=x")]
    told = layout_of(jupyter, *cells, layout={"title": "T", "width": "wide"}).json()
    assert sorted(told) == ["markup", "page", "remarks", "texts"]
    assert told["texts"] == {"b": "words"}
    assert (told["page"]["title"], told["page"]["width"]) == ("T", "wide")
    assert [remark.partition(":")[0] for remark in told["remarks"]] == [
        "cell 2 (print(1)) the tag `column=x` gives no width",
        "cell 2 (print(1)) a `column` without a neighbour",
    ]
    assert told["markup"].count('class="nbapp-slot"') == 3


def test_a_picture_is_read_from_the_folder_of_the_notebook_and_from_nowhere_else(jupyter: Jupyter) -> None:
    (jupyter.files / "sub").mkdir()
    for place in (jupyter.files.parent / "out.png", jupyter.files / "sub" / "in.png"):
        place.write_bytes(b"picture")
    (jupyter.files / "away").symlink_to(jupyter.files.parent)
    asked = {
        ("sub/app.ipynb", "in.png"): True,
        ("sub/new.ipynb", "in.png"): True,
        ("sub/app.ipynb", "../../out.png"): False,
        ("../app.ipynb", "out.png"): False,
        ("away/app.ipynb", "out.png"): False,
        ("a\0.ipynb", "in.png"): False,
    }
    found = {
        (path, icon): bool(layout_of(jupyter, path=path, layout={"icon": icon}).json()["page"]["icon"])
        for path, icon in asked
    }
    assert found == asked


@pytest.mark.parametrize(
    "wrong", [[], {}, {"path": 1}, {"metadata": []}, {"cells": {}}, {"cells": [1]}, {"cells": [{}]}]
)
def test_a_layout_of_the_wrong_form_is_refused(jupyter: Jupyter, wrong: Any) -> None:
    right = {"path": "app.ipynb", "metadata": {}, "cells": [cell("a")]}
    body = {**right, **wrong} if wrong else wrong
    assert jupyter.ask("POST", "nbapp/layout", right).status_code == 200
    assert jupyter.ask("POST", "nbapp/layout", body).status_code == 400


def test_nobody_without_the_token_is_told_a_layout(jupyter: Jupyter) -> None:
    assert layout_of(jupyter, cell("a"), headers={}).status_code == 403


def test_who_may_not_share_by_the_servers_own_rules_does_not(start: Start) -> None:
    jupyter = start(*SECRET, "--ServerApp.authorizer_class=tests.lab.double.Deny")
    assert jupyter.ask("GET", "api/contents").status_code == 200
    assert jupyter.ask("GET", "nbapp/shares").status_code == 403
    assert jupyter.share("app.ipynb").status_code == 403


def test_a_server_that_keeps_no_files_says_that_it_cannot_share(start: Start) -> None:
    jupyter = start(*SECRET, "--ServerApp.contents_manager_class=tests.lab.double.Elsewhere")
    answer = jupyter.share("app.ipynb")
    assert answer.status_code == 409
    assert "does not keep its notebooks in files" in answer.json()["message"]


def test_loading_it_registers_addresses_and_imports_neither_voila_nor_the_kernels_part(jupyter: Jupyter) -> None:
    assert "nbapp.server_extension | extension was successfully loaded." in jupyter.server.output
    heavy = "IPython ipywidgets numpy pandas voila nbapp.kernel nbapp.serve nbapp.hub nbapp.share.outside"
    code = "import sys, jupyter_server.serverapp; before = set(sys.modules)\nimport nbapp.server_extension\n"
    code += f"print(*sorted((set(sys.modules) - before) & set({heavy!r}.split())))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.split() == []


def test_plain_voila_has_none_of_it(start: Start) -> None:
    voila = start("--Voila.ip=127.0.0.1", "app.ipynb", program="voila")
    answer = voila.ask("GET", "nbapp/shares", follow_redirects=True)  # it takes any address for a file
    assert (answer.status_code, "/voila/files/" in str(answer.url)) == (403, True)
    assert "nbapp.server_extension" not in voila.server.output
