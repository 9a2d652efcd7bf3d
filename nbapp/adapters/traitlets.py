"""Links between traits: what they connect. They note on themselves whether they are at work, which is no content."""

from __future__ import annotations

from typing import Any

from nbapp.core.types import Adapter, reaches_nothing


def _ends(link: Any) -> object:
    return type(link).__qualname__, link.source, link.target


_LINK = Adapter(parts=_ends, reach=reaches_nothing)


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of traitlets."""
    return _LINK if kind.__name__ in ("link", "directional_link") else None
