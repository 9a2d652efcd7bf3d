"""`ui.download`: a button that gives its visitor a file, which is made when it is clicked.

In an app of `nbapp serve` the file goes through the server, in pieces. Elsewhere it is written beside the notebook:
who clicks there is who has the folder.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets
from traitlets import Unicode, observe

from nbapp.errors import UsageError
from nbapp.persistence.current import CURRENT
from nbapp.ui.contents import write

CLASS = "nbapp-download"  # by which a page knows such a button
_NO_NAME = re.compile(r'[/\\:*?"<>|\x00-\x1f]')


@dataclass
class _Outbox:
    """Where the server of this kernel's page takes files from; None: nobody takes any."""

    folder: Path | None = None


OUTBOX = _Outbox()


class Download(ipywidgets.Button):
    """A button that makes a file when it is clicked. See `download`. `written` is where, if no server took it."""

    written = Unicode().tag(choice="stays")

    def __init__(self, label: str, data: Any, filename: str, **options: Any) -> None:
        super().__init__(description=label, icon="download", **options)
        self.add_class(CLASS)
        self._label = label
        self.on_click(lambda _: self._give(data, filename))

    def _give(self, data: Any, filename: str) -> None:
        path = give(self.model_id, data, filename)
        self.written = "" if path is None else str(path)

    @observe("written")
    def _say(self, _: Any) -> None:
        if self.written:  # nobody looks into a log for it
            self.description, self.tooltip = f"{self._label}: written to {Path(self.written).name}", self.written


def download(label: str, data: Any, filename: str, **options: Any) -> Download:
    """A button that gives its visitor a file.

    Args:
        label: what the button says.
        data: the content, or a function without arguments that makes it when the button is clicked: text, bytes, a
            `Path`, an open file, a frame of pandas or polars, a figure, a picture, or an iterable of texts or bytes.
        filename: what the visitor's file is called. For a frame, a figure or a picture its suffix is the format.
        options: of `ipywidgets.Button`, such as `tooltip` or `button_style`.

    Raises:
        UsageError: the filename is none.
    """
    if not filename or _NO_NAME.search(filename) or filename in (".", ".."):
        raise UsageError(f"{filename!r} is no name of a file", "give a name without a path, as in 'sales.csv'")
    options.setdefault("layout", {"width": "max-content"})  # a button of ipywidgets cuts longer labels off
    return Download(label, data, filename, **options)


def give(button: str, data: Any, filename: str) -> Path | None:
    """Make the file of a button, and hand it over; where it was written when no server takes it.

    Raises:
        Exception: what making it raises; who waits for the file is told that there is none.
    """
    if OUTBOX.folder is None:
        write(data() if callable(data) else data, Path(filename), filename)
        return Path(filename).absolute()
    folder = OUTBOX.folder / button
    made, told = folder / f"{secrets.token_hex(8)}.made", dict[str, str]()
    with CURRENT.at_work:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        content = data() if callable(data) else data
        with CURRENT.at_work:
            write(content, made, filename)
        told = {"file": made.name, "name": filename}
    finally:
        with CURRENT.at_work:
            said = made.with_suffix(".part")
            said.write_text(json.dumps(told), encoding="utf-8")
            said.replace(folder / "ready.json")
    return None
