"""One registration: where it is listed, what the author wrote, and which other is like it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from ipywidgets import CallbackDispatcher, Widget, interactive
from traitlets import HasTraits
from traitlets.traitlets import EventHandler

from nbapp._compat import ipywidgets as private
from nbapp.kernel.widgets.state.effects import Registration, is_dispatcher

DISPATCH = "dispatch"  # the type of a registration on a dispatcher of clicks or messages; its name is the attribute


def own_of(widget: Widget) -> tuple[Registration, ...]:
    """What a widget itself has registered on its traits."""
    return tuple(filter(is_own, listed(widget)))


def listed(widget: Widget) -> list[Registration]:
    """What is registered on the traits of a widget, whoever did it."""
    return [
        Registration(None, widget, name, kind, handler)
        for name, kinds in private.notifiers(widget).items()
        for kind, handlers in kinds.items()
        for handler in handlers
    ]


def is_own(item: Registration) -> bool:
    """Whether a widget, or its class, registered it on itself."""
    return isinstance(item.handler, EventHandler) or getattr(item.handler, "__self__", None) is item.target


def is_again(one: Registration, other: Registration) -> bool:
    """Whether both are of the same code, on whatever objects it works."""
    if (one.owner, one.name, one.type) != (other.owner, other.name, other.type) or one.handler is other.handler:
        return False
    return _codes(one.handler) == _codes(other.handler)


def _codes(handler: Any) -> list[Any]:
    inside = (handler.func, *handler.args) if isinstance(handler, functools.partial) else ()
    parts = (_codes(part) for part in inside if callable(part))
    return [getattr(part, "__code__", None) or type(part) for part in as_written(handler)] + [*parts]


def is_same(one: Registration, other: Registration) -> bool:
    """Whether both are one callback in one place, whoever registered it."""
    if one.name != other.name or one.type != other.type:
        return False
    return one.handler is other.handler or bool(one.handler == other.handler)


def dispatchers(widget: Widget) -> list[tuple[str, CallbackDispatcher]]:
    """The dispatchers of a widget, by attribute."""
    attributes = (*vars(widget).items(), *private.trait_values(widget).items())
    return [(name, value) for name, value in attributes if is_dispatcher(value)]


def attach(item: Registration) -> None:
    """Put a registration where it is listed, unless it is there."""
    if item.type != DISPATCH:
        HasTraits.observe(item.target, item.handler, item.name, item.type)
    elif item.handler not in (callbacks := handlers_of(item)):
        callbacks.append(item.handler)


def detach(item: Registration) -> None:
    """Take a registration out, where it is listed."""
    if item.type != DISPATCH:
        if item.handler in private.notifiers(item.target).get(item.name, {}).get(item.type, ()):
            HasTraits.unobserve(item.target, item.handler, item.name, item.type)
    elif item.handler in (callbacks := handlers_of(item)):
        callbacks.remove(item.handler)


def handlers_of(item: Registration) -> list[Any]:
    """The list that a registration is on; of a dispatcher that is gone an empty one."""
    if item.type != DISPATCH:
        listed: list[Any] = private.notifiers(item.target).get(item.name, {}).get(item.type, [])
        return listed
    if isinstance(item.name, tuple):
        name, key = item.name
        dispatcher = getattr(item.target, name, {}).get(key)
    else:
        dispatcher = getattr(item.target, item.name)
    return [] if dispatcher is None else dispatcher.callbacks


def as_written(handler: Any) -> Iterator[Any]:
    """The user's own functions behind a registered callback."""
    handler = handler.cb if isinstance(handler, private.CallbackWrapper) else handler
    yield handler
    bound = getattr(handler, "__self__", None)
    if isinstance(bound, interactive):
        yield bound.f
    for transform in private.transforms(bound):
        if callable(transform) and getattr(transform, "__self__", None) is not bound:
            yield transform
