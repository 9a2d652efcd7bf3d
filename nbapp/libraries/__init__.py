"""What nbapp knows of other libraries: one file for each, with its `PROFILE`, and none of them is imported here.

The profiles are merged once, into the tables that the rest of nbapp reads. What the author registers is asked before
all lookups. This package knows no notebook, kernel or cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from nbapp.libraries.profile import FactTables, Generator, Profile, World, either
from nbapp.libraries.registry import REGISTRY
from nbapp.libraries.slot import Slot
from nbapp.values.types import EVERY, Lookup

_MODULES = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
PROFILES: tuple[Profile, ...] = tuple(module.PROFILE for module in _MODULES if hasattr(module, "PROFILE"))


def _merged() -> dict[str, Lookup]:
    """The lookups by module; where several profiles know classes of one module, such as `builtins`, each is asked."""
    found: dict[str, Lookup] = {}
    for profile in PROFILES:
        for module, lookup in profile.lookups.items():
            found[module] = either(found[module], lookup) if module in found else lookup
    return found


LOOKUPS: Mapping[str, Lookup] = {EVERY: REGISTRY} | _merged()
OPTIONS: tuple[Slot, ...] = tuple(slot for profile in PROFILES for slot in profile.options)
GENERATORS: Mapping[str, Generator] = {
    name: generator for profile in PROFILES for name, generator in profile.generators.items()
}
EXTENDED: Mapping[str, tuple[str, ...]] = {
    module: classes for profile in PROFILES for module, classes in profile.extended.items()
}
MUTATING = frozenset(name for profile in PROFILES for name in profile.mutating)
EVALUATORS = frozenset(name for profile in PROFILES for name in profile.evaluators)
ASKS: Mapping[str, World] = {
    name: world for profile in PROFILES for world, names in profile.asks.items() for name in names
}
SEEDABLE = frozenset(name for profile in PROFILES for name in profile.seedable)
FOLLOWED_PACKAGES = frozenset(name for profile in PROFILES for name in profile.followed_packages)
FOLLOWED_MODULES = frozenset(name for profile in PROFILES for name in profile.followed_modules)
NO_CONTAINERS = frozenset(name for profile in PROFILES for name in profile.no_containers)
_GIVERS = {module: profile for profile in PROFILES for module in profile.functions.keys() | profile.lookups.keys()}
TABLES = FactTables(
    tuple(facts for profile in PROFILES for facts in profile.facts),
    {module: names for profile in PROFILES for module, names in profile.functions.items()},
    {module: names for profile in PROFILES for module, names in profile.fresh.items()},
    {module: profile.gives for module, profile in _GIVERS.items() if profile.gives},
)
