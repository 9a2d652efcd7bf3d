"""Cells of parameters run with controls in the place of their values, where their author asks for them.

The tree that IPython has made of the cell is changed, once for each execution: however the cell is run, the text that
errors quote is the author's. This file does not know who runs it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nbapp.core.notebook import Cell, CellId, Notebook
from nbapp.kernel.parse.parameters import injected, wants_controls, with_controls


class Parameters:
    """Which cells have controls, and which names of theirs papermill has fixed."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._fixed: dict[CellId, frozenset[str] | None] = {}  # also of cells that are gone: they may come back

    def edit(self, notebook: Notebook) -> list[Cell]:
        """The notebook is this from now on; its cells that run otherwise than before, though they may say the same."""
        fixed = injected(notebook)
        now = {cell.id: fixed if wants_controls(cell) else None for cell in notebook}
        changed = [cell for cell in notebook if self._fixed.get(cell.id) != now[cell.id]]
        self._fixed.update({cell.id: now[cell.id] for cell in changed})
        return changed

    @contextmanager
    def controls(self, cell: Cell) -> Iterator[None]:
        """The cell runs inside."""
        if not wants_controls(cell):
            yield
            return
        shell, fixed = self._shell, self._fixed.get(cell.id) or ()
        before = vars(shell).get("transform_ast")
        original: Callable[[ast.Module], ast.Module] = shell.transform_ast

        def put_back() -> None:
            if before is None:
                vars(shell).pop("transform_ast", None)
            else:
                shell.transform_ast = before

        def transform_ast(node: ast.Module) -> ast.Module:
            """Change the tree of the cell, which is the first that comes."""
            put_back()
            return original(with_controls(node, shell.transform_cell(cell.source), fixed))

        shell.transform_ast = transform_ast
        try:
            yield
        finally:
            put_back()
