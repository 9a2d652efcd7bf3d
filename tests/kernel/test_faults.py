"""What authors' values and cells may do to nbapp: never a wrong value, never a lost cell, never an exception of nbapp's."""

from __future__ import annotations

import pytest

from nbapp.errors import UsageError
from nbapp.testing import AppTest
from nbapp.verify.check import differences
from tests.kernel.book import SLIDER, Book

LIARS = {
    "equality that raises": "def __eq__(self, other): raise RuntimeError('no')\n    __hash__ = object.__hash__",
    "equality that says yes to all": "def __eq__(self, other): return True\n    __hash__ = object.__hash__",
    "equality that gives no truth": "def __eq__(self, other): return np.zeros(2)\n    __hash__ = object.__hash__",
    "a hash that raises": "def __hash__(self): raise TypeError('no')",
    "a hash that is always new": "def __hash__(self): return next(counter)",
    "attributes that are always there": "def __getattr__(self, name): return 1",
    "attributes that raise something else": "def __getattr__(self, name): raise ValueError(name)",
    "a reduce that raises": "def __reduce__(self): raise RuntimeError('no')",
    "a reduce that says nothing of it": "def __reduce__(self): return (object, ())",
    "a reduce that gives nonsense": "def __reduce_ex__(self, protocol): return 17",
    "a state that leaves everything out": "def __getstate__(self): return {}",
    "a repr that raises": "def __repr__(self): raise RuntimeError('no')",
    "a length and a truth that raise": "def __len__(self): raise RuntimeError('no')\n    __bool__ = __len__",
    "a class that is said to be another": "__class__ = property(lambda self: int)",
}


@pytest.mark.parametrize("lie", LIARS.values(), ids=LIARS)
def test_a_value_that_lies_or_raises_is_seen_to_change(book: Book, lie: str) -> None:
    made = f"import itertools, numpy as np\ncounter = itertools.count()\nclass Liar:\n    {lie}\nliar = Liar(); liar.v = [0]"
    sources = SLIDER, made, "vars(liar)['v'].append(n.value)", "print(vars(liar)['v'])", "other = n.value"
    book.open(*sources)
    assert book.text(3) == "[0, 1]\n"
    assert book.set("n", 2).text(3) == "[0, 2]\n"
    assert book.set("n", 1).text(3) == "[0, 1]\n"
    assert (book.error, book.delete(2).run().text(2)) == (None, "[0]\n")


DEEP = {
    "lists in lists": "deep = []\nfor _ in range(200_000): deep = [deep]",
    "dicts in dicts": "deep = {}\nfor _ in range(100_000): deep = {'k': deep}",
    "objects in objects": "class Node: pass\ndeep = Node()\nfor _ in range(50_000):\n    o = Node(); o.inner = deep; deep = o",
    "a list that holds itself": "deep = [1]; deep.append(deep); deep = [deep]",
    "functions in functions": "def wrap(f): return lambda: f\ndeep = None\nfor _ in range(20_000): deep = wrap(deep)\ndeep = [deep]",
}


@pytest.mark.parametrize("made", DEEP.values(), ids=DEEP)
def test_deep_and_cyclic_values_raise_nothing(book: Book, made: str) -> None:
    book.open(SLIDER, made, "deep = [deep, n.value]", "print(len(deep), deep[1])")
    assert book.set("n", 2).text(3) == "2 2\n"
    assert book.set("n", 1).text(3) == "2 1\n"
    assert book.error is None


def test_a_not_a_number_in_a_widget_is_one_value(book: Book) -> None:
    sets = "if n.value > 1: x.value = float('nan' if n.value < 9 else 'inf')"
    book.open(f"{SLIDER}\nx = W.FloatText(1.0)", sets, "print(x.value)", "y = [x.value]")
    assert book.set("n", 2).text(2) == "nan\n"
    assert book.set("n", 3).text(2) == "nan\n"
    assert not {2, 3} & set(book.executed)
    assert book.set("n", 9).text(2) == "inf\n"
    assert book.set("n", 1).text(2) == "1.0\n"


def test_a_page_sends_no_number_that_is_not_finite(book: Book) -> None:
    book.open("import ipywidgets as W\nx = W.FloatText(1.0)", "print(x.value)")
    with pytest.raises(UsageError, match="x cannot be given nan by a page"):
        book.set("x", float("nan"))
    assert book.run().text(1) == "1.0\n"


def test_a_thousand_widgets_are_read_one_by_one(book: Book) -> None:
    made = (
        "import ipywidgets as W\nmany = [W.IntSlider(i % 100) for i in range(1_000)]\nlast = many[-1]; first = many[0]"
    )
    book.open(made, "total = sum(slider.value for slider in many)\nprint(total)", "print(first.value)")
    assert book.text(1) == "49500\n"
    assert (book.set("last", 0).text(1), set(book.executed)) == ("49401\n", {1})
    assert (book.set("first", 7).text(1), set(book.executed)) == ("49408\n", {1, 2})


def test_a_widget_that_a_thread_sets_is_seen_by_the_cells_below(book: Book) -> None:
    thread = "import threading\nthread = threading.Thread(target=lambda: setattr(n, 'value', 7)); thread.start(); thread.join()"
    book.open(SLIDER, thread, "print(n.value)")
    assert book.text(2) == "7\n"
    assert book.set("n", 3).text(2) == "7\n"
    assert book.edit(1, "pass").run().text(2) == "3\n"


FOREIGN = {
    "a name of a cell above": "del k",
    "the widget": "del n",
    "all names": "globals().clear()",
    "IPython's": "del get_ipython",
}


@pytest.mark.parametrize("deletes", FOREIGN.values(), ids=FOREIGN)
def test_names_that_a_cell_deletes_are_back_when_it_goes(book: Book, deletes: str) -> None:
    book.open(SLIDER, "k = 1", "pass", "print(k)", "print(n.value)")
    book.edit(2, deletes).run()
    book.edit(2, "pass").run()
    assert (book.error, book.text(3), book.text(4)) == (None, "1\n", "1\n")
    assert book.set("n", 5).text(4) == "5\n"


def test_a_cell_that_is_stopped_half_way_through_a_change_leaves_nothing_of_it(book: Book) -> None:
    slow = "import time\nfor i in range(n.value):\n    data.append(i)\n    if i == 2: raise KeyboardInterrupt"
    book.open(SLIDER, "data = []", slow, "print(data)")
    assert book.text(3) == "[0]\n"
    assert book.set("n", 5).error is not None
    assert book.set("n", 2).text(3) == "[0, 1]\n"
    assert book.error is None


def test_an_array_of_5_gigabytes_is_neither_copied_nor_lost(book: Book) -> None:
    """The array is of zeros, which take no memory until they are written: a copy would."""
    pages = "import psutil\ndef used(): return psutil.Process().memory_info().rss / 2**30"
    big = "import numpy as np, time\nbig = np.zeros(5 * 2**27)\ntime.sleep(0.1)"
    book.open(SLIDER, pages, big, "print(big[5] + n.value)", "big[3] = n.value", "print(big[3])")
    for value in (2, 3, 2):
        book.set("n", value)
        assert (book.error, book.text(3), book.text(5)) == (None, f"{value}.0\n", f"{value}.0\n")
    assert book.eval("used()") < 1
    (step,) = [step for step in book.app.steps if step.index == 2]
    assert (
        step.reason == "`big` is needed as this cell left it, and a later cell changed it in place: 5.4 GB, not copied"
    )


def test_what_a_cell_does_to_the_kernel_is_an_error_of_the_cell() -> None:
    with AppTest.from_cells([SLIDER, "raise SystemExit(3)", "print(n.value)"]) as app:
        assert app.run().error is not None
        app.edit(1, "pass").run()
        assert (app.error, differences(app)) == (None, [])
