"""The tree of a page as markup around its cells, one after the other: the page's template writes the cells itself."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbapp.serve.layout.tree import Leaf, Region, arrange

_TITLED = {"tab": "section", "expander": "details"}


@dataclass(slots=True)
class Place:
    """A cell with the markup before and after it. `source` None: the cell's own."""

    leaf: Leaf
    before: str = ""
    after: str = ""

    @property
    def classes(self) -> str:
        """The classes of the element that stands around the cell."""
        return f"nbapp-place nbapp-{self.leaf.width}" if self.leaf.width else "nbapp-place"


def places(notebook: Mapping[str, Any], sidebar: str = "open") -> list[Place]:
    """The cells of a notebook's page in the order in which it shows them. `sidebar`: open or shut at first."""
    layout = arrange(notebook["cells"])
    found: list[Place] = []
    after = ""
    for piece in _page(layout.sidebar, layout.body, sidebar):
        if isinstance(piece, Leaf):
            found.append(Place(piece, after))
            after = ""
        else:
            after += piece
    if found:
        found[-1].after = after
    return found


def _page(sidebar: Region, body: Region, state: str) -> Iterator[str | Leaf]:
    if not sidebar.inner:
        yield from _inner(body)
        return
    is_open = "true" if state == "open" else "false"
    yield (
        '<div class="nbapp-side" data-nbapp-region="side">'
        f'<button type="button" class="nbapp-side-button" data-nbapp-chrome="button" aria-expanded="{is_open}"'
        ' aria-controls="nbapp-sidebar"><span class="nbapp-side-icon" aria-hidden="true"></span>'
        '<span class="nbapp-side-label">Controls</span></button>'
        '<section id="nbapp-sidebar" class="nbapp-sidebar" aria-label="Controls" data-nbapp-region="sidebar">'
    )
    yield from _inner(sidebar)
    yield '</section></div><div class="nbapp-body" data-nbapp-region="body">'
    yield from _inner(body)
    yield "</div>"


def _inner(region: Region) -> Iterator[str | Leaf]:
    for each in region.inner:
        if isinstance(each, Leaf):
            yield each
        else:
            tag = _TITLED.get(each.kind, "div")
            yield f"<{tag}{_attributes(each)}>{_title(each)}"
            yield from _inner(each)
            yield f"</{tag}>"


def _attributes(region: Region) -> str:
    classes = f"nbapp-{region.kind}" + (f" nbapp-{region.width}" if region.width else "")
    written = {"class": classes, "data-nbapp-region": f"{region.kind} {region.title} {region.first}"}
    if region.kind == "row":
        columns = [each.weight for each in region.inner if isinstance(each, Region)]
        written["style"] = f"--nbapp-columns: {' '.join(f'minmax(0, {weight:g}fr)' for weight in columns)}"
    if region.kind == "tab":
        written |= {"aria-label": region.title, "data-nbapp-title": region.title}
    return _written(written.items())


def _written(attributes: Iterable[tuple[str, str]]) -> str:
    return "".join(f' {name}="{html.escape(value)}"' for name, value in attributes)


def _title(region: Region) -> str:
    text = html.escape(region.title)
    if region.kind == "tab":
        return f'<h2 class="nbapp-tab-title" data-nbapp-chrome="title">{text}</h2>'
    return f'<summary data-nbapp-chrome="title">{text}</summary>' if region.kind == "expander" else ""
