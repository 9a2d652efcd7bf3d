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
class Facts:
    """What the methods and attributes of some classes do: a claim that `tests/libraries/test_reading_facts.py` tries,
    name by name.

    `classes` are "module.Class", with "*" after it the classes of that module that are derived from it too. `reads` are
    the names that change nothing, neither their object nor what they are given, whatever it is, with "*" for all names;
    "name/2" says that this holds for at most two arguments by position. They give values of classes that some profile
    knows. `changes` are names that change their own object only, which is of `family`. Any other name may do anything.
    `is_passing`: its objects fill caches of their own when they are asked, or hold more than their adapter follows;
    that is nobody's business while they come and go, but one that a cell keeps is looked at.
    """

    classes: str
    family: str
    reads: str = ""
    changes: str = ""
    is_passing: bool = False


@dataclass(frozen=True, slots=True)
class FactTables:
    """What all profiles say of what only reads, by module where it is of one."""

    facts: tuple[Facts, ...]
    functions: Mapping[str, str]
    fresh: Mapping[str, str]
    gives: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Profile:
    """What nbapp knows of one library, or of a few that are alike. A field is left out where there is nothing to say.

    - `lookups`: by top-level module, which of its classes are digested and followed in which way.
    - `options`: what code sets for all of the library.
    - `generators`: its global random generators, by the name that the author is told.
    - `extended`: by module, the classes to which other libraries add methods at the author's request.
    - `mutating`: methods that change their object in place; a hint to copy it before.
    - `evaluators`: functions and methods that look up the names in a string they are given, such as a query.
    - `asks`: names by which code asks the world for what nobody can watch; `seedable`: those among them that do not ask
      when they are given something.
    - `followed_packages`, `followed_modules`: where the library keeps nothing for all but what stands above, so that
      containers in there are not looked at; a package with all below, or a module alone.
    - `no_containers`: classes whose objects are not looked into when some library holds them.
    - `facts`: what its classes are known to do; `functions`: by module, the functions that change nothing, written as
      in `Facts`, "*" for all of them; `fresh`: those among them whose results share nothing with anything.
    - `gives`: the other libraries, besides Python's, whose values what only reads may give.
    """

    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    options: tuple[Slot, ...] = ()
    generators: Mapping[str, Generator] = field(default_factory=dict)
    extended: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mutating: tuple[str, ...] = ()
    evaluators: tuple[str, ...] = ()
    asks: Mapping[World, tuple[str, ...]] = field(default_factory=dict)
    seedable: tuple[str, ...] = ()
    followed_packages: tuple[str, ...] = ()
    followed_modules: tuple[str, ...] = ()
    no_containers: tuple[str, ...] = ()
    facts: tuple[Facts, ...] = ()
    functions: Mapping[str, str] = field(default_factory=dict)
    fresh: Mapping[str, str] = field(default_factory=dict)
    gives: tuple[str, ...] = ()


def by_name(adapters: Mapping[str, Adapter]) -> Lookup:
    """Looks classes up by their own name, whichever module of the library they are in."""
    return lambda kind: adapters.get(kind.__name__)


def either(first: Lookup, second: Lookup) -> Lookup:
    """Looks classes up in the one, then in the other."""
    return lambda kind: first(kind) or second(kind)
