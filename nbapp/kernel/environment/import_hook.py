"""Tells when a library has just been imported, so that the state it set by that can be told from what cells set.

What a library looks at while it is imported (the folders of `sys.path`, the folder for temporary files) is no input of
the notebook. A module of the author's is code of the notebook: what it reads is input, what it sets is set by its cell.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from nbapp.kernel.common.stand_in import faults, hide_us
from nbapp.libraries.slot import executed

Before = Callable[[], Any]
After = Callable[[Any], None]
Quiet = Callable[[], "AbstractContextManager[None]"]
IsOwn = Callable[[ModuleType], bool]


class _Thread(threading.local):
    """What one thread does."""

    inside = False  # the execution of a library


class Imports:
    """A finder at the head of `sys.meta_path`. `before` and `after` are called around each import of a library.

    Within `quiet` a library is executed unobserved. `own` is told of a module of the author's before it is executed.
    """

    def __init__(
        self, before: Before, after: After, quiet: Quiet, is_own: IsOwn, own: Callable[[ModuleType], None]
    ) -> None:
        self._before = before
        self._after = after
        self._quiet = quiet
        self._is_own = is_own
        self._own = own
        self._thread = _Thread()
        self._executing: int | None = None  # the thread that executes a library's module

    def install(self) -> Callable[[], None]:
        """Hear of imports from now on; call what is returned to stop it."""
        sys.meta_path.insert(0, self)

        def undo() -> None:
            if self in sys.meta_path:
                sys.meta_path.remove(self)

        return undo

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        """The spec that the other finders find; loading its module is reported."""
        if self._thread.inside:
            return None
        try:
            for finder in sys.meta_path:
                find = getattr(finder, "find_spec", None)
                spec = find(name, path, target) if find is not None and finder is not self else None
                if spec is not None:
                    if hasattr(spec.loader, "exec_module"):
                        spec.loader = _Reporting(spec.loader, self)
                    return spec
        except BaseException as error:  # another finder's
            hide_us(error)
            raise
        return None

    def is_executing(self) -> bool:
        """Whether the present code runs because a library is imported: what it makes is the library's."""
        return self._executing is not None and self._executing == threading.get_ident()

    @contextmanager
    def around(self, module: ModuleType) -> Iterator[None]:
        """Around the execution of one module; what a library imports in turn is a part of it."""
        thread, is_own = self._thread, False
        with faults.noted("import"):
            is_own = not thread.inside and self._is_own(module)
            if is_own:
                self._own(module)
        if thread.inside or is_own:
            yield
            return
        thread.inside = True  # to look at options may import more of their library
        try:
            before = None
            with faults.noted("import"):
                before = self._before()
            try:
                self._executing = threading.get_ident()
                with self._quiet():
                    yield
                executed(module)
            finally:
                self._executing = None
                with faults.noted("import"):
                    self._after(before)
        finally:
            thread.inside = False


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
        try:
            with self._imports.around(module):
                self._loader.exec_module(module)
        except BaseException as error:
            hide_us(error)
            raise
