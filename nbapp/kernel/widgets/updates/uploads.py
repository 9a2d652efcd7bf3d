"""What a browser sends for a `FileUpload`, and what only somebody who is no browser sends.

A browser gives a file's last name and its true size, and one file where the author wants one. Authors rely on that:
`Path(file.name).write_bytes(file.content)` must not leave their folder.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from ipywidgets import FileUpload

_TOLD = {"name", "type", "size", "last_modified"}
_LONGEST = 255  # characters of a name, as file systems have it
_LATEST = 253_402_300_799_000  # milliseconds since 1970: the end of the year 9999


def is_upload(widget: FileUpload, value: Any, paths: Sequence[Any], buffers: Sequence[Any]) -> bool:
    """Whether these are files as a browser sends them; their contents are the buffers at the paths."""
    if not isinstance(value, list) or (len(value) > 1 and not widget.multiple):
        return False
    contents = {tuple(path): buffer for path, buffer in zip(paths, buffers, strict=False) if isinstance(path, list)}
    expected = [("value", number, "content") for number in range(len(value))]
    if [tuple(path) for path in paths if path and path[0] == "value"] != expected:
        return False
    return all(_is_file(file, contents.get(at)) for file, at in zip(value, expected, strict=True))


def _is_file(file: Any, content: Any) -> bool:
    if not isinstance(file, dict) or not _TOLD <= file.keys() <= {*_TOLD, "content"} or content is None:
        return False
    kind, size, when = file["type"], file["size"], file["last_modified"]
    return (
        _is_name(file["name"])
        and (isinstance(kind, str) and len(kind) <= _LONGEST and kind.isascii())
        and (type(size) is int and size == memoryview(content).nbytes)
        and (type(when) in (int, float) and 0 <= when <= _LATEST)
    )


def _is_name(name: Any) -> bool:
    """Whether it is the name of a file, and leads nowhere."""
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST or name in (".", ".."):
        return False
    return not any(sign in "/\\:" or unicodedata.category(sign) in ("Cc", "Cs") for sign in name)
