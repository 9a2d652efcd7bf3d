"""Which front-end extensions a page may load: those that render widgets or outputs, and nothing of JupyterLab's else.

Most pages show nothing of most of them. A page loads at once those that the first visitor's page used
(`bundle.py`), and the others when it shows something of theirs (`templates/nbapp-extensions.js`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from jupyterlab_server.config import get_federated_extensions
from voila.utils import get_voila_labextensions_path

_ENTRY = re.compile(r"remoteEntry\.\w+\.js")  # what Voila makes a script element for, and waits for
OURS = ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8")
_WIDGETS = "@jupyter-widgets/base"


def installed() -> dict[str, dict[str, Any]]:
    """The packages of all extensions that are installed for JupyterLab or Voila, by name."""
    return dict(get_federated_extensions(get_voila_labextensions_path()))


def wanted(packages: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The names of the extensions that a page needs: those that bring a kind of widget or of output."""
    return [*OURS, *(name for name, package in packages.items() if name not in OURS and _renders(name, package))]


def split(
    extensions: Iterable[Mapping[str, Any]], used: Collection[str]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Of extensions as a page is told them: those that it loads at once, and the others."""
    at_once: list[Mapping[str, Any]] = []
    later: list[Mapping[str, Any]] = []
    for each in extensions:
        (at_once if each["name"] in OURS or each["name"] in used else later).append(each)
    return at_once, later


def used(scripts: Iterable[Path], packages: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """The names of the extensions of which a page asked for more than the script that says what they have."""
    found: set[str] = set()
    for script in (each.resolve() for each in scripts if not _ENTRY.fullmatch(each.name)):
        found.update(name for name, package in packages.items() if _has(package, script))
    return frozenset(found)


def _has(package: Mapping[str, Any], script: Path) -> bool:
    return bool(package.get("ext_path")) and script.is_relative_to(Path(package["ext_path"]).resolve())


def _renders(name: str, package: Mapping[str, Any]) -> bool:
    if name.startswith("@voila-dashboards/"):
        return False
    about = package.get("jupyterlab") or {}
    declared = about.get("mimeExtension") or _WIDGETS in (about.get("sharedPackages") or {})
    return bool(declared) or _takes_widgets(package, about)


def _takes_widgets(package: Mapping[str, Any], about: Mapping[str, Any]) -> bool:
    """Whether the code of an extension takes the widgets' base from the page.

    What a package says of itself is for builders, and anywidget's says nothing: only the first file that a browser
    loads of an extension must name what it shares with the page.
    """
    entry = (about.get("_build") or {}).get("load")
    if not entry or not package.get("ext_path"):
        return False
    try:
        return _WIDGETS.encode() in Path(package["ext_path"], entry).read_bytes()
    except OSError:
        return False  # the browser will not find it either
