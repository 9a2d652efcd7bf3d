"""When no kernel is forked, and what is said of it: a process that must not be copied is not copied."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec

from nbapp.serve.kernels.zygote.process import NoFork, impossible
from tests.serve.zygotes import WHERE_KERNELS_FORK, forked, started, zygote_of

pytestmark = WHERE_KERNELS_FORK
WAITS = "threading.Thread(target=threading.Event().wait, daemon=True, name='author').start()"
REFUSED = {
    "a thread": (f"import threading\n{WAITS}", "thread of the notebook goes on: author"),
    "a pool": (
        "from concurrent.futures import ThreadPoolExecutor\np = ThreadPoolExecutor(1)\np.submit(int).result()",
        "thread of the notebook goes on: ThreadPoolExecutor-0_0",
    ),
    "a task": (
        "import asyncio\nasync def f():\n    await asyncio.sleep(600)\nt = asyncio.create_task(f())",
        "task of the notebook goes on",
    ),
    "a timer": (
        "import asyncio\nt = asyncio.get_running_loop().call_later(600, print)",
        "timer of the notebook waits",
    ),
    "the loop": ("import asyncio\nloop = asyncio.get_running_loop()", "keeps the event loop"),
    "a socket": ("import socket\ns = socket.create_server(('localhost', 0))", "keeps open what visitors cannot share"),
    "a file to write": ("f = open('written', 'w')", "keeps open what visitors cannot share"),
    "a database": (
        "import sqlite3\nc = sqlite3.connect('base.db')\n_ = c.execute('create table if not exists t (a)')",
        "keeps open what visitors cannot share",
    ),
    "a temporary folder": ("import tempfile\nd = tempfile.TemporaryDirectory()", "tempfile.mkdtemp"),
    "a temporary file": (
        "import os, tempfile\nn, path = tempfile.mkstemp()\nos.close(n)",
        "tempfile.mkstemp",
    ),
    "shared memory": ("import mmap\nm = mmap.mmap(-1, 4096)", "memory that visitors would share"),
    "a program": ("import subprocess\np = subprocess.Popen(['sleep', '600'])", "program that the notebook started"),
    "a program that writes": (
        "import subprocess, sys\np = subprocess.Popen(['sleep', '600'], start_new_session=True)\ndel p",
        "program that the notebook started",
    ),
    "something to do at the end": ("import atexit\n_ = atexit.register(print)", "atexit"),
    "an alarm": (
        "import signal\n_ = signal.signal(signal.SIGALRM, print)\n_ = signal.setitimer(signal.ITIMER_REAL, 600)",
        "alarm of the notebook",
    ),
    "a cell that fails the second time": (
        "import sys\nif 'nbapp_ran' in sys.modules: raise ValueError\nsys.modules['nbapp_ran'] = sys",
        "in a fork, cell 1 fails",
    ),
    "a cell that ends the process": (
        "import os, sys\nif 'nbapp_ran' in sys.modules: os.kill(os.getpid(), 6)\nsys.modules['nbapp_ran'] = sys",
        "in a fork, the notebook ends its process (SIGABRT)",
    ),
    "a cell that hangs the second time": (
        "import sys, time\nif 'nbapp_ran' in sys.modules: time.sleep(600)\nsys.modules['nbapp_ran'] = sys",
        "in a fork, the notebook does not come to its end",
    ),
}


async def refused(source: str, folder: Path, settings: Mapping[str, Any] | None = None) -> str:
    """Why a notebook of one cell, and one that shows a widget, is not forked."""
    async with zygote_of([source, "import ipywidgets\nx = ipywidgets.IntSlider(3)\nx"], settings, folder) as zygote:
        with pytest.raises(NoFork) as why:
            await started(zygote)
    return str(why.value)


@pytest.mark.parametrize("name", REFUSED)
async def test_what_copies_would_share_or_lack_is_refused_with_the_reason(name: str, tmp_path: Path) -> None:
    source, why = REFUSED[name]
    assert why in await refused(source, tmp_path)


async def test_a_cell_that_is_slower_than_the_timeout_is_left_to_kernels_that_can_stop_it(tmp_path: Path) -> None:
    assert "--timeout" in await refused("import time\ntime.sleep(0.3)", tmp_path, {"timeout": 0.1})


KEEPS = """
import nbapp, os, sys

@nbapp.cache
def f(x):
    if sys.modules.setdefault('nbapp_pid', os.getpid()) != os.getpid():
        os.abort()  # as a library whose threads are gone
    return x
f(1)
"""


async def test_what_cached_functions_keep_is_made_again_in_the_rehearsal(tmp_path: Path) -> None:
    assert "ends its process (SIGABRT)" in await refused(KEEPS, tmp_path)


FOREST = (
    "import numpy as np\nfrom sklearn.ensemble import HistGradientBoostingClassifier as C\n"
    "X = np.arange(4000.).reshape(1000, 4)\nm = C(max_iter=3).fit(X, X[:, 0] > 500)\nprint(m.predict(X).sum())"
)
POLARS = "import polars as pl\nprint(pl.DataFrame({'a': range(1000)}).lazy().group_by('a').len().collect().height)"
HANGS = {"sklearn": FOREST, "polars": POLARS}
WORKS = {
    "pandas": "import pandas as pd\nprint(pd.DataFrame({'a': range(1000)}).groupby('a').size().sum())",
    "pyarrow": "import pyarrow as pa, pyarrow.compute as pc\nprint(pc.sum(pa.array(range(1000))).as_py())",
    "duckdb": "import duckdb\nprint(duckdb.sql('select sum(range) from range(1000)').fetchall())",
    "scipy": "import numpy as np, scipy.linalg\nprint(scipy.linalg.solve(np.eye(500) * 2, np.ones(500)).sum())",
    "matplotlib": "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])\nplt.title('title')\nplt.show()",
}


@pytest.mark.parametrize("library", HANGS)
async def test_libraries_whose_threads_a_copy_lacks_are_refused(library: str, tmp_path: Path) -> None:
    why = await refused(HANGS[library], tmp_path)
    assert "in a fork" in why or "keeps open what visitors cannot share" in why


@pytest.mark.parametrize("library", WORKS)
async def test_libraries_that_can_be_copied_work_in_the_copy(library: str, tmp_path: Path) -> None:
    cells = [WORKS[library], "import ipywidgets\nn = ipywidgets.IntSlider(1)\nn", f"n.value\n{WORKS[library]}"]
    async with zygote_of(cells, folder=tmp_path) as zygote, forked(await started(zygote)) as kernel:
        await kernel.arrive()
        before = await kernel.value("[o.get('text') for o in get_ipython().nbapp.outputs('c2')]")
        model = await kernel.value("n.model_id")
        kernel.send(model, {"method": "update", "state": {"value": 2}, "buffer_paths": []})
        await kernel.settle()
        assert await kernel.states() == ["skipped", "skipped", "ran"]
        assert await kernel.value("[o.get('text') for o in get_ipython().nbapp.outputs('c2')]") == before


async def test_what_a_later_walk_brings_is_refused_too(tmp_path: Path) -> None:
    data = tmp_path / "data.txt"
    data.write_text("1", encoding="utf-8")
    source = f"import threading\nif open({str(data)!r}).read() == '2':\n    {WAITS}"
    async with zygote_of([source], folder=tmp_path) as zygote:
        async with forked(await started(zygote)) as kernel:
            assert await kernel.value("1") == 1
        data.write_text("2", encoding="utf-8")
        with pytest.raises(NoFork, match="thread of the notebook goes on: author"):
            async with forked(zygote):
                pass


async def test_files_that_are_only_read_are_no_obstacle_and_each_copy_has_its_own_place_in_them(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("abcdef", encoding="utf-8")
    reads = zygote_of(["f = open('data.txt')", "x = 1"], folder=tmp_path)
    async with reads as zygote, forked(await started(zygote)) as one, forked(zygote) as other:
        assert await one.value("f.read(3)") == "abc"
        assert await other.value("f.read(3)") == "abc"


def test_other_systems_and_kernels_that_something_else_starts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = ["python", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert impossible(KernelSpec(argv=usual)) is None
    others = (["bash", "-c", "exec python"], [*usual, "--extra"], ["julia", *usual[1:]], ["conda", "run", *usual])
    for argv in others:
        assert "not started by ipykernel_launcher alone" in str(impossible(KernelSpec(argv=argv, display_name="x")))
    remote = {"kernel_provisioner": {"provisioner_name": "far-away"}}
    assert impossible(KernelSpec(argv=usual, metadata=remote)) is not None
    monkeypatch.setattr(sys, "platform", "darwin")
    assert impossible(KernelSpec(argv=usual)) == "only Linux forks kernels"


async def test_a_zygote_that_cannot_find_ipykernel_7_1_says_so(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        about = Path(folder, "ipykernel-6.31.0.dist-info")
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ipykernel\nVersion: 6.31.0\n", encoding="utf-8")
        async with zygote_of(["1"], folder=tmp_path, variables={"PYTHONPATH": folder}) as zygote:
            with pytest.raises(NoFork, match=r"ipykernel 6.31.0 cannot be forked; 7.1 can"):
                await started(zygote)
