"""Random notebooks, moves and edits, with a fork after the first run: they show what they show without it.

That what they show without it is right is shown by the random notebooks of `core` and `kernel/widgets`.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.zygote.conftest import Forking
from tests.serve.zygotes import WHERE_KERNELS_FORK

pytestmark = WHERE_KERNELS_FORK
FIRST = (
    "import ipywidgets as W, os, random, warnings, numpy as np\nrandom.seed(7)\nN = W.IntSlider({k}, min=1, max=9)\nN"
)
CELLS = [
    "x{i} = N.value * {k}\nprint(x{i})",
    "n = N.value",
    "s = W.IntSlider({k}, max=n * 10, description='s')\ns",
    "x{i} = s.value\nx{i}",
    "d = W.Dropdown(options=list(range(n + 1)))\nd",
    "print('d', d.value)",
    "L = [n] * {k}",
    "L.append({k})\nprint(L)",
    "D = {{'a': L}}\nD['a'].append(n)",
    "print(D)",
    "def f(v): return v * n + {k}",
    "print(f({k}))",
    "class P:\n    q = {k}\n    def r(self): return self.q * n",
    "p = P()\np.q += {k}\nprint(p.r())",
    "random.seed({k})",
    "print(random.random())",
    "np.random.seed(n)",
    "A = np.random.rand(4)\nprint(A.round(3))",
    "A[{k} % 4] = n\nprint(A.sum().round(3))",
    "os.environ['NB_{k}'] = str(n)",
    "print(sorted((k, v) for k, v in os.environ.items() if k.startswith('NB_')))",
    "warnings.simplefilter('ignore' if n % 2 else 'default')",
    "open('file{k}', 'w').write(str(n))",
    "print([open(f).read() for f in sorted(os.listdir('.')) if f.startswith('file')])",
    "print(open('data.txt').read(), n)",
    "N.observe(lambda change: print('moved', change.new), 'value')",
    "l = W.Label('l')\nN.observe(lambda change: setattr(l, 'value', str(change.new)), 'value')\nl",
    "print(l.value)",
    "o = W.Output()\nwith o: print('inside', n)\no",
    "W.interactive(lambda z: z * n, z=(0, 5))",
    "if n > 6: raise ValueError(n)",
    "import matplotlib.pyplot as plt\n_ = plt.plot([0, n])\nplt.show()",
    "g = (i * {k} for i in range(n))\nprint(next(g))",
    "import pandas as pd\nF = pd.DataFrame({{'a': range(n), 'b': {k}}})\nF",
    "F['c'] = F['a'] * {k}\nprint(F.sum().to_dict())",
    "_ = os.system('echo out {k}')",
    "import asyncio\nawait asyncio.sleep(0)\nprint('awaited', n)",
    "del n",
    "print(n)",
]
NAMES = ["N", "N", "N", "s", "d"]
PROBES = ["n", "L", "D", "x1", "x2", "x3", "p.q", "A.tolist()", "l.value", "s.value", "s.max", "d.options", "F.shape"]


def drawn(seed: int) -> dict[str, Any]:
    """A notebook, and what is done to it."""
    chance = random.Random(seed)

    def cell(index: int) -> str:
        return chance.choice(CELLS).format(i=index, k=chance.randint(1, 5))

    def action() -> list[Any]:
        kind = chance.choice(["set", "set", "set", "edit", "file"])
        if kind == "set":
            return [kind, chance.choice(NAMES), chance.randint(1, 9)]
        if kind == "edit":
            index = chance.randrange(1, len(cells))
            return [kind, index, cell(index)]
        return [kind, "data.txt", str(chance.randint(1, 99))]

    cells = [FIRST.format(k=chance.randint(1, 9)), "n = N.value", *(cell(index) for index in range(2, 12))]
    steps = [[action() for _ in range(chance.randint(1, 2))] for _ in range(6)]
    return {"cells": cells, "files": {"data.txt": "0"}, "steps": steps, "probes": PROBES}


def check(forking: Forking, seed: int, folder: Path) -> None:
    notebook = drawn(seed)
    found = forking.ask(notebook, folder / f"forked{seed}")
    wanted = forking.ask({**notebook, "alone": True}, folder / f"alone{seed}")
    assert "values" in wanted, (seed, wanted)
    assert found == wanted, f"seed {seed}: {notebook}"


@pytest.mark.parametrize("seed", range(6))
def test_random_notebooks_show_the_same_with_a_fork_in_the_middle(forking: Forking, seed: int, tmp_path: Path) -> None:
    check(forking, seed, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("start", range(100, 400, 100))
def test_many_random_notebooks_show_the_same_with_a_fork_in_the_middle(
    forking: Forking, start: int, tmp_path: Path
) -> None:
    for seed in range(start, start + 100):
        check(forking, seed, tmp_path)
