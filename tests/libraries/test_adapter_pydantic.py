"""Models of pydantic, which comes with JupyterHub: to use one changes none of its content."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from nbapp.libraries import LOOKUPS
from nbapp.values.digest import digest
from nbapp.values.survey import survey
from nbapp.values.types import Types
from tests.kernel.book import SLIDER, Book

MODEL = "from pydantic import BaseModel\nclass Model(BaseModel):\n    x: int = 1\n    rows: list[int] = []"
USES: dict[str, Callable[[Any], object]] = {
    "an attribute is set": lambda model: setattr(model(), "x", 5),
    "its signature is asked for": inspect.signature,
    "it is checked": lambda model: model.model_validate({"x": 3}),
    "its schema is asked for": lambda model: model.model_json_schema(),
    "it is written and copied": lambda model: (model().model_dump_json(), model().model_copy(), repr(model())),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_to_use_a_model_changes_nothing_of_it(use: Callable[[Any], object]) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(MODEL, namespace)
    known = Types(namespace, LOOKUPS)
    model = namespace["Model"]
    before = digest(model, known), survey(model, known).reach
    use(model)
    assert (digest(model, known), survey(model, known).reach) == before


def test_what_a_model_says_is_content() -> None:
    told = set()
    for text in (MODEL, MODEL.replace("1", "2"), MODEL.replace("x: int", "x: float"), f"{MODEL}\n    more: str = ''"):
        namespace: dict[str, Any] = {"__name__": "__main__", "BaseModel": BaseModel}
        exec(text, namespace)
        told.add(digest(namespace["Model"], Types(namespace, LOOKUPS)))
    assert len(told) == 4


def test_the_cell_of_a_model_does_not_run_when_one_of_its_objects_is_changed(book: Book) -> None:
    book.open(SLIDER, MODEL, "one = Model()", "one.x = n.value", "print(one)")
    for value in (5, 1, 3):
        assert book.set("n", value).text(4) == f"x={value} rows=[]\n"
        assert 1 not in book.executed
