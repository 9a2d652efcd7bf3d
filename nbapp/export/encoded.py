"""A text as a file in UTF-8 holds it, whatever cells have put out: a string of Python may have half a letter in it.

What was read with `errors="surrogateescape"`, or comes from JSON, has such halves (`"\\ud800"`). It knows no notebook.
"""

from __future__ import annotations

import re

_HALVES = re.compile("[\ud800-\udfff]")


def encoded(text: str, *, is_json: bool) -> bytes:
    """The bytes of a text; a half is written as JSON spells it, and anywhere else as a browser shows it."""
    if is_json:
        text = _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
    return _HALVES.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8")
