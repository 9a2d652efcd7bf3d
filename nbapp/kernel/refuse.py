"""Refuses what needs somebody at the keyboard, and what would end the kernel under everybody who uses the app."""

from __future__ import annotations

import builtins
import getpass
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core import interactiveshell
from IPython.core.error import StdinNotImplementedError

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell

Place = tuple[Any, str, Any]  # an object, the name of an attribute, and what stands in for it


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
    replaced = [(place, name, value, vars(place).get(name)) for place, name, value in places]
    for place, name, value, _ in replaced:
        setattr(place, name, value)
    try:
        yield
    finally:
        for place, name, value, found in replaced:
            if vars(place).get(name) is not value:
                continue
            if found is None:
                delattr(place, name)
            else:
                setattr(place, name, found)


def _refuse_input(*_args: object, **_options: object) -> NoReturn:
    __tracebackhide__ = True  # IPython leaves this frame out of the author's traceback
    raise StdinNotImplementedError("input() is not possible in an app: use a widget, for example ipywidgets.Text()")


def _refuse_exit() -> NoReturn:
    __tracebackhide__ = True
    raise RuntimeError("exit() and quit() are not possible in an app: raise an exception to stop a cell")


def _warn(message: Any, category: type[Warning] | None = None, stacklevel: int = 1, **options: Any) -> None:
    if not str(message).startswith("To exit:"):
        warnings.warn(message, category, stacklevel + 1, **options)
