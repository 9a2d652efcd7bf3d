"""Outputs of cells, and the words in them."""

from __future__ import annotations

from nbapp.core.notebook import Output
from nbapp.kernel.outputs.outputs import output_of


def text(words: str, name: str = "stdout") -> Output:
    return output_of("stream", {"name": name, "text": words})


def words(outputs: tuple[Output, ...]) -> list[str]:
    return [output.get("text") or output["data"]["text/plain"] for output in outputs]
