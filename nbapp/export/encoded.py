"""A text as a file in UTF-8 holds it, whatever cells have put out. It knows no notebook."""

from __future__ import annotations

from nbapp.half_characters import HALF


def encoded(text: str, *, is_json: bool) -> bytes:
    """The bytes of a text; a half is written as JSON spells it, and anywhere else as a browser shows it."""
    if is_json:
        text = HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
    return HALF.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8")
