"""Which modules are the author's: files beside the notebook, not those of an environment.

Their content is data of the notebook. A module that is loaded stays in `sys.modules` only as long as a clean run would
have imported it; one whose file was edited is therefore imported afresh.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import types
from collections.abc import Collection, Iterator, Mapping
from importlib.util import cache_from_source

from nbapp.core.memos.memo import Binding, Component
from nbapp.kernel.environment.provider import Provider
from nbapp.values.authors import is_own_file
from nbapp.values.names import module_component

_MANY = 60  # modules of one package; more is a library under development, which is not imported again
Package = tuple[tuple[str, types.ModuleType], ...]  # the modules of one top-level package, by full name


class OwnModules(Provider):
    """The author's modules that are loaded now, by the component of their top-level package."""

    def __init__(self) -> None:
        self._kinds: dict[str, tuple[types.ModuleType, bool]] = {}
        self._before = frozenset(sys.modules)
        self._found: dict[str, Package] = {}
        self._signature: tuple[int, str] | None = None

    def is_own(self, module: types.ModuleType) -> bool:
        """Whether a module is the author's, imported by the notebook."""
        name = getattr(module, "__name__", None)
        if type(name) is not str or name in self._before:
            return False
        known = self._kinds.get(name)
        if known is None or known[0] is not module:
            known = self._kinds[name] = module, is_own_file(getattr(module, "__file__", None))
        return known[1]

    def now(self) -> dict[str, Package]:
        """The packages that are loaded; looked for again when `sys.modules` has another length or a newer entry."""
        signature = len(sys.modules), next(reversed(sys.modules), "")
        loaded = all(sys.modules.get(name) is module for package in self._found.values() for name, module in package)
        if signature != self._signature or not loaded:
            self._found, self._signature = self._find(), signature
        return self._found

    def _find(self) -> dict[str, Package]:
        found: dict[str, list[tuple[str, types.ModuleType]]] = {}
        for name, module in tuple(sys.modules.items()):
            if name not in self._before and type(module) is types.ModuleType and self.is_own(module):
                found.setdefault(module_component(name), []).append((name, module))
        return {component: tuple(package) for component, package in found.items() if len(package) <= _MANY}

    def put(self, component: Component, binding: Binding, placed: Mapping[Component, Binding]) -> None:
        """Make a package what a clean run would have loaded of it."""
        present = dict(self.now().get(component, ()))
        wanted = dict(binding.value)
        for name in present.keys() - wanted.keys():
            _evict(name, present[name])
        for name, module in wanted.items():
            sys.modules[name] = module

    def take_away(self, components: Collection[str]) -> None:
        """Forget packages, so that the next import reads their files."""
        now = self.now()
        for component in now.keys() & components:
            for name, module in now[component]:
                _evict(name, module)

    def files(self, package: Package) -> Iterator[str]:
        """The source files of a package."""
        for _, module in package:
            if isinstance(module.__file__, str):
                yield module.__file__


def _evict(name: str, module: types.ModuleType) -> None:
    """Take a module out of `sys.modules`, with its compiled file: that goes by whole seconds and may be behind."""
    sys.modules.pop(name, None)
    if module.__file__:
        with contextlib.suppress(OSError, NotImplementedError):  # there may be none, or none may be written
            os.unlink(cache_from_source(module.__file__))
    importlib.invalidate_caches()
