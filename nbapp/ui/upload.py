"""`ui.upload`: files of whoever uses the app, as values that can be read any number of times."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Literal, overload

import ipywidgets

from nbapp.ui.control import LabelledControl, look, value_of


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """An uploaded file: its name, its content, and its type as the browser tells it."""

    name: str
    content: bytes
    type: str = ""

    def open(self) -> io.BytesIO:
        """The content as an open file, for `pd.read_csv` and the like."""
        return io.BytesIO(self.content)

    def text(self, encoding: str = "utf-8") -> str:
        """The content as text.

        Raises:
            UnicodeDecodeError: it is none in this encoding.
        """
        return self.content.decode(encoding)


class FileUpload(LabelledControl, ipywidgets.FileUpload):
    """A button that takes files."""


@overload
def upload(
    label: str, *, accept: str = ..., multiple: Literal[False] = ..., key: str | None = ...,
    **options: Any,
) -> UploadedFile | None: ...  # fmt: skip
@overload
def upload(
    label: str, *, accept: str = ..., multiple: Literal[True], key: str | None = ..., **options: Any
) -> tuple[UploadedFile, ...]: ...
def upload(label: str, *, accept: str = "", multiple: bool = False, key: str | None = None,
           **options: Any) -> Any:  # fmt: skip
    """A button that takes a file, or several.

    Args:
        label: what the button says.
        accept: which files are offered, such as ".csv" or "image/*"; the browser asks, nobody else does.
        multiple: whether it takes several; a tuple is returned then.
        key: tells controls with the same label apart, as in a loop.
        options: of `ipywidgets.FileUpload`, such as `button_style`.

    Returns:
        The file, or None as long as there is none.

    Examples:
        >>> from nbapp import ui
        >>> file = ui.upload("Sales", accept=".csv")  # doctest: +SKIP
        >>> sales = pd.read_csv(file.open()) if file else None  # doctest: +SKIP
    """
    shared = look(label, key, {"layout": {"width": "max-content"}, "style": {}} | options)
    files = value_of(FileUpload(accept=accept, multiple=multiple, **shared))
    taken = tuple(UploadedFile(file["name"], bytes(file["content"]), file["type"]) for file in files)
    if multiple:
        return taken
    return taken[0] if taken else None
