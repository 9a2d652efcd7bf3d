"""ipywidgets 8 and traitlets 5: what widgets keep, where the public way would notify, validate or make a default."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from ipywidgets import Widget
from ipywidgets.widgets import widget as _module

# The classes that several widgets of a kind have in common.
from ipywidgets.widgets.widget_bool import _Bool as Boolean
from ipywidgets.widgets.widget_float import _BoundedFloat as BoundedFloat
from ipywidgets.widgets.widget_float import _BoundedFloatRange as BoundedFloatRange
from ipywidgets.widgets.widget_int import _BoundedInt as BoundedInt
from ipywidgets.widgets.widget_int import _BoundedIntRange as BoundedIntRange
from ipywidgets.widgets.widget_media import _Media as Media
from ipywidgets.widgets.widget_selection import _MultipleSelection as MultipleSelection
from ipywidgets.widgets.widget_selection import _Selection as Selection
from ipywidgets.widgets.widget_selectioncontainer import _SelectionContainer as SelectionContainer
from traitlets import HasTraits, TraitType

# How traitlets makes a handler of a callback, and what it makes.
from traitlets.traitlets import _callback_wrapper as as_handler
from traitlets.traitlets import _CallbackWrapper as CallbackWrapper

__all__ = [  # for mypy: an import is no export
    "Boolean",
    "BoundedFloat",
    "BoundedFloatRange",
    "BoundedInt",
    "BoundedIntRange",
    "CallbackWrapper",
    "Media",
    "MultipleSelection",
    "Selection",
    "SelectionContainer",
    "as_handler",
]

# What `Widget` calls by name, for whoever puts another function in its place.
HANDLE_MESSAGE = "_handle_msg"
NOTIFY_OBSERVERS = "_notify_observers"

# The open widgets by model id. `Widget.widgets` was deprecated in ipywidgets 8 for `ipywidgets._instances`.
instances: dict[str, Any] = _module._instances

# The values by name of trait, without the defaults that nobody has asked for: to read the trait would make them.
trait_values: Callable[[HasTraits], dict[str, Any]] = attrgetter("_trait_values")
# The callbacks of `observe` by trait and type of change. traitlets has no way to list them.
notifiers: Callable[[HasTraits], dict[Any, dict[Any, list[Any]]]] = attrgetter("_trait_notifiers")
# The names of traits that have a cross validator of the class.
validators: Callable[[HasTraits], Mapping[str, Any]] = attrgetter("_trait_validators")
# The dispatcher of `on_msg`.
message_callbacks: Callable[[Widget], Any] = attrgetter("_msg_callbacks")
# What a page sent and the widget need not send back.
property_lock: Callable[[Widget], dict[str, Any]] = attrgetter("_property_lock")
# What takes a message of a page.
message_handler: Callable[[Widget], Callable[[Any], None]] = attrgetter("_handle_msg")
# What takes the content of a custom message, without the state updates that `_handle_msg` knows.
custom_message_handler: Callable[[Widget], Callable[[Any, Any], None]] = attrgetter("_handle_custom_msg")
# The options of a selection, as values and as the words shown; `options` is what the author gave, in five forms.
option_values: Callable[[Any], tuple[Any, ...]] = attrgetter("_options_values")
option_labels: Callable[[Any], tuple[str, ...]] = attrgetter("_options_labels")
# The npm packages of a widget's model and view: traits that are private by name and public in Jupyter's protocol.
model_module: Callable[[Widget], str] = attrgetter("_model_module")
view_module: Callable[[Widget], str | None] = attrgetter("_view_module")
# What a link does to a value on its way, and on the way back; the identity where none was given.
transform: Callable[[Any], Callable[[Any], Any]] = attrgetter("_transform")


def transforms(link: Any) -> Iterable[Any]:
    """Both, of whatever may be a link."""
    return [getattr(link, name, None) for name in ("_transform", "_transform_inv")]


# Takes binary values out of states: states, paths, buffers; puts them back in, in place.
remove_buffers: Callable[[Any], tuple[Any, list[Any], list[Any]]] = _module._remove_buffers
put_buffers: Callable[[Any, Any, Any], None] = _module._put_buffers
# What a widget keeps for itself, and no undoing concerns.
OF_MESSAGES = frozenset({"_property_lock", "_states_to_send", "_msg_callbacks"})
# The function that gives a widget's `repr` its values, by the name of its code.
GIVES_REPR = "_gen_repr_from_keys"
# Where ipywidgets counts the frames up to the caller whom a warning is for.
EXTERNAL_STACKLEVEL = "_external_stacklevel"


def to_json(widget: Widget, trait: str) -> Callable[[Any, Widget], Any]:
    """What makes of a trait's value what is sent to pages."""
    found: Callable[[Any, Widget], Any] = widget.trait_metadata(trait, "to_json", widget._trait_to_json)
    return found


def from_json(widget: Widget, trait: str) -> Callable[[Any, Widget], Any]:
    """What makes a trait's value of what a page sent."""
    found: Callable[[Any, Widget], Any] = widget.trait_metadata(trait, "from_json", widget._trait_from_json)
    return found


def validated(widget: HasTraits, trait: TraitType[Any, Any], value: Any) -> Any:
    """The value as the trait would take it, without setting it; raises TraitError."""
    return trait._validate(widget, value)


def model_id(widget: Widget) -> str | None:
    """The id that a widget has, or was given to open with; the public `model_id` asks the comm, which may be gone."""
    found: str | None = widget._model_id
    return found


def set_model_id(widget: Widget, model_id: str | None) -> None:
    """The id under which a widget that is not open yet will open."""
    widget._model_id = model_id


def handles_messages_itself(cls: type[Widget]) -> bool:
    """Whether a class takes the messages of pages in its own way."""
    return cls._handle_msg is not Widget._handle_msg
