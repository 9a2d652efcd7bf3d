"""Which file is asked for by its name, and writing it. It runs no notebook."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nbapp.errors import UsageError
from nbapp.export.encoded import encoded
from nbapp.export.pdf import chromium

NOTEBOOK, HTML, PDF = ".ipynb", ".html", ".pdf"
_KNOWN = NOTEBOOK, HTML, PDF


def check(out: Path, notebook: Path, *, is_copy: bool) -> None:
    """See that a file can be written there for a notebook, before it runs. `is_copy`: not in the place of the notebook.

    Raises:
        UsageError: it cannot, or nobody knows how to write such a file.
    """
    if out.is_dir():
        raise UsageError(f"-o {out} is a folder", "name a file in it")
    if out.suffix.lower() not in _KNOWN:
        raise UsageError(f"-o {out} is no file that can be written", f"let it end with {', '.join(_KNOWN)}")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"-o {out}", f"there is no folder {out.absolute().parent}")
    if is_copy and out.exists() and out.samefile(notebook):
        raise UsageError(f"-o {out} is the notebook itself", "it is never written over; name another file")
    if out.suffix.lower() == PDF:
        chromium()


def write(out: Path, content: str | bytes) -> None:
    """Write a file at once: a reader sees the old file or the new one, never a part.

    Raises:
        UsageError: the file cannot be written.
    """
    data = content if isinstance(content, bytes) else encoded(content, is_json=out.suffix.lower() == NOTEBOOK)
    try:
        with _replacing(out) as new:
            new.write_bytes(data)
    except OSError as error:
        raise UsageError(f"-o {out} cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    out = out.resolve()  # a link stays a link
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".nbapp-") as folder:
        new = Path(folder) / out.name
        yield new
        if out.exists():
            new.chmod(out.stat().st_mode)
        new.replace(out)
