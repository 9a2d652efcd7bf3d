"""How much of what a cell puts out is kept for a page: the beginning, the end, and a line that says what is missing.

A browser stands still at what a loop prints within a second, and a cell that never ends would fill the machine's
memory. This file knows no kernel.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbapp.core.notebook import Output

_LINE = 2000  # characters within which a text is cut at the end of a line


@dataclass(frozen=True, slots=True)
class Bounds:
    """At most so many `outputs`, the last `end` of them among these, with so many `characters` of text and data, of
    which one text may have `text`."""

    outputs: int
    end: int
    text: int
    characters: int

    def left_out(self, count: int) -> Output:
        """What stands where outputs are missing."""
        what = "1 output is" if count == 1 else f"{count:,} outputs are"
        size = f"{self.characters / 1e6:,.0f} MB"
        said = f"{what} left out here: a page shows at most {self.outputs:,} outputs and {size} of one cell."
        data = {"text/html": f'<p class="nbapp-left-out">{said}</p>', "text/plain": said}
        return {"output_type": "display_data", "data": data, "metadata": {}}


PAGE = Bounds(outputs=300, end=10, text=200_000, characters=32_000_000)


class Text:
    """A text that grows; of one with more than `most` characters the first half of these and the last."""

    __slots__ = ("_begin", "_end", "_half", "_kept", "_most", "_room", "left_out")

    def __init__(self, text: str, most: int | None) -> None:
        self._most = most
        self._half = (most or 0) // 2
        self._room = self._half  # characters
        self._begin: list[str] = []
        self._end: deque[str] = deque()
        self._kept = 0  # characters of the end
        self.left_out = 0
        self.add(text)

    def add(self, text: str) -> None:
        """It goes on with this."""
        if self._most is None:
            self._begin.append(text)
            return
        if self._room:
            self._begin.append(text[: self._room])
            text, self._room = text[self._room :], max(0, self._room - len(text))
        if len(text) > self._half:
            self.left_out += len(text) - self._half
            text = text[-self._half :]
        if text:
            self._end.append(text)
            self._kept += len(text)
            while self._kept - len(self._end[0]) >= self._half:
                gone = len(self._end.popleft())
                self._kept -= gone
                self.left_out += gone

    def __len__(self) -> int:
        return sum(map(len, self._begin)) + self._kept

    def __str__(self) -> str:
        self._begin = ["".join(self._begin)]
        if len(self._end) > 1:
            self._end = deque(["".join(self._end)])
        begin, end = self._begin[0], "".join(self._end)
        if not self.left_out:
            return begin + end
        begin = begin[: begin.rfind("\n", -_LINE) + 1] or begin
        end = end[end.find("\n", 0, _LINE) + 1 :]
        missing = self.left_out + self._half + self._kept - len(begin) - len(end)
        return f"{begin.rstrip(chr(10))}\n… {missing:,} characters are left out here …\n{end}"


def characters(value: Any) -> int:
    """Roughly how many characters a JSON value has."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(len(name) + characters(part) for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return sum(map(characters, value))
    return 8
