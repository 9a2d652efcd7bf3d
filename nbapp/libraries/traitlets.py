"""Objects with traits that are no widgets, and links between traits.

Who observes an object is content: what is set on it calls them, and a cell that adds one has changed it. A link is what
it connects; it notes on itself whether it is at work, which is no content.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbapp.libraries.profile import Facts, Profile, by_name
from nbapp.values.types import Adapter


def _ends(link: Any) -> object:
    return type(link).__qualname__, link.source, link.target


def _changed_by(link: Any) -> Iterable[object]:
    """The ends; a widget says itself that nothing can be changed through it."""
    return link.source[0], link.target[0]


def _content(item: Any) -> object:
    observed = [
        (str(name), str(kind), handler)
        for name, kinds in item._trait_notifiers.items()
        for kind, handlers in kinds.items()
        for handler in handlers
        if not hasattr(handler, "class_init")  # one of the class
    ]
    attributes = {name: value for name, value in vars(item).items() if name not in _MACHINERY}
    return attributes, sorted({**_to_come(item), **item._trait_values}.items()), observed


def _to_come(item: Any) -> dict[str, object]:
    """The containers that traits make when somebody looks at them first, which is no change."""
    return {
        name: trait.default(item)
        for name, trait in item.traits().items()
        if name not in item._trait_values
        and getattr(trait, "klass", None) in _CONTAINERS
        and getattr(item._get_trait_default_generator(name), "__self__", item) is trait
    }


_MACHINERY = frozenset(
    {"_trait_values", "_trait_notifiers", "_trait_validators", "_cross_validation_lock", "notify_change"}
)
_CONTAINERS = (list, set, dict, tuple)
_LINK = Adapter(parts=_ends, reach=_changed_by)
_OBSERVED = Adapter(parts=_content)
_BY_NAME = {"link": _LINK, "directional_link": _LINK, "HasTraits": _OBSERVED}


PROFILE = Profile(
    lookups={"traitlets": by_name(_BY_NAME)},
    followed_packages=("traitlets",),
    no_containers=("HasTraits",),
    facts=(Facts("traitlets.traitlets.MetaHasDescriptors traitlets.traitlets.MetaHasTraits", "passive"),),
)
