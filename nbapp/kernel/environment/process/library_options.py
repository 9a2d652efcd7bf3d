"""Options of libraries, as slots; imports none of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from nbapp.kernel.environment.process.slots import GONE, Slot, Values


def _module(name: str) -> Any:
    return sys.modules[name]


# --- numpy


def _numpy() -> Values:
    numpy = _module("numpy")
    return {**numpy.get_printoptions(), **{f"errors {name}": how for name, how in numpy.geterr().items()}}


def _put_numpy(values: Values) -> None:
    numpy = _module("numpy")
    errors = {name.removeprefix("errors "): how for name, how in values.items() if name.startswith("errors ")}
    printing = {name: value for name, value in values.items() if not name.startswith("errors ") and value is not GONE}
    if errors:
        numpy.seterr(**errors)
    if printing:
        numpy.set_printoptions(**{**numpy.get_printoptions(), **printing})


# --- pandas


def _pandas() -> Values:
    return dict(_flat(_module("pandas._config.config")._global_config, ""))


def _flat(options: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _copy(options: dict[str, Any]) -> dict[str, Any]:
    return {name: _copy(value) if isinstance(value, dict) else value for name, value in options.items()}


def _put_pandas(values: Values) -> None:
    for name, value in values.items():
        if value is not GONE:
            _module("pandas").set_option(name, value)


# --- matplotlib

_RESOLVED_LATE = frozenset({"backend", "backend_fallback"})  # set when the first figure is drawn


def _matplotlib() -> Values:
    return {name: value for name, value in dict.items(_module("matplotlib").rcParams) if name not in _RESOLVED_LATE}


def _put_matplotlib(values: Values) -> None:
    for name, value in values.items():
        if value is not GONE:
            dict.__setitem__(_module("matplotlib").rcParams, name, value)  # it was checked when it was set


_INLINE = ("figure_formats", "print_figure_kwargs", "close_figures", "rc")


def _inline() -> Values:
    backend = _module("matplotlib_inline.config").InlineBackend
    if not backend.initialized():
        return {}
    return {name: getattr(backend.instance(), name) for name in _INLINE}


def _put_inline(values: Values) -> None:
    backend = _module("matplotlib_inline.config").InlineBackend.instance()
    for name, value in values.items():
        if value is not GONE:
            setattr(backend, name, value)


# --- torch


def _torch() -> Values:
    torch = _module("torch")
    return {"dtype": torch.get_default_dtype(), "grad": torch.is_grad_enabled(), "threads": torch.get_num_threads()}


def _put_torch(values: Values) -> None:
    torch = _module("torch")
    for name, value in values.items():
        {"dtype": torch.set_default_dtype, "grad": torch.set_grad_enabled, "threads": torch.set_num_threads}[name](
            value
        )


# --- libraries with one place for their options


def _of_attributes(module: str, holder: str, names: Callable[[Any], Iterable[str]]) -> Slot:
    """Options of a library that are attributes of an object in a module."""

    def values() -> Values:
        found = getattr(_module(module), holder)
        return {name: getattr(found, name) for name in names(found)}

    def put(values: Values) -> None:
        for name, value in values.items():
            if value is not GONE:
                setattr(getattr(_module(module), holder), name, value)

    return Slot(f"{module.partition('.')[0]}.{holder}", values, put, module)


def _named(*names: str) -> Callable[[Any], Iterable[str]]:
    return lambda holder: names


def _of_functions(module: str, get: str, put: str) -> Slot:
    """Options of a library that gives all of them as a dict, and takes them as keywords."""

    def values() -> Values:
        return dict(getattr(_module(module), get)())

    def put_values(values: Values) -> None:
        getattr(_module(module), put)(**{name: value for name, value in values.items() if value is not GONE})

    return Slot(module, values, put_values, module)


def _altair() -> Values:
    altair = _module("altair")
    return {name: getattr(altair, name)._get_state() for name in _ALTAIR}


def _put_altair(values: Values) -> None:
    for name, state in values.items():
        getattr(_module("altair"), name)._set_state(state)


_ALTAIR = ("data_transformers", "renderers")


def _colormaps() -> Values:
    return dict(_module("matplotlib").colormaps._cmaps)


def _put_colormaps(values: Values) -> None:
    known = _module("matplotlib").colormaps._cmaps
    for name, colormap in values.items():
        if colormap is GONE:
            del known[name]
        else:
            known[name] = colormap


LIBRARIES: tuple[Slot, ...] = (
    Slot("numpy", _numpy, _put_numpy, "numpy"),
    Slot("pandas", _pandas, _put_pandas, "pandas", raw=lambda: _copy(_module("pandas._config.config")._global_config)),
    Slot(
        "matplotlib",
        _matplotlib,
        _put_matplotlib,
        "matplotlib",
        raw=lambda: list(dict.values(_module("matplotlib").rcParams)),
    ),
    Slot("matplotlib_inline", _inline, _put_inline, "matplotlib_inline.config"),
    Slot("torch", _torch, _put_torch, "torch"),
    Slot("the colour map", _colormaps, _put_colormaps, "matplotlib.cm", raw=_colormaps),
    Slot("altair", _altair, _put_altair, "altair"),
    _of_attributes("plotly.io._templates", "templates", _named("default")),
    _of_attributes("plotly.io._renderers", "renderers", _named("default")),
    _of_attributes("mpmath", "mp", _named("prec", "pretty", "trap_complex")),
    _of_attributes("networkx", "config", iter),
    _of_attributes("geopandas", "options", dir),
    _of_functions("sklearn", "get_config", "set_config"),
    _of_functions("xarray", "get_options", "set_options"),
)
