"""What `nbapp share` says and prints, and its exit codes: the command itself, without and with a server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import nbapp.share
from nbapp.errors import UsageError
from nbapp.share.ask import CannotShare, Shared, Wanted
from nbapp.share.command import expires
from tests.e2e.conftest import Serve
from tests.share.conftest import Share

SLIDER = "import ipywidgets as w\nn = w.IntSlider(3)\nn"
Notebook = Callable[..., Path]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "which notebook?"),
        (["missing.ipynb"], "missing.ipynb: no such file"),
        (["--list", "--pin"], "--list does not go with --pin"),
        (["--list", "--revoke", "x"], "do one after the other"),
        (["--revoke", "x", "--expires", "7d"], "--revoke does not go with --expires"),
        (["app.ipynb", "--revoke", "x"], "--revoke takes no notebook"),
        (["app.ipynb", "--list"], "--list takes no notebook"),
        (["--revoke", "x"], "there is no link 'x': there are no links"),
        (["app.ipynb", "--expires", "tomorrow"], "as 30m, 12h, 7d or 2w"),
        (["app.ipynb", "--name", "Not A Slug"], "as in sales-east"),
        (["app.ipynb", "--set", "n"], "write it as NAME=VALUE"),
        (["app.ipynb", "--to", "bob"], "only a JupyterHub knows users and groups"),
        (["--to", "bob", "app.ipynb"], "put the notebook in front of it"),
        (["app.ipynb"], "no server of yours on this computer serves"),
        (["app.ipynb", "--current"], "runs in no Jupyter server here"),
        (["app.ipynb", "--liste"], "did you mean --list?"),
    ],
)
def test_what_cannot_be_is_told_in_one_line_with_the_remedy(
    share: Share, notebook: Notebook, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(notebook(SLIDER).parent)
    answer = share(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.err
    assert answer.err.startswith("nbapp share: ")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        (" 2 W ", timedelta(weeks=2)),
    ],
)
def test_a_time_is_read(text: str, time: timedelta) -> None:
    assert expires(text) == time


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1.5h", "7 days", "9999999d", "4000d", "7d7d", "٧d"])
def test_another_text_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="--expires"):
        expires(text)


def test_links_are_made_listed_and_taken_back(share: Share, serve: Serve, notebook: Notebook) -> None:
    path = notebook(SLIDER)
    assert serve(path, "--token").url
    assert share("--list").out == "There are no links. Make one with: nbapp share NOTEBOOK\n"
    made = share(path, "--expires", "7d", "--set", "n=5", "--set", "note=a b", "--name", "east", "--pin")
    assert made.code == 0
    assert "no cell of" in made.err
    assert "mentions note" in made.err
    link, *said = made.out.splitlines()
    assert re.fullmatch(r"http://localhost:\d+/link/[\w.-]+", link)
    assert said[0].startswith("For whoever has this link, until ")
    assert said[1] == "It starts with n=5 'note=a b'."
    assert said[2] == "It shows the notebook as it is now, whatever becomes of the file."
    assert said[3] == "Take it back with: nbapp share --revoke east"
    listed = share("--list").out
    assert listed.startswith(f"east  {path}\n  until ")
    assert link in listed
    assert "pinned" in listed
    assert share("--revoke", "east").out == "The link east is taken back.\n"
    assert share("--revoke", "east").code == 2
    assert share("--list").out.startswith("There are no links.")


def test_scripts_get_json(share: Share, serve: Serve, notebook: Notebook) -> None:
    path = notebook(SLIDER)
    assert serve(path, "--token").url
    assert json.loads(share("--list", "--json").out) == []
    made = json.loads(share(path, "--json", "--expires", "2h", "--set", "n=5").out)
    assert {**made, "url": "", "digest": "", "made": "", "expires": ""} == {
        "name": "app",
        "url": "",
        "notebook": str(path),
        "digest": "",
        "made": "",
        "expires": "",
        "to": [],
        "values": {"n": "5"},
        "pinned": False,
        "expired": False,
    }
    good_for = datetime.fromisoformat(made["expires"]) - datetime.fromisoformat(made["made"])
    assert good_for == timedelta(hours=2)
    assert json.loads(share("--list", "--json").out) == [made]
    assert json.loads(share("--revoke", "app", "--json").out) == {"revoked": "app"}


def test_a_notebook_is_found_by_whatever_way_leads_to_it(
    share: Share, serve: Serve, notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = notebook(SLIDER)
    (tmp_path / "linked").symlink_to(path)
    (tmp_path / "x").mkdir()
    assert serve(tmp_path / "linked", "--token").url
    monkeypatch.chdir(tmp_path)
    links = {share(way).out.splitlines()[0] for way in (path, "app.ipynb", "linked", "./x/../app.ipynb")}
    assert len(links) == 1


def test_the_help_has_examples_and_says_what_current_means() -> None:
    ran = subprocess.run([sys.executable, "-m", "nbapp", "share", "--help"], capture_output=True, text=True, check=True)
    assert "nbapp share sales.ipynb --expires 7d --set region=East" in ran.stdout
    assert "the notebook must be open and running in your Jupyter server" in ran.stdout


def test_a_message_says_what_is_missing_who_mends_it_and_what_to_do_until_then() -> None:
    error = CannotShare("no sharing on this Hub", "its admin can add one line", "or serve it yourself")
    assert str(error) == "no sharing on this Hub: its admin can add one line; or serve it yourself"
    assert (error.missing, error.who, error.instead) == (
        "no sharing on this Hub",
        "its admin can add one line",
        "or serve it yourself",
    )


def test_under_a_hub_the_hub_makes_the_links(monkeypatch: pytest.MonkeyPatch) -> None:
    class HubSharing:
        def share(self, wanted: Wanted) -> Shared:
            raise NotImplementedError

        def shared(self) -> list[Shared]:
            return []

        def revoke(self, name: str) -> None:
            raise NotImplementedError

    monkeypatch.setitem(sys.modules, "nbapp.hub.sharing", SimpleNamespace(HubSharing=HubSharing))
    for name in ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.setitem(os.environ, name, "x")
    assert isinstance(nbapp.share.sharing(), HubSharing)
    monkeypatch.delitem(os.environ, "JUPYTERHUB_API_TOKEN")
    assert type(nbapp.share.sharing()).__name__ == "OutsideSharing"
