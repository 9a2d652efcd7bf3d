"""Refuses what needs somebody at the keyboard, and what would end the kernel under everybody who uses the app."""

from __future__ import annotations

import builtins
import getpass
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core import interactiveshell
from IPython.core.error import StdinNotImplementedError

from nbapp.kernel.common.patching import Patching
from nbapp.kernel.common.stand_in import meant, theirs

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell

Place = tuple[Any, str, Callable[..., Any]]  # an object, the name of a function in it, and what is done instead


def refusals(shell: ZMQInteractiveShell) -> tuple[Place, ...]:
    """Stand-ins for `input()`, `getpass()`, `exit()` and `quit()` that raise an error which says what to do.

    IPython's advice to use `exit` after a SystemExit is not given.
    """
    return (
        (builtins, "input", _refuse_input),
        (getpass, "getpass", _refuse_input),
        (shell, "ask_exit", _refuse_exit),
        (interactiveshell, "warn", _warn),
    )


@contextmanager
def replaced(places: Iterable[Place]) -> Iterator[None]:
    """Put a stand-in in each place; what was there comes back, unless the block put something of its own there."""
    with Patching() as patching:
        for place, name, ours in places:
            patching.put(place, name, ours)
        yield


def _refuse_input(*_args: object, **_options: object) -> NoReturn:
    raise meant(
        StdinNotImplementedError("input() is not possible in an app: use a widget, for example ipywidgets.Text()")
    )


def _refuse_exit() -> NoReturn:
    raise meant(RuntimeError("exit() and quit() are not possible in an app: raise an exception to stop a cell"))


def _warn(message: Any, category: type[Warning] | None = None, stacklevel: int = 1, **options: Any) -> None:
    if not str(message).startswith("To exit:"):
        warn: Callable[..., None] = warnings.warn
        theirs(warn, message, category, stacklevel + 3, **options)
