"""Links between traits: what they connect. They note on themselves whether they are at work, which is no content."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbapp.core.types import Adapter


def _ends(link: Any) -> object:
    return type(link).__qualname__, link.source, link.target


def _nothing(value: Any) -> Iterable[object]:
    return ()


_LINK = Adapter(parts=_ends, reach=_nothing)


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of traitlets."""
    return _LINK if kind.__name__ in ("link", "directional_link") else None
