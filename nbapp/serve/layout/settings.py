"""How a page looks as a whole, by the notebook's metadata: `{"nbapp": {"layout": {"title": …, "width": "wide"}}}`."""

from __future__ import annotations

import base64
import html
import mimetypes
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbapp.serve.layout.remark import Remark

_CHOICES = {"width": ("narrow", "wide", "full"), "theme": ("auto", "light", "dark"), "sidebar": ("open", "shut")}
_LARGEST = 100_000  # bytes of a picture that goes with each page
_IGNORED = "it is ignored"
_WHERE = "in the notebook's metadata, `nbapp.layout`"


@dataclass(slots=True)
class PageSettings:
    """`title` and `theme` empty: as the notebook's first heading and the visitor's browser have it. `icon` is the
    address of a picture, empty for none.
    """

    title: str = ""
    icon: str = ""
    width: str = "narrow"
    theme: str = ""
    sidebar: str = "open"
    remarks: list[Remark] = field(default_factory=list)

    def as_metadata(self) -> dict[str, str]:
        """What the page's template reads."""
        found = asdict(self)
        del found["remarks"]
        return found


def settings(metadata: Mapping[str, Any], folder: Path | None) -> PageSettings:
    """The settings in a notebook's metadata. What makes no sense is told in `remarks` and counts as not written.
    `folder`: where the notebook stands, and the picture of its icon; None: it stands in none.
    """
    found = PageSettings()
    asked = asked_for(metadata)
    if not isinstance(asked, Mapping):
        found.remarks.append(
            Remark("`nbapp.layout` is no object", "it is ignored", f'write {{"width": "wide"}} {_WHERE}')
        )
        return found
    for name, value in asked.items():
        if name in _CHOICES:
            _choose(found, name, value)
        elif name == "title" and isinstance(value, str):
            found.title = " ".join(value.split())
        elif name == "icon" and isinstance(value, str):
            _icon(found, value.strip(), folder)
        else:
            what = f"`{name}` is no text" if name in ("title", "icon") else f"`{name}` is no setting of a page"
            found.remarks.append(Remark(what, _IGNORED, f"there are title, icon, width, theme and sidebar {_WHERE}"))
    return found


def asked_for(metadata: Mapping[str, Any]) -> Any:
    """What is written in a notebook's metadata about its layout."""
    ours = metadata.get("nbapp", {})
    return ours.get("layout", {}) if isinstance(ours, Mapping) else {}


def _choose(found: PageSettings, name: str, value: Any) -> None:
    if value in _CHOICES[name]:
        setattr(found, name, value)
    else:
        choices = ", ".join(f'"{choice}"' for choice in _CHOICES[name])
        found.remarks.append(Remark(f"`{name}` is {value!r}", _IGNORED, f"write one of {choices} {_WHERE}"))


def _icon(found: PageSettings, value: str, folder: Path | None) -> None:
    if not value:
        return
    if "." not in value:
        if len(value) <= 8:  # an emoji may be several characters
            found.icon = _drawn(value)
        else:
            remedy = "write one emoji, or the name of a picture in the notebook's folder"
            found.remarks.append(Remark(f"the icon {value!r} is neither an emoji nor a file", _IGNORED, remedy))
        return
    path = ((folder or Path()) / value).resolve()
    kind = mimetypes.guess_type(path.name)[0] or ""
    fault = ""
    if folder is None or not (path.is_relative_to(folder.resolve()) and path.is_file()):
        fault = "is not in the notebook's folder"
    elif not kind.startswith("image/"):
        fault = "is no picture"
    elif path.stat().st_size > _LARGEST:
        fault = f"is larger than {_LARGEST // 1000} kB, and goes with each page"
    if fault:
        remedy = "write an emoji, or the name of a small picture in the notebook's folder"
        found.remarks.append(Remark(f"the icon {value!r} {fault}", _IGNORED, remedy))
    else:
        found.icon = f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _drawn(emoji: str) -> str:
    middle = 'x="50" y="50" font-size="80" text-anchor="middle" dominant-baseline="central"'
    text = f"<text {middle}>{html.escape(emoji)}</text>"
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{text}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}"
