"""What must stand under each cell in JupyterLab: a model of the law in docs/howto/jupyterlab.md, without a kernel.

It executes the cells that count in plain Python, from an empty namespace each time.
"""

from __future__ import annotations

import contextlib
import io
import random
import re
import types
from dataclasses import dataclass, field
from typing import Any

NAMES = ("x0", "x1", "x2")
TEMPLATES = (
    "{a} = {k}",
    "{a} = {k}",
    "{a} = {b} + {k}",
    "{a} = s.value",
    "print('{id}', {a}, {b})",
    "print('{id}', {a})",
    "print('{id}', s.value)",
    "print('{id}', 10 // (s.value % 3))",
    "{a} = {k}; print('{id}'); 1 // 0",
    "print('{id}', 6 // ({a} % 3))",
    "del {a}",
    "L = [{k}]",
    "L.append({a}); print('{id}', L)",
    "L.append({k}); 1 // 0",
    "print('{id}', L)",
    "{a} = {b}; print('{id} begins'); wait('{id}'); print('{id} ends')",
    "print('{id} begins', s.value); wait('{id}'); print('{id} ends')",
)


def new_source(draw: random.Random, cell: str) -> str:
    """A random source for a cell."""
    a, b = draw.choice(NAMES), draw.choice(NAMES)
    return draw.choice(TEMPLATES).format(id=cell, a=a, b=b, k=draw.randrange(4))


@dataclass
class Last:
    """What a cell did when it last executed: with which inputs, whether it failed, whether it was stopped."""

    key: tuple[Any, ...]
    failed: bool
    stopped: bool


@dataclass
class Law:
    """The cells that count, what the user chose, and what stands under each cell."""

    order: list[str] = field(default_factory=list)  # the document, with cells that never ran
    now: dict[str, str] = field(default_factory=dict)
    ran: dict[str, str] = field(default_factory=dict)
    value: int = 3
    text: dict[str, str] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)  # "ok", "failed", "not run"
    _last: dict[str, Last] = field(default_factory=dict)
    _beyond: set[str] = field(default_factory=set)

    def counted(self) -> list[str]:
        """The cells that count, in order."""
        return [cell for cell in self.order if cell in self.ran]

    def stale(self, cell: str) -> bool:
        """Whether what a cell shows is out of date."""
        return self.state[cell] == "not run" or self.now[cell] != self.ran[cell]

    def by_hand(self, cell: str, *, stop: bool = False) -> bool:
        """The author runs a cell, and perhaps interrupts it; whether it succeeds."""
        self.ran[cell] = self.now[cell]
        counted = self.counted()
        self._walk(counted[: counted.index(cell) + 1], asked=cell, stop=cell if stop else "")
        return self.state[cell] == "ok"

    def follow(self, *, again: bool = False, stop: str = "") -> None:
        """A rerun; `again` after a widget was moved. It is stopped in one cell, if that executes."""
        self._walk(self.counted(), again=again, stop=stop)

    def given_up(self, cell: str) -> None:
        """Run All asked for a cell in vain: it keeps what it shows, unless it came back by undo and nothing ran it since."""
        if cell in self.ran and cell not in self._last:
            self.text[cell] = ""

    def reaches(self, cell: str) -> bool:
        """Whether a rerun with other values would come to this cell."""
        trial = Law(self.order, self.now, self.ran, self.value)
        trial._walk(trial.counted())
        return trial.state.get(cell) == "ok"

    def _walk(self, cells: list[str], *, again: bool = False, asked: str = "", stop: str = "") -> None:
        space: dict[str, Any] = {"s": types.SimpleNamespace(value=self.value), "wait": lambda cell: None}
        self._last = {cell: last for cell, last in self._last.items() if cell in self.order}
        failed, stopped = False, False
        for index, cell in enumerate(cells):
            if stopped or (failed and cell != asked and cell not in self._beyond):
                self.state[cell] = "not run"
                continue
            key = self._key(cell, space)
            last = self._last.get(cell)
            kept = last is not None and last.failed and last.key == key and not again and cell != asked
            halts = cell == stop and not kept
            text, error = self._execute(cell, space, halts=halts or (kept and last is not None and last.stopped))
            self.text[cell], self.state[cell] = text, "failed" if error else "ok"
            if not kept:
                self._last[cell] = Last(key, bool(error), halts)
                if error:
                    self._beyond &= set(cells[: index + 1])
            if cell == asked:
                self._beyond.add(cell)
            failed = failed or bool(error)
            stopped = halts and cell != asked

    def _key(self, cell: str, space: dict[str, Any]) -> tuple[Any, ...]:
        source = self.ran[cell]
        names = [*NAMES, "L"]
        read = [name for name in names if re.search(rf"\b{name}\b(?! = )", source)]
        return source, "s.value" in source and self.value, tuple(repr(space.get(name)) for name in read)

    def _execute(self, cell: str, space: dict[str, Any], *, halts: bool) -> tuple[str, str]:
        def wait(cell: str) -> None:
            if halts:
                raise KeyboardInterrupt

        shown, error = io.StringIO(), ""
        space["wait"] = wait
        with contextlib.redirect_stdout(shown):
            try:
                exec(compile(self.ran[cell], "<cell>", "exec"), space)
            except BaseException as raised:
                error = type(raised).__name__
        return shown.getvalue() + error, error
