"""What a callback changed stays, whichever cell made it: the rerun that it causes takes nothing back.

State, control and handler lie in different cells. Each case is also what plain Jupyter shows after the same clicks.
"""

from __future__ import annotations

import os

import pytest

from tests.kernel.book import SLIDER, Book

IMPORTS = "import ipywidgets as W, numpy as np, pandas as pd"
BUTTON = "b = W.Button(); label = W.Label('none')"

# Each: cells, what an expression is after one click, and after two.
STATE = {
    "a list": ("items = []", "items.append(1); label.value = f'{len(items)} items'", ("1 items", "2 items")),
    "a dict": ("seen = {}", "seen[len(seen)] = 1; label.value = str(seen)", ("{0: 1}", "{0: 1, 1: 1}")),
    "a frame": (
        "df = pd.DataFrame({'a': [1]})",
        "df.loc[len(df)] = 7; label.value = str(df.a.tolist())",
        ("[1, 7]", "[1, 7, 7]"),
    ),
    "an array": ("a = np.zeros(2)", "a[0] += 1; label.value = str(a)", ("[1. 0.]", "[2. 0.]")),
    "a generator": ("g = (i * i for i in range(3, 99))", "label.value = str(next(g))", ("9", "16")),
    "an object": (
        "class Model:\n    fits = 0\n    def fit(self): self.fits += 1; return self\nmodel = Model()",
        "label.value = str(model.fit().fits)",
        ("1", "2"),
    ),
    "a cached function": (
        "import functools\n@functools.lru_cache\ndef square(x): return x * x",
        "square(square.cache_info().misses); label.value = str(square.cache_info().misses)",
        ("1", "2"),
    ),
    "the environment": (
        "import os\nos.environ['MY_COUNT'] = '0'",
        "os.environ['MY_COUNT'] += '1'; label.value = os.environ['MY_COUNT']",
        ("01", "011"),
    ),
    "a figure's axes": (
        "import matplotlib.pyplot as plt\nplt.ioff()\nfig, ax = plt.subplots()",
        "ax.plot([1, 2]); label.value = str(len(ax.lines))",
        ("1", "2"),
    ),
    "a file": (
        "from pathlib import Path\nPath('log.txt').write_text('-')",
        "Path('log.txt').write_text(Path('log.txt').read_text() + '+'); label.value = Path('log.txt').read_text()",
        ("-+", "-++"),
    ),
}


def handler(body: str) -> str:
    return f"{BUTTON}\ndef handle(_):\n    {body}\nb.on_click(handle)\nW.VBox([b, label])"


@pytest.mark.parametrize("case", STATE)
def test_a_callback_changes_what_a_cell_above_made_and_its_own_cell_s_label(book: Book, case: str) -> None:
    made, body, (once, twice) = STATE[case]
    book.open(IMPORTS, SLIDER, made, handler(body), "print(n.value, label.value)")
    book.app.click("b")
    assert (book.error, book.eval("label.value"), book.text(4)) == (None, once, f"1 {once}\n")
    book.set("n", 2)
    assert (book.error, book.eval("label.value"), book.text(4)) == (None, once, f"2 {once}\n")
    book.app.click("b")
    assert (book.error, book.eval("label.value"), book.text(4)) == (None, twice, f"2 {twice}\n")


def test_names_of_its_own_cell_that_a_callback_bound_stay(book: Book) -> None:
    cells = "b = W.Button(); count = 0; log = []\ndef handle(_):\n    global count\n    count += 1; log.append(count); items.append(count)\nb.on_click(handle)"
    book.open(IMPORTS, "items = []", cells, "print(count, log, items)")
    for clicks in (1, 2, 3):
        book.app.click("b")
        numbers = list(range(1, clicks + 1))
        assert book.text(3) == f"{clicks} {numbers} {numbers}\n"


def test_a_cell_that_shows_what_the_callback_changed_and_registers_it_follows_and_keeps_the_rest(book: Book) -> None:
    cells = "print(len(items))\nb = W.Button(); count = 0; label = W.Label('none')\ndef handle(_):\n    global count\n    count += 1; items.append(count); label.value = str(count)\nb.on_click(handle)"
    book.open(IMPORTS, "items = []", cells, "print(count, label.value)")
    for clicks in (1, 2, 3):
        book.app.click("b")
        assert (book.text(2), book.text(3), book.eval("label.value")) == (
            f"{clicks}\n",
            f"{clicks} {clicks}\n",
            str(clicks),
        )


def test_the_object_whose_method_is_the_callback_stays_the_same(book: Book) -> None:
    app = "class App:\n    def __init__(self, items):\n        self.items, self.count = items, 0\n        self.b, self.label = W.Button(), W.Label('none')\n        self.b.on_click(self.go)\n    def go(self, _):\n        self.count += 1; self.items.append(self.count); self.label.value = f'{self.count} of {len(self.items)}'\n"
    book.open(IMPORTS, "items = []", app + "app = App(items); b = app.b; print(len(items))", "print(app.count, items)")
    for clicks in (1, 2, 3):
        book.app.click("b")
        assert book.text(3) == f"{clicks} {list(range(1, clicks + 1))}\n"
        assert book.eval("app.label.value") == f"{clicks} of {clicks}"
        assert book.text(2) == f"{clicks}\n"


def test_what_a_callback_holds_in_a_closure_stays(book: Book) -> None:
    made = "print(len(items))\nb = W.Button(); label = W.Label('none')\ndef make():\n    count = 0\n    def go(_):\n        nonlocal count\n        count += 1; items.append(count); label.value = str(count)\n    return go\nb.on_click(make())"
    book.open(IMPORTS, "items = []", made, "print(items, label.value)")
    for clicks in (1, 2, 3):
        book.app.click("b")
        assert book.text(3) == f"{list(range(1, clicks + 1))} {clicks}\n"


def test_a_callback_of_a_cell_below_that_changes_a_label_above(book: Book) -> None:
    book.open(
        IMPORTS,
        "items = []",
        "label = W.Label('none'); print('shown', len(items))",
        "b = W.Button()\ndef go(_):\n    items.append(1); label.value = str(len(items))\nb.on_click(go)",
        "print(label.value)",
    )
    for clicks in (1, 2):
        book.app.click("b")
        assert (book.text(2), book.text(4)) == (f"shown {clicks}\n", f"{clicks}\n")


def test_what_follows_from_a_callback_follows_and_takes_nothing_back(book: Book) -> None:
    book.open(
        IMPORTS,
        "items = []",
        "total = sum(items)",
        "b = W.Button(); label = W.Label(f'{total} at first')\ndef go(_):\n    items.append(5); label.value = f'{total} before'\nb.on_click(go)\nprint(total)",
        "print(total, label.value)",
    )
    book.app.click("b")
    assert (book.text(3), book.text(4)) == ("5\n", "5 0 before\n")
    book.app.click("b")
    assert (book.text(3), book.text(4)) == ("10\n", "10 5 before\n")


def test_it_stays_until_the_cell_runs_again_for_another_reason(book: Book) -> None:
    book.open(
        IMPORTS,
        SLIDER,
        "items = []",
        "b = W.Button(); label = W.Label('none'); print(n.value)\ndef go(_):\n    items.append(1); label.value = str(len(items))\nb.on_click(go)",
        "print(items, label.value)",
    )
    book.app.click("b")
    assert book.text(4) == "[1] 1\n"
    book.set("n", 2)
    assert book.text(4) == "[1] none\n"
    book.app.click("b")
    assert book.text(4) == "[1, 1] 2\n"


def test_to_define_or_register_a_function_is_not_to_read_what_it_names(book: Book) -> None:
    book.open(
        IMPORTS,
        SLIDER,
        "k = n.value * 10",
        "b = W.Button(); count = 0\ndef go(_):\n    global count\n    count += k\nb.on_click(go)",
        "def later(): return k + 1",
        "t = W.IntSlider()\nt.observe(lambda change: items.append(k), 'value')\nitems = []",
        "print(count, later(), items)",
    )
    book.app.click("b")
    assert book.text(6) == "10 11 []\n"
    book.set("n", 2)
    assert list(book.executed) == [2, 6]
    assert book.text(6) == "10 21 []\n"
    book.app.click("b")
    assert list(book.executed) == [6]
    assert book.text(6) == "30 21 []\n"
    book.set("t", 5)
    assert book.text(6) == "30 21 [20]\n"


@pytest.mark.parametrize(
    "call",
    [
        "area()",
        "[area() for _ in range(1)]",
        "list(map(lambda _: area(), [0]))",
        "run(area)",
        "Runs().on_click(area)",
        "(b.on_click(area), Runs().on_click(area))",
        "W.interactive(lambda x: area(), x=(0, 3)).update()",
        "sorted([1], key=lambda _: area())",
        "eval('area()')",
        "other()",
        "Called().area()",
        "_ = (b.on_click(area), b.click())",
    ],
)
def test_a_function_that_the_cell_calls_is_read_however_it_is_called(book: Book, call: str) -> None:
    helpers = "def run(f): return f()\nclass Runs:\n    def on_click(self, f): f(None)\nshown = []"
    cell = f"b = W.Button()\ndef area(*_): shown.append(k)\ndef other(): area()\nclass Called:\n    def area(self): area()\n{call}\nprint(shown[-1])"
    book.open(IMPORTS, SLIDER, "k = n.value * 10", helpers, f"shown.clear()\n{cell}")
    assert book.text(4) == "10\n"
    book.set("n", 2)
    assert (book.error, book.text(4)) == (None, "20\n")


def test_a_widget_that_a_callback_closed_stays_closed(book: Book) -> None:
    book.open(
        IMPORTS,
        SLIDER,
        "note = W.HTML('Read me')\nnote",
        "b = W.Button()\nb.on_click(lambda _: note.close())",
        "print(n.value, note.comm is not None)",
    )
    assert book.text(4) == "1 True\n"
    book.app.click("b")
    book.set("n", 2)
    assert book.text(4) == "2 False\n"
    book.set("n", 1)
    book.run()
    assert book.eval("note.comm is None")
    book.edit(2, "note = W.HTML('Read me again')\nnote").run()
    assert book.eval("note.comm is not None")


@pytest.mark.parametrize(
    ("sets", "sets_again", "shows", "expected"),
    [
        (
            "pd.set_option('display.max_rows', 60)",
            "pd.set_option('display.max_rows', 7)",
            "pd.get_option('display.max_rows')",
            "7",
        ),
        (
            f"import os; os.environ['HOME'] = {os.environ['HOME']!r}",
            "os.environ['HOME'] = '/x'",
            "os.environ['HOME']",
            "/x",
        ),
    ],
)
def test_of_what_a_cell_set_to_what_it_was(book: Book, sets: str, sets_again: str, shows: str, expected: str) -> None:
    handler = f"b = W.Button()\ndef f(_): {sets_again}\nb.on_click(f)"
    book.open(SLIDER, IMPORTS, sets, handler, f"print({shows})", "print(n.value)")
    book.message("b", {"method": "custom", "content": {"event": "click"}})
    assert (book.text(4), book.eval(shows)) == (f"{expected}\n", int(expected) if expected.isdigit() else expected)
    book.set("n", 5)
    assert (book.text(4), book.eval(f"str({shows})")) == (f"{expected}\n", expected)


def test_of_what_two_cells_set_to_the_same(book: Book) -> None:
    one = "pd.set_option('display.max_rows', 50)"
    handler = "b = W.Button()\ndef f(_): pd.set_option('display.max_rows', 7)\nb.on_click(f)"
    show = "pd.get_option('display.max_rows')"
    book.open(SLIDER, IMPORTS, one, f"{one}; other = 1", handler, f"print({show})", "print(n.value)")
    book.message("b", {"method": "custom", "content": {"event": "click"}})
    assert (book.text(5), book.eval(show)) == ("7\n", 7)
    book.set("n", 5)
    assert (book.text(5), book.eval(show)) == ("7\n", 7)


def test_of_what_two_cells_set_to_the_same_where_an_earlier_result_is_brought_back(book: Book) -> None:
    one = "pd.set_option('display.max_rows', 50)"
    handler = "b = W.Button()\ndef f(_): pd.set_option('display.max_rows', 7)\nb.on_click(f)"
    show = "pd.get_option('display.max_rows')"
    book.open(SLIDER, IMPORTS, f"k = n.value; {one}", f"{one}; more = 1", handler, f"print({show})")
    book.message("b", CLICK)
    assert (book.text(5), book.eval(show)) == ("7\n", 7)
    book.set("n", 2)
    assert (book.text(5), book.eval(show)) == ("50\n", 50)  # the cell that made it ran for another reason
    book.message("b", CLICK)
    assert book.states[3] == "restored"
    assert (book.text(5), book.eval(show)) == ("7\n", 7)


CLICK = {"method": "custom", "content": {"event": "click"}}
CLASSES = """\
import functools, pandas as pd, ipywidgets as W
class Clicker(W.Button):
    def __init__(self):
        super().__init__(); self.told = []
        self.on_msg(self.hear)
    def hear(self, *_):
        for told in list(self.told): told()
class Keeper:
    def __init__(self): self.times = 0
    def go(self): self.times += 1; pd.set_option('display.max_rows', 60 + self.times)"""


def test_on_a_widget_whose_class_is_made_again_because_of_them(book: Book) -> None:
    made = "pd.set_option('display.max_rows', 60)\nc = Clicker()"  # as it was: so what is changed here is no cell's
    book.open(CLASSES, made, "keeper = Keeper()\nc.told.append(keeper.go)")
    for times in (1, 2, 3):
        book.message("c", CLICK)
        looked = book.eval("(c.comm is not None, keeper.times, pd.get_option('display.max_rows'))")
        assert (book.error, looked) == (None, (True, times, 60 + times))


def test_beside_a_value_that_a_cell_changes_and_nothing_can_copy(book: Book) -> None:
    made = "cache = functools.lru_cache(lambda x: x)\nc = Clicker()\nshown = [0]"
    add = "b = W.Button()\ndef add(_): shown[0] += 1\nb.on_click(add)"
    book.open(CLASSES, made, add, "c.told.append(lambda: cache(cache.cache_info().misses))\nprint(shown)")
    book.message("c", CLICK)
    book.message("b", CLICK)
    assert book.eval("(cache.cache_info().misses, shown)") == (1, [1])
    assert book.text(3) == "[1]\n"


def test_on_an_object_that_a_button_holds_while_another_cell_is_made_again(book: Book) -> None:
    classes = CLASSES.replace("pd.set_option('display.max_rows', 60 + self.times)", "self.do()").replace(
        "def __init__(self): self.times = 0", "def __init__(self, do): self.times, self.do = 0, do"
    )
    add = "b = W.Button()\nalias = items\ndef eight(*_): alias.append(8)\nb.on_msg(eight)\nlabel = W.Label('0')"
    one = "def six(): label.value += '6'\nfirst = Keeper(six)\nc.told.append(first.go)"
    two = "def two(): items.append(2)\nsecond = Keeper(two)\nc.told.append(second.go)\nprint(alias)"
    book.open(classes, "items = []", "c = Clicker()", f"{add}\n{one}", two, "print(second.times)")
    for button in ("c", "b", "c"):
        book.message(button, CLICK)
    assert book.eval("(items, first.times)") == ([2, 8, 2], 2)
    assert book.eval("second.times") == 2


def test_on_an_object_that_a_widget_holds_beside_a_value_that_nothing_can_compare(book: Book) -> None:
    made = "cache = functools.lru_cache(lambda x: x)\nkeeper = Keeper()\nc.told.append(keeper.go)"
    add = "b = W.Button()\nb.on_click(lambda _: items.append(5))"
    told = "c.told.append(lambda: cache(cache.cache_info().misses))\nprint(items)"
    look = "(items, cache.cache_info().misses, keeper.times)"
    book.open(CLASSES, "c = Clicker()", "items = [0]", f"{made}\n{told}", add, f"print({look})")
    for button in ("c", "b", "c"):
        book.message(button, CLICK)
    assert (book.text(5), book.eval(look)) == ("([0, 5], 2, 2)\n", ([0, 5], 2, 2))


def test_on_an_object_that_a_button_holds_beside_one_that_a_cell_changes(book: Book) -> None:
    keeper = "class Keeper:\n    def __init__(self): self.times = 0\n    def go(self, _): self.times += 1"
    made = "keeper = Keeper(); rows = []\nb.on_click(keeper.go)\nb.on_click(lambda _: rows.append(1))"
    look = "rows, keeper.times, n.value"
    book.open(f"{SLIDER}; b = W.Button()\n{keeper}", made, "if n.value > 1: rows.append(100)", f"print({look})")
    for value, times in ((2, 1), (3, 2), (4, 3)):
        book.message("b", CLICK)
        book.set("n", value)
        assert (book.text(3), book.eval("keeper.times")) == (f"[1, 100] {times} {value}\n", times)


def test_on_an_object_whose_class_is_made_again_with_all_cells(book: Book) -> None:
    keeper = "class Keeper:\n    def __init__(self, do): self.times, self.do = 0, do\n"
    keeper += "    def go(self, *_): self.times += 1; self.do()"
    wide = "def wide(): pd.set_option('display.max_rows', pd.get_option('display.max_rows') + 2)"
    more = "def more():\n    global count; count += 1"
    made = f"pd.set_option('display.max_rows', 60)\n{more}\none = Keeper(more)\nb.on_click(one.go)"
    other = f"{wide}\ntwo = Keeper(wide)\nc.on_msg(two.go)\nprint(count)"
    look = "count, one.times, two.times"
    classes = f"import ipywidgets as W, pandas as pd\n{keeper}"
    book.open(classes, "count = 0\nb = W.Button(); c = W.Button()", f"{made}\n{other}", f"print({look})")
    for button in ("c", "b", "b"):
        book.message(button, CLICK)
    assert (book.text(3), book.eval(f"({look})")) == ("2 2 1\n", (2, 2, 1))
