"""What the index says of a notebook, read from its file: nothing is run for it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbapp.errors import UsageError
from nbapp.serve.layout.hiding import hiding
from nbapp.serve.layout.settings import settings
from nbapp.serve.layout.tags import plain
from nbapp.serve.prepare import heading, read
from nbapp.serve.served_file import Stamp, stamped

_LONGEST = 160  # characters of the first lines
_LARGEST = 2_000_000  # bytes of a picture
_NO_TEXT = re.compile(r"^\s*([#<!|`$-]|={3}|\[.*\]:)")  # headings, HTML, pictures, tables, code, formulas, rules


@dataclass(frozen=True, slots=True)
class Summary:
    """`error`: why it cannot be opened; empty when it can. `still`: the first picture that it was saved with."""

    title: str
    lines: str = ""
    still: bytes | None = None
    error: str = ""


class Summaries:
    """Of notebook files, each read again when it has changed."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[Stamp, Summary]] = {}

    def of(self, path: Path) -> Summary:
        """What is to be said of a file now."""
        stamp = stamped(path)
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            known = self._known[path] = stamp, summary(path)
        return known[1]


def summary(path: Path) -> Summary:
    """What is to be said of a notebook."""
    try:
        notebook = read(path)
    except UsageError as error:
        return Summary(path.stem, error=str(error).removeprefix(f"{path} ").removeprefix(f"{path}: "))
    title = settings(notebook.metadata, path.parent).title or heading(notebook) or path.stem
    return Summary(title, _lines(notebook), next(_stills(path), None))


def _lines(notebook: Any) -> str:
    """The first paragraph that a visitor reads."""
    for cell in notebook.cells:
        if cell.cell_type != "markdown" or hiding(cell).whole != "shown":
            continue
        for paragraph in re.split(r"\n\s*\n", cell.source):
            lines = [line for line in paragraph.splitlines() if not _NO_TEXT.match(line)]
            text = plain(" ".join(lines)).strip()
            if text:
                return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + "…"
    return ""


def _stills(path: Path) -> Iterator[bytes]:
    """The pictures that the file has, of cells whose outputs visitors see."""
    for cell in json.loads(path.read_text(encoding="utf-8-sig"))["cells"]:
        if cell.get("cell_type") != "code" or hiding({"metadata": {}, **cell}).output != "shown":
            continue
        outputs = cell.get("outputs")
        for output in outputs if isinstance(outputs, list) else ():
            picture = _png(output)
            if picture is not None and len(picture) <= _LARGEST:
                yield picture


def _png(output: Any) -> bytes | None:
    data = output.get("data") if isinstance(output, Mapping) else None
    found = data.get("image/png") if isinstance(data, Mapping) else None
    text = "".join(found) if isinstance(found, list) and all(isinstance(part, str) for part in found) else found
    try:
        made = base64.b64decode(text) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return None
    return made if made.startswith(b"\x89PNG") else None
