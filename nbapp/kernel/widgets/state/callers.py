"""Whose code is running: the author's, or a library's that builds, sets and displays widgets on the author's behalf."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from types import FrameType

from nbapp.kernel.common import stand_in
from nbapp.values.authors import is_authors

_LIBRARIES = frozenset({"ipywidgets", "traitlets", "ipykernel", "comm", "IPython", "nbapp"})
_FOR_THE_AUTHOR = "nbapp.functions."  # reads for a cached function what it would read, also when it need not run


@lru_cache(maxsize=4096)
def is_library(module: str) -> bool:
    """Whether a module belongs to the machinery of widgets."""
    return module.partition(".")[0] in _LIBRARIES and not module.startswith(_FOR_THE_AUTHOR)


def is_library_frame(frame: FrameType) -> bool:
    """Whether a frame runs the machinery of widgets."""
    return is_library(frame.f_globals.get("__name__") or "")


def user_frames(frame: FrameType | None) -> Iterator[FrameType]:
    """The author's frames from here outwards."""
    while frame is not None:
        if not is_library_frame(frame):
            yield frame
        frame = frame.f_back


def user_frame(frame: FrameType) -> FrameType:
    """The innermost frame of the author, or the frame itself."""
    return next(user_frames(frame), frame)


def is_under_author(frame: FrameType | None) -> bool:
    """Whether the author's code is between here and the update of a front end that is being applied: a handler that a
    library hands out itself, or a method of a class of the author's."""
    while frame is not None and frame.f_globals.get("__name__") != "nbapp.kernel.widgets.updates.apply":
        if not is_library_frame(frame) and is_authors(frame.f_globals.get("__name__") or ""):
            return True
        frame = frame.f_back
    return False


def entry(frame: FrameType) -> FrameType:
    """The outermost of the library's frames from here to the author's: what the author called."""
    outermost = frame
    while frame.f_back is not None and is_library_frame(frame.f_back):
        frame = frame.f_back
        if frame.f_globals.get("__name__") != stand_in.__name__:
            outermost = frame
    return outermost


def gives_default_of_interact(frame: FrameType | None) -> bool:
    """Whether this is `interact` giving a widget the default of the function's argument."""
    while frame is not None and is_library_frame(frame):
        if frame.f_code.co_name == "widget_from_abbrev":
            return True
        frame = frame.f_back
    return False
