"""Graphs of networkx, without the views that reading them makes; and its configuration."""

from __future__ import annotations

from nbapp.libraries.notes import without
from nbapp.libraries.profile import Profile, by_name
from nbapp.libraries.slot import of_attributes

_VIEWS = (
    *("adj", "nodes", "edges", "degree", "succ", "pred", "in_edges", "out_edges", "in_degree", "out_degree"),
    "__networkx_cache__",
)

PROFILE = Profile(
    lookups={"networkx": by_name({"Graph": without(*_VIEWS)})},
    options=(of_attributes("networkx", "config", iter),),
    followed_packages=("networkx",),
)
