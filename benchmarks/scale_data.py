"""Kinds of data that lie in a notebook's memory, as cells: how each is made, read, selected from and edited.

`{n}` is the size, `{v}` where a slider's value goes. A reader's own work does not grow with the size.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data, bound to `d`, in three sizes. `needs` are the modules without which it cannot be made."""

    make: str
    reader: str
    maker: str
    editor: str
    sizes: tuple[int, int, int]
    needs: tuple[str, ...] = ()


_FRAME = "import numpy as np, pandas as pd\nrng = np.random.default_rng(0)\n"
_TEXTS = "[f'{{k}}-{{v}}' for v in rng.integers(0, 100_000, {n})]"
_TEXT_FRAME = "d = pd.DataFrame({{k: pd.Series(" + _TEXTS + ", dtype={dtype}) for k in 'abc'}})"
_ROWS = (10_000, 100_000, 1_000_000)
_FRAME_READER = "print(len(d), d.iloc[{v} % len(d), 0])"
_TEXT_MAKER = "m = d[d['a'] > 'a-' + str({v})]"
_NODES = """class Node:
    def __init__(self, number, children):
        self.number, self.children = number, children
    def count(self):
        return len(self.children)
layer = [Node(k, []) for k in range({n} // 2)]
while len(layer) > 1:
    layer = [Node(k, layer[k * 2 : k * 2 + 2]) for k in range((len(layer) + 1) // 2)]
d = layer[0]"""


def _texts(dtype: str, *needs: str) -> Kind:
    make = _FRAME + _TEXT_FRAME.replace("{dtype}", dtype)
    return Kind(make, _FRAME_READER, _TEXT_MAKER, "d.iloc[{v} % len(d), 0] = 'x'", _ROWS, ("pandas", *needs))


KINDS = {
    "float array": Kind(
        "import numpy as np\nd = np.arange({n}, dtype=float)",
        "print(d[{v} % len(d)])",
        "m = d[d > {v}]",
        "d[{v}] = -1",
        (10**6, 10**7, 10**8),
        ("numpy",),
    ),
    "numeric frame": Kind(
        _FRAME + "d = pd.DataFrame(rng.random(({n}, 4)), columns=list('abcd'))",
        _FRAME_READER,
        "m = d[d['a'] > {v} / 1000]",
        "d.iloc[{v} % len(d), 0] = 2.0",
        _ROWS,
        ("pandas",),
    ),
    "text frame, object": _texts("object"),
    "text frame, pyarrow": _texts("'str'", "pyarrow"),
    "categorical": Kind(
        _FRAME + "d = pd.DataFrame({{'a': pd.Categorical(" + _TEXTS.replace("{{k}}", "a") + ")}})",
        _FRAME_READER,
        "m = d[d['a'].cat.codes > {v}]",
        "d.iloc[{v} % len(d), 0] = d.iloc[0, 0]",
        _ROWS,
        ("pandas",),
    ),
    "polars frame": Kind(
        "import numpy as np, polars as pl\nrng = np.random.default_rng(0)\n"
        "d = pl.DataFrame({{'a': rng.random({n}), 'b': [f't{{v}}' for v in rng.integers(0, 100_000, {n})]}})",
        "print(d.height, d['a'][{v} % d.height])",
        "m = d.filter(pl.col('a') > {v} / 1000)",
        "d[{v} % d.height, 'a'] = 2.0",
        _ROWS,
        ("polars",),
    ),
    "list of dicts": Kind(
        "d = [{{'id': k, 'name': f'n{{k}}', 'price': k / 7}} for k in range({n})]",
        "print(d[{v} % len(d)]['name'])",
        "m = [row for row in d if row['price'] > {v}]",
        "d[{v} % len(d)]['price'] = -1",
        (3_000, 30_000, 300_000),
    ),
    "dict of lists": Kind(
        "d = {{f'k{{k}}': [k, k + 1, k + 2] for k in range({n})}}",
        "print(d['k{v}'][0])".replace("'k{v}'", "f'k{{{v}}}'"),
        "m = {{key: values for key, values in d.items() if values[0] > {v}}}",
        "d['k0'][0] = {v}",
        (3_000, 30_000, 300_000),
    ),
    "own objects": Kind(
        _NODES,
        "print(d.children[{v} % 2].number, d.count())",
        "m = [child.children for child in d.children if child.number >= {v} % 2]",
        "d.children[0].number = {v}",
        (1_000, 10_000, 100_000),
    ),
    "random forest": Kind(
        "import numpy as np\nfrom sklearn.ensemble import RandomForestClassifier\n"
        "x = np.random.default_rng(0).random(({n}, 5))\n"
        "d = RandomForestClassifier(20, random_state=0, n_jobs=1).fit(x, x[:, 0] > 0.5)",
        "print(d.predict(x[{v} : {v} + 1]))",
        "m = d.predict_proba(x[:1000])",
        "d.note = {v}",
        (300, 3_000, 30_000),
        ("sklearn",),
    ),
    "torch model": Kind(
        "import torch\nd = torch.nn.Sequential(torch.nn.Linear({n}, 100), torch.nn.ReLU(), torch.nn.Linear(100, 1))\n"
        "x = torch.ones(1, {n})",
        "print(d(x * {v}).shape)",
        "m = d[0](x * {v})",
        "with torch.no_grad():\n    d[2].bias[0] = {v}",
        (1_000, 10_000, 100_000),
        ("torch",),
    ),
    "networkx graph": Kind(
        "import networkx as nx\nd = nx.fast_gnp_random_graph({n}, 4 / {n}, seed=0)",
        "print(d.degree({v}), d.number_of_nodes())",
        "m = nx.ego_graph(d, {v} % 10, radius=2)",
        "d.nodes[{v} % 10]['seen'] = {v}",
        (1_000, 10_000, 100_000),
        ("networkx",),
    ),
    "figure": Kind(
        "from matplotlib.figure import Figure\nimport numpy as np\nd = Figure()\n"
        "d.add_subplot().plot(np.random.default_rng(0).random({n}))",
        "print(len(d.axes) + {v})",
        "m = d.axes[0].lines[0].get_ydata() * {v}",
        "d.axes[0].set_title({v})",
        (1_000, 10_000, 100_000),
        ("matplotlib",),
    ),
    "images": Kind(
        "import numpy as np\nfrom PIL import Image\nrng = np.random.default_rng(0)\n"
        "d = [Image.fromarray(rng.integers(0, 255, (200, 200, 3), dtype='uint8')) for _ in range({n})]",
        "print(d[{v} % len(d)].size)",
        "m = [image.rotate({v}) for image in d[:10]]",
        "d[0].putpixel((0, 0), ({v} % 255, 0, 0))",
        (20, 200, 2_000),
        ("PIL",),
    ),
}
WAYS = ("reader", "maker", "editor")


def cells(kind: Kind, way: str, size: int) -> list[str]:
    """A notebook of one kind, whose last cell goes one way: the data, slider `s`, and the cell that reads it."""
    last = getattr(kind, way).format(n=size, v="s.value")
    return [kind.make.format(n=size), "import ipywidgets as widgets\ns = widgets.IntSlider(max=1000)\ns", last]
