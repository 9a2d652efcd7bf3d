"""Estimators of scikit-learn pickle well; the trees inside need their arrays without what lies in the gaps.

A tree's nodes are copied out with uninitialised bytes between the fields, which its pickle would take along.
"""

from __future__ import annotations

from typing import Any

from nbapp.core.types import Adapter


def _tree(tree: Any) -> object:
    _, made_from, state = tree.__reduce__()
    return made_from, state  # a structured array is digested by its fields


_TREE = Adapter(parts=_tree)


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of scikit-learn."""
    return _TREE if kind.__name__ == "Tree" and kind.__module__ == "sklearn.tree._tree" else None
