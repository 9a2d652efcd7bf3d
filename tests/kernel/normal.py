"""Outputs without what differs from one run to the next: ids, addresses, times, the paths of cells, pictures' bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

_CHANGES = (
    (r"\b[0-9a-f]{32}\b", "<id>"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>"),
    (r"0x[0-9a-f]{6,}", "<address>"),
    (r"ipykernel_\d+/\d+\.py", "<cell>"),
    (r"In(\\u001b\[\d+m)?\s?\[\d+\]", "In [n]"),
    (r"\d+(\.\d+)?(e[+-]\d+)? (ns|µs|\\u00b5s|\\u03bcs|us|ms|s)\b", "<time>"),
    (r"\d+(\.\d+)?it/s|\d\d:\d\d", "<speed>"),
    (r"iVBOR[\w+/=\\]+", "<picture>"),
    (r'"execution_count": (\d+|null)', '"execution_count": 0'),
    (r"Out\[\d+\]", "Out[n]"),
    (r"/tmp/[\w./-]+", "<file>"),
)


def normal(outputs: Iterable[Any]) -> list[str]:
    """One text for each output that is the same for equal ones."""
    return [_normal(json.dumps(output, sort_keys=True, default=str)) for output in _joined(outputs)]


def _normal(text: str) -> str:
    for pattern, word in _CHANGES:
        text = re.sub(pattern, word, text)
    return text


def _joined(outputs: Iterable[Any]) -> list[Any]:
    """The text of each stream is one text: how two streams mix is chance. Of a widget the view, not its text."""
    found: list[Any] = []
    for output in outputs:
        earlier = [each for each in found if each.get("name") == output.get("name") is not None]
        if output["output_type"] == "stream" and earlier:
            earlier[0]["text"] += output["text"]
        else:
            found.append(_without_text(dict(output)))
    return found


def _without_text(output: dict[str, Any]) -> dict[str, Any]:
    data = output.get("data", {})
    if "application/vnd.jupyter.widget-view+json" in data:
        output["data"] = {kind: value for kind, value in data.items() if kind != "text/plain"}
    return output
