"""How wide a figure of matplotlib is in inches, by what its picture says of itself.

The letters of a figure have sizes in inches, so that tells how small it may be shown and can still be read. A page that
has its kernel finds out the same: nbapp-figures.js.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Mapping
from typing import Any

_FIGURE = "<Figure size "  # how one prints itself, beside its picture
_HEAD = 600  # characters of a PNG in base64, within which it tells its resolution
_POINTS = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)pt"')
_METRE = 0.0254  # of an inch


def inches(mime: str, data: Mapping[str, Any]) -> float | None:
    """The width of the figure that these data show; None: it is none of matplotlib's, or does not tell."""
    content, text = data[mime], data.get("text/plain")
    if not (isinstance(content, str) and isinstance(text, str) and text.startswith(_FIGURE)):
        return None
    if mime == "image/svg+xml":
        points = _POINTS.search(content)
        return float(points[1]) / 72 if points else None
    return _of_png(content) if mime == "image/png" else None


def _of_png(encoded: str) -> float | None:
    try:
        head = base64.b64decode(encoded[:_HEAD])
    except ValueError:  # no base64: nothing that a browser shows
        return None
    at = head.find(b"pHYs")
    if at < 24 or len(head) < at + 8:
        return None
    (width,), (a_metre,) = struct.unpack(">I", head[16:20]), struct.unpack(">I", head[at + 4 : at + 8])
    return float(width / (a_metre * _METRE)) if a_metre else None
