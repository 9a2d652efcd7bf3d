"""Links to apps for others: who may ask for what, and who makes them where."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module

from nbapp.share.ask import Sharing

# What the Hub gives to every server that it starts, and so to the terminals and kernels in it.
_OF_A_HUB = ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN")


def under_hub(variables: Mapping[str, str] = os.environ) -> bool:
    """Whether this process was started by a JupyterHub, or by something that was."""
    return all(variables.get(name) for name in _OF_A_HUB)


def sharing() -> Sharing:
    """What makes links here: the JupyterHub that started this process, or else a server of `nbapp serve`.

    Raises:
        CannotShare: there is neither.
    """
    home, name = ("hub.sharing", "HubSharing") if under_hub() else ("share.outside", "OutsideSharing")
    made: Sharing = getattr(import_module(f"nbapp.{home}"), name)()
    return made
