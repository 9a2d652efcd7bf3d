"""What authors give to be downloaded, written to a file: texts, bytes, frames, figures, files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from nbapp.errors import UsageError

_PIECE = 2**20  # bytes
# How frames of pandas and polars write themselves.
_FRAMES = {
    ".csv": ("to_csv", "write_csv"),
    ".parquet": ("to_parquet", "write_parquet"),
    ".xlsx": ("to_excel", "write_excel"),
    ".json": ("to_json", "write_json"),
}


def write(data: Any, path: Path, name: str) -> None:
    """Write data to a file; `name` is what the visitor's file is called, whose suffix says in which format.

    Raises:
        UsageError: nothing is known of how to write such a value.
    """
    if isinstance(data, str):
        path.write_text(data, encoding="utf-8", newline="")
    elif isinstance(data, (bytes, bytearray, memoryview)):
        path.write_bytes(data)
    elif isinstance(data, Path):
        shutil.copyfile(data, path)
    elif hasattr(data, "read"):
        _copy(data, path)
    elif (save := _writer(data, Path(name).suffix.lower())) is not None:
        save(path)
    elif isinstance(data, (dict, list)):
        path.write_text(json.dumps(data, ensure_ascii=False, indent=2), encoding="utf-8")
    elif isinstance(data, Iterable):
        with path.open("wb") as file:
            for piece in data:
                file.write(piece.encode() if isinstance(piece, str) else piece)
    else:
        remedy = "give text, bytes, a Path, an open file, a data frame, a figure, or an iterable of these pieces"
        raise UsageError(f"a {type(data).__qualname__} cannot be downloaded as {name}", remedy)


def _copy(file: Any, path: Path) -> None:
    with path.open("wb") as out:
        while piece := file.read(_PIECE):
            out.write(piece.encode() if isinstance(piece, str) else piece)


def _writer(data: Any, suffix: str) -> Callable[[Path], object] | None:
    """How a library's object writes itself in the format of this suffix, if it does."""
    for method in _FRAMES.get(suffix, ()):
        if hasattr(data, method):
            without_index = {"index": False} if method in ("to_csv", "to_excel") and _counts_rows(data) else {}
            return partial(getattr(data, method), **without_index)
    for method in ("savefig", "save"):  # matplotlib; Pillow, altair
        if hasattr(data, method):
            return partial(getattr(data, method), format=suffix.lstrip(".").replace("jpg", "jpeg") or None)
    return None


def _counts_rows(frame: Any) -> bool:
    """Whether a frame's index says no more than where each row is."""
    return type(getattr(frame, "index", None)).__name__ == "RangeIndex"
