"""The open figures of pyplot: which are open is one component, and each of them another, read by the cells that use it.

pyplot keeps them in a dict, the current one last. One that notes what is looked up takes its place, so that code is
seen to use a figure that it has no name for. With Jupyter's inline backend none is open between cells.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from typing import Any

from nbapp.core.change import bind
from nbapp.core.memos.kinds import FIGURE, FIGURES
from nbapp.core.memos.memo import Binding, Component
from nbapp.kernel.common.stand_in import called, standin
from nbapp.kernel.environment.provider import Provider
from nbapp.libraries.matplotlib import PYLAB
from nbapp.libraries.slot import is_imported
from nbapp.values.digest import text_digest
from nbapp.values.types import Types

COMPONENT = FIGURES.of()
_PROVENANCE = text_digest("figure")  # until the core knows better


def which(numbers: Mapping[Hashable, Any]) -> Binding:
    """That figures with these numbers are open, and the last one is current."""
    return Binding(tuple(numbers), text_digest(COMPONENT, *map(str, numbers)))


NONE_OPEN = which({})


def _component(number: Hashable) -> Component:
    return FIGURE.of(str(number))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What code did: the figures it used or closed, as they were `before`; all it `used`; what it `left`."""

    before: Mapping[Component, Binding]
    used: frozenset[Component]
    left: Mapping[Component, Binding | None]


class Figures(Provider):
    """The open figures of this process: managers, as pyplot calls what it has for each, by number."""

    def __init__(self, known: Types) -> None:
        self._known = known
        self._open = _Open()
        self._env: Mapping[Component, Binding] = {}
        self._before: dict[Hashable, Any] = {}
        self._began = False

    def adopt(self) -> None:
        """Take the place of pyplot's dict, once it is imported."""
        if is_imported(PYLAB) and (pyplot := sys.modules[PYLAB].Gcf).figs is not self._open:
            self._open.set(pyplot.figs)
            pyplot.figs = self._open

    def leave(self) -> None:
        """Give pyplot a dict of its own again."""
        if is_imported(PYLAB) and (pyplot := sys.modules[PYLAB].Gcf).figs is self._open:
            pyplot.figs = OrderedDict(self._open)

    # --- before code

    def expect(self, env: Mapping[Component, Binding]) -> None:
        """The next code runs where this holds; all figures must be open that a clean run has here, used or not."""
        self._env = env

    def baseline(self, component: Component) -> Binding | None:
        """None is open."""
        return NONE_OPEN if component == COMPONENT else None

    def put(self, component: Component, binding: Binding, placed: Mapping[Component, Binding]) -> None:
        """Open the figures that are open, in their order, and no others; each alone is nothing that can be put."""
        if component == COMPONENT:
            self.adopt()
            names = {number: _component(number) for number in binding.value}
            self._open.set({number: (placed.get(name) or self._env[name]).value for number, name in names.items()})

    # --- around it

    def watch(self) -> None:
        """Note what is looked up from now on."""
        self.adopt()
        self._before = dict(self._open)
        self._open.begin()
        self._began = True

    def are_open(self) -> bool:
        """Whether any figure was open when it began."""
        return bool(self._before)

    def end(self) -> Drawn:
        """What was done since."""
        self.pause()
        self._began = False
        now = dict(self._open)
        used = [
            _component(number)
            for number, manager in self._before.items()
            if number in self._open.used or now.get(number) is not manager
        ]
        before = {name: self._env[name] for name in used if name in self._env}  # nothing was expected outside a walk
        left = self._left(now)
        asked = (COMPONENT,) if self._open.asked or COMPONENT in left else ()
        return Drawn(before, frozenset({*asked, *before}), left)

    def pause(self) -> None:
        """IPython shows what a cell drew: backends then go through all figures, whatever the cell did."""
        self._open.noting = False

    def go_on(self, result: object = None) -> None:
        """It was shown; the code may go on, if it is a cell's: what a request without a cell left is shown too."""
        self._open.noting = self._began

    def _left(self, now: Mapping[Hashable, Any]) -> dict[Component, Binding | None]:
        """The figures that were opened; None for those that were closed; which are open, if others are."""
        before = self._before
        left: dict[Component, Binding | None] = {_component(number): None for number in before.keys() - now.keys()}
        for number, manager in now.items():
            if before.get(number) is not manager:
                left[_component(number)] = bind(manager, self._known, _PROVENANCE)
        if list(now) != list(before):
            left[COMPONENT] = which(now)
        return left


class _Open(OrderedDict[Hashable, Any]):
    """Managers by number. While `noting`: whether anything was `asked`, and the numbers of those that were `used`."""

    def __init__(self) -> None:
        self.noting = self.asked = False
        self.used = set[Hashable]()
        super().__init__()

    def begin(self) -> None:
        """Note from now on."""
        self.asked, self.used, self.noting = False, set[Hashable](), True

    def set(self, managers: Mapping[Hashable, Any]) -> None:
        """Hold these, and no others."""
        if list(OrderedDict.items(self)) != list(managers.items()):
            managers = dict(managers)
            self.clear()
            self.update(managers)

    def _ask(self, *_: object, **__: object) -> None:
        if self.noting:
            self.asked = True

    def _use(self, number: Hashable, *_: object) -> None:
        if self.noting:
            self.asked = True
            self.used.add(number)

    def get(self, number: Hashable, default: Any = None) -> Any:
        return self[number] if number in self else default  # noqa: SIM401 -- this is what `get` means

    def values(self) -> Any:
        return _Managers(self)

    def items(self) -> Any:
        return ItemsView(self)


def _noting(name: str, note: Callable[..., None]) -> Any:
    """A method of dicts that notes first; to make a figure current that is current leaves no other trace."""
    original = getattr(OrderedDict, name)
    really = called(original)

    def look_up(managers: _Open, *args: Any, **kwargs: Any) -> Any:
        note(managers, *args, **kwargs)
        return really(managers, *args, **kwargs)

    return standin(original, look_up)


_Open.__getitem__ = _noting("__getitem__", _Open._use)  # type: ignore[method-assign]
for _name in ("__contains__", "__iter__", "__len__", "pop", "move_to_end"):
    setattr(_Open, _name, _noting(_name, _Open._ask))


class _Managers(ValuesView[Any]):
    """Each is used when it is met: who asks for the last one uses no other."""

    _mapping: OrderedDict[Hashable, Any]

    def __reversed__(self) -> Iterator[Any]:
        return (self._mapping[number] for number in reversed(self._mapping))
