"""What the address of a page asks of its controls: `?region=East&n=7`.

The names are globals of the notebook. `link`, `next` and `token` are the server's, and so is what is no Python name, as
`nbapp-view`; a name that begins with an underscore is nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from types import MappingProxyType
from urllib.parse import parse_qsl

VIEW = "nbapp-view"  # the name under which an address has a view that is too long for it
RESERVED = frozenset({"link", "next", "token"})
MOST = 200  # names in an address
LONGEST = 100_000  # characters
Query = Mapping[str, Sequence[str]]
_NOTHING: Query = MappingProxyType({})

# What the address of the page of this request asks for: texts by name.
asked_by_address: ContextVar[Query] = ContextVar("asked_by_address", default=_NOTHING)


def query_of(text: str) -> dict[str, list[str]]:
    """The texts of each name in the query of an address; what is too long, or no query, asks for nothing."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST) if len(text) <= LONGEST else []
    except ValueError:
        return {}
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if is_name(name):
            found.setdefault(name, []).append(value)
    return found


def is_name(name: str) -> bool:
    """Whether a name in an address may be a control's."""
    return name.isidentifier() and not name.startswith("_") and name not in RESERVED
