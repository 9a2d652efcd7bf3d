"""The code of one cell as a tree, with magics understood as far as they hold code. Executes nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from nbapp.core.notebook import Cell
from nbapp.kernel.parse.cell_reader import RUNS_CODE

_transform = TransformerManager().transform_cell


@dataclass(frozen=True, slots=True)
class Source:
    """A cell with its number, counted from 1; `error` is set where it is no Python. `magics` are names and texts."""

    number: int
    cell: Cell
    trees: tuple[ast.Module, ...] = ()
    error: SyntaxError | None = None
    magics: tuple[tuple[str, str], ...] = ()
    quiet: frozenset[int] = field(default=frozenset(), repr=False)  # nodes that may fail: inside `try`, or a docstring

    @classmethod
    def of_notebook(cls, notebook: NotebookNode) -> list[Source]:
        """Read the code cells of a notebook, which count from 1."""
        cells = (Cell.of(cell) for cell in notebook.cells if cell.cell_type == "code")
        return [cls.of(number, cell) for number, cell in enumerate(cells, 1)]

    @classmethod
    def of(cls, number: int, cell: Cell) -> Source:
        """Read a cell."""
        try:
            trees = [ast.parse(_transform(cell.source))]
        except SyntaxError as error:
            return cls(number, cell, error=error)
        except ValueError as error:  # null bytes
            return cls(number, cell, error=SyntaxError(str(error)))
        magics = []
        for tree in trees:  # grows: the body of `%%time` is code too
            for name, text, body in _magics(tree):
                magics.append((name, text))
                if name in RUNS_CODE and body is not None:
                    inner = cls.of(number, Cell(cell.id, body))
                    trees.extend(inner.trees)
                elif body is not None:
                    magics.append((name, body))
        return cls(number, cell, tuple(trees), None, tuple(magics), frozenset(_quiet(trees)))

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the code."""
        for tree in self.trees:
            yield from ast.walk(tree)

    def line(self, node: ast.AST) -> str:
        """The line on which a node stands, where that can be told; the cell's first one otherwise."""
        lines = self.cell.source.splitlines()
        number = getattr(node, "lineno", 1)
        return lines[number - 1].strip() if len(self.trees) == 1 and 0 < number <= len(lines) else lines[0].strip()


def bound(sources: Iterable[Source]) -> set[str]:
    """Every name that the code of a notebook gives to something, in whatever place."""
    found: set[str] = set()
    for source in sources:
        for node in source.nodes():
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                found.add(node.id)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.add(node.name)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.alias):
                found.add((node.asname or node.name).partition(".")[0])
    return found


def called(node: ast.AST) -> str:
    """The last name of what a node calls, as `read_csv` of `pd.read_csv(...)`; empty when it is no call."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _magics(tree: ast.Module) -> Iterator[tuple[str, str, str | None]]:
    """The magics and commands in a tree, as IPython's transform writes them: name, line, body."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        shell = node.func.value
        if not (isinstance(shell, ast.Call) and called(shell) == "get_ipython"):
            continue
        texts = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if node.func.attr == "run_cell_magic" and len(texts) == 3:
            yield texts[0], texts[1], texts[2]
        elif node.func.attr == "run_line_magic" and texts:
            yield texts[0], " ".join(texts[1:]), None
        elif node.func.attr in ("system", "getoutput") and texts:
            yield "!", texts[0], None


def _quiet(trees: Iterable[ast.Module]) -> Iterator[int]:
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Try):
                yield from (id(inner) for part in node.body for inner in ast.walk(part))
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                yield id(node.value)


INSTALLS = re.compile(r"(^|\s)(pip3?|conda|mamba|uv)(\s+pip)?\s+(install|add)\s")


def installs(name: str, text: str) -> bool:
    """Whether a magic or command installs packages."""
    return bool(INSTALLS.search(f"{'' if name == '!' else name} {text} "))
