"""Estimators of scikit-learn pickle well; the trees inside need their arrays without what lies in the gaps.

A tree's nodes are copied out with uninitialised bytes between the fields, which its pickle would take along.
"""

from __future__ import annotations

from typing import Any

from nbapp.libraries.notes import without
from nbapp.libraries.profile import Profile
from nbapp.libraries.slot import of_functions
from nbapp.values.types import Adapter


def _tree(tree: Any) -> object:
    _, made_from, state = tree.__reduce__()
    return made_from, state  # a structured array is digested by its fields


def _neighbours(tree: Any) -> object:
    """Without the counts of what searches did."""
    state = tree.__getstate__()
    return state[:7], state[11:]


_TREE = Adapter(parts=_tree)
_NEIGHBOURS = Adapter(parts=_neighbours)
_LABELS = without("_cached_dict")


def _lookup(kind: type) -> Adapter | None:
    if kind.__name__ == "MultiLabelBinarizer":
        return _LABELS
    if kind.__name__.startswith("BinaryTree") and kind.__module__ in _SEARCHES:
        return _NEIGHBOURS
    return _TREE if kind.__name__ == "Tree" and kind.__module__ == "sklearn.tree._tree" else None


_SEARCHES = "sklearn.neighbors._kd_tree", "sklearn.neighbors._ball_tree"


PROFILE = Profile(
    lookups={"sklearn": _lookup},
    options=(of_functions("sklearn", "get_config", "set_config"),),
    mutating=("fit", "partial_fit"),
    followed_packages=("sklearn",),
)
