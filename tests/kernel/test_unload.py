"""`%unload_ext nbapp` takes everything out again: the kernel is as it was, down to the last function."""

from __future__ import annotations

import pytest

from tests.kernel.kernels import Kernel

LOOK = "import ipywidgets\nfrom tests.kernel.hooks import differs, look"
USE = (
    "s = ipywidgets.IntSlider(3)\nheard = []\ns.observe(lambda change: heard.append(change.new), 'value')\ns",
    "b = ipywidgets.Button()\nb.on_click(lambda button: heard.append('click'))\nout = ipywidgets.Output()",
    "n = s.value\nprint(n)\nwith out:\n    print('inside')",
    "i = ipywidgets.interactive(lambda x: x, x=n)\nw = [ipywidgets.Text() for each in range(n)]",
    "import asyncio, threading\nawait asyncio.sleep(0)\nthread = threading.Thread(target=print)\nthread.start(); thread.join()",
)
OF_THE_CELLS = "('comms', "  # the widgets that the cells built


def cells(kernel: Kernel, *sources: str) -> None:
    """Run cells as a front end does."""
    for source in sources:
        assert kernel.finish(kernel.send(source))["status"] == "ok"


@pytest.mark.parametrize("use", [(), USE], ids=["at once", "after use"])
def test_it_takes_out_every_function_hook_handler_and_thread(own_kernel: Kernel, use: tuple[str, ...]) -> None:
    cells(own_kernel, LOOK, *USE)
    own_kernel.run("", "globals().update(before=look())")  # beside cells: IPython puts hooks of its own around them
    cells(own_kernel, "%load_ext nbapp")
    put_in = own_kernel.run("", "differs(before, look())")
    assert {"('ipywidgets.widgets.widget', 'Widget', '_handle_msg')", "('shell', 'has an app')"} <= set(put_in)
    cells(own_kernel, *use, "%unload_ext nbapp")
    left = own_kernel.run("", "differs(before, look())")
    assert "\n".join(name for name in left if not name.startswith(OF_THE_CELLS)) == ""


def test_widgets_go_on_without_it(own_kernel: Kernel) -> None:
    cells(own_kernel, LOOK, "%load_ext nbapp", *USE, "%unload_ext nbapp", "s.value = 8\nb.click()")
    assert own_kernel.run("", "[heard[-2:], n]") == [[8, "click"], 3]
    handlers = "{comm._msg_callback.__func__ for comm in get_ipython().kernel.comm_manager.comms.values()}"
    assert own_kernel.run("", f"{handlers} == {{ipywidgets.Widget._handle_msg}}")
