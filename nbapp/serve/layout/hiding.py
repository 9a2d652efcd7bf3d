"""What of a cell is not seen at once, by the tags and metadata that people write already. It runs all the same.

`remove-…` takes away and `hide-…` folds, as in Jupyter Book; nbconvert's documentation writes `remove_…`. `skip` is
what slides call a cell that they leave out. JupyterLab folds with `source_hidden` and `outputs_hidden`, Notebook 6 with
`collapsed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Seen = Literal["shown", "folded", "removed"]
_ORDER: tuple[Seen, ...] = ("shown", "folded", "removed")
_WHOLE = {"hide-cell": "folded", "remove-cell": "removed", "skip": "removed"}
_SOURCE = {"hide-input": "folded", "remove-input": "removed"}
_OUTPUT = {"hide-output": "folded", "remove-output": "removed"}


@dataclass(frozen=True, slots=True)
class Hiding:
    """What a page shows of a cell. `whole` is about its source and output together."""

    whole: Seen = "shown"
    source: Seen = "shown"
    output: Seen = "shown"

    @property
    def removed(self) -> bool:
        """Whether nothing of it is seen, unless its source is shown for once."""
        return self.output == "removed"


def tags(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags of a cell that are texts, as they are written."""
    found = cell["metadata"].get("tags", ())
    return tuple(tag for tag in found if isinstance(tag, str)) if isinstance(found, (list, tuple)) else ()


def hiding(cell: Mapping[str, Any]) -> Hiding:
    """What is hidden of a cell of a notebook. Unknown tags are nothing to us."""
    words = {tag.strip().replace("_", "-") for tag in tags(cell)}
    whole = _most(_WHOLE, words)
    if whole == "removed":
        return Hiding("removed", "removed", "removed")
    if cell["cell_type"] != "code":
        return Hiding(whole)
    source, output = _most(_SOURCE, words), _most(_OUTPUT, words)
    metadata = cell["metadata"]
    lab = metadata.get("jupyter")
    lab = lab if isinstance(lab, Mapping) else {}
    if lab.get("source_hidden") is True and source == "shown":
        source = "folded"
    collapsed = lab.get("outputs_hidden", metadata.get("collapsed"))  # Lab writes both, and reads its own first
    if collapsed is True and output == "shown":
        output = "folded"
    return Hiding(whole, source, output)


def _most(table: Mapping[str, str], words: set[str]) -> Seen:
    found = [table[word] for word in table.keys() & words]
    return max(found, key=_ORDER.index, default="shown")  # type: ignore[arg-type]
