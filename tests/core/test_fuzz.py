"""Random notebooks under random changes agree with a clean run: what cells show, their errors, every value, and what is the same object.

The suite tries the same few notebooks every time. `NBAPP_FUZZ_EXAMPLES=n` tries n new ones in each test.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbapp.core.notebook import Cell, CellId
from tests.core import sources
from tests.core.clean import differences
from tests.core.host import ROOMY, Double

EXAMPLES = int(os.environ.get("NBAPP_FUZZ_EXAMPLES") or 0)
PLAIN = sources.VALUES + sources.CONTAINERS
INPUTS = {"n": (0, 1, 2, 3), "m": (5, 6, [7], True, 1)}


def filled(template: str) -> st.SearchStrategy[str]:
    """The template with names of the right kind."""
    parts: dict[str, st.SearchStrategy[Any]] = {
        key: st.sampled_from(names) for key, names in sources.KINDS.items() if f"{{{key}}}" in template
    }
    parts |= {"c": st.integers(0, 3)} if "{c}" in template else {}
    parts |= {"n": st.sampled_from("nm")} if "{n}" in template else {}
    return st.fixed_dictionaries(parts).map(lambda values: template.format(**values))


def statements(templates: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Cells of one or two statements."""
    one = st.sampled_from(templates).flatmap(filled)
    return st.one_of(one, one, one, st.tuples(one, one).map("\n".join))


@dataclass(frozen=True)
class Act:
    """One thing that a user does before the next rerun."""

    kind: str
    at: int
    to: int
    source: str
    full: bool

    def on(self, double: Double, history: list[tuple[dict[str, Any], Any]]) -> None:
        """Do it."""
        size = len(double.notebook)
        at, to = self.at % size, self.to % size
        if self.kind in ("n", "m"):
            double.inputs[self.kind] = INPUTS[self.kind][self.to % len(INPUTS[self.kind])]
        elif self.kind == "edit":
            double.edit(at, self.source)
        elif self.kind == "insert":
            double.insert(to, self.source, f"new{len(history)}")
        elif self.kind == "copy":
            double.insert(to, double.notebook[at].source, f"copy{len(history)}")
        elif self.kind == "delete" and size > 1:
            double.delete(at)
        elif self.kind == "paste":
            source = double.notebook[at].source
            double.delete(at)
            double.insert(to, source, f"paste{len(history)}")
        elif self.kind == "move":
            double.move(at, to)
        elif self.kind == "undo" and history:
            double.notebook = history[at % len(history)][1]
        elif self.kind == "back" and history:
            double.inputs = dict(history[at % len(history)][0])


KIND = st.sampled_from(
    [
        "n",
        "n",
        "n",
        "n",
        "m",
        "m",
        "back",
        "edit",
        "edit",
        "insert",
        "delete",
        "move",
        "undo",
        "copy",
        "paste",
        "stop",
        "again",
    ]
)


PRESSING = st.sampled_from(
    ["press", "press", "press", "n", "n", "m", "back", "edit", "insert", "delete", "move", "undo", "again"]
)


def acts(cell: st.SearchStrategy[str], kinds: st.SearchStrategy[str] = KIND) -> st.SearchStrategy[list[Act]]:
    """A user at work."""
    at = st.integers(0, 19)
    return st.lists(st.builds(Act, kinds, at, at, cell, st.booleans()), min_size=2, max_size=10)


def work(prelude: tuple[str, ...], body: list[str], plan: list[Act], limit: int = ROOMY) -> None:
    """Build the notebook, do what the user does, and compare with a clean run after each rerun."""
    named = [Cell(CellId(f"c{index}"), source) for index, source in enumerate((*prelude, *body))]
    double = Double(tuple(named), {"n": 1, "m": 5}, limit)
    double.store.snapshots.eager = len(plan) % 2 == 0  # these cells are too quick to be worth a copy
    history: list[tuple[dict[str, Any], Any]] = []
    if len(body) % 2:
        double.store.least_look = 0  # these values are so small that each would be looked at
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        double.rerun()
        assert differences(double, namespace=False) == []
        for act in plan:
            history.append((dict(double.inputs), double.notebook))
            act.on(double, history)
            if act.kind == "press":
                double.press()
            if act.kind == "stop":
                double.inputs["n"] = act.to % 4
                double.rerun(stop_after=act.at % len(double.notebook))
                if act.full:
                    double.complete()
                continue
            double.rerun()
            assert differences(double, namespace=act.full) == []
        double.rerun()
        assert differences(double) == []


def examples(count: int) -> settings:
    """How many notebooks: a few in the normal suite, many in a soak."""
    return settings(
        deadline=None,
        max_examples=EXAMPLES or count,
        derandomize=not EXAMPLES,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        database=None,
    )


def notebooks(templates: tuple[str, ...], kinds: st.SearchStrategy[str] = KIND) -> Any:
    """A plan: the cells below the prelude, and what the user does."""
    cell = statements(templates)
    return st.tuples(st.lists(cell, min_size=2, max_size=9), acts(cell, kinds))


@given(notebooks(sources.ALIASES))
@examples(12)
def test_shared_objects_agree_with_a_clean_run(plan: tuple[list[str], list[Act]]) -> None:
    work(("a = [0]\nb = [a]\nc = [0]",), *plan)


@given(notebooks(PLAIN))
@examples(15)
def test_values_and_containers_agree_with_a_clean_run(plan: tuple[list[str], list[Act]]) -> None:
    work(sources.PRELUDE[:2], *plan)


@given(notebooks(PLAIN + sources.CODE))
@examples(15)
def test_functions_and_closures_agree_with_a_clean_run(plan: tuple[list[str], list[Act]]) -> None:
    work(sources.PRELUDE, *plan)


@given(notebooks(sources.CONTAINERS + sources.CLASSES))
@examples(15)
def test_classes_and_objects_agree_with_a_clean_run(plan: tuple[list[str], list[Act]]) -> None:
    work(sources.PRELUDE, *plan)


@given(notebooks(sources.CONTAINERS + sources.LAZY + sources.CODE))
@examples(10)
def test_iterators_and_generators_agree_with_a_clean_run(plan: tuple[list[str], list[Act]]) -> None:
    work(sources.PRELUDE, *plan)


@given(notebooks(sources.NUMPY + sources.VALUES + sources.NUMPY))
@examples(15)
def test_arrays_and_their_views_agree_with_a_clean_run(plan: tuple[list[str], list[Act]]) -> None:
    work((*sources.PRELUDE[:2], sources.ARRAYS), *plan)


@given(notebooks(sources.PANDAS + sources.VALUES + sources.PANDAS))
@examples(15)
def test_frames_and_series_agree_with_a_clean_run(plan: tuple[list[str], list[Act]]) -> None:
    work((*sources.PRELUDE[:2], sources.ARRAYS, sources.FRAMES), *plan)


@given(notebooks(PLAIN + sources.CODE + sources.CLASSES), st.sampled_from([0, 2_000, 20_000]))
@examples(12)
def test_a_store_without_room_agrees_with_a_clean_run(plan: tuple[list[str], list[Act]], limit: int) -> None:
    work(sources.PRELUDE, *plan, limit)


@given(notebooks(sources.CALLBACKS, PRESSING))
@examples(10)
def test_notebooks_with_callbacks_agree_with_a_clean_run_from_what_they_wrote(
    plan: tuple[list[str], list[Act]],
) -> None:
    work(sources.FLAT, *plan)
