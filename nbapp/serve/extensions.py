"""Which front-end extensions a page loads: those that render widgets or outputs, and nothing of JupyterLab's else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyterlab_server.config import get_federated_extensions
from voila.utils import get_voila_labextensions_path

OURS = ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8")


def installed() -> dict[str, dict[str, Any]]:
    """The packages of all extensions that are installed for JupyterLab or Voila, by name."""
    return dict(get_federated_extensions(get_voila_labextensions_path()))


def wanted(packages: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The names of the extensions that a page needs: those that bring a kind of widget or of output say so."""
    return [*OURS, *(name for name, package in packages.items() if name not in OURS and _renders(name, package))]


def _renders(name: str, package: Mapping[str, Any]) -> bool:
    about = package.get("jupyterlab") or {}
    widgets = "@jupyter-widgets/base" in (about.get("sharedPackages") or {})
    return not name.startswith("@voila-dashboards/") and bool(widgets or about.get("mimeExtension"))
