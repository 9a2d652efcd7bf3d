"""The form of what nbapp knows of a library: each file beside this one that fills it in teaches one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nbapp.libraries.slot import Slot
from nbapp.values.types import Adapter, Lookup

World = Literal["the clock", "the network", "fresh randomness", "another program", "a database"]


@dataclass(frozen=True, slots=True)
class Generator:
    """A global random generator: its state, and what that was before the first draw, which may go unseen."""

    get: Callable[[], Any]
    put: Callable[[Any], None]
    is_there: Callable[[], bool]
    first: Callable[[Any], Any] = lambda state: state


@dataclass(frozen=True, slots=True)
class Profile:
    """What nbapp knows of one library, or of a few that are alike. A field is left out where there is nothing to say.

    - `lookups`: by top-level module, which of its classes are digested and followed in which way.
    - `options`: what code sets for all of the library.
    - `generators`: its global random generators, by the name that the author is told.
    - `extended`: by module, the classes to which other libraries add methods at the author's request.
    - `mutating`: methods that change their object in place; a hint to copy it before.
    - `asks`: names by which code asks the world for what nobody can watch.
    - `followed_packages`, `followed_modules`: where the library keeps nothing for all but what stands above, so that
      containers in there are not looked at; a package with all below, or a module alone.
    - `no_containers`: classes whose objects are not looked into when some library holds them.
    """

    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    options: tuple[Slot, ...] = ()
    generators: Mapping[str, Generator] = field(default_factory=dict)
    extended: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mutating: tuple[str, ...] = ()
    asks: Mapping[World, tuple[str, ...]] = field(default_factory=dict)
    followed_packages: tuple[str, ...] = ()
    followed_modules: tuple[str, ...] = ()
    no_containers: tuple[str, ...] = ()


def by_name(adapters: Mapping[str, Adapter]) -> Lookup:
    """Looks classes up by their own name, whichever module of the library they are in."""
    return lambda kind: adapters.get(kind.__name__)
