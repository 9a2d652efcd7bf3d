"""Notebooks of callbacks as people write them: after each gesture everything is as in plain Jupyter after the same.

Between the gestures a slider moves that only handlers and the last cell read: the cells that register them do not run.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.book import Book
from tests.kernel.callback_walks import FIRST, Generated, differences
from tests.kernel.kernels import Kernel

K = "k = n.value * 2"
MODEL = "import traitlets as T\nclass M(T.HasTraits):\n    x = T.Int(2); seen = T.List()\n    @T.observe('x')\n    def _x(self, c): self.seen = [*self.seen, c.new]\nm = M()"
LAZY = "import traitlets as T\nclass App(T.HasTraits):\n    x = T.Int(2); seen = T.List()\n    def __init__(self):\n        super().__init__()\n        self.s = W.IntSlider(2); self.b = W.Button(); self.l = W.Label()\n        T.link((self, 'x'), (self.s, 'value')); self.b.on_click(self.go)\n    def go(self, _): self.x += 1; self.seen = [*self.seen, self.x]; self.l.value = str(self.seen)\napp = App(); s, b = app.s, app.b"

# Each: the cells, what is looked at, and who is clicked or given a number.
CASES: dict[str, tuple[list[str], list[str], list[tuple[str, int]]]] = {
    "a counter in five cells": (
        ["count = 0", "b = W.Button()", "l = W.Label('0')", "def go(_):\n    global count\n    count += k; l.value = str(count)", "b.on_click(go)"],
        ["count", "l.value"],
        [("b", 0), ("n", 3), ("b", 0), ("b", 0), ("n", 1), ("b", 0)],
    ),
    "undo and redo": (
        [
            "undo, redo = [], []; busy = False",
            "t = W.IntText(); u = W.Button(); r = W.Button()",
            "def show(): u.disabled = not undo; r.disabled = not redo\ndef changed(c):\n    if not busy: undo.append(c.old); redo.clear(); show()\ndef put(v):\n    global busy\n    busy = True; t.value = v; busy = False; show()\nt.observe(changed, 'value'); u.on_click(lambda _: (redo.append(t.value), put(undo.pop()))); r.on_click(lambda _: (undo.append(t.value), put(redo.pop())))",
        ],
        ["undo", "redo", "t.value", "u.disabled", "r.disabled", "busy"],
        [("t", 3), ("t", 4), ("n", 3), ("u", 0), ("n", 4), ("u", 0), ("r", 0), ("t", 9)],
    ),
    "rows with handlers of their own": (
        [
            "nums = []; box = W.VBox([]); add = W.Button(); total = W.Label('0')\ndef sums(*_): total.value = str(sum(w.value for w in nums))\ndef on_add(_):\n    global last\n    last = W.IntText(len(nums)); last.observe(sums, 'value'); nums.append(last); box.children += (last,); sums()\nadd.on_click(on_add); last = add",
            "box",
        ],
        ["total.value", "[w.value for w in box.children]", "len(nums)"],
        [("add", 0), ("last", 7), ("n", 2), ("add", 0), ("n", 3), ("last", 5)],
    ),
    "handlers that come and go": (
        [
            "first, second = W.Button(), W.Button(); log = []",
            "def once(_): log.append('once'); second.on_click(once, remove=True)\nfirst.on_click(lambda _: second.on_click(once))",
        ],
        ["log"],
        [("second", 0), ("first", 0), ("n", 2), ("second", 0), ("second", 0), ("n", 3), ("first", 0), ("second", 0)],
    ),
    "widgets that callbacks close and replace": (
        [
            "ws = [W.IntText(i) for i in range(3)]; box = W.HBox(ws); b = W.Button(); c = W.Button(); w = ws[0]",
            "def go(_): ws.pop().close(); box.children = ws\ndef new(_):\n    global w\n    w = W.FloatText(w.value + 0.5); box.children = [w]\nb.on_click(go); c.on_click(new)",
        ],
        ["len(ws)", "[(each.value, each.comm is None) for each in box.children]", "w.value"],
        [("w", 4), ("b", 0), ("n", 2), ("c", 0), ("n", 3), ("w", 8)],
    ),
    "names that callbacks bind and delete": (
        ["a, d = W.Button(), W.Button()", "def bind(_): globals()['made'] = k\ndef drop(_):\n    global made\n    del made\na.on_click(bind); d.on_click(drop)"],
        ["globals().get('made')"],
        [("a", 0), ("n", 2), ("d", 0), ("n", 3), ("a", 0), ("n", 4)],
    ),
    "bounds that another slider sets": (
        ["size = W.IntSlider(10, max=20); pos = W.IntSlider(8, max=10); seen = []", "size.observe(lambda c: setattr(pos, 'max', c.new), 'value'); pos.observe(lambda c: seen.append(c.new), 'value')"],
        ["pos.value", "pos.max", "seen"],
        [("size", 5), ("n", 2), ("size", 12), ("pos", 11), ("n", 3), ("size", 3)],
    ),
    "two sliders that set each other": (
        ["a = W.IntSlider(max=99); c = W.IntSlider(max=99)", "a.observe(lambda ch: setattr(c, 'value', ch.new * 2), 'value'); c.observe(lambda ch: setattr(a, 'value', ch.new // 2), 'value')"],
        ["a.value", "c.value"],
        [("a", 5), ("n", 2), ("c", 14), ("n", 3), ("c", 15)],
    ),
    "an app with properties and a base class": (
        [
            "class Base:\n    total = 0\n    def __init__(self): self._x = 0; self.b = W.Button(); self.l = W.Label(); self.b.on_click(self.hit)\n    @property\n    def x(self): return self._x\n    @x.setter\n    def x(self, v): self._x = v; self.l.value = self.show()\n    def hit(self, _): self.x += 1; Base.total += 1\n    def show(self): return str(self.x)",
            "class Fancy(Base):\n    def show(self): return f'<{self.x}/{Base.total}>'\n    def hit(self, b): super().hit(b); super().hit(b)",
            "one, two = Base(), Fancy(); b, c = one.b, two.b",
        ],
        ["one.x", "two.x", "one.l.value", "two.l.value", "Base.total"],
        [("b", 0), ("c", 0), ("n", 2), ("b", 0), ("n", 3), ("c", 0)],
    ),
    "a widget of the author's": (
        [
            "import traitlets as T\nclass Counter(W.HBox):\n    value = T.Int(0)\n    def __init__(self):\n        self.up = W.Button(); self.l = W.Label('0')\n        super().__init__([self.up, self.l]); self.up.on_click(self._up)\n    def _up(self, _): self.value += 1\n    @T.observe('value')\n    def _v(self, c): self.l.value = str(c.new)",
            "c = Counter(); up = c.up; seen = []\nc.observe(lambda ch: seen.append(ch.new), 'value')",
        ],
        ["c.value", "c.l.value", "seen"],
        [("up", 0), ("up", 0), ("n", 2), ("up", 0), ("n", 3)],
    ),
    "an array and its view": (
        ["b = W.Button(); a = np.zeros((2, 3)); view = a[0]", "def go(_): view[:] += 1; a[1, 1] -= k\nb.on_click(go)"],
        ["a.tolist()", "view.tolist()"],
        [("b", 0), ("n", 2), ("b", 0), ("n", 3), ("b", 0)],
    ),
    "a callback that raises": (
        ["tries = []; b = W.Button(); l = W.Label()", "def go(_): tries.append(1); l.value = str(len(tries)); raise KeyError('x')\nb.on_click(go)"],
        ["tries", "l.value"],
        [("b", 0), ("n", 2), ("b", 0), ("n", 3)],
    ),
    # Objects with traits that are no widgets.
    "a button that changes a model": ([MODEL, "b = W.Button()\ndef go(_): m.x += 1\nb.on_click(go)"], ["m.x", "m.seen"], [("b", 0), ("n", 2), ("b", 0)]),
    "a model that a slider sets": ([MODEL, "s = W.IntSlider(); d = T.dlink((s, 'value'), (m, 'x'))"], ["m.x", "m.seen"], [("s", 3), ("n", 2), ("s", 4)]),
    "a link that nobody keeps": ([MODEL, "s = W.IntSlider(); T.dlink((s, 'value'), (m, 'x')) and None"], ["m.x", "s.value"], [("s", 3), ("n", 2), ("s", 4)]),
    "a model that a slider shows": (
        [MODEL, "s = W.IntSlider(); l = W.Label()", "T.link((m, 'x'), (s, 'value')); m.observe(lambda c: setattr(l, 'value', str(c.new)), 'seen')"],
        ["m.x", "m.seen", "s.value", "l.value"],
        [("s", 3), ("n", 2), ("s", 4), ("n", 3)],
    ),
    "who observes a model does so once": (
        [MODEL, "b = W.Button(); log = []", "m.observe(lambda c: log.append(c.new), 'x')", "def go(_): m.x += 1\nb.on_click(go)"],
        ["m.x", "log"],
        [("b", 0), ("n", 2), ("b", 0), ("n", 3), ("b", 0)],
    ),
    "an app that is linked to its slider": ([LAZY], ["app.x", "app.seen", "s.value", "app.l.value"], [("s", 5), ("n", 2), ("b", 0), ("n", 3), ("s", 9), ("b", 0)]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_everything_is_as_in_plain_jupyter(book: Book, case: str) -> None:
    cells, shows, gestures = CASES[case]
    made = Generated([FIRST, K, *cells], shows, {"k": K}, gestures)
    assert differences(book, made) == []
    book.set("n", 49)
    assert set(book.executed) <= {1, len(book.app.cells) - 1}, "the slider that only handlers read runs their cells"


def test_callbacks_draw_from_a_new_seed(book: Book) -> None:
    def seeded(seed: int) -> str:
        return f"np.random.seed({seed}); random.seed({seed})"

    draw = "b = W.Button(); drawn = []\nb.on_click(lambda _: drawn.append((np.random.randint(1000), random.random())))"
    book.open("import random, numpy as np, ipywidgets as W", seeded(7), draw)
    wanted = "(lambda a, r: [(a.randint(1000), r.random()) for _ in range(2)])(np.random.RandomState({0}), random.Random({0}))"
    for seed in (7, 8, 7):
        book.edit(1, seeded(seed)).run()
        book.app.click("b").click("b")
        assert book.eval("drawn[-2:]") == book.eval(wanted.format(seed))


def test_to_look_at_a_trait_that_is_made_then_is_no_change(book: Book) -> None:
    book.open(
        "import traitlets as T\nclass M(T.HasTraits): a = T.List(); b = T.Dict()\nm = M()", "print(m.b)", "print(m.a)"
    )
    book.edit(1, "print(m.b, 'again')").run()
    assert list(book.executed) == [1]


def test_a_front_end_without_cell_ids_gets_what_callbacks_put_out_as_the_answer(own_kernel: Kernel) -> None:
    """What is sent after the message was answered belongs to nobody: `with out:` and prints are lost."""
    cells = "out = W.Output(); b = W.Button()\n@out.capture()\ndef go(_): print('hello')\nb.on_click(go)"

    def pressed() -> list[tuple[str, Any]]:
        client, data = own_kernel.client, {"method": "custom", "content": {"event": "click"}}
        message = client.session.msg("comm_msg", {"comm_id": own_kernel.run("None", "b.model_id"), "data": data})
        client.shell_channel.send(message)
        seen: list[tuple[str, Any]] = []
        while not seen or seen[-1] != ("status", "idle"):
            got = client.get_iopub_msg(timeout=60)
            if got["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                content = got["content"]
                seen.append((got["msg_type"], content.get("execution_state") or content.get("text")))
        return seen

    own_kernel.finish(own_kernel.client.execute(f"import ipywidgets as W\n{cells}"))
    plain = pressed()
    assert ("stream", "hello\n") in plain
    own_kernel.finish(own_kernel.client.execute("%load_ext nbapp"))
    own_kernel.finish(own_kernel.client.execute(cells))
    assert pressed() == plain
