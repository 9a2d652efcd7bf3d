"""Whether two versions of a notebook are the same app: outputs, counts and metadata of editors do not matter."""

from __future__ import annotations

import hashlib
import json

from nbformat import NotebookNode


def digest(notebook: NotebookNode) -> str:
    """The digest of a notebook's texts and code, in their order, with their tags, what is folded, and how it looks."""
    cells: list[object] = [_cell(cell) for cell in notebook.cells]
    looks = notebook.metadata.get("nbapp", {})
    cells += [looks] if looks else []
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def _cell(cell: NotebookNode) -> list[object]:
    metadata = cell.metadata
    lab = metadata.get("jupyter", {})
    folded = [
        known.get(name) is True
        for known, name in ((metadata, "collapsed"), (lab, "source_hidden"), (lab, "outputs_hidden"))
    ]
    return [cell.cell_type, cell.source, sorted(metadata.get("tags", ())), *([folded] if any(folded) else [])]
