"""Handlers that a library, or a class of the author's, hands out itself: whatever a message runs is a callback."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.book import SLIDER, Book

VUE = "import ipyvuetify as v\nbtn = v.Btn(children=['press'])"
CLICKER = "class Clicker(W.Button):\n    def __init__(self, **keys):\n        super().__init__(**keys); self.told = []\n        self.on_msg(self.hear)\n    def tell(self, f): self.told.append(f)\n    def hear(self, *_):\n        for f in self.told: f(self)\nbtn = Clicker()"
SILENT = "class Clicker(W.Button):\n    def tell(self, f):\n        self.f = f\n    def _handle_custom_msg(self, content, buffers): self.f(self)\nbtn = Clicker()"
PLOTLY = "import plotly.graph_objects as go\nbtn = go.FigureWidget([go.Scatter(x=[1, 2, 3], y=[3, 1, 2])])\npoints = btn.data[0]"
SELECTED = {"event_type": "plotly_click", "points": {"trace_indexes": [0], "point_indexes": [1], "xs": [2], "ys": [1]}}

# Each: a cell that makes `btn`, how `hit` is registered, and what a front end sends.
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ipyvuetify": (VUE, "btn.on_event('click', hit)", {"event": "click", "data": {}}),
    "an author's class": (CLICKER, "btn.tell(hit)", {"event": "click"}),
    "an author's class without any registry": (SILENT, "btn.tell(hit)", {"event": "click"}),
    "plotly": (PLOTLY, "points.on_click(hit)", SELECTED),
}


def press(book: Book, case: str) -> None:
    content = CASES[case][2]
    if case == "plotly":
        update = {"_js2py_pointsCallback": {**content, "device_state": None, "selector": None}}
        book.message("btn", {"method": "update", "state": update, "buffer_paths": []})
    else:
        book.message("btn", {"method": "custom", "content": content})


@pytest.mark.parametrize("apart", [False, True], ids=["one cell", "three cells"])
@pytest.mark.parametrize("case", CASES)
def test_what_a_handler_changed_is_kept_and_shown(book: Book, case: str, apart: bool) -> None:
    make, register, _ = CASES[case]
    state = "count = 0; log = []; label = W.Label('none')"
    hit = (
        f"def hit(*_):\n    global count\n    count += 1; log.append(count); label.value = f'hit {{count}}'\n{register}"
    )
    cells = [state, make, hit] if apart else ["", "", f"{state}\n{make}\n{hit}"]
    book.open("import ipywidgets as W", SLIDER, *cells, "print(count, log, label.value, n.value)")
    for pressed in (1, 2, 3):
        press(book, case)
        shown = f"{pressed} {list(range(1, pressed + 1))} hit {pressed}"
        assert (book.error, book.text(5)) == (None, f"{shown} {pressed}\n")
        book.set("n", pressed + 1)
        assert (book.error, book.text(5)) == (None, f"{shown} {pressed + 1}\n")
