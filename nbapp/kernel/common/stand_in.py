"""Stand-ins: what we put in the place of other libraries' functions, so that nobody notices but us.

A stand-in has the name, the text and the signature of what it stands for. An error of ours in it is logged once and
told by `%nbapp`; what it stands for goes on, and is called once, whether we failed before or after that. An error of
the library or of the author's code passes through as it is, and none of our frames is in its traceback.

Whose error it is, is told by who was running: our part calls whatever is not ours as the original that it got from
`called`, or with `theirs`; what else is raised is ours. This file does not know what stands where.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType
from typing import Any, ParamSpec, TypeVar

from traitlets.log import get_logger

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E", bound=BaseException)
_NOT_YET = object()
_FOR_AUTHORS = "nbapp.functions"  # what authors call themselves is in their tracebacks, like any library


class Faults:
    """The errors of ours that stand-ins caught, by what they stand for."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}

    def note(self, place: str, error: BaseException) -> None:
        """An error of ours in this place, which goes on without us; the first in each is logged, where kernels log."""
        if place not in self.seen:
            self.seen[place] = f"{type(error).__name__}: {error}"
            get_logger().error(
                "nbapp failed in %s, which goes on without it. Please report this.", place, exc_info=error
            )

    @contextmanager
    def noted(self, place: str) -> Iterator[None]:
        """What is inside is ours alone: an error in it is noted, and ends it."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 -- it is logged and told; the author's code must not suffer for it
            self.note(place, error)


class _Call:
    """One call of a stand-in: what the original returned or raised, once it was called."""

    __slots__ = ("original", "raised", "result")

    def __init__(self, original: object) -> None:
        self.original = original
        self.result: Any = _NOT_YET
        self.raised: BaseException | None = None


class _Calls(threading.local):
    """The stand-ins that run on a thread, innermost last, and the error of others that passes through them."""

    def __init__(self) -> None:
        self.stack: list[_Call] = []
        self.passing: BaseException | None = None


faults = Faults()
_calls = _Calls()


def standin(original: Any, ours: Callable[..., Any], module: ModuleType | None = None) -> Any:
    """A function that does `ours` in the place of `original`, in a class or a `module`, where pickles look for it."""

    @functools.wraps(original)
    def stand_in(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True  # for Python 3.10, whose tracebacks keep this frame
        call = _Call(original)
        _calls.stack.append(call)
        try:
            try:
                return ours(*args, **kwargs)
            except Exception as error:
                if is_passing(error):
                    raise
                if error.__traceback__ is not None and error.__traceback__.tb_next is not None:  # else: called wrongly
                    faults.note(getattr(original, "__qualname__", repr(original)), error)
            return _without_us(call, args, kwargs)  # outside of `except`: ours is no context of theirs
        except BaseException as error:
            hide_us(error)
            raise
        finally:
            _calls.stack.pop()
            if not _calls.stack:
                _calls.passing = None

    if module is not None:
        stand_in.__module__ = module.__name__
    return stand_in


def retire(stand_in: Any) -> None:
    """From now on a stand-in does only what it stands for: somebody may have kept it."""
    cells = dict(zip(stand_in.__code__.co_freevars, stand_in.__closure__))
    cells["ours"].cell_contents = called(cells["original"].cell_contents)


def _without_us(call: _Call, args: Any, kwargs: Any) -> Any:
    """What the original makes of the call, or has made of it."""
    if call.result is not _NOT_YET:
        return call.result
    original: Any = call.original
    if call.raised is not None:
        raise call.raised
    return original(*args, **kwargs)


def is_passing(error: BaseException) -> bool:
    """Whether an error is not ours."""
    return error is _calls.passing or not isinstance(error, Exception)  # an interrupt is for everybody


def called(original: Callable[P, T], *, instead: bool = False) -> Callable[P, T]:
    """The original, as the part of ours that stands for it calls it; or what is called `instead` of it."""

    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        stack = _calls.stack
        inside = stack[-1] if stack and (instead or stack[-1].original is original) else _Call(original)
        try:
            result = inside.result = original(*args, **kwargs)
        except BaseException as error:
            inside.raised = _calls.passing = error
            raise
        return result

    return call


def theirs(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call something of the author or of a library, such as a callback: what it raises is not our error."""
    try:
        return function(*args, **kwargs)
    except BaseException as error:
        _calls.passing = error
        raise


def meant(error: E) -> E:
    """An error that a stand-in raises because the author should get it."""
    _calls.passing = error
    return error


def settled(result: T) -> T:
    """What the original is for is done, if not by itself: this is the result, whatever of ours fails from here on."""
    if _calls.stack:
        _calls.stack[-1].result = result
    return result


def is_settled() -> bool:
    """Whether the stand-in that runs has a result."""
    return bool(_calls.stack) and _calls.stack[-1].result is not _NOT_YET


def hide_us(error: BaseException) -> None:
    """Take our frames out of a traceback, down to the frame that runs; the caller has to `raise` without a name."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        if not is_ours(trace.tb_frame):
            frames.append(trace)
        trace = trace.tb_next
    for one, following in zip(frames, [*frames[1:], None]):
        if one.tb_next is not following:
            one.tb_next = following
    error.__traceback__ = frames[0] if frames else None


def is_ours(frame: FrameType) -> bool:
    """Whether a frame runs our code, which the author did not call."""
    name = str(frame.f_globals.get("__name__"))
    return name.startswith("nbapp.") and not name.startswith(_FOR_AUTHORS)
