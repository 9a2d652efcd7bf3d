"""docs/howto/deploy.md: its commands are ours, its manifest fits together. No cluster and no Docker is started.

Its nginx block is carried out by tests/e2e/test_behind_nginx.py.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from nbapp.arguments import parser
from nbapp.serve.options import duration

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "howto" / "deploy.md"
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in these languages."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [text for language, text in fenced if language in languages]


def commands() -> list[tuple[Path, list[str]]]:
    """Every command line of nbapp in the blocks of a page, without what the shell does with its output."""
    found = []
    for page in PAGES:
        for line in re.sub(r"\\\n\s*", "", "".join(blocks(page, "", "bash", "sh", "ini"))).splitlines():
            if command := re.match(r"(?:\$ |ExecStart=\S*/)?\s*nbapp (?!: )(.*)", line):
                found.append((page, shlex.split(re.split(r" [>|] | {3,}", command[1])[0], comments=True)))
    return found


@pytest.mark.parametrize(("page", "words"), commands(), ids=lambda value: getattr(value, "name", "")[:20] or None)
def test_each_command_of_a_page_is_one_that_we_know(page: Path, words: list[str]) -> None:
    parser().parse_args(words)


def test_there_are_commands_to_try() -> None:
    assert len(commands()) > 20
    assert {page.name for page, _ in commands()} >= {
        "first-app.md",
        "deploy.md",
        "operate.md",
        "replicas.md",
        "share.md",
    }


def test_the_containers_command_serves_others() -> None:
    (dockerfile,) = blocks(PAGE, "dockerfile")
    last = dockerfile.splitlines()[-1]
    name, *words = json.loads(last.removeprefix("CMD "))
    asked = parser().parse_args(words)
    assert (name, asked.command, asked.ip, asked.public, asked.no_browser) == ("nbapp", "serve", "0.0.0.0", True, True)
    assert f"EXPOSE {asked.port}" in dockerfile


def test_the_manifest_fits_together() -> None:
    deployment, service = yaml.safe_load_all(blocks(PAGE, "yaml")[0])
    template: dict[str, Any] = deployment["spec"]["template"]
    (container,) = template["spec"]["containers"]
    name, *words = container["args"]
    asked = parser().parse_args(words)
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert name == "nbapp"
    assert ports == {"http": asked.port, "metrics": int(asked.metrics.rpartition(":")[2])}
    assert duration("--drain", asked.drain, 10) < template["spec"]["terminationGracePeriodSeconds"]
    assert {container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("liveness", "readiness")} == {
        "/healthz",
        "/readyz",
    }
    labels = template["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == service["spec"]["selector"] == labels
    assert service["spec"]["ports"][0]["targetPort"] in ports
    assert service["spec"]["sessionAffinity"] == "ClientIP"
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in template["spec"]["volumes"]}
