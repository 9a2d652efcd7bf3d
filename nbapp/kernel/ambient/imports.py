"""Tells when a library has just been imported, so that the state it set by that can be told from what cells set.

What a library looks at while it is imported (the folders of `sys.path`, the folder for temporary files) is no input of
the notebook; what a module of the author's reads is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Before = Callable[[], Any]
After = Callable[[Any], None]
Quiet = Callable[[ModuleType], "AbstractContextManager[bool]"]


class Imports:
    """A finder at the head of `sys.meta_path`. `before` and `after` are called around each outermost import.

    Within `quiet`, which says whether it is, a module is executed unobserved.
    """

    def __init__(self, before: Before, after: After, quiet: Quiet) -> None:
        self._before = before
        self._after = after
        self._quiet = quiet
        self._inside = False
        self._is_quiet = False

    def install(self) -> Callable[[], None]:
        """Hear of imports from now on; call what is returned to stop it."""
        sys.meta_path.insert(0, self)

        def undo() -> None:
            if self in sys.meta_path:
                sys.meta_path.remove(self)

        return undo

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        """The spec that the other finders find; loading its module is reported."""
        if self._is_quiet:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Reporting(spec.loader, self)
                return spec
        return None

    @contextmanager
    def around(self, module: ModuleType) -> Iterator[None]:
        """Around the execution of one module; what it imports in turn is a part of it."""
        outer = self._inside, self._is_quiet
        before = None if self._inside else self._before()
        self._inside = True
        try:
            with self._quiet(module) as self._is_quiet:
                yield
        finally:
            self._inside, self._is_quiet = outer
            if not self._inside:
                self._after(before)


class _Reporting(Loader):
    """Stands in for a module's loader until the module is executed."""

    def __init__(self, loader: Any, imports: Imports) -> None:
        self._loader = loader
        self._imports = imports

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the loader does."""
        module: ModuleType | None = self._loader.create_module(spec) if hasattr(self._loader, "create_module") else None
        return module

    def exec_module(self, module: ModuleType) -> None:
        """As the loader does; the module sees its own loader."""
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        with self._imports.around(module):
            self._loader.exec_module(module)
