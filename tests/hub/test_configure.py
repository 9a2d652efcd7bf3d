"""The administrator's line, on the classes of JupyterHub and KubeSpawner themselves: what a server is started with."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.spawner import SimpleLocalProcessSpawner, Spawner
from kubespawner import KubeSpawner
from tornado.web import HTTPError
from traitlets.config import Config

from nbapp.errors import UsageError
from nbapp.hub import admin, configure

DOCS = Path(__file__).parents[2] / "docs" / "howto"
APP = ["serve", "--hub", "--stop-idle", "3600"]


@pytest.fixture(autouse=True)
def _no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """KubeSpawner looks for a cluster as soon as it is made."""
    monkeypatch.setattr("kubespawner.spawner.load_config", lambda *_, **__: None)


def orm(*shared: str, name: str = "", options: dict[str, Any] | None = None) -> SimpleNamespace:
    """The row of a server in the Hub's database."""
    shares = [SimpleNamespace(scopes=list(shared))] if shared else []
    return SimpleNamespace(name=name, shares=shares, share_codes=[], user_options=options, server=None, state=None)


def spawner_of(kind: type[Spawner], c: Config, name: str, **own: Any) -> Any:
    """A spawner as the Hub makes one for a server of alice's."""
    arguments = {"_mock": True} if kind is KubeSpawner else {}
    spawner: Any = kind(config=c, **arguments)
    spawner.user = SimpleNamespace(name="alice", orm_spawners={"": orm(options=own)})
    spawner.orm_spawner = orm(name=name)
    return spawner


async def before_start(spawner: Any, asked: dict[str, Any]) -> list[str]:
    """What the Hub does before it starts a server for which somebody asked for something; the scopes of its token."""
    scopes = spawner.server_token_scopes
    wanted: list[str] = scopes(spawner) if callable(scopes) else scopes
    spawner.user_options = asked
    await spawner.run_auth_state_hook(None)
    await spawner._run_apply_user_options(spawner.user_options)
    await asyncio.ensure_future(spawner.run_pre_spawn_hook())
    return wanted


kinds = pytest.mark.parametrize("kind", [SimpleLocalProcessSpawner, KubeSpawner])


@kinds
async def test_an_app_starts_as_an_app_whatever_is_asked_for(kind: type[Spawner]) -> None:
    c = Config()
    c.Spawner.apply_user_options = {"image": "image", "cmd": "cmd", "args": "args", "environment": "environment"}
    configure(c)
    spawner = spawner_of(kind, c, "app-sales", image="alices")
    asked = {"image": "evil", "cmd": ["jupyterhub-singleuser"], "args": ["--x"], "environment": {"PYTHONPATH": "evil"}}
    scopes = await before_start(spawner, asked)
    assert ([*spawner.cmd, *spawner.get_args()], scopes) == (
        ["nbapp", *APP],
        ["users:activity!user", "access:servers!server=alice/app-sales"],
    )
    assert spawner.user_options == {"image": "alices"}
    assert set(spawner.environment) == {"NBAPP_HUB"}
    if kind is KubeSpawner:
        assert spawner.image == "alices"


@kinds
async def test_whoever_sets_the_command_later_sets_nothing(kind: type[Spawner]) -> None:
    c = Config()
    configure(c, command=["start.sh", "nbapp"], idle_after=None)
    spawner = spawner_of(kind, c, "app-sales")
    await before_start(spawner, {})
    spawner.cmd, spawner.args = ["jupyterhub-singleuser"], ["--allow-root"]
    assert [*spawner.cmd, *spawner.get_args()] == ["start.sh", "nbapp", "serve", "--hub"]


@pytest.mark.parametrize("left", ["server_token_scopes", "auth_state_hook", "pre_spawn_hook"])
async def test_each_hook_alone_fixes_the_command(left: str) -> None:
    c = Config()
    configure(c)
    for name in {"server_token_scopes", "auth_state_hook", "pre_spawn_hook"} - {left}:
        c.SimpleLocalProcessSpawner[name] = [] if name == "server_token_scopes" else None
    spawner = spawner_of(SimpleLocalProcessSpawner, c, "app-sales")
    hook = getattr(spawner, left)
    if left == "server_token_scopes":
        hook(spawner)
    else:
        await (hook(spawner, None) if left == "auth_state_hook" else hook(spawner))
    spawner.cmd = ["jupyterhub-singleuser"]
    assert spawner.cmd[:2] == ["nbapp"]


@kinds
async def test_other_servers_start_as_before(kind: type[Spawner]) -> None:
    c = Config()
    c.Spawner.cmd = ["jupyter-labhub"]
    c.Spawner.apply_user_options = {"args": "args"}
    c.Spawner.server_token_scopes = ["users:activity!user"]
    configure(c)
    spawner = spawner_of(kind, c, "research")
    assert await before_start(spawner, {"args": ["--chosen"]}) == ["users:activity!user"]
    assert [*spawner.cmd, *spawner.get_args()] == ["jupyter-labhub", "--chosen"]


async def test_what_was_configured_before_is_still_called() -> None:
    called: list[str] = []

    async def auth_state(spawner: Any, state: Any) -> None:
        called.append("auth_state")

    c = Config()
    c.Spawner.auth_state_hook = auth_state
    c.SimpleLocalProcessSpawner.pre_spawn_hook = lambda spawner: called.append(f"pre_spawn {spawner.name}")
    configure(c)
    configure(c)
    await before_start(spawner_of(SimpleLocalProcessSpawner, c, "app-sales"), {})
    assert called == ["auth_state", "pre_spawn app-sales"]


async def test_a_server_that_was_shared_as_an_app_is_no_other_server() -> None:
    c = Config()
    configure(c)
    spawner = spawner_of(SimpleLocalProcessSpawner, c, "lab")
    spawner.orm_spawner = orm("access:servers!server=alice/lab", "custom:nbapp:app!server=alice/lab", name="lab")
    with pytest.raises(HTTPError, match="403"):
        await before_start(spawner, {})


def test_calling_it_twice_is_calling_it_once() -> None:
    once, twice = Config(), Config()
    for c, times in ((once, 1), (twice, 2)):
        c.JupyterHub.load_roles = [
            {"name": "user", "scopes": ["self", "custom:ours"]},
            {"name": "grader", "scopes": []},
        ]
        for _ in range(times):
            configure(c)
    assert once.JupyterHub == twice.JupyterHub
    assert twice.Spawner.pre_spawn_hook.before is None


def test_roles_keep_what_they_had() -> None:
    c = Config()
    c.JupyterHub.load_roles.append({"name": "user", "scopes": ["self", "custom:ours"]})
    configure(c, by_name=False)
    roles = {role["name"]: role["scopes"] for role in c.JupyterHub.load_roles}
    given = ["shares!user", "servers!user", "custom:nbapp:app!user"]
    assert roles == {
        "user": ["self", "custom:ours", *given],
        "server": ["users:activity!user", "access:servers!user", *given],
    }


@pytest.mark.parametrize("version", [(4, 1, 6), (5, 0, 0), (5, 4, 4), (5, 5, 0)])
def test_versions_with_holes_are_refused(version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin, "version_info", (*version, "", ""))
    with pytest.raises(UsageError, match="known holes"):
        configure(Config())


@pytest.mark.parametrize("version", [(5, 5, 1), (6, 1, 1)])
def test_later_versions_are_not(version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin, "version_info", (*version, "", ""))
    configure(Config())


def blocks(page: str) -> list[str]:
    """The Python of a page of the documentation."""
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", ["jupyterhub.md", "kubernetes.md"])
def test_the_documentations_configuration_is_one(page: str) -> None:
    found = blocks(page)
    assert found
    for text in found:
        c = Config()
        exec(text, {"c": c})
        for kind, section in ((KubeSpawner, "KubeSpawner"), (Spawner, "Spawner")):
            assert set(c[section]) - set(kind.class_traits(config=True)) == set()


async def test_a_pod_of_the_kubernetes_page_runs_the_app() -> None:
    c = Config()
    exec(blocks("kubernetes.md")[0], {"c": c})
    spawner = spawner_of(KubeSpawner, c, "app-sales", profile="large")
    await before_start(spawner, {"profile": "evil"})
    await spawner.load_user_options()
    assert [*spawner.cmd, *spawner.get_args()] == ["nbapp", "serve", "--hub", "--stop-idle", "1800"]
    assert "{user_server}" not in spawner.pvc_name_template
    assert (spawner.cpu_limit, spawner.mem_limit) == (2, 4 * 2**30)


def test_the_hub_needs_neither_jupyter_nor_voila_for_the_line() -> None:
    apart = ["IPython", "ipykernel", "ipywidgets", "jupyter_server", "nbformat", "numpy", "voila", "zmq"]
    code = f"import sys, nbapp.hub; print(*sorted(sys.modules.keys() & set({apart!r})))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []
