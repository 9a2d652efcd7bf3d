"""Cells in a real kernel: their outputs, in order; their interrupts; and nothing left behind."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.kernel.kernels import INSIDE, Kernel

both_ways = pytest.mark.parametrize("task", [False, True], ids=["in a request", "in a task"])


def words(outputs: list[dict[str, Any]]) -> list[str]:
    """What each output says, in short."""
    return [
        output.get("text") or output.get("ename") or output["data"].get("text/plain", "") or "nothing"
        for output in outputs
    ]


def shown(kernel: Kernel, *sources: str, task: bool = False) -> list[list[str]]:
    """What each cell says; they must not fail."""
    made = kernel.cells(*sources, task=task)
    assert [cell["error"] for cell in made] == [None] * len(made)
    return [words(cell["outputs"]) for cell in made]


def leaked(kernel: Kernel) -> list[str]:
    """The types of the messages that the front end got besides what belongs to every request; a stream counts once."""
    kinds = [m["msg_type"] for m in kernel.seen if m["msg_type"] not in ("status", "execute_input")]
    return [kind for kind, before in zip(kinds, [None, *kinds]) if (kind, before) != ("stream", "stream")]


# --- the same as Jupyter

AS_JUPYTER = {
    "nothing": "",
    "a comment": "# nothing",
    "a result": "1 + 1",
    "a result of no interest": "None",
    "a hidden result": "1 + 1;",
    "a hidden result and a comment": "1 + 1;  # quiet",
    "a semicolon in a text": "'a;'",
    "streams in turn": "import sys\nprint('a')\nprint('b', file=sys.stderr)\ndisplay(1)\nprint('c')\n2",
    "rich display": "from IPython.display import HTML, Markdown\ndisplay(HTML('<b>x</b>'), Markdown('y'))\nHTML('z')",
    "metadata": "display({'text/plain': 'x'}, raw=True, metadata={'a': {'b': 1}})",
    "an exception": "print('before')\n1/0",
    "an exception in a function": "def f(x):\n    raise ValueError(x)\nf('why')",
    "an exception group": "raise ExceptionGroup('g', [ValueError(1)])",
    "a syntax error": "x = = 1",
    "an indentation error": "  x\n y",
    "an unknown magic": "%there_is_no_such_magic",
    "KeyboardInterrupt of its own": "raise KeyboardInterrupt",
    "a shell command": "!echo one; echo two >&2",
    "a captured shell command": "lines = !echo one\nlines",
    "a bash cell": "%%bash\necho one\necho two >&2",
    "a failing bash cell": "%%bash\nexit 3",
    "a captured cell": "%%capture got\nprint('hidden')\n1",
    "top-level await": "import asyncio\nprint('a')\nawait asyncio.sleep(0.001)\nprint('b')\n'c'",
    "tasks that print": "import asyncio\nasync def f(n):\n    for i in range(3):\n        print(n, i)\n"
    "        await asyncio.sleep(0)\nawait asyncio.gather(f('a'), f('b'));",
    "async for at the top": "async def g():\n    yield 1\nasync for x in g():\n    print(x)",
    "cleared": "from IPython.display import clear_output\nprint('a')\nclear_output()\nprint('b')",
    "cleared when the next one comes": "print('a')\nclear_output(wait=True)\nprint('b')",
    "never cleared": "print('a')\nclear_output(wait=True)",
    "an updated display": "h = display('one', display_id='d')\nprint('x')\nh.update('two')",
    "two displays with one id": "display('one', display_id='e')\ndisplay('two', display_id='e');",
    "threads": "import threading\nthreads = [threading.Thread(target=print, args=['t']) for _ in range(3)]\n"
    "for t in threads: t.start(); t.join()\nprint('end')",
    "a thread that displays": "import threading\nt = threading.Thread(target=display, args=['t'])\nt.start(); t.join()",
    "a warning": "import warnings\nwarnings.warn('careful')",
    "a figure": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint('drawn');",
    "a figure of an async cell": "import asyncio\nplt.plot([1, 2])\nawait asyncio.sleep(0)",
    "a shown figure": "plt.plot([3, 4])\nplt.show()\nprint('after')",
    "an exception after a figure": "plt.plot([5, 6])\n1/0",
    "redirected": "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()): print('hidden')\n2",
    "an object with two forms": "class A:\n    __repr__ = lambda self: 'r'\n    _repr_html_ = lambda self: 'h'\nA()",
    "a form that fails": "class B:\n    def _repr_html_(self): 1/0\n    def __repr__(self): return 'r'\nB()",
}


def comparable(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what differs from run to run: places in tracebacks, ids of objects."""
    kept = []
    for output in outputs:
        output = {key: value for key, value in output.items() if key != "traceback"}
        if "UserWarning" in output.get("text", "") or "Traceback" in output.get("text", ""):
            output["text"] = output["text"].splitlines()[-1]
        if "Line2D" in output.get("data", {}).get("text/plain", ""):
            output["data"] = "lines"
        kept.append(output)
    return kept


@both_ways
@pytest.mark.parametrize("source", AS_JUPYTER.values(), ids=AS_JUPYTER.keys())
def test_a_cell_shows_what_it_shows_in_jupyter(kernel: Kernel, source: str, task: bool) -> None:
    if "ExceptionGroup" in source and kernel.run("", "__import__('sys').version_info < (3, 11)"):
        pytest.skip("Python 3.10 has no exception groups")
    expected = kernel.plain(source)
    cell = kernel.cells(source, task=task)[0]
    assert comparable(cell["outputs"]) == comparable(expected)
    assert leaked(kernel) == []
    failed = any(output["output_type"] == "error" for output in expected) and "form that fails" not in source
    if failed and "_repr_html_" not in source:
        assert cell["error"] is not None


@both_ways
def test_an_error_says_what_the_output_says(kernel: Kernel, task: bool) -> None:
    cell = kernel.cells("print('x')\nint('many')", task=task)[0]
    assert cell["error"] == {
        "name": "ValueError",
        "message": "invalid literal for int() with base 10: 'many'",
        "traceback": cell["outputs"][-1]["traceback"],
    }


def test_an_error_that_is_only_printed_is_an_error(kernel: Kernel) -> None:
    cell = kernel.cells("%there_is_no_such_magic")[0]
    assert cell["error"]["name"] == "UsageError"
    assert "there_is_no_such_magic" in cell["error"]["message"]


def test_an_exception_that_cannot_be_printed_is_an_error(kernel: Kernel) -> None:
    source = "class Shy(Exception):\n    def __str__(self): raise TypeError('not telling')\nraise Shy"
    assert kernel.cells(source)[0]["error"] is not None
    assert shown(kernel, "1") == [["1"]]


def test_the_next_cell_starts_afresh(kernel: Kernel) -> None:
    made = kernel.cells("1/0", "print('a')", "x =", "'b'")
    assert [cell["error"] and cell["error"]["name"] for cell in made] == [
        "ZeroDivisionError",
        None,
        "SyntaxError",
        None,
    ]
    assert words(made[1]["outputs"]) + words(made[3]["outputs"]) == ["a\n", "'b'"]


def test_a_figure_is_shown_by_its_own_cell(kernel: Kernel) -> None:
    drawing, other = kernel.cells("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1]);", "1")
    assert "image/png" in drawing["outputs"][0]["data"]
    assert words(other["outputs"]) == ["1"]


def test_the_history_of_the_author_does_not_hide_results(own_kernel: Kernel) -> None:
    own_kernel.client.execute("1;", store_history=True)
    assert shown(own_kernel, "2") == [["2"]]


def test_names_are_bound_in_the_notebooks_namespace(kernel: Kernel) -> None:
    kernel.cells("bound_here = 1\ndef read(): return bound_here")
    assert kernel.run("", "bound_here, read()") == [1, 1]


# --- what an app refuses


@pytest.mark.parametrize("source", ["input('? ')", "import getpass\ngetpass.getpass()", "import pdb; pdb.set_trace()"])
def test_asking_at_the_keyboard_is_an_error_that_names_the_remedy(kernel: Kernel, source: str) -> None:
    error = kernel.cells(source)[0]["error"]
    assert error["name"] == "StdinNotImplementedError"
    assert "ipywidgets.Text()" in error["message"]


@pytest.mark.parametrize(
    "source", ["exit()", "quit()", "exit", "quit", "if True:\n    exit()", "get_ipython().ask_exit()"]
)
def test_exit_does_not_end_the_kernel(kernel: Kernel, source: str) -> None:
    cell = kernel.cells(source + "\nprint('not reached')" if source.endswith(")") else source)[0]
    assert cell["error"]["name"] == "RuntimeError"
    assert "not possible in an app" in cell["error"]["message"]
    assert words(cell["outputs"]) == ["RuntimeError"]
    time.sleep(0.15)  # the kernel would stop its loop after 0.1 s
    assert shown(kernel, "1") == [["1"]]


def test_system_exit_is_an_error_and_nobody_is_told_to_use_exit(kernel: Kernel) -> None:
    for cell in kernel.cells("raise SystemExit(3)", "import sys\nsys.exit('why')"):
        assert words(cell["outputs"]) == ["SystemExit"]
        assert cell["error"]["name"] == "SystemExit"
    assert "UserWarning: mine" in shown(kernel, "import warnings; warnings.warn('mine')")[0][0]


def test_the_kernels_own_input_is_back_afterwards(kernel: Kernel) -> None:
    before, after = kernel.run(
        f"import builtins\nfrom nbapp.core.notebook import Cell\nbefore = repr(builtins.input)\n"
        f"await {INSIDE}.executor.run(Cell('i', '1/0'))\nafter = repr(builtins.input)",
        "before, after",
    )
    assert before == after
    assert "raw_input" in before
    assert kernel.run("", "'ask_exit' in vars(get_ipython())") is False


# --- requests, threads and tasks around a cell


@both_ways
def test_what_the_request_prints_itself_goes_to_the_front_end(kernel: Kernel, task: bool) -> None:
    kernel.plain(
        "0"
    )  # IPython shows no result after a stored cell with a semicolon, of which this kernel may have run one
    run = f"await {INSIDE}.executor.run(cell)"
    if task:
        run = f"await asyncio.get_running_loop().create_task({INSIDE}.executor.run(cell))"
    kernel.run(
        f"import asyncio\nfrom nbapp.core.notebook import Cell\ncell = Cell('x', 'print(1); display(2); 3')\n"
        f"print('before'); display('b')\n_ = {run}\nprint('after'); display('a')\n"
        "import threading\nt = threading.Thread(target=print, args=['thread']); t.start(); t.join()\n'result'"
    )
    text = "".join(content["text"] for content in kernel.published("stream"))
    assert text == "before\nafter\nthread\n"
    assert [content["data"]["text/plain"] for content in kernel.published("display_data")] == ["'b'", "'a'"]
    assert [content["data"]["text/plain"] for content in kernel.published("execute_result")] == ["'result'"]


def test_requests_answered_while_a_cell_awaits_keep_their_outputs_apart(kernel: Kernel) -> None:
    kernel.run("import asyncio\ngo = asyncio.Event()")
    kernel.start(
        "import threading\ndef show(what):\n    t = threading.Thread(target=print, args=[what]); t.start(); t.join()\n"
        "print('a'); display('b')\nawait go.wait()\nprint('c'); display('d'); show('e')\n'f'"
    )
    kernel.run("print('mine'); display('mine too')")
    assert leaked(kernel) == ["stream", "display_data"]
    kernel.run("go.set()")
    assert words(kernel.result()[0]["outputs"]) == ["a\n", "'b'", "c\n", "'d'", "e\n", "'f'"]


def test_a_request_that_awaits_the_cell_gets_none_of_its_outputs(kernel: Kernel) -> None:
    kernel.start("import asyncio\nfor i in range(5):\n    print(i)\n    display(i)\n    await asyncio.sleep(0.01)")
    kernel.run(f"print('waiting')\nawait {INSIDE}.task\nprint('done')")
    assert "".join(content["text"] for content in kernel.published("stream")) == "waiting\ndone\n"
    assert kernel.published("display_data") == []
    assert len(kernel.result()[0]["outputs"]) == 10


@both_ways
def test_text_of_child_processes_and_of_c_is_never_lost(kernel: Kernel, task: bool) -> None:
    """A kernel without us loses some of it: the text may come when the request is over."""
    sources = [f"import os\nos.write(2, b'c');\nos.system('echo {index}');" for index in range(30)]
    for index, cell in enumerate(kernel.cells(*sources, task=task)):
        said = {output["name"]: output["text"] for output in cell["outputs"]}
        assert said == {"stdout": f"{index}\n", "stderr": "c"}


TWO_STREAMS = """
import sys
for number in range(20):
    print(number{flush})
    print(number, file=sys.stderr{flush})
    sys.stdout.write('')
"""


@both_ways
@pytest.mark.parametrize("flush", ["", ", flush=True"], ids=["as it comes", "flushed"])
def test_text_of_both_streams_keeps_its_order(kernel: Kernel, flush: str, task: bool) -> None:
    cell = kernel.cells(TWO_STREAMS.format(flush=flush), task=task)[0]
    said = [(output["name"], output["text"]) for output in cell["outputs"]]
    assert said == [(name, f"{number}\n") for number in range(20) for name in ("stdout", "stderr")]


def test_much_text_in_small_pieces_is_one_output(kernel: Kernel) -> None:
    cell = kernel.cells("import sys\nfor number in range(200_000): sys.stdout.write('x')")[0]
    assert [len(output["text"]) for output in cell["outputs"]] == [200_000]


def test_what_is_no_text_is_refused_as_ever(kernel: Kernel) -> None:
    assert kernel.cells("import sys\nsys.stdout.write(b'x')")[0]["error"]["name"] == "TypeError"


def test_what_a_task_of_a_cell_prints_later_is_told(kernel: Kernel) -> None:
    kernel.run(f"{INSIDE}.late.clear()\nimport asyncio\nlater = asyncio.Event()")
    shown(
        kernel,
        "async def wait():\n    await later.wait()\n    print('later')\n"
        "task = asyncio.create_task(wait())\nprint('now')",
    )
    kernel.run("later.set()\nawait task")
    assert leaked(kernel) == []
    kernel.wait(lambda: bool(kernel.run("", f"len({INSIDE}.late)")))
    late = kernel.run("", f"{INSIDE}.late")
    assert [(cell_id, words(outputs)) for cell_id, outputs in late] == [("c0", ["now\nlater\n"])]


def test_a_display_of_an_earlier_cell_is_updated(kernel: Kernel) -> None:
    first, second = kernel.cells("handle = display('one', display_id='over')", "handle.update('two')\nprint('x')")
    assert words(first["outputs"]) == ["'one'"]
    assert [output["output_type"] for output in second["outputs"]] == ["stream", "update_display_data"]
    assert second["outputs"][1]["transient"] == {"display_id": "over"}


def test_a_pager_does_not_open_with_a_later_request(kernel: Kernel) -> None:
    shown(kernel, "len?")
    assert kernel.finish(kernel.send("1"))["payload"] == []


# --- Output widgets


def blocks(kernel: Kernel, *sources: str) -> list[list[str]]:
    """What the cells say, and then what the widgets `a` and `b` say."""
    kernel.run("import ipywidgets\na, b = ipywidgets.Output(), ipywidgets.Output()")
    own = shown(kernel, *sources)
    return [*own, *(words(kernel.run("", f"list({name}.outputs)")) for name in "ab")]


WITH_OUT = {
    "its own": (["print('1')\nwith a: print('2'); display(3)\nprint('4')"], [["1\n4\n"], ["2\n", "3"], []]),
    "appended": (["with a: print('1')", "with a: print('2')"], [[], [], ["1\n2\n"], []]),
    "nested": (
        ["with a:\n    print('1')\n    with b: print('2')\n    print('3')\nprint('4')"],
        [["4\n"], ["1\n3\n"], ["2\n"]],
    ),
    "nested in itself": (["with a:\n    with a: print('1')\n    print('2')\nprint('3')"], [["3\n"], ["1\n2\n"], []]),
    "an error goes to the widget": (["with a: 1/0\nprint('on')"], [["on\n"], ["ZeroDivisionError"], []]),
    "cleared": (["with a: print('1')", "a.clear_output()"], [[], [], [], []]),
    "cleared inside": (
        ["with a: print('1')", "from IPython.display import clear_output\nwith a:\n    clear_output()\n    print('2')"],
        [[], [], ["2\n"], []],
    ),
    "cleared later": (
        ["with a: print('1')", "a.clear_output(wait=True)", "with a: print('2')"],
        [[], [], [], ["2\n"], []],
    ),
    "not cleared yet": (["with a: print('1')", "a.clear_output(wait=True)"], [[], [], ["1\n"], []]),
    "captured": (
        ["@a.capture()\ndef f(x):\n    print(x)\n    return x", "f(1)", "f(2)"],
        [[], ["1"], ["2"], ["1\n2\n"], []],
    ),
    "captured and cleared": (
        ["@a.capture(clear_output=True, wait=True)\ndef f(x): print(x)", "f(1)", "f(2)"],
        [[], [], [], ["2\n"], []],
    ),
    "a display updated in the block": (
        ["with a:\n    h = display('1', display_id='w')\n    h.update('2');"],
        [["'2'"], ["'2'"], []],
    ),
    "a cell shown by the widget later": (["a", "with a: print('1')"], [["Output()"], [], ["1\n"], []]),
    "awaiting in the block": (
        ["import asyncio\nwith a:\n    print('1')\n    await asyncio.sleep(0.001)\n    print('2')\nprint('3')"],
        [["3\n"], ["1\n2\n"], []],
    ),
    "a thread in the block": (
        ["import threading\nwith a:\n    t = threading.Thread(target=print, args=['1'])\n    t.start(); t.join()"],
        [[], ["1\n"], []],
    ),
    "a figure shown in the block": (
        ["%matplotlib inline\nimport matplotlib.pyplot as plt\nwith a:\n    plt.plot([1])\n    plt.show()"],
        [[], ["<Figure size 640x480 with 1 Axes>"], []],
    ),
    "interact": (
        ["i = ipywidgets.interactive(lambda x: print(x), x=3)\ni.update()\na.outputs = i.out.outputs"],
        [[], ["3\n"], []],
    ),
}


@pytest.mark.parametrize(("sources", "said"), WITH_OUT.values(), ids=WITH_OUT.keys())
def test_output_widgets_get_what_is_published_in_their_block(
    kernel: Kernel, sources: list[str], said: list[list[str]]
) -> None:
    assert blocks(kernel, *sources) == said
    assert kernel.run("", "a.msg_id + b.msg_id") == ""


def test_the_front_end_gets_the_widgets_outputs_and_never_our_requests(kernel: Kernel) -> None:
    blocks(kernel)
    kernel.cells("with a:\n    print('1')\n    display('2')\nprint('own')")
    states = [content["data"]["state"] for content in kernel.published("comm_msg")]
    assert [list(state) for state in states] == [["outputs"]]
    assert words(states[0]["outputs"]) == ["1\n", "'2'"]


def test_a_request_of_the_front_end_still_uses_the_front_ends_way(kernel: Kernel) -> None:
    blocks(kernel)
    kernel.run("with a: print('1')")
    states = [content["data"]["state"] for content in kernel.published("comm_msg")]
    assert [list(state) for state in states] == [["msg_id"], ["msg_id"]]
    assert leaked(kernel).count("stream") == 1


def test_widgets_messages_flow_while_a_cell_runs(kernel: Kernel) -> None:
    kernel.cells("slider = ipywidgets.IntSlider(); slider.value = 5; slider")
    assert [content["data"]["state"].get("value") for content in kernel.published("comm_msg")] == [5]
    assert leaked(kernel).count("comm_open") == 3


# --- callbacks


CALLBACK = """
import ipywidgets
slider, a = ipywidgets.IntSlider(), ipywidgets.Output()
def callback(change):
    print('new', change['new'])
    with a: print('in a')
    display('shown')
slider.observe(callback, 'value')
"""


def test_what_a_callback_publishes_is_collected(kernel: Kernel) -> None:
    kernel.run(CALLBACK)
    got = kernel.run(f"with {INSIDE}.executor.capture() as got:\n    slider.value = 7\nprint('after')", "got")
    assert words(got) == ["new 7\n", "'shown'"]
    assert words(kernel.run("", "list(a.outputs)")) == ["in a\n"]


def test_after_a_capture_the_request_publishes_as_before(kernel: Kernel) -> None:
    kernel.run(
        f"import threading\nprint('1')\nwith {INSIDE}.executor.capture():\n    print('hidden')\n"
        "print('2'); display(3)\n"
        "t = threading.Thread(target=print, args=['4']); t.start(); t.join()"
    )
    assert "".join(content["text"] for content in kernel.published("stream")) == "1\n2\n4\n"
    assert [content["data"]["text/plain"] for content in kernel.published("display_data")] == ["3"]


def test_a_capture_ends_with_the_exception_of_its_block(kernel: Kernel) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        kernel.run(f"with {INSIDE}.executor.capture() as got:\n    print('first')\n    1/0")
    assert words(kernel.run("", "got")) == ["first\n"]
    kernel.run("print('visible')")
    assert leaked(kernel) == ["stream"]


# --- live outputs


def test_outputs_are_shown_live_while_a_cell_blocks_the_loop(kernel: Kernel) -> None:
    source = (
        "import time\nprint('loading', end='')\nend = time.monotonic() + 5\n"  # what is printed and its end are two texts
        "while not seen() and time.monotonic() < end: pass\ndisplay('x')"
    )
    kernel.run(f"def seen(): return len({INSIDE}.live) > 0")
    kernel.cells(source, live_after=0.05)
    live = kernel.run("", f"{INSIDE}.live")
    assert words(live[0]) == ["loading"]


def test_a_quick_cell_is_not_shown_live(kernel: Kernel) -> None:
    kernel.cells("print('a')\ndisplay('b')", live_after=60)
    assert kernel.run("", f"{INSIDE}.live") == []


def test_an_output_widget_is_live_too(kernel: Kernel) -> None:
    blocks(kernel)
    kernel.run("sent = []\noriginal = type(a.comm).send\ndef seen(): return 'outputs' in str(sent)\n")
    kernel.run("a.comm.send = lambda data, **more: (sent.append(data), original(a.comm, data, **more))")
    kernel.cells(
        "import time\nend = time.monotonic() + 5\nwith a:\n    print('loading')\n"
        "    while not seen() and time.monotonic() < end: pass\n    display('x')",
        live_after=0.05,
    )
    outputs = [words(data["state"]["outputs"]) for data in kernel.run("", "sent") if "outputs" in data["state"]]
    assert outputs[0] == ["loading\n"]
    assert outputs[-1] == ["loading\n", "'x'"]


def test_a_failing_live_callback_is_raised_by_run(kernel: Kernel) -> None:
    source = "import time; print(1, flush=True); time.sleep(0.2)"
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        kernel.run(
            f"from nbapp.core.notebook import Cell\nimport functools, operator\n"
            f"await {INSIDE}.executor.run(Cell('l', {source!r}), live=lambda outputs: 1/0, live_after=0)"
        )
    assert shown(kernel, "1") == [["1"]]


# --- interrupts

BUSY = {
    "sleeps": "import time\nstarted()\ntime.sleep(60)",
    "computes": "started()\nwhile True: pass",
    "awaits": "import asyncio\nstarted()\nawait asyncio.sleep(60)",
    "awaits tasks": "import asyncio\nstarted()\nawait asyncio.gather(asyncio.sleep(60), asyncio.sleep(60))",
    "awaits with a timeout": "import asyncio\nstarted()\nawait asyncio.wait_for(asyncio.sleep(60), 50)",
    "waits for a thread": "import threading\nstarted()\nthreading.Event().wait(60)",
    "loops over a block of a widget": "import ipywidgets, time\na = ipywidgets.Output()\n"
    "for _ in range(60):\n    with a: started(); time.sleep(60)",
    "runs a command": "!touch started; sleep 60",
    "draws": "%matplotlib inline\nimport matplotlib.pyplot as plt\nclass Slow(plt.Figure):\n"
    "    def draw(self, *a): started(); __import__('time').sleep(60)\nplt.figure(FigureClass=Slow);",
}
every_busy_cell = pytest.mark.parametrize("source", BUSY.values(), ids=BUSY.keys())
STOPPED = {"name": "KeyboardInterrupt", "message": "the cell was stopped", "traceback": []}


@both_ways
@every_busy_cell
def test_jupyters_interrupt_stops_a_cell(kernel: Kernel, source: str, task: bool) -> None:
    msg_id = kernel.busy("print('a')\n" + source, "print('next')", task=task)
    kernel.manager.interrupt_kernel()
    stopped, following = kernel.ended(msg_id, task=task)
    assert stopped["error"] == STOPPED
    assert words(stopped["outputs"])[0].startswith("a\n")
    assert words(following["outputs"]) == ["next\n"]
    assert shown(kernel, "1") == [["1"]]


@both_ways
@every_busy_cell
def test_interrupt_stops_a_cell_from_another_thread(kernel: Kernel, source: str, task: bool) -> None:
    kernel.run(
        f"import os, threading, time\nsigint = {INSIDE}.sigint\n"
        "if os.path.exists('started'): os.remove('started')\n"
        "def stop():\n    while not os.path.exists('started'): time.sleep(0.001)\n    sigint.interrupt()\n"
        "stopper = threading.Thread(target=stop); stopper.start()"
    )
    msg_id = kernel.busy(source, task=task)
    assert kernel.ended(msg_id, task=task)[0]["error"] == STOPPED
    kernel.run("stopper.join()")
    assert shown(kernel, "1") == [["1"]]


def test_an_interrupt_that_comes_just_before_a_system_call_is_not_lost(own_kernel: Kernel) -> None:
    own_kernel.run(
        f"import os, signal, threading, time\nsigint = {INSIDE}.sigint\nkill, lost = signal.pthread_kill, []\n"
        "def lose_first(*args): kill(*args) if lost else lost.append(args)\n"
        "def stop():\n    while not os.path.exists('started'): time.sleep(0.001)\n"
        "    signal.pthread_kill = lose_first; sigint.interrupt()\n"
        "stopper = threading.Thread(target=stop); stopper.start()"
    )
    msg_id = own_kernel.busy("import time\nstarted()\ntime.sleep(50)")
    assert own_kernel.ended(msg_id)[0]["error"] == STOPPED
    assert own_kernel.run("signal.pthread_kill = kill; stopper.join()", "len(lost)") == 1


# An interrupt that comes there is dropped by Python.
DROPPED = {
    "in a finalizer": "class Slow:\n    def __del__(self): slow()\nSlow(); time.sleep(500)",
    "at a fork": "os.register_at_fork(after_in_parent=slow)\n!sleep 500",
    "before an await": "class Slow:\n    def __del__(self): slow()\nSlow(); await asyncio.sleep(500)",
}


@pytest.mark.parametrize("source", DROPPED.values(), ids=DROPPED.keys())
def test_an_interrupt_whose_exception_goes_nowhere_is_not_lost(own_kernel: Kernel, source: str) -> None:
    slow = "import asyncio, os, time\ndef slow(): started(); time.sleep(0.5)\n"
    msg_id = own_kernel.busy(slow + source, "print('next')")
    own_kernel.manager.interrupt_kernel()
    stopped, following = own_kernel.ended(msg_id)
    assert stopped["error"] == STOPPED
    assert "ignored" not in str(stopped["outputs"])
    assert words(following["outputs"]) == ["next\n"]


def test_what_else_goes_nowhere_is_told_as_python_tells_it(own_kernel: Kernel) -> None:
    told = own_kernel.cells("class Bad:\n    def __del__(self): 1/0\nBad()\nprint('on')")[0]
    assert "Exception ignored in" in str(told["outputs"])
    assert "ZeroDivisionError" in str(told["outputs"])
    hook = "import sys\ndropped = []\nsys.unraisablehook = lambda args: dropped.append(args.exc_type.__name__)\n"
    shown = own_kernel.cells(hook + "Bad(); pass", "Bad()\nprint(dropped)")[1]
    assert words(shown["outputs"]) == ["['ZeroDivisionError', 'ZeroDivisionError']\n"]


@every_busy_cell
def test_a_cell_that_takes_too_long_is_stopped(kernel: Kernel, source: str) -> None:
    kernel.run("import matplotlib.pyplot")  # else it is this that takes too long
    msg_id = kernel.busy(source, timeout=0.5)
    error = kernel.ended(msg_id)[0]["error"]
    assert error == {"name": "TimeoutError", "message": "the cell was stopped after 0.5 s", "traceback": []}


def test_a_quick_cell_has_time(kernel: Kernel) -> None:
    assert kernel.cells("1", timeout=60)[0]["error"] is None


def test_interrupt_stops_an_awaiting_cell_from_a_comm_message(kernel: Kernel) -> None:
    msg_id = kernel.busy("import asyncio\nstarted()\nawait asyncio.sleep(60)", task=True)
    kernel.finish(msg_id)
    kernel.run(f"{INSIDE}.sigint.interrupt()")
    assert kernel.result()[0]["error"] == STOPPED


def test_a_cell_that_interrupts_itself_stops_at_once(kernel: Kernel) -> None:
    cell = kernel.cells(f"print('a')\n{INSIDE}.sigint.interrupt()\nprint('b')")[0]
    assert words(cell["outputs"]) == ["a\n", "KeyboardInterrupt"]
    assert cell["error"] == STOPPED


@both_ways
@pytest.mark.parametrize("wait", ["time.sleep(60)", "await asyncio.sleep(60)"])
def test_an_interrupt_that_the_cell_catches_is_still_an_error(kernel: Kernel, wait: str, task: bool) -> None:
    source = f"import asyncio, time\ntry:\n    started()\n    {wait}\nexcept KeyboardInterrupt:\n    print('caught')\n7"
    msg_id = kernel.busy(source, task=task)
    kernel.manager.interrupt_kernel()
    cell = kernel.ended(msg_id, task=task)[0]
    assert words(cell["outputs"]) == ["caught\n", "7"]
    assert cell["error"] == STOPPED


def test_a_cancelled_future_of_the_cell_is_no_interrupt(kernel: Kernel) -> None:
    source = (
        "import asyncio\nt = asyncio.ensure_future(asyncio.sleep(60))\nawait asyncio.sleep(0)\nt.cancel()\n"
        "try:\n    await t\nexcept asyncio.CancelledError:\n    print('cancelled')"
    )
    assert shown(kernel, source) == [["cancelled\n"]]


def test_cancelling_run_stops_the_cell_first(kernel: Kernel) -> None:
    kernel.start("import asyncio\ntry:\n    await asyncio.sleep(60)\nfinally:\n    ended = True")
    kernel.wait(lambda: bool(kernel.run("", f"{INSIDE}.executor._open")))
    kernel.run(f"{INSIDE}.task.cancel()")
    kernel.wait(lambda: bool(kernel.run("", f"{INSIDE}.task.done()")))
    assert kernel.run("", f"[{INSIDE}.task.cancelled(), ended]") == [True, True]
    assert shown(kernel, "1") == [["1"]]


def test_an_interrupt_between_cells_does_nothing(kernel: Kernel) -> None:
    kernel.run(f"{INSIDE}.sigint.interrupt()")
    kernel.manager.interrupt_kernel()
    assert shown(kernel, "import asyncio\nawait asyncio.sleep(0)\n1") == [["1"]]


def test_many_interrupts_at_any_moment_leave_a_kernel_that_works(kernel: Kernel) -> None:
    kernel.run(
        f"import threading, time, random\nsigint, on = {INSIDE}.sigint, True\n"
        "def pester():\n    while on:\n        sigint.interrupt(); time.sleep(random.random() / 500)\n"
        "pesterer = threading.Thread(target=pester); pesterer.start()"
    )
    sources = ["print(1)", "import asyncio\nawait asyncio.sleep(0.002)", "display(2)\nsum(range(30000))"] * 40
    made = kernel.cells(*sources, task=True)
    kernel.run("on = False\npesterer.join()")
    assert {cell["error"] and cell["error"]["name"] for cell in made} <= {None, "KeyboardInterrupt"}
    assert any(cell["error"] for cell in made)
    assert shown(kernel, "print(1)\n2") == [["1\n", "2"]]


# --- leaving


def test_closing_leaves_the_kernel_as_it_was(own_kernel: Kernel) -> None:
    state = (
        "[repr(k.session.send), sorted(vars(k.session)), sorted(vars(get_ipython().displayhook)), repr(builtins.input),"
        " repr(signal.getsignal(signal.SIGINT)), sorted(vars(k.iopub_thread)), get_ipython().get_parent()['msg_type']]"
    )
    own_kernel.plain("1")
    before = own_kernel.run("import builtins, signal\nk = get_ipython().kernel", state)
    own_kernel.cells("print(1)", "import asyncio\nawait asyncio.sleep(0)\n2", "1/0")
    own_kernel.run(f"with {INSIDE}.executor.capture(): print(1)\n{INSIDE}.executor.close()")
    assert own_kernel.run("", state) == before
    assert own_kernel.plain("print(1)\n2")[0]["text"] == "1\n"


def test_closing_in_a_cell_takes_effect_when_the_cell_has_ended(own_kernel: Kernel) -> None:
    cell = own_kernel.cells(f"print(1)\n{INSIDE}.executor.close()\nprint(2)")[0]
    assert words(cell["outputs"]) == ["1\n2\n"]
    assert own_kernel.run("", "'send' in vars(get_ipython().kernel.session)") is False


def test_a_filter_that_somebody_else_put_on_top_keeps_working(own_kernel: Kernel) -> None:
    own_kernel.run(
        f"{INSIDE}\nsession, seen = get_ipython().kernel.session, []\nbelow = session.send\n"
        "def on_top(*args, **more):\n    seen.append(1)\n    return below(*args, **more)\n"
        f"session.send = on_top\n{INSIDE}.executor.close()"
    )
    assert words(own_kernel.plain("print(1)")) == ["1\n"]
    assert own_kernel.run("", "session.send is on_top and len(seen) > 0") is True


def test_nothing_grows_when_a_cell_runs_again_and_again(kernel: Kernel) -> None:
    count = "[len(gc.get_objects()) for _ in range(2) if gc.collect() >= 0][1]"
    again = "import gc\nfrom nbapp.core.notebook import Cell\nfor _ in range(200):\n" + (
        f"    await {INSIDE}.executor.run(Cell('again', 'print(1); display(2); 3'))"
    )
    kernel.run(again)
    before = kernel.run("", count)
    kernel.run(again)
    kernel.wait(lambda: bool(kernel.run("", count) - before < 200))  # ticks of live outputs end after 0.3 s
