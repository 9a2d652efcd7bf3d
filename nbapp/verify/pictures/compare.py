"""Where two pictures of a notebook differ. Runs nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbapp.core.notebook import CellId, Notebook, Output
from nbapp.verify.pictures.picture import without_addresses
from nbapp.verify.pictures.seen import Place, SeenValues, Value

_TIMINGS = re.compile(r"^(CPU times|Wall time|Compiler *:|\d[\d.]* [nµm]?s ± ).*$", re.MULTILINE)
_VIEW = "application/vnd.jupyter.widget-view+json"
_LONGEST = 70  # characters
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs: the outputs of a cell, a name, a widget that a cell built, or how far the notebook came.

    `cell` is the cell whose outputs, widget or failure it is; `name` the global name; `trait` a widget's.
    """

    cell: CellId | None
    name: str | None
    what: str
    here: str
    clean: str
    trait: tuple[Place, str] | None = None

    def __str__(self) -> str:
        return f"{self.what}: {self.here}, after a clean run: {self.clean}"


def compare(here: SeenValues, clean: SeenValues) -> tuple[Difference, ...]:
    """The differences, in the order of the cells, then of the names."""
    return (*_ends(here, clean), *_outputs(here, clean), *_names(here, clean), *_widgets(here, clean))


def _ends(here: SeenValues, clean: SeenValues) -> Iterator[Difference]:
    if here.failed != clean.failed:
        first = min(failed for failed in (here.failed, clean.failed) if failed is not None)
        cell = clean.notebook[first].id
        yield Difference(cell, None, "the end", _end(here.failed), _end(clean.failed))


def _end(failed: int | None) -> str:
    return "no cell fails" if failed is None else f"cell {failed + 1} fails"


def _outputs(here: SeenValues, clean: SeenValues) -> Iterator[Difference]:
    last = [len(clean.outputs), *(failed + 1 for failed in (here.failed, clean.failed) if failed is not None)]
    for index in range(min(last)):
        ours, theirs = _plain(here.outputs[index], here.models), _plain(clean.outputs[index], clean.models)
        if ours != theirs:
            yield Difference(clean.notebook[index].id, None, f"cell {index + 1} shows", *_first(ours, theirs))


def _plain(outputs: tuple[Output, ...], models: Mapping[str, Place]) -> list[Any]:
    """Outputs without what may differ between two runs of the same code."""
    return [_plain_output(output, models) for output in outputs]


def _plain_output(output: Output, models: Mapping[str, Place]) -> Any:
    if output["output_type"] == "error":  # its traceback has the numbers of executions
        return ["error", output["ename"], without_addresses(output["evalue"])]
    if output["output_type"] == "stream":
        return [output["name"], _TIMINGS.sub("", without_addresses(output["text"]))]
    data = output["data"]
    if _VIEW in data:  # the widget is shown, not its text, which is as of when the cell ran
        data = {kind: part for kind, part in data.items() if kind != "text/plain"}
    return ["data", {kind: _plain_part(part, models) for kind, part in data.items()}, output["metadata"]]


def _plain_part(part: Any, models: Mapping[str, Place]) -> Any:
    if isinstance(part, str):
        return without_addresses(part)
    if isinstance(part, Mapping) and part.get("model_id") in models:
        return {**part, "model_id": models[part["model_id"]]}
    return part


def _first(ours: list[Any], theirs: list[Any]) -> tuple[str, str]:
    """The first output that differs, from where it differs."""
    index = next((index for index, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
    if index is None:
        index = min(len(ours), len(theirs))
    texts = [_text(side[index]) if index < len(side) else _NOTHING for side in (ours, theirs)]
    start = next((at for at, pair in enumerate(zip(*texts, strict=False)) if pair[0] != pair[1]), 0)
    return _cut(texts[0], start), _cut(texts[1], start)


def _text(output: list[Any]) -> str:
    if output[0] == "data":
        data = output[1]
        return repr(data["text/plain"]) if set(data) == {"text/plain"} else json.dumps(data, default=str)
    return f"{output[1]}: {output[2]}" if output[0] == "error" else repr(output[1])


def _cut(text: str, start: int) -> str:
    """The part of a long text around the place that matters."""
    if len(text) <= _LONGEST:
        return text
    start = max(0, min(start - 20, len(text) - _LONGEST))
    return ("…" if start else "") + text[start : start + _LONGEST] + ("…" if start + _LONGEST < len(text) else "")


def _names(here: SeenValues, clean: SeenValues) -> Iterator[Difference]:
    for name in sorted(here.names.keys() | clean.names.keys()):
        ours, theirs = here.names.get(name), clean.names.get(name)
        if not _same(ours, theirs):
            yield Difference(None, name, f"`{name}` is", *_pair(ours, theirs))


def _widgets(here: SeenValues, clean: SeenValues) -> Iterator[Difference]:
    """The traits of widgets, but not of a cell that failed: how far it came is in its outputs."""
    over = {
        cell.id for cell in here.notebook[min(len(clean.outputs) - (clean.failed is not None), len(here.notebook)) :]
    }
    for place in sorted(here.widgets.keys() | clean.widgets.keys()):
        cell = CellId(place[0])
        if cell in over or not any(known.id == cell for known in here.notebook):
            continue
        ours, theirs = here.widgets.get(place), clean.widgets.get(place)
        if ours is None or theirs is None:
            yield Difference(cell, None, f"{called(place, here.notebook)} is", _there(ours), _there(theirs))
            continue
        for trait in sorted(ours.keys() | theirs.keys()):
            if not _same(ours.get(trait), theirs.get(trait)):
                what = f"the {trait} of {called(place, here.notebook)} is"
                yield Difference(cell, None, what, *_pair(ours.get(trait), theirs.get(trait)), (place, trait))


def called(place: Place, notebook: Notebook) -> str:
    """A widget in words."""
    index = next(index for index, cell in enumerate(notebook) if cell.id == place[0])
    words = " of ".join(kind if number == 0 else f"{kind} {number + 1}" for kind, number in reversed(place[1]))
    return f"the {words} of cell {index + 1}"


def _there(widget: object) -> str:
    return "not there" if widget is None else "there"


def _same(ours: Value | None, theirs: Value | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return (ours.kind, ours.digest) == (theirs.kind, theirs.digest)


def _pair(ours: Value | None, theirs: Value | None) -> tuple[str, str]:
    texts = ["not bound" if value is None else value.shown for value in (ours, theirs)]
    if texts[0] == texts[1] and ours is not None and theirs is not None:
        kinds = [ours.kind, theirs.kind]
        texts = kinds if kinds[0] != kinds[1] else [f"{text} ({note})" for text, note in zip(texts, _DIGESTS)]
    return texts[0], texts[1]


_DIGESTS = ("which has another content than it shows", "as it should be")
