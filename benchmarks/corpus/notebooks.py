"""The notebooks of a folder: `.ipynb`, and `.ipy` in the percent format, where `# %%` begins a cell. Runs nothing."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

_CELL = re.compile(r"^# %%.*\n", re.MULTILINE)
_LOADS = re.compile(r"^\s*%(re)?load_ext nbapp\s*$", re.MULTILINE)


def found(folder: Path) -> list[Path]:
    """The notebooks of a folder, or the one that is named, in order."""
    if folder.is_file():
        return [folder]
    paths = (path for ending in ("*.ipynb", "*.ipy") for path in folder.glob(ending))
    return sorted(path for path in paths if not path.name.startswith("."))


def sources(path: Path) -> list[str]:
    """The code cells of a notebook, without what loads nbapp."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = [cell.source for cell in nbformat.reads(text, as_version=4).cells if cell.cell_type == "code"]
    else:
        cells = [cell.strip() for cell in _CELL.split(text)[1:]]
    return [source for cell in cells if (source := _LOADS.sub("", cell).strip())]


def work_in(place: Path, folder: Path) -> Path:
    """A place where notebooks of a folder find all that lies beside them there, and may write."""
    for beside in folder.iterdir():
        if beside.suffix not in (".ipynb", ".ipy"):
            (place / beside.name).symlink_to(beside.resolve())
    return place


def notebook(cells: list[str], *, loading: bool) -> NotebookNode:
    """A notebook of these cells, which no front end gave an id to; with `loading`, nbapp is loaded in the first."""
    cells = ["%load_ext nbapp", *cells] if loading else cells
    made: NotebookNode = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made
