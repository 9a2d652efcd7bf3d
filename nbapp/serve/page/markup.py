"""What a cell shows as HTML, for a page that has no connection to its kernel so far. The page runs none of its scripts.

Each output becomes what JupyterLab's renderers make of it, in the same classes, so that the page's styles fit; pictures
carry their sizes, so that nothing moves when they are there. Displayed widgets: lookalike.py.
"""

from __future__ import annotations

import base64
import binascii
import html
import struct
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from nbconvert.filters import ansi2html
from nbconvert.filters.markdown import markdown2html

from nbapp.serve.page.figures import inches
from nbapp.serve.page.lookalike import control

_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
_DRAWN = {"application/vnd.plotly.v1+json": 450}  # CSS pixels: what the library gives a chart without a height
_PNG = b"\x89PNG\r\n\x1a\n"


def room(mime: str, data: Mapping[str, Any]) -> str:
    """Room for what only a library's script can draw, where its height is known."""
    content = data[mime]
    layout = content.get("layout", {}) if isinstance(content, Mapping) else {}
    height = layout.get("height", _DRAWN.get(mime)) if isinstance(layout, Mapping) else None
    return f'<div style="height: {height:g}px"></div>' if isinstance(height, (int, float)) else ""


Draw = Callable[[str, Mapping[str, Any]], str]


def markup(outputs: Iterable[Mapping[str, Any]], draw: Draw = room) -> str:
    """The HTML of a cell's outputs, as a kernel's snapshot has them. `draw`: what stands for data of a type that only
    a library's script can draw.
    """
    return "".join(_output(output, draw) for output in outputs)


def _output(output: Mapping[str, Any], draw: Draw) -> str:
    kind = output["output_type"]
    if kind == "widget":
        return control(output["state"], partial(markup, draw=draw))
    if kind == "stream":
        return _rendered("Text", _text(output["text"]), f"application/vnd.jupyter.{output['name']}")
    if kind == "error":
        return _rendered("Text", _text("\n".join(output["traceback"])), "application/vnd.jupyter.stderr")
    return _data(output.get("data", {}), output.get("metadata", {}), draw)


def _rendered(kind: str, inner: str, mime: str = "", style: str = "") -> str:
    about = f' data-mime-type="{html.escape(mime)}"' + (f' style="{style}"' if style else "")
    return f'<div class="jp-OutputArea-output jp-Rendered{kind}"{about}>{inner}</div>'


def _text(text: Any) -> str:
    coloured: Any = ansi2html
    return f"<pre>{coloured(_joined(text))}</pre>"


def _joined(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text)


def _data(data: Mapping[str, Any], metadata: Mapping[str, Any], draw: Draw) -> str:
    picture = next((mime for mime in _PICTURES if mime in data), None)
    drawn = next((mime for mime in data if mime.startswith(("application/vnd.", "application/javascript"))), None)
    if drawn is not None and picture is None:
        return draw(drawn, data)
    if "text/html" in data and drawn is None:
        return _rendered("HTMLCommon jp-RenderedHTML", _joined(data["text/html"]), "text/html")
    if "text/markdown" in data:
        return _rendered("HTMLCommon jp-RenderedMarkdown", markdown2html(_joined(data["text/markdown"])))
    if "text/latex" in data:
        return _rendered("HTMLCommon jp-RenderedLatex nbapp-like-formula", html.escape(_joined(data["text/latex"])))
    if picture is not None:
        wide = inches(picture, data)
        style = f"--nbapp-inches: {wide:g}" if wide is not None else ""
        kind = "SVG" if "svg" in picture else "Image"
        return _rendered(kind, _picture(picture, data[picture], metadata), picture, style)
    if "text/plain" in data:
        return _rendered("Text", _text(data["text/plain"]), "text/plain")
    return ""


def _picture(mime: str, content: Any, metadata: Mapping[str, Any]) -> str:
    text = _joined(content)
    encoded = base64.b64encode(text.encode()).decode() if mime == "image/svg+xml" else text.replace("\n", "")
    about = metadata.get(mime, {})
    about = about if isinstance(about, Mapping) else {}
    width, height = _size(encoded) if mime == "image/png" else (None, None)
    if "width" in about or "height" in about:
        width, height = about.get("width"), about.get("height")
    sizes = "".join(
        f' {name}="{size:g}"' for name, size in (("width", width), ("height", height)) if isinstance(size, (int, float))
    )
    return f'<img src="data:{mime};base64,{html.escape(encoded)}" alt=""{sizes}>'


def _size(encoded: str) -> tuple[int | None, int | None]:
    """Width and height in pixels of a PNG in base64: the first two numbers of its IHDR chunk."""
    try:
        head = base64.b64decode(encoded[:32])
    except binascii.Error:
        return None, None
    if not head.startswith(_PNG) or len(head) < 24:
        return None, None
    width, height = struct.unpack(">II", head[16:24])
    return width, height
