"""Runs in the kernel: every function and hook there is, by name, so that a test can tell what was put in or taken out."""

from __future__ import annotations

import gc
import logging
import signal
import sys
import threading
import types
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from IPython.core.getipython import get_ipython

CODE = (
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    property,
    staticmethod,
    classmethod,
)
NOT_LOOKED_AT = frozenset({"nbapp", "tests", "__main__", "__mp_main__"})
IN_SYS = ("excepthook", "displayhook", "unraisablehook", "breakpointhook", "stdout", "stderr", "stdin")
Name = tuple[object, ...]


def look() -> dict[Name, object]:
    """Code in modules and classes, and what hooks into the interpreter and the kernel. Holds on to all of it."""
    shell: Any = get_ipython()
    return dict([*_modules(), *_interpreter(), *_objects(shell, shell.kernel), *_lists(shell, shell.kernel)])


def differs(before: Mapping[Name, object], after: Mapping[Name, object]) -> list[str]:
    """What is not there any more, or something else, or new; but for modules, and what they import late."""
    changed = {name for name, item in before.items() if name not in after or not _same(after[name], item)}
    new = {name for name, item in after.items() if name not in before and not _is_import(name, item)}
    return sorted(map(repr, changed | new))


def _is_import(name: Name, item: object) -> bool:
    return name[0] in sys.modules and not str(getattr(item, "__module__", None)).startswith("nbapp")


def _same(one: Any, other: Any) -> bool:
    simple = isinstance(one, (str, int, tuple, types.MethodType))
    return one is other or (simple and bool(one == other))


def _is_code(item: object) -> bool:
    return isinstance(item, CODE) or type(item).__module__.startswith("nbapp")


def _modules() -> Iterator[tuple[Name, object]]:
    for place, module in list(sys.modules.items()):
        if place.partition(".")[0] in NOT_LOOKED_AT:
            continue
        for name, item in list(getattr(module, "__dict__", {}).items()):
            if _is_code(item):
                yield (place, name), item
            if isinstance(item, type) and item.__module__ == place:
                for key, value in list(vars(item).items()):
                    if _is_code(value):
                        yield (place, item.__qualname__, key), value


def _interpreter() -> Iterator[tuple[Name, object]]:
    for name in IN_SYS:
        yield ("sys", name, "now"), getattr(sys, name)
    for number in (signal.SIGINT, signal.SIGTERM):
        yield ("signal", number), signal.getsignal(number)
    for thread in threading.enumerate():
        yield ("thread", thread.name), thread
    for profile in (sys.gettrace(), sys.getprofile(), threading.excepthook):
        yield ("traced by", repr(profile)), profile


def _objects(shell: Any, kernel: Any) -> Iterator[tuple[Name, object]]:
    """Code that hangs on the objects themselves, over that of their classes."""
    held = {
        "shell": shell,
        "kernel": kernel,
        "session": kernel.session,
        "display hook": shell.displayhook,
        "publisher": shell.display_pub,
        "comm manager": kernel.comm_manager,
        "stdout": sys.stdout,
        "stderr": sys.stderr,
        "iopub thread": kernel.iopub_thread,
        "loop": kernel.io_loop.asyncio_loop,
    }
    for name, item in held.items():
        for key, value in list(vars(item).items()):
            own = getattr(type(item), key, None)  # IPython sets a stream's own `write` on it
            if _is_code(value) and getattr(value, "__func__", value) is not own:
                yield (name, key), value
    yield ("shell", "has an app"), hasattr(shell, "nbapp")


def _lists(shell: Any, kernel: Any) -> Iterator[tuple[Name, object]]:
    lists = {
        "meta_path": sys.meta_path,
        "path_hooks": sys.path_hooks,
        "path": sys.path,
        "gc": gc.callbacks,
        "log handlers": logging.getLogger().handlers,
        "warnings": warnings.filters,
        "cleanup": shell.input_transformers_cleanup,
        "post": shell.input_transformers_post,
        "ast": shell.ast_transformers,
        **{f"event {name}": callbacks for name, callbacks in shell.events.callbacks.items()},
    }
    for name, items in lists.items():
        yield (name, "how many"), len(items)
        yield from (((name, index), item) for index, item in enumerate(items))
    tables = {
        "targets": kernel.comm_manager.targets,
        "shell handlers": kernel.shell_handlers,
        "control handlers": kernel.control_handlers,
        "line magics": dict.fromkeys(shell.magics_manager.magics["line"]),
        "cell magics": dict.fromkeys(shell.magics_manager.magics["cell"]),
        "comms": {
            key: getattr(comm._msg_callback, "__func__", None) for key, comm in kernel.comm_manager.comms.items()
        },
    }
    for name, table in tables.items():
        yield from (((name, key), item) for key, item in table.items())
