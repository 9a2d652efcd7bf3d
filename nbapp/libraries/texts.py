"""Long lists of texts and numbers, as object arrays hold them: told and written at the speed of C."""

from __future__ import annotations

import marshal

_TEXTS = frozenset({str, int, float, bool, type(None)})
_WITHOUT_IDENTITY = 2  # the newest format of `marshal` that writes equal lists alike, whatever their items share


def texts_only(items: list[object]) -> bool:
    """Whether a list holds nothing but plain texts, numbers and None: through these nothing can be changed."""
    try:
        return set(map(type, items)) <= _TEXTS
    except Exception:  # noqa: BLE001 -- a metaclass of the author's may refuse to be hashed
        return False


def plain_bytes(items: list[object]) -> bytes:
    """Bytes that two such lists have in common exactly when they are equal, item by item and class by class."""
    return marshal.dumps(items, _WITHOUT_IDENTITY)
