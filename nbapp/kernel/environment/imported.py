"""What a cell imported of the author's own modules, and the files that these were read from."""

from __future__ import annotations

from collections.abc import Mapping

from nbapp.core.change import bind
from nbapp.core.memos.memo import Binding, Component
from nbapp.core.notebook import Cell
from nbapp.kernel.environment.files.file_access import Files, OpenedFiles
from nbapp.kernel.environment.modules import OwnModules, Package
from nbapp.values.digest import text_digest
from nbapp.values.types import Types


def imported_by(
    cell: Cell, before: Mapping[str, Package], opened: OpenedFiles, modules: OwnModules, files: Files, known: Types
) -> dict[Component, Binding | None]:
    """The packages that are not what they were `before`, None for those that are gone; their files count as read."""
    now = modules.now()
    left: dict[Component, Binding | None] = {name: None for name in before if name not in now}
    for component, package in now.items():
        if [module for _, module in before.get(component, ())] != [module for _, module in package]:
            left[component] = bind(package, known, text_digest("module", cell.source))
            for path in modules.files(package):
                for file in files.components(path):
                    opened.before.setdefault(file, files.present(file))
                    opened.read.add(file)
    return left
