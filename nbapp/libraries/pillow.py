"""Images of Pillow: pixels, mode, palette and what the file said about them.

Pillow has no buffer to hand out, so the pixels are copied once for each digest. `Image.fromarray` and `frombuffer` make
images that lie in the memory of an array, where that has the right form: where they lie is asked by the Arrow C data
interface, https://arrow.apache.org/docs/format/CDataInterface.html.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from nbapp.libraries.profile import Facts, Profile, by_name
from nbapp.libraries.shared_memory import Span, wrapper_neighbours
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
    read = _read(image)
    own = {name: value for each in (read, image) for name, value in vars(each).items() if _is_plain(name, value)}
    palette = read.palette and read.im.getpalette("RGBA", "RGBA")
    info = read.info if read is image else {**read.info, **image.info}
    told = image.mode, image.size, getattr(image, "format", None), palette, info, own, read.tobytes()
    return *told, _changed_exif(image if vars(image).get("_exif") is not None else read)


def _read(image: Any) -> Any:
    """The image; where its pixels have yet to be read, another one of the same file. To be looked at is not to be read:
    afterwards its file is closed, `verify()` fails and `draft(…)` does nothing."""
    if not _is_unread(image):
        image.load()
        return image
    file = image.fp
    place = file.tell()
    file.seek(0)
    try:
        other = sys.modules["PIL.Image"].open(io.BytesIO(file.read()), formats=[image.format])
    finally:
        file.seek(place)
    if (other.mode, other.size) != (image.mode, image.size):
        other.draft(image.mode, image.size)
    with _silently():
        other.load()
    return other


def _is_unread(image: Any) -> bool:
    return getattr(image, "fp", None) is not None and bool(getattr(image, "tile", None))


def _is_plain(name: str, value: object) -> bool:
    """Whether an attribute is one that the author may have set: plugins keep their own beside it."""
    plain = str, bytes, int, float, bool, tuple, list, dict, type(None)
    return name not in _MACHINERY and not name.startswith("_") and isinstance(value, plain)


def _changed_exif(image: Any) -> object:
    """What the image keeps for who asks `getexif()`, where that is no longer what it would make of the file anew."""
    kept = vars(image).get("_exif")
    if kept is None or not kept._loaded:
        return None
    told = _exif(kept)
    if hasattr(image, "tag_v2"):  # it was read from the file when that was open, and always has been by now
        return told
    anew = sys.modules["PIL.Image"].Image()
    anew.info = image.info
    with _silently():
        return None if told == _exif(anew.getexif()) else told


def _exif(exif: Any) -> object:
    """What EXIF data say, in whichever order they were asked. Parts are read when somebody asks; a part that is as it
    is read is told by the bytes that it is read from."""
    anew = type(exif)()
    with _silently():
        if exif._loaded_exif is not None:
            anew.load(exif._loaded_exif)
        known = exif._data
        tags = {int(tag): known[tag] if tag in known else exif._fixup(exif._info[tag]) for tag in sorted(exif)}
        parts = {int(tag): part for tag, part in sorted(exif._ifds.items()) if part != anew.get_ifd(tag)}
    return exif._loaded_exif, exif.endian, exif.bigtiff, tags, parts


@contextlib.contextmanager
def _silently() -> Iterator[None]:
    """Without what Pillow says of a file that is not quite right: the author was told when it was read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _reach(image: Any) -> Iterable[object]:
    yield image.info
    if (exif := vars(image).get("_exif")) is not None:
        yield exif
    yield from (value for name, value in vars(image).items() if _is_plain(name, value))
    if _lies_in_others_memory(image):
        yield from wrapper_neighbours(image, _spans(image))


def _lies_in_others_memory(image: Any) -> bool:
    """Whether it does until somebody writes into it, which copies it; one that was not read yet has no memory."""
    try:
        return bool(image.readonly) and not getattr(image, "tile", None)
    except ValueError:  # it was closed
        return False


def _spans(image: Any) -> Iterator[Span]:
    """The memory that an image lies in."""
    if image.width and image.height:
        each = _BYTES.get(image.mode, 4)
        start = _arrow_start(image) if hasattr(image, "__arrow_c_array__") else _rows_start(image)
        yield start, start + image.width * image.height * each


_BYTES = {"L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2}  # of a pixel


class _ArrowArray(ctypes.Structure):
    """As the interface defines it, up to what is asked here."""


_ArrowArray._fields_ = [
    *((name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_ArrowArray))),
]
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


def _arrow_start(image: Any) -> int:
    _, capsule = image.__arrow_c_array__()  # which gives the memory back when it is gone
    array = _ArrowArray.from_address(_pointer(capsule, b"arrow_array"))
    pixels = array.children[0].contents if array.n_children else array
    return int(pixels.buffers[1])


def _rows_start(image: Any) -> int:
    """The same before Pillow 11.2: its pointers to the rows, which it says to be old."""
    with _silently():
        rows = dict(image.im.unsafe_ptrs)["image"]
    return ctypes.c_void_p.from_address(rows).value or 0


def _images_of(core: Any) -> list[Any]:
    """The images whose pixels these are: `image.im`, or what `image.load()` gave, whose first member is that."""
    images = _images()
    at = id(core) if type(core).__name__ == "ImagingCore" else _first_member(core)
    return [image for image in images if any(id(part) == at for part in vars(image).values())] or images


def _images() -> list[Any]:
    """All that there are."""
    base, kinds, found = sys.modules["PIL.Image"].Image, dict[int, bool](), []
    for each in gc.get_objects():
        kind = type(each)
        if id(kind) not in kinds:
            kinds[id(kind)] = base in type.__dict__["__mro__"].__get__(kind)
        if kinds[id(kind)]:
            found.append(each)
    return found


def _first_member(value: Any) -> int:
    return ctypes.c_void_p.from_address(id(value) + object.__basicsize__).value or 0


def _nbytes(image: Any) -> int:
    return int(image.width * image.height * _BYTES.get(image.mode, 4))


_EXIF = Adapter(parts=_exif)
_IMAGE = Adapter(parts=_parts, reach=_reach, nbytes=_nbytes, is_unread=_is_unread)
_PIXELS = Adapter(opaque=True, reach=_images_of)


# --- what only reads. `fromarray` is not among it: what lies in an array's memory is looked at when it begins to.

_READS = """
    convert copy crop entropy filter getbands getbbox getchannel getcolors getextrema getpixel getprojection height
    histogram mode point quantize reduce resize rotate size split tobytes transpose width
"""
_CHANGES = "alpha_composite paste putalpha putdata putpalette putpixel thumbnail"
_ENHANCES = " ".join(f"PIL.ImageEnhance.{name}" for name in ("Brightness", "Color", "Contrast", "Sharpness"))
_FACTS = (
    Facts("PIL.Image.Image", "PIL", _READS, _CHANGES),
    Facts("PIL.ImageFilter.Filter*", "passive"),
    Facts(_ENHANCES, "PIL", "enhance", is_passing=True),
)
_FUNCTIONS = {
    "PIL.Image": "alpha_composite blend composite linear_gradient merge new radial_gradient",
    "PIL.ImageEnhance": "Brightness Color Contrast Sharpness",
    "PIL.ImageFilter": "BoxBlur GaussianBlur Kernel MaxFilter MedianFilter MinFilter ModeFilter UnsharpMask",
    "PIL.ImageOps": "autocontrast colorize contain cover crop equalize expand fit flip grayscale invert mirror pad"
    " posterize scale solarize",
}

_LOOKUPS = {
    "PIL": by_name({"Image": _IMAGE, "Exif": _EXIF}),
    "builtins": by_name({"ImagingCore": _PIXELS, "PixelAccess": _PIXELS}),  # as Pillow names them
}

PROFILE = Profile(lookups=_LOOKUPS, facts=_FACTS, functions=_FUNCTIONS)
