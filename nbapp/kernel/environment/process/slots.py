"""The slots of Python itself: filters, environment, hooks, and what the standard library sets for all."""

from __future__ import annotations

import builtins
import gc
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from nbapp._compat.python import raw_environment, tell_filters_changed
from nbapp.libraries.logging import keeps
from nbapp.libraries.slot import GONE, Slot, Values

Run = Callable[..., Any]


def call(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function right here."""
    return function(*args)


# --- the interpreter

_OF_THE_KERNEL = ("VOILA_", "JPY_", "JUPYTER", "NBAPP_", "COLUMNS", "LINES", "PYTEST_", "COVERAGE_")


def _environ() -> Values:
    return {key: value for key, value in os.environ.items() if not key.startswith(_OF_THE_KERNEL)}


def _put_environ(values: Values) -> None:
    for key, value in values.items():
        if value is GONE:
            os.environ.pop(key, None)
        else:
            os.environ[key] = value


def _folder() -> Values:
    try:
        return {"folder": os.getcwd()}
    except FileNotFoundError:
        return {"folder": None}  # it was removed


def _put_folder(values: Values) -> None:
    if isinstance(values["folder"], str) and os.path.isdir(values["folder"]):
        os.chdir(values["folder"])


def _put_path(values: Values) -> None:
    sys.path[:] = values["path"]


def _filters() -> Values:
    return {"filters": tuple(warnings.filters), "show": warnings.showwarning}


def _put_filters(values: Values) -> None:
    if "filters" in values:
        warnings.filters[:] = values["filters"]  # type: ignore[index]
        tell_filters_changed()
    if "show" in values:
        warnings.showwarning = values["show"]


# IPython gives `input` and `sys.excepthook` other values while a request is executed, as when the baseline is taken.
_OF_IPYTHON = frozenset({"_", "display", "get_ipython", "exit", "quit", "execfile", "runfile", "open", "input"})


def _builtins() -> Values:
    return {
        name: value for name, value in vars(builtins).items() if name not in _OF_IPYTHON and not name.startswith("__")
    }


def _put_builtins(values: Values) -> None:
    for name, value in values.items():
        if value is GONE:
            delattr(builtins, name)
        else:
            setattr(builtins, name, value)


def _interpreter() -> Values:
    return {"recursion": sys.getrecursionlimit(), "switch": sys.getswitchinterval()}


def _put_interpreter(values: Values) -> None:
    if "recursion" in values:
        sys.setrecursionlimit(values["recursion"])
    if "switch" in values:
        sys.setswitchinterval(values["switch"])


def _streams() -> Values:
    return {"stdout": sys.stdout, "stderr": sys.stderr}


def _put_streams(values: Values) -> None:
    for name, stream in values.items():
        setattr(sys, name, stream)


_SIGNALS = [name for name in ("SIGALRM", "SIGUSR1", "SIGUSR2", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def _signals() -> Values:
    return {name: signal.getsignal(getattr(signal, name)) for name in _SIGNALS}


def _put_signals(values: Values) -> None:
    if threading.current_thread() is threading.main_thread():
        for name, handler in values.items():
            if handler is not None:  # None was not set from Python, and cannot be
                signal.signal(getattr(signal, name), handler)


def _collector() -> Values:
    return {"threshold": gc.get_threshold(), "is on": gc.isenabled()}


def _put_collector(values: Values) -> None:
    if "threshold" in values:
        gc.set_threshold(*values["threshold"])
    if "is on" in values:
        (gc.enable if values["is on"] else gc.disable)()


# --- the standard library


def _loggers() -> Values:
    logging: Any = sys.modules["logging"]
    found = {"": _logger(logging.root), "disable": logging.root.manager.disable}
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger):
            state = _logger(logger)
            if state != (0, True, False, (), ()):
                found[name] = state
    return found


def _logger(logger: Any) -> tuple[Any, ...]:
    handlers = tuple((handler, handler.level, handler.formatter) for handler in logger.handlers)
    return logger.level, logger.propagate, logger.disabled, handlers, tuple(logger.filters)


def handlers() -> tuple[Any, ...]:
    """Those of all loggers that keep what they are told; none where nobody logs."""
    logging: Any = sys.modules.get("logging")
    loggers = (logging.root, *logging.root.manager.loggerDict.values()) if logging is not None else ()
    return tuple(handler for logger in loggers for handler in getattr(logger, "handlers", ()) if keeps(handler))


def _raw_loggers() -> object:
    manager = sys.modules["logging"].root.manager
    loggers = [manager.root, *manager.loggerDict.values()]
    return manager.disable, [
        (
            logger.level,
            logger.propagate,
            logger.disabled,
            [(h, h.level, h.formatter) for h in logger.handlers],
            logger.filters[:],
        )
        for logger in loggers
        if hasattr(logger, "handlers")
    ]


def _put_loggers(values: Values) -> None:
    logging: Any = sys.modules["logging"]
    for name, state in values.items():
        if name == "disable":
            logging.disable(state)
            continue
        logger = logging.getLogger(name or None)
        level, logger.propagate, logger.disabled, handlers, filters = (
            (0, True, False, (), ()) if state is GONE else state
        )
        logger.setLevel(level)
        logger.handlers[:] = [handler for handler, _, _ in handlers]
        logger.filters[:] = filters
        for handler, handler_level, formatter in handlers:
            handler.level, handler.formatter = handler_level, formatter


_DECIMAL = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")


def _decimal() -> Values:
    context = sys.modules["decimal"].getcontext()
    return {**{name: getattr(context, name) for name in _DECIMAL}, "traps": tuple(context.traps.items())}


def _put_decimal(values: Values) -> None:
    context = sys.modules["decimal"].getcontext()
    for name, value in values.items():
        if name == "traps":
            context.traps.update(value)
        else:
            setattr(context, name, value)


def _locale() -> Values:
    return {"locale": sys.modules["locale"].setlocale(sys.modules["locale"].LC_ALL)}


def _put_locale(values: Values) -> None:
    sys.modules["locale"].setlocale(sys.modules["locale"].LC_ALL, values["locale"])


_DIALECT = (
    *("delimiter", "doublequote", "escapechar", "lineterminator"),
    *("quotechar", "quoting", "skipinitialspace", "strict"),
)


def _dialects() -> Values:
    csv = sys.modules["_csv"]
    return {name: tuple(getattr(csv.get_dialect(name), part) for part in _DIALECT) for name in csv.list_dialects()}


def _raw_dialects() -> object:
    csv = sys.modules["_csv"]
    return [(name, csv.get_dialect(name)) for name in csv.list_dialects()]


def _put_dialects(values: Values) -> None:
    csv = sys.modules["_csv"]
    for name, parts in values.items():
        if parts is GONE:
            csv.unregister_dialect(name)
        else:
            csv.register_dialect(name, **dict(zip(_DIALECT, parts, strict=True)))


STANDARD: tuple[Slot, ...] = (
    Slot("os.environ", _environ, _put_environ, raw=raw_environment),
    Slot("the current", _folder, _put_folder),
    Slot("sys", lambda: {"path": tuple(sys.path)}, _put_path),
    Slot("warnings", _filters, _put_filters),
    Slot("builtins", _builtins, _put_builtins, raw=lambda: dict(vars(builtins))),
    Slot("sys", _interpreter, _put_interpreter),
    Slot("sys", _streams, _put_streams),
    Slot("signal", _signals, _put_signals),
    Slot("logging", _loggers, _put_loggers, "logging", raw=_raw_loggers),
    Slot("decimal", _decimal, _put_decimal, "decimal"),
    Slot("locale", _locale, _put_locale, "locale"),
    Slot("gc", _collector, _put_collector),
    Slot("the csv dialect", _dialects, _put_dialects, "_csv", raw=_raw_dialects),
)


def differing(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> Values:
    """The keys to put so that the first becomes the second."""
    changes = {key: value for key, value in wanted.items() if key not in now or not same(now[key], value)}
    changes.update((key, GONE) for key in now if key not in wanted)
    return changes


def same(one: object, other: object) -> bool:
    """Whether two values of a slot are the same; what cannot be compared differs."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 -- a value of the author's may raise whatever it likes
        return False
