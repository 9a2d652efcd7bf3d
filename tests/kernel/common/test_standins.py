"""What we put in the place of other libraries' functions: nobody notices, and it cannot fail in the author's code."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nbapp.kernel.common import stand_in as module
from nbapp.kernel.common.stand_in import called, faults, hide_us, meant, settled, standin, theirs
from tests.kernel.front_end import FrontEnd
from tests.kernel.kernels import Kernel
from tests.kernel.normal import normal

# --- one stand-in


class Library:
    """What a stand-in is put in."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def double(self, number: int, *, more: int = 0) -> int:
        """Twice as much."""
        self.calls.append(number)
        return 2 * number // (1 if number else 0) + more


@pytest.fixture(autouse=True)
def told() -> Iterator[dict[str, str]]:
    faults.seen.clear()
    yield faults.seen
    faults.seen.clear()


def put(ours: Callable[..., Any]) -> Any:
    """The library's method with a stand-in."""
    return standin(Library.double, ours)


really = called(Library.double)


def boom(*_: object, **__: object) -> Any:
    """Fails, as something of ours."""
    raise LookupError("ours")


def after(*args: Any, **kwargs: Any) -> Any:
    """Fails after the original was called."""
    really(*args, **kwargs)
    boom()


def test_it_has_the_name_the_text_and_the_signature() -> None:
    double = put(boom)
    assert (double.__name__, double.__qualname__, double.__doc__) == ("double", "Library.double", "Twice as much.")
    assert inspect.signature(double) == inspect.signature(Library.double)


@pytest.mark.parametrize("ours", [boom, after])
def test_an_error_of_ours_is_told_and_the_original_is_called_once(
    ours: Callable[..., Any], told: dict[str, str]
) -> None:
    library = Library()
    assert put(ours)(library, 3, more=1) == 7
    assert library.calls == [3]
    assert told == {"Library.double": "LookupError: ours"}


@pytest.mark.parametrize("ours", [boom, after, really])
def test_an_error_of_the_library_passes_once_without_our_frames(ours: Callable[..., Any]) -> None:
    library, double = Library(), put(ours)
    with pytest.raises(ZeroDivisionError) as raised:
        double(library, 0)
    assert library.calls == [0]
    frames = [
        frame.name for frame in traceback.extract_tb(raised.value.__traceback__) if "standin.py" in frame.filename
    ]
    assert frames == []
    assert raised.value.__context__ is None


def test_only_the_librarys_errors_are_no_news(told: dict[str, str]) -> None:
    with pytest.raises(ZeroDivisionError):
        put(really)(Library(), 0)
    assert told == {}


def test_what_the_library_raised_passes_when_we_fail_over_it(told: dict[str, str]) -> None:
    def ours(library: Library, number: int) -> None:
        try:
            really(library, number)
        finally:
            boom()

    library = Library()
    with pytest.raises(ZeroDivisionError):
        put(ours)(library, 0)
    assert library.calls == [0]
    assert list(told) == ["Library.double"]


def test_an_error_of_a_callback_passes(told: dict[str, str]) -> None:
    def ours(library: Library, number: int) -> None:
        theirs(really, library, number)
        theirs(int, "no number")

    with pytest.raises(ValueError, match="no number"):
        put(ours)(Library(), 1)
    assert told == {}


def test_an_error_that_is_meant_passes(told: dict[str, str]) -> None:
    def ours(library: Library, number: int) -> None:
        raise meant(PermissionError("not in an app"))

    with pytest.raises(PermissionError):
        put(ours)(Library(), 1)
    assert told == {}


def test_what_was_done_in_another_way_is_not_done_again() -> None:
    def ours(library: Library, number: int) -> None:
        settled(theirs(Library.double, library, number))
        boom()

    library = Library()
    assert put(ours)(library, 2) == 4
    assert library.calls == [2]


def test_a_stand_in_inside_a_stand_in_knows_its_own_original() -> None:
    inner = put(lambda library, number: really(library, number))

    def ours(library: Library, number: int) -> None:
        inner(library, number + 1)
        boom()

    library = Library()
    assert standin(Library.double, ours)(library, 5) == 10
    assert library.calls == [6, 5]


def test_wrong_arguments_are_no_fault_of_ours(told: dict[str, str]) -> None:
    double = standin(Library.double, lambda library, number: really(library, number))
    with pytest.raises(TypeError, match="double"):
        double(Library())
    assert told == {}


def test_it_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    double = put(boom)
    for number in (1, 2, 3):
        double(Library(), number)
    assert [record.levelname for record in caplog.records if "Library.double" in record.getMessage()] == ["ERROR"]


def test_an_interrupt_passes() -> None:
    def ours(*_: object) -> None:
        raise KeyboardInterrupt

    library = Library()
    with pytest.raises(KeyboardInterrupt):
        put(ours)(library, 1)
    assert library.calls == []


def test_frames_of_what_authors_call_themselves_are_shown() -> None:
    scope: dict[str, Any] = {"__name__": "nbapp.functions.cached"}
    exec("def cached(): 1 / 0", scope)
    with pytest.raises(ZeroDivisionError) as raised:
        standin(Library.double, lambda: theirs(scope["cached"]))()
    hide_us(raised.value)
    assert traceback.extract_tb(raised.value.__traceback__)[-1].name == "cached"


# --- all of them, in a kernel


LOOK = """
import inspect, json, sys
import comm, IPython, ipywidgets, matplotlib.pyplot, pandas, plotly.graph_objects, traitlets
from tests.kernel.hooks import look

def said(item):
    item = getattr(item, "__func__", item) if isinstance(item, (staticmethod, classmethod)) else item
    try:
        signature = str(inspect.signature(item))
    except (TypeError, ValueError):
        signature = None
    return [getattr(item, name, None) for name in ("__name__", "__qualname__", "__doc__")] + [signature]

def inherited(name, before):
    "What was there before, if not by itself: the same attribute of a base."
    if len(name) != 3:
        return None
    owner = getattr(sys.modules[name[0]], name[1].split(".")[0], None)
    return next((vars(base)[name[2]] for base in owner.__mro__[1:] if name[2] in vars(base)), None)

def is_ours(item):
    code = getattr(getattr(item, "__func__", item), "__code__", None)
    return str(type(item).__module__).startswith("nbapp.") or "/nbapp/kernel/" in getattr(code, "co_filename", "")

def changed(before, now):
    "Whatever was put in for something else, with what both say of themselves."
    found = []
    for name, item in now.items():
        was = before.get(name)
        if is_ours(item) and was is not item and name[0] in sys.modules and name[0] != "signal":
            if name[1] in ("input", "getpass"):
                was = item.__wrapped__  # another one while ipykernel answers a request
            was = inherited(name, before) if was is None else was
            was = getattr(item, "__wrapped__", None) if was is None else was  # its module was imported meanwhile
            if hasattr(item, "__get__") and not callable(item):
                try:
                    item = item.__get__(None, getattr(sys.modules[name[0]], name[1]))
                except AttributeError:
                    continue  # the class does not have it
            if callable(item):
                found.append([repr(name), said(was), said(item)])
    return found

def classes():
    return {name: str(inspect.signature(kind)) for name, kind in vars(ipywidgets).items() if isinstance(kind, type)
            and issubclass(kind, ipywidgets.Widget)}
"""


def test_every_stand_in_says_of_itself_what_the_original_said(page: FrontEnd) -> None:
    page.run("a", LOOK)
    page.run("b", "before, signatures = look(), classes()")
    page.run("c", "%load_ext nbapp")
    page.run("d", "s = ipywidgets.IntSlider()\ns")
    page.run("e", "s.value\nfound, alike = changed(before, look()), classes() == signatures")
    by_hand = {name: (was, now) for name, was, now in page.value("found")}
    page.move("s", 3)
    page.kernel.wait(lambda: bool(page.value("s.value == 3 and any('getpass' in name for name, _, _ in found)")))
    rerun = {name: (was, now) for name, was, now in page.value("found")}
    for expected in ("'builtins', 'open'", "'os', 'stat'", "'Widget', 'observe'", "'TraitType', 'set'", "'Thread'"):
        assert any(expected in name for name in by_hand), (expected, list(by_hand))
    assert any("'builtins', 'input'" in name for name in rerun)
    found = by_hand | rerun
    assert {name: now for name, (_, now) in found.items()} == {name: was for name, (was, _) in found.items()}
    assert page.value("alike")


SOURCES = (
    "import ipywidgets as W, os, io, threading, atexit, traceback, pickle, time\n%matplotlib inline",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "plt.figure(7)\nprint(plt.get_fignums())\nplt.close(7)\nplt.figure(8, nothing=1)",
    "s = W.IntSlider(3, description='s')\nseen = []\ns.observe(lambda c: seen.append(c.new), 'value')\ns.value = 5\nseen",
    "s.value = 'x'",
    "W.IntSlider(value='q')",
    "s.unobserve_all()\ns.value = 7\nseen",
    "clicks = []\nb = W.Button()\nb.on_click(clicks.append)\nb.click()\nb.click()\nlen(clicks)",
    "class Mine(W.HBox):\n    made = 0\n    def __init__(self, *args):\n        Mine.made += 1\n        super().__init__(*args)\n"
    "m = Mine([s])\nprint(Mine.made, m.children[0] is s, m.comm is not None)",
    "out = W.Output()\nwith out:\n    print('inside')\nprint('outside')",
    "W.interact(lambda n: print('n', n), n=(0, 4));",
    "W.interactive(lambda n: n, n=(0, 4)).kwargs",
    "open('none')",
    "with open('there.txt', 'w') as f:\n    f.write('text')\nprint(open('there.txt').read(), os.path.exists('there.txt'))",
    "os.stat('none')",
    "try:\n    open('none')\nexcept OSError:\n    traceback.print_exc()",
    "os.rename('there.txt', 'else.txt')\nos.remove('else.txt')\nos.listdir()",
    "import nothing_here",
    "with open('broken.py', 'w') as f:\n    f.write('def f(): pass\\n1 / 0')\nimport broken",
    "t = threading.Thread(target=print, args=('in a thread',))\nt.start()\nt.join()",
    "from concurrent.futures import ThreadPoolExecutor as Pool\nprint(Pool().submit(lambda: 2).result())\n"
    "import time\nfailing = Pool().submit(lambda: 1 / 0)\nwhile not failing.done(): time.sleep(0.01)\nfailing.result()",
    "atexit.register(print, file=io.StringIO())\natexit.unregister(print)",
    "input('?')",
    "pickle.loads(pickle.dumps(os.stat)) is os.stat",
    "print('one', flush=True)\nimport sys\nprint('two', file=sys.stderr)",
    "import bisect, this_is_not.there",
)
FAILING = """
code = '''
from nbapp.kernel.common import stand_in as module
real, made = module.standin, []

def failing(original, ours, *more):
    count = [0]
    made.append([getattr(original, "__qualname__", ""), count])
    def fails(*args, **kwargs):
        count[0] += 1
        if {first}:
            raise LookupError("ours")
        ours(*args, **kwargs)
        raise LookupError("ours")
    return real(original, fails, *more)

module.standin = failing
'''
ours = {{"__name__": "nbapp.kernel.failing"}}
exec(code, ours)
made = ours["made"]
"""


@pytest.fixture(scope="module")
def plain() -> list[list[str]]:
    """What the cells show without us."""
    with Kernel() as kernel:
        return [normal(kernel.plain(source)) for source in SOURCES]


@pytest.mark.parametrize("first", [True, False], ids=["before the original", "after it"])
def test_whatever_of_ours_fails_the_library_goes_on(first: bool, plain: list[list[str]]) -> None:
    with Kernel() as kernel:
        page = FrontEnd(kernel)
        page.run("a", FAILING.format(first=first))
        page.run("b", "%load_ext nbapp")
        shown = {source: _shown(page, index, source) for index, source in enumerate(SOURCES)}
        assert shown == dict(zip(SOURCES, plain))
        used = {name for name, count in page.value("made") if count[0]}
        expected = {"Widget.send_state", "BaseComm.send", "TraitType.set", "HasTraits.observe", "open", "stat"}
        assert expected | {"Thread.start", "Session.send", "OutStream.flush"} <= used
        status = page.run("status", "%nbapp")
        assert "nbapp failed in TraitType.set, which goes on without it: LookupError: ours." in status


def test_nothing_is_told_of_what_authors_do_wrong(plain: list[list[str]]) -> None:
    with Kernel() as kernel:
        page = FrontEnd(kernel)
        page.run("b", "%load_ext nbapp")
        shown = {source: _shown(page, index, source) for index, source in enumerate(SOURCES)}
        assert shown == dict(zip(SOURCES, plain))
        assert "failed" not in page.run("status", "%nbapp")


def test_an_error_of_a_callback_shows_the_authors_code_only(page: FrontEnd) -> None:
    page.run("b", "%load_ext nbapp")
    page.run("c", "import ipywidgets as W\ns = W.IntSlider()\ns.observe(lambda change: 1 / 0, 'value')\ns")
    page.run("d", "s.value = 6")
    (shown,) = normal(page.outputs["d"])
    assert "lambda" in shown
    assert "nbapp" not in shown


def _shown(page: FrontEnd, index: int, source: str) -> list[str]:
    """What a cell shows that is run by hand in a notebook; one that failed is mended, or those below would not run."""
    cell = f"cell-{index}"
    page.run(cell, source)
    outputs = page.outputs[cell]
    if any(output["output_type"] == "error" for output in outputs):
        page.run(cell, "pass")
    return normal(outputs)


BROKEN = {
    "TraitAccess.read": "s.value",
    "Process.read": "import calendar, wave",
    "Imports._is_own": "import colorsys",
    "Figures.pause": "print('shown')",
    "Asides._begin": "",
    "App.at_rest": "",
    "App.run_by_hand": "print('by hand')",
    "CellReader.read": "print('read')",
}


@pytest.mark.parametrize("place", BROKEN)
def test_parts_of_ours_that_fail_beside_the_stand_ins_stop_nobody(place: str, page: FrontEnd) -> None:
    page.run("a", "import ipywidgets as W\ns = W.IntSlider()")
    page.run("b", "%load_ext nbapp")
    page.run("c", "s = W.IntSlider(4)\nx = 1")
    owner, name = place.split(".")
    find = f"next(c for c in __import__('gc').get_objects() if isinstance(c, type) and c.__name__ == {owner!r} and c.__module__.startswith('nbapp'))"
    page.run("d", f"def boom(*_, **__): raise LookupError('ours')\nsetattr({find}, {name!r}, boom)")
    text = page.run("e", f"{BROKEN[place] or 'pass'}\nprint(s.value, x)")
    assert text.endswith("4 1\n")
    assert page.errors == []
    assert page.value("x") == 1


def test_module_name() -> None:
    assert module.__name__ == "nbapp.kernel.common.stand_in"  # which the core knows by name
