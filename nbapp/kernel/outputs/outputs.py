"""What a cell shows, made from the messages it published: streams merged, clears and display updates applied.

An `Output` is an nbformat output dict with two additions, both about displays that can be updated:

- a display with a display_id keeps `"transient": {"display_id": id}`;
- after its outputs a cell lists the last update it made of each display, as `{"output_type": "update_display_data",
  "data", "metadata", "transient"}`. The cell's own displays show the update already; the entry is there for the
  displays of other cells, and `fold` applies it to them.

As in Jupyter, a new display with a known display_id also updates the earlier ones. An `execute_result` has no
number: cells have no prompts in an app, and equal results must compare equal. This file knows no kernel.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_client.jsonutil import json_default

from nbapp.core.notebook import Output
from nbapp.errors import EndOfRun
from nbapp.kernel.outputs.limits import Bounds, Text, characters

UPDATE = "update_display_data"
VIEW = "application/vnd.jupyter.widget-view+json"
KINDS = frozenset({"stream", "display_data", UPDATE, "execute_result", "error"})


def output_of(kind: str, content: Mapping[str, Any]) -> Output:
    """The output that an iopub message of one of `KINDS` stands for; shares no mutable object with the message.

    Raises:
        TypeError: the content is not JSON.
    """
    if kind == "stream":
        return {"output_type": kind, "name": content["name"], "text": content["text"]}
    if kind == "error" and content["ename"] == EndOfRun.__name__:
        return _end_of_run(content["evalue"])
    if kind == "error":
        traceback = [str(line) for line in content["traceback"]]
        return {"output_type": kind, "ename": content["ename"], "evalue": content["evalue"], "traceback": traceback}
    output = {"output_type": kind, "data": _json(content["data"]), "metadata": _json(content.get("metadata") or {})}
    if kind == "execute_result":
        output["execution_count"] = None
    display_id = (content.get("transient") or {}).get("display_id")
    if display_id is not None:
        output["transient"] = {"display_id": display_id}
    return output


def _end_of_run(why: str) -> Output:
    """What is shown where the author ended the run: nothing went wrong."""
    markup = f'<p class="nbapp-end" role="status">{html.escape(why)}</p>' if why else ""
    return {"output_type": "display_data", "data": {"text/html": markup, "text/plain": why}, "metadata": {}}


def display_id_of(output: Output) -> str | None:
    """The id under which a display can be updated, if it has one."""
    transient: dict[str, str] = output.get("transient", {})
    return transient.get("display_id")


def fold(cells: Sequence[tuple[Output, ...]]) -> list[tuple[Output, ...]]:
    """What each cell shows once all cells' display updates are applied, in the order of the cells.

    A cell that needs no change comes back as the same tuple. The entries for updates are gone.
    """
    newest = {display_id: output for cell in cells for output in cell if (display_id := display_id_of(output))}
    return [_folded(cell, newest) for cell in cells]


def _folded(cell: tuple[Output, ...], newest: Mapping[str, Output]) -> tuple[Output, ...]:
    if not any("transient" in output for output in cell):
        return cell
    shown = tuple(
        _updated(output, newest[display_id]) if (display_id := display_id_of(output)) else output
        for output in cell
        if output["output_type"] != UPDATE
    )
    return cell if len(shown) == len(cell) and all(map(_is, shown, cell)) else shown


def _is(one: object, other: object) -> bool:
    return one is other


def _updated(output: Output, update: Output) -> Output:
    if output is update:
        return output
    return {**output, "data": update["data"], "metadata": update["metadata"]}


def still(before: Sequence[Output], now: Sequence[Output]) -> tuple[Output, ...]:
    """Of what a cell showed before, what its execution under way has not come to yet.

    The outputs further down, and every widget that it has not displayed yet: one may be under the user's hand.
    """
    made = {view for output in now if (view := view_of(output))}
    return tuple(
        output
        for index, output in enumerate(before)
        if (view_of(output) not in made if view_of(output) else index >= len(now))
    )


def view_of(output: Output) -> str | None:
    """The model of the widget that an output is a view of."""
    view = output.get("data", {}).get(VIEW)
    return view["model_id"] if view else None


def join(before: Sequence[Output], after: Sequence[Output]) -> tuple[Output, ...]:
    """Outputs followed by later ones; a stream that goes on is one output."""
    if before and after and _same_stream(before[-1], after[0]):
        return (*before[:-1], {**before[-1], "text": before[-1]["text"] + after[0]["text"]}, *after[1:])
    return (*before, *after)


class Growing:
    """The outputs of one cell, or of one Output widget, while messages arrive.

    `cleared` says whether what was shown before the first message is gone, `clear_next` whether the next output
    clears (`clear_output(wait=True)`). With `bounds`, the middle is left out of what exceeds them.
    """

    __slots__ = ("_bounds", "_left_out", "_place", "_shown", "_sizes", "_text", "_updates", "clear_next", "cleared")

    def __init__(self, *, clear_next: bool = False, bounds: Bounds | None = None) -> None:
        self._bounds = bounds
        self._shown: list[Output] = []
        self._text: Text | None = None  # of the last output, a stream: put in when it is asked for
        self._updates: dict[str, Output] = {}
        self._sizes: list[int] = []  # characters of each output; counted where there are bounds
        self._left_out = 0  # outputs
        self._place = 0  # where they were
        self.clear_next = clear_next
        self.cleared = False

    def add(self, output: Output) -> None:
        """Append an output, or apply an update."""
        if output["output_type"] == UPDATE:
            self._update(output)
            return
        if self.clear_next:
            self.clear(wait=False)
        display_id = display_id_of(output)
        if display_id is not None:
            self._update(output)
            self._updates.pop(display_id, None)
        if self._text is not None and _same_stream(self._shown[-1], output):
            self._text.add(output["text"])
            return
        self._end_text()
        is_text = output["output_type"] == "stream"
        self._shown.append(output)
        self._sizes.append(0 if is_text else self._size_of(output))
        if is_text:
            self._text = Text(output["text"], None if self._bounds is None else self._bounds.text)
        self._leave_out()

    def _size_of(self, output: Output) -> int:
        return 0 if self._bounds is None else characters(output)

    def _leave_out(self) -> None:
        """Of too many outputs, those between the first and the last; of too much, the largest."""
        bounds = self._bounds
        while bounds is not None and (len(self._shown) > bounds.outputs or sum(self._sizes) > bounds.characters):
            is_many = len(self._shown) > bounds.outputs
            self._place = bounds.outputs - bounds.end if is_many else self._sizes.index(max(self._sizes))
            del self._shown[self._place], self._sizes[self._place]
            self._left_out += 1

    def _update(self, update: Output) -> None:
        display_id = display_id_of(update)
        if display_id is None:
            return  # nothing can be updated without an id; Jupyter ignores it too
        for index, output in enumerate(self._shown):
            if display_id_of(output) == display_id:
                self._shown[index] = _updated(output, update)
                self._sizes[index] = self._size_of(self._shown[index])
        self._leave_out()
        self._updates.pop(display_id, None)
        self._updates[display_id] = update

    def clear(self, *, wait: bool) -> None:
        """Remove the outputs, now or when the next one comes."""
        self.clear_next = wait
        if not wait:
            self.cleared = True
            self._shown.clear()
            self._sizes.clear()
            self._text = None
            self._left_out = 0

    def shown(self) -> tuple[Output, ...]:
        """The outputs so far, without entries for updates."""
        self._put_text_in()
        if self._bounds is None or not self._left_out:
            return tuple(self._shown)
        note = self._bounds.left_out(self._left_out)
        return (*self._shown[: self._place], note, *self._shown[self._place :])

    def outputs(self) -> tuple[Output, ...]:
        """The outputs so far, then the last update of each display."""
        return (*self.shown(), *self._updates.values())

    def weight(self) -> float:
        """How long a page takes to show it, roughly in seconds."""
        return len(self._shown) / 1000 + (sum(self._sizes) + (len(self._text) if self._text else 0)) / 400_000

    def _put_text_in(self) -> None:
        if self._text is not None:
            self._shown[-1] = {**self._shown[-1], "text": str(self._text)}

    def _end_text(self) -> None:
        self._put_text_in()
        if self._text is not None:
            self._sizes[-1] = self._size_of(self._shown[-1])
            self._text = None


def bounded(outputs: Sequence[Output], bounds: Bounds) -> tuple[Output, ...]:
    """What a page shows of these outputs."""
    growing = Growing(bounds=bounds)
    for output in outputs:
        growing.add(output)
    return growing.shown()


def _same_stream(one: Output, other: Output) -> bool:
    return one["output_type"] == other["output_type"] == "stream" and bool(one["name"] == other["name"])


def _json(value: Any) -> Any:
    """A copy as a front end would receive it."""
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else repr(float(value))
    if isinstance(value, Mapping):
        return {str(key): _json(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(part) for part in value]
    return json.loads(json.dumps(value, default=json_default))
