"""Whether two versions of a notebook are the same app: outputs, counts and metadata of editors do not matter."""

from __future__ import annotations

import hashlib
import json

from nbformat import NotebookNode


def digest(notebook: NotebookNode) -> str:
    """The digest of a notebook's texts and code, in their order, with their tags."""
    cells = [[cell.cell_type, cell.source, sorted(cell.metadata.get("tags", ()))] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()
