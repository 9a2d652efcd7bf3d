"""Images of Pillow: pixels, mode, palette and what the file said about them.

Pillow has no buffer to hand out, so the pixels are copied once for each digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbapp.libraries.profile import Profile, by_name
from nbapp.values.describe import Opaque
from nbapp.values.types import Adapter

# What a file's plugin keeps to read on, and what reading makes.
_MACHINERY = frozenset(
    {"im", "pyaccess", "readonly", "fp", "tile", "map", "decoderconfig", "decodermaxblock", "palette", "info", "png"}
    | {"encoderinfo", "encoderconfig", "use_mmap"}
)


def _parts(image: Any) -> object:
    if getattr(image, "is_animated", False):
        raise Opaque("an image of several frames reads them from its file")
    image.load()
    own = {name: value for name, value in vars(image).items() if _is_plain(name, value)}
    palette = image.palette and image.im.getpalette("RGBA", "RGBA")
    return image.mode, image.size, getattr(image, "format", None), palette, image.info, own, image.tobytes()


def _is_plain(name: str, value: object) -> bool:
    """Whether an attribute is one that the author may have set: plugins keep their own beside it."""
    plain = str, bytes, int, float, bool, tuple, list, dict, type(None)
    return name not in _MACHINERY and not name.startswith("_") and isinstance(value, plain)


def _reach(image: Any) -> Iterable[object]:
    yield image.info
    yield from (value for name, value in vars(image).items() if _is_plain(name, value))


_IMAGE = Adapter(parts=_parts, reach=_reach)


PROFILE = Profile(lookups={"PIL": by_name({"Image": _IMAGE})})
