"""The samples beside their twins in Streamlit, in the docs: the counts are true, and both are the same app."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "howto" / "coming-from-streamlit.md"
# The headings of sections, and what a script has in common with its notebook.
SAMPLES = {
    "sales": ("A dashboard, both ways", {"make_sales"}, {"REGIONS", "PRICES", "wanted", "chosen", "before", "total"}),
    "photo": ("A photo editor, both ways", {"hills"}, {"LARGEST", "shown", "light"}),
}
LARGEST = 120_000  # bytes of a picture


def section(heading: str) -> str:
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")
    return rest.partition("\n## ")[0]


def blocks(heading: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", section(heading), re.DOTALL | re.MULTILINE)


def lines(text: str) -> list[str]:
    """The lines that count: not blank, and no comments."""
    return [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def cells(name: str, kind: str) -> list[str]:
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def code(name: str) -> str:
    return "\n".join(cells(name, "code"))


def in_common(source: str, functions: set[str], names: set[str]) -> dict[str, str]:
    """Functions without their decorators, and the first values that names get."""
    plain = "\n".join(line for line in source.splitlines() if not line.startswith("%"))
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(plain)):
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            node.decorator_list = []
            found[node.name] = ast.unparse(node)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in names:
            found.setdefault(node.targets[0].id, ast.unparse(node.value))
    return found


def test_the_counts_of_the_trainer_are_true() -> None:
    (both,) = blocks("One app, both ways")
    halves = [re.split(r"\s*# ?", line, maxsplit=1) for line in both.splitlines() if line.strip()]
    there = [left for left, _ in halves if left.strip() != "..." and left.strip()]
    here = [
        right for _, right in halves if right.strip() and right.strip() != "..." and not right.startswith("the tag")
    ]
    told = re.search(r"^(\d+) lines there, (\d+) here\.", section("One app, both ways"), re.MULTILINE)
    assert told
    assert [int(count) for count in told.groups()] == [len(there), len(here)]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_counts_of_a_sample_and_its_twin_are_true(name: str) -> None:
    heading, *_ = SAMPLES[name]
    told = re.search(
        r"^\| lines of code.*\| (\d+), and (\d+) lines in Markdown cells \| (\d+) \|$", section(heading), re.M
    )
    texts = [line for text in cells(name, "markdown") for line in text.splitlines() if line.strip()]
    counted = [len(lines(code(name))), len(texts), len(lines(blocks(heading)[0]))]
    assert told
    assert [int(count) for count in told.groups()] == counted


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_and_its_twin_make_the_same(name: str) -> None:
    heading, functions, names = SAMPLES[name]
    here = in_common(code(name), functions, names)
    assert here.keys() == functions | names
    assert in_common(blocks(heading)[0], functions, names) == here


@pytest.mark.parametrize("name", SAMPLES)
def test_the_cells_on_the_page_stand_in_the_sample(name: str) -> None:
    heading, *_ = SAMPLES[name]
    missing = set(lines(blocks(heading)[1])) - set(lines(code(name)))
    assert missing == set()


def test_the_pictures_are_small() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", PAGE.read_text(encoding="utf-8"))
    assert len(shown) == 6
    assert all((PAGE.parent / path).stat().st_size <= LARGEST for path in shown)
