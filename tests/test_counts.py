"""Over the sample and benchmark notebooks no more cells run than a perfect oracle would have run.

The oracle runs everything, compares, and keeps a cell's earlier result when it is the same: so a cell is needed when what it
shows, or a value that it made, differs from before. A second kernel in which every cell always runs plays the oracle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbapp.serve.prepare import read
from nbapp.testing import AppTest

ROOT = Path(__file__).parents[1]
VIEW = "application/vnd.jupyter.widget-view+json"
MADE = """{name: (binding.version, seen.makers[name]) for seen in [get_ipython().nbapp.inspect()]
    for name, binding in seen.bindings.items() if ':' not in name and not binding.opaque}"""
Moves = list[tuple[str, Any]]
PERIODS = ("Mar 2023", "May 2024")
NOTEBOOKS: dict[str, Moves] = {
    "notebooks/three-lines.ipynb": [("x", 12), ("x", 3), ("x", 12)],
    "notebooks/dashboard.ipynb": [("region", "Hills"), ("region", "Coast"), ("period", PERIODS), ("region", "Hills")],
    "notebooks/pipeline.ipynb": [("survey", "2024"), ("statistic", "max"), ("months", (2, 8)), ("survey", "2023")],
    "notebooks/classic.ipynb": [("celsius", 25.0), ("name", "Grace"), ("a", 5)],
    "notebooks/inputs.ipynb": [("int_slider", 5), ("dropdown", "cherry"), ("first", 2), ("int_slider", 3)],
    "notebooks/driving.ipynb": [("confidence", 0.8), ("fog", 0.3), ("query", "red cars at dusk"), ("confidence", 0.7)],
    "notebooks/faces.ipynb": [("smile", 0.2), ("along", "skin"), ("person", 3), ("smile", 0.75)],
    "notebooks/sales.ipynb": [
        ("Regions", ["North", "East"]),
        ("Year", "2024"),
        ("Bars by", "region"),
        ("Months", (3, 12)),
        ("Products", ["Tents"]),
    ],
    "benchmarks/notebooks/nbapp.ipynb": [("a", 3), ("b", 4), ("a", 1)],
}
LARGE = {"notebooks/pipeline.ipynb", "notebooks/driving.ipynb", "notebooks/faces.ipynb", "notebooks/sales.ipynb"}
# Cells that run although their result turns out to be the same, and why nobody could know before.
EXTRA: dict[str, dict[int, str]] = {
    "notebooks/dashboard.ipynb": {
        3: "gives the choice of cities other options: a widget is neither shown text nor a value"
    },
    "notebooks/classic.ipynb": {2: "writes the label: a widget is neither shown text nor a value"},
    "notebooks/driving.ipynb": {
        12: "reads how many matches there are, for the frame slider: as many as before",
        14: "reads the confidence: on this frame it leaves the same boxes",
        15: "counts what was found: in the fog not the same boxes, but as many",
    },
    "notebooks/sales.ipynb": {
        **dict.fromkeys((6, 7, 8, 9), "writes a number into a card: a widget is neither shown text nor a value"),
        12: "fills a table, which is a widget as well",
    },
    "notebooks/faces.ipynb": {9: "reads how far each colour is off: rounded, the mean is the same"},
}


def oracle(path: Path) -> AppTest:
    """The same notebook, in which every cell always runs."""
    cells = [cell.source for cell in read(path).cells if cell.cell_type == "code"]
    return AppTest.from_cells([f"#| nbapp: always\n{source}" for source in cells], cwd=path.parent)


def shown(app: AppTest, index: int) -> list[Any]:
    """What a cell shows; of a widget only that it is there."""
    return [{"view": True} if VIEW in output.get("data", ()) else output for output in app.outputs(index)]


def results(app: AppTest) -> tuple[list[list[Any]], dict[str, Any]]:
    return [shown(app, index) for index in range(len(app.steps))], app.eval(MADE)


def needed(before: tuple[list[Any], dict[str, Any]], now: tuple[list[Any], dict[str, Any]]) -> set[int]:
    """The cells whose results differ."""
    shows = {index for index, (old, new) in enumerate(zip(before[0], now[0], strict=True)) if old != new}
    return shows | {made[1] for name, made in now[1].items() if before[1].get(name) != made}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.soak) if name in LARGE else name for name in NOTEBOOKS]
)
def test_no_more_cells_run_than_a_perfect_oracle_would_have_run(name: str) -> None:
    path = ROOT / name
    with AppTest.from_file(path) as app, oracle(path) as full:
        app.run()
        before = results(full.run())
        for widget, value in NOTEBOOKS[name]:
            app.set(widget, value)
            now = results(full.set(widget, value))
            wanted = needed(before, now)
            assert set(app.executed) <= wanted | EXTRA.get(name, {}).keys(), (widget, value)
            assert {step.index for step in app.steps if step.state in ("ran", "restored")} >= wanted
            assert [shown(app, index) for index in range(len(app.steps))] == now[0]
            before = now


# The cells of `sales` with controls of `nbapp.ui`, as one writes them with ipywidgets.
PLAIN = {
    2: """import ipywidgets as w
regions = w.SelectMultiple(options=REGIONS, value=REGIONS, rows=4, description="Regions")
products = w.SelectMultiple(options=list(PRICES), value=list(PRICES), rows=5, description="Products")
display(regions, products)
_regions, _products = regions, products
regions, products = regions.value, products.value""",
    3: """_year = w.Dropdown(options=[2025, 2024], description="Year")
_months = w.IntRangeSlider(value=(1, 12), min=1, max=12, description="Months")
display(_year, _months)
year, (first, last) = _year.value, _months.value""",
    4: """_part = w.Dropdown(options=["product", "region"], description="Bars by")
display(_part)
part = _part.value""",
}
NAMES = {"Regions": "_regions", "Products": "_products", "Year": "_year", "Months": "_months", "Bars by": "_part"}


def test_as_many_cells_of_the_sales_run_as_with_plain_widgets() -> None:
    path = ROOT / "notebooks/sales.ipynb"
    cells = [cell.source.replace("200_000", "5_000") for cell in read(path).cells if cell.cell_type == "code"]
    plain = [PLAIN.get(index, source) for index, source in enumerate(cells)]
    with AppTest.from_cells(cells) as ours, AppTest.from_cells(plain) as theirs:
        assert ours.run().executed == theirs.run().executed == tuple(range(len(cells)))
        for label, value in [*NOTEBOOKS["notebooks/sales.ipynb"], ("Regions", []), ("Regions", ["North", "East"])]:
            assert ours.set(label, value).executed == theirs.set(NAMES[label], value).executed, (label, value)
            assert ours.error is theirs.error is None
