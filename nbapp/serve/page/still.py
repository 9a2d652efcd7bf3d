"""A notebook's page as it stands, in one file: the page's own look and the outputs, without a kernel and a server.

Pictures and styles are in it, formulas are MathML, controls are lookalikes. Charts of Plotly and whatever else an
author's output brings a script for can still be moved.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, pass_context
from latex2mathml.converter import convert
from nbconvert.exporters.html import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbformat.v4 import new_output

from nbapp.serve.configured import TEMPLATES
from nbapp.serve.layout.places import places
from nbapp.serve.page.markup import markup

_PLOTLY = "application/vnd.plotly.v1+json"
_SCRIPT = "application/javascript"
_LATEX = re.compile(r'(<div class="[^"]*nbapp-like-formula"[^>]*>)(.*?)(</div>)', re.DOTALL)
_SIGNS = re.compile(r"^\s*(\$\$|\$|\\\[|\\\()|(\$\$|\$|\\\]|\\\))\s*$")


@dataclass(frozen=True, slots=True)
class Look:
    """How it is written. `theme`: light, dark or auto. `code`: whether the cells' code is there too. `folder`: where
    the pictures are that the texts show.
    """

    theme: str
    code: bool
    folder: Path


def still(notebook: NotebookNode, shown: Mapping[str, Sequence[Mapping[str, Any]]], look: Look) -> str:
    """The page of a prepared notebook as HTML. `shown`: what its cells show, as a kernel's snapshot has it."""
    outputs = {cell_id: _formulas(markup(each, draw)) for cell_id, each in shown.items()}
    plotly = plotly_script() if any("nbapp-plotly" in each for each in outputs.values()) else ""
    make: Any = StillExporter  # nbconvert is not annotated
    exporter = make(
        extra_loaders=[FileSystemLoader(str(TEMPLATES))],
        template_file="still.html.j2",
        embed_images=True,
        exclude_anchor_links=True,
    )
    exporter.register_filter("places", places)
    given = {"shown": outputs, "theme": look.theme, "code": look.code, "plotly": plotly}
    resources = {"metadata": {"path": str(look.folder), "name": notebook.metadata.title}, "still": given}
    text: str = exporter.from_notebook_node(_filled(notebook, outputs), resources)[0]
    return text


def _filled(notebook: NotebookNode, outputs: Mapping[str, str]) -> NotebookNode:
    """A copy in which a cell that shows something has an output: the template writes no place for one otherwise."""
    copied: NotebookNode = deepcopy(notebook)
    for cell in copied.cells:
        if outputs.get(cell.id):
            cell.outputs = [new_output("display_data")]
    return copied


class StillExporter(HTMLExporter):
    """nbconvert's, with formulas that need no script."""

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """The HTML of a text."""
        renderer = _Renderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=self.embed_images,
            path=context.get("resources", {}).get("metadata", {}).get("path", ""),
            exclude_anchor_links=self.exclude_anchor_links,
        )
        rendered: str = MarkdownWithMath(renderer=renderer).render(source)
        return rendered


class _Renderer(IPythonRenderer):
    def block_math(self, body: str) -> str:
        return formula(body, display="block")

    def inline_math(self, body: str) -> str:
        return formula(body)

    def latex_environment(self, name: str, body: str) -> str:
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", display="block")


def formula(tex: str, display: str = "inline") -> str:
    """A formula in TeX as MathML; as it is written where it cannot be told."""
    try:
        found: str = convert(tex, display=display)
    except Exception:  # noqa: BLE001 -- whatever it makes of what is no TeX: the text is shown, as in the page
        return f"<code>{html.escape(tex)}</code>"
    return found


def _formulas(text: str) -> str:
    """Outputs in TeX, as MathML."""

    def made(found: re.Match[str]) -> str:
        tex = html.unescape(found[2])
        display = "block" if tex.lstrip().startswith(("$$", "\\[", "\\begin")) else "inline"
        return f"{found[1]}{formula(_SIGNS.sub('', _SIGNS.sub('', tex)), display)}{found[3]}"

    return _LATEX.sub(made, text)


def draw(mime: str, data: Mapping[str, Any]) -> str:
    """A chart or script of an output, drawn by the script that the output brings, or by Plotly's own."""
    if mime == _PLOTLY and plotly_script():
        content = data[mime]
        figure = json.dumps({name: content.get(name) for name in ("data", "layout", "config")}).replace("<", "\\u003c")
        return f'<div class="nbapp-plotly"><script type="application/json">{figure}</script></div>'
    if "text/html" in data:
        return f'<div class="jp-OutputArea-output jp-RenderedHTMLCommon">{_joined(data["text/html"])}</div>'
    if _SCRIPT in data:
        return f"<script>{_joined(data[_SCRIPT])}</script>"
    said = _joined(data.get("text/plain", ""))
    return f'<div class="jp-OutputArea-output jp-RenderedText"><pre>{html.escape(said)}</pre></div>' if said else ""


def _joined(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text)


@cache
def plotly_script() -> str:
    """Plotly's script, of the package that is installed beside nbapp; empty where there is none."""
    spec = find_spec("plotly")
    places = spec.submodule_search_locations if spec is not None else None
    path = Path(places[0], "package_data", "plotly.min.js") if places else None
    return path.read_text(encoding="utf-8") if path is not None and path.is_file() else ""
