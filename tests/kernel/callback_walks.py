"""Random notebooks whose state, controls and handlers lie in different cells, and what plain Jupyter makes of them.

In plain Jupyter nothing runs after a click but the callbacks, so all that they did is there. With nbapp cells run
again because of what callbacks did; the same must be there. Some cells show what callbacks change and register others,
so that they run again. Values that follow from the slider `n` (`k0`, `k1`) are made again by hand in the plain run.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from typing import Any

import comm
import ipywidgets
import pandas as pd
from ipywidgets import Widget

from tests.kernel.book import Book
from tests.kernel.walks import KeepingComm, forget

FIRST = """\
import functools, os
import ipywidgets as W, numpy as np, pandas as pd
n = W.IntSlider(1, max=50)
class Model:
    def __init__(self): self.seen = []
    def fit(self, x): self.seen.append(x); return self
class Clicker(W.Button):
    def __init__(self, **keys):
        super().__init__(**keys); self.told = []
        self.on_msg(self.hear)
    def tell(self, f): self.told.append(f)
    def hear(self, *_):
        for f in list(self.told): f(self)
class Keeper:
    def __init__(self, do): self.do, self.times = do, 0
    def go(self, *_): self.times += 1; self.do(self.times)"""

# How a piece of state is made, what a callback does to it, and what shows it.
STATE = {
    "list": ("{s} = []", "{s}.append({v})", "{s}"),
    "dict": ("{s} = {{}}", "{s}[len({s})] = {v}", "{s}"),
    "number": ("{s} = 0", "globals_({s}); {s} += {v}", "{s}"),
    "frame": ("{s} = pd.DataFrame({{'a': [0]}})", "{s}.loc[len({s})] = {v}", "{s}.a.tolist()"),
    "array": ("{s} = np.zeros(2)", "{s}[0] += {v}", "{s}.tolist()"),
    "object": ("{s} = Model()", "{s}.fit({v})", "{s}.seen"),
    "cached": ("{s} = functools.lru_cache(lambda x: x)", "{s}({s}.cache_info().misses)", "{s}.cache_info().misses"),
    "environment": (
        "os.environ['MY_{s}'] = '0'",
        "os.environ['MY_{s}'] += str({v})",
        "os.environ.get('MY_{s}')",
    ),
    "option": (  # set to what it was: that leaves no trace
        "pd.set_option('display.max_rows', 60); {s} = 60",
        "pd.set_option('display.max_rows', pd.get_option('display.max_rows') + {v})",
        "pd.get_option('display.max_rows')",
    ),
    "label": ("{s} = W.Label('0')", "{s}.value += str({v})", "{s}.value"),
    "box": (
        "{s} = W.VBox([W.Label('a')])",
        "{s}.children = (*{s}.children, W.Label(str({v})))",
        "[c.value for c in {s}.children]",
    ),
    "alias": ("{s} = {other}", "{s}.append({v})", "{s}"),
    "holder": ("{s} = [{other}]", "{s}[0].append({v})", "{s}"),
    "output": (
        "{s} = W.Output()",
        "{s}.append_stdout(f'{{{v}}} ')",
        "''.join(o['text'] for o in {s}.outputs)",
    ),
    "options": ("{s} = W.Dropdown(options=[0])", "{s}.options = (*{s}.options, len({s}.options))", "{s}.options"),
    "text": ("{s} = W.Text('t')", "{s}.value += str({v})", "{s}.value"),
}
CONTROLS = {
    "button": ("{c} = W.Button()", "{c}.on_click({h})"),
    "own": ("{c} = Clicker()", "{c}.tell({h})"),
    "slider": ("{c} = W.IntSlider(0, max=999)", "{c}.observe({h}, 'value')"),
    "message": ("{c} = W.Button()", "{c}.on_msg({h})"),
}
FORMS = ("def", "lambda", "partial", "method", "closure", "decorator")


@dataclass
class Generated:
    """Cells, what shows their state, and what a user does: a control, and a number."""

    cells: list[str]
    shows: list[str]
    ks: dict[str, str]
    gestures: list[tuple[str, int]]


@dataclass
class _Maker:
    rng: random.Random
    parts: list[tuple[str, bool]] = field(default_factory=list)  # source, and whether it stands alone
    states: list[tuple[str, str]] = field(default_factory=list)  # name and kind
    controls: list[tuple[str, str]] = field(default_factory=list)
    ks: dict[str, str] = field(default_factory=dict)
    shows: list[str] = field(default_factory=list)

    def state(self) -> None:
        name, lists = f"s{len(self.states)}", [name for name, kind in self.states if kind == "list"]
        kind = self.rng.choice([kind for kind in STATE if lists or kind not in ("alias", "holder")])
        other = self.rng.choice(lists) if lists else ""
        self.parts.append((STATE[kind][0].format(s=name, other=other), False))
        self.states.append((name, kind))
        self.shows.append(STATE[kind][2].format(s=name))

    def control(self) -> None:
        name, kind = f"c{len(self.controls)}", self.rng.choice(list(CONTROLS))
        self.parts.append((CONTROLS[kind][0].format(c=name), False))
        self.controls.append((name, kind))

    def value(self) -> None:
        name = f"k{len(self.ks)}"
        self.ks[name] = f"{name} = n.value * {self.rng.randrange(2, 5)}"
        self.parts.append((self.ks[name], True))
        self.shows.append(name)

    def handler(self, number: int) -> None:
        control, kind = self.rng.choice(self.controls)
        form = self.rng.choice(FORMS)
        if form == "decorator" and kind != "button":
            form = "def"
        done = [self._operation() for _ in range(self.rng.randrange(1, 4))]
        names = sorted({name for names, _ in done for name in names})
        body = "; ".join([*([f"global {', '.join(names)}"] if names else []), *(source for _, source in done)])
        self.parts.append((self._registered(form, number, body, CONTROLS[kind][1], control), False))
        if form == "method":
            self.shows.append(f"keeper{number}.times")
        if self.rng.random() < 0.4:
            looked_at = self.rng.choice(self.states)
            self.parts[-1] = (f"{self.parts[-1][0]}\nprint({STATE[looked_at[1]][2].format(s=looked_at[0])})", False)

    def _operation(self) -> tuple[list[str], str]:
        name, kind = self.rng.choice(self.states)
        # Which handlers an object of the author's calls is not known: a cell that uses one reads what they name.
        is_known = all(control != "own" for _, control in self.controls)
        value = self.rng.choice([str(self.rng.randrange(9)), *(self.ks if is_known else ())])
        source = STATE[kind][1].format(s=name, v=value)
        if source.startswith("globals_"):
            return [name], source.partition("; ")[2]
        return [], source

    def _registered(self, form: str, number: int, body: str, register: str, control: str) -> str:
        def on(handler: str) -> str:
            return register.format(c=control, h=handler)

        h = f"h{number}"
        if form == "lambda":
            return f"def do{number}():\n    {body}\n{on(f'lambda *_: do{number}()')}"
        if form == "partial":
            return f"def {h}(word, *_):\n    {body}\n{on(f'functools.partial({h}, 1)')}"
        if form == "method":
            return (
                f"def do{number}(times):\n    {body}\nkeeper{number} = Keeper(do{number})\n{on(f'keeper{number}.go')}"
            )
        if form == "closure":
            return (
                f"label{number} = W.Label('0')\ndef make{number}():\n    times = 0\n    def run():\n        {body}\n"
                f"    def go(*_):\n        nonlocal times\n        times += 1; label{number}.value = str(times); run()\n"
                f"    return go\n{on(f'make{number}()')}"
            )
        if form == "decorator":
            return f"@{control}.on_click\ndef {h}(*_):\n    {body}"
        return f"def {h}(*_):\n    {body}\n{on(h)}"


def generate(seed: int) -> Generated:
    """A notebook and what its user does."""
    rng = random.Random(seed)
    maker = _Maker(rng)
    for make in (
        [maker.state] * rng.randrange(1, 5) + [maker.control] * rng.randrange(1, 4) + [maker.value] * rng.randrange(3)
    ):
        make()
    rng.shuffle(maker.parts)
    maker.parts.sort(key=lambda part: _rank(part[0]))
    for number in range(rng.randrange(1, 4)):
        maker.handler(number)
    cells: list[str] = [FIRST]
    for source, alone in maker.parts:
        joins = len(cells) > 1 and not alone and cells[-1] not in maker.ks.values() and rng.random() < 0.5
        if joins:
            cells[-1] += "\n" + source
        else:
            cells.append(source)
    names = [name for name, _ in maker.controls] + ["n"]
    gestures = [(rng.choice(names), rng.randrange(2, 50)) for _ in range(rng.randrange(2, 8))]
    return Generated(cells, maker.shows, maker.ks, gestures)


def _rank(source: str) -> int:
    """Lists before what holds them; the rest as it fell."""
    return 1 if source.split(" = ")[-1].strip("[]").startswith("s") else 0


def plain(made: Generated) -> list[str]:
    """What is shown after each gesture without nbapp, whose hooks must not be installed."""
    comm.create_comm = lambda *args, **kwargs: KeepingComm(*args, **kwargs)
    forget()
    space: dict[str, Any] = {"__name__": "__main__", "print": lambda *_: None}
    shown, variables = [], dict(os.environ)
    try:
        for source in made.cells:
            exec(compile(source, "<cell>", "exec"), space)
        shown.append(_look(made, space))
        for name, value in made.gestures:
            for data in messages(space[name], value):
                space[name].comm.handle_msg({"content": {"data": data}, "buffers": []})
            if name == "n":
                for source in made.ks.values():
                    exec(source, space)
            shown.append(_look(made, space))
        return shown
    finally:
        comm.create_comm = comm._create_comm
        forget()
        os.environ.clear()  # a kernel started later would have what the cells set
        os.environ.update(variables)
        pd.reset_option("display.max_rows")


def _look(made: Generated, space: dict[str, Any]) -> str:
    return repr(eval(f"[{', '.join(made.shows)}]", space))


def messages(widget: Widget, value: int) -> list[dict[str, Any]]:
    """What a front end sends when a user presses a button or moves a slider."""
    if isinstance(widget, ipywidgets.Button):
        return [{"method": "custom", "content": {"event": "click"}}]
    return [{"method": "update", "state": {"value": value}, "buffer_paths": []}]


def differences(book: Book, made: Generated) -> list[str]:
    """Where nbapp shows or holds something else, in words."""
    expected = plain(made)
    look = f"[{', '.join(made.shows)}]"
    book.open(*made.cells, f"print({look})")
    found = [_difference(book, look, expected[0], "at first")]
    for (name, value), wanted in zip(made.gestures, expected[1:], strict=True):
        is_button = book.eval(f"isinstance({name}, W.Button)")
        data = {"method": "custom", "content": {"event": "click"}} if is_button else None
        book.message(name, data or {"method": "update", "state": {"value": value}, "buffer_paths": []})
        found.append(_difference(book, look, wanted, f"after {name} {'' if is_button else value}"))
    return [line for line in found if line]


def _difference(book: Book, look: str, wanted: str, when: str) -> str:
    if book.error is not None:
        return f"{when}: {book.error}"
    shown, held = book.text(len(book.app.cells) - 1).strip(), book.eval(f"repr({look})")
    if (shown, held) == (wanted, wanted):
        return ""
    return f"{when}: wanted {wanted}\n  shown {shown}\n  held  {held}"
