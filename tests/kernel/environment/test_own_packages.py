"""An own package of many modules: what it costs to watch them grows with their number, not with its square."""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Any

import pytest

from nbapp.kernel.environment.process.class_attributes import Attributes
from nbapp.kernel.environment.process.library_containers import Libraries
from nbapp.kernel.parse.attribute_writes import sets_of
from tests.kernel.book import SLIDER, Book

CODE = "import decimal\ntable.update(a=1)\nkinds.Kind.size = 3\ntable['b'] = 2\n"


class Asked(dict[str, Any]):
    """A module's names, which count how often they are looked up."""

    count = 0

    def get(self, name: str, default: Any = None) -> Any:
        self.count += 1
        return super().get(name, default)


def is_own(module: ModuleType) -> bool:
    return False


@pytest.mark.parametrize("watch", [Libraries(is_own), Attributes(is_own)], ids=["containers", "attributes"])
def test_a_module_of_the_authors_is_not_asked_again_as_the_next_one_is_imported(watch: Any) -> None:
    sets, first = sets_of(ast.parse(CODE)), Asked()
    watch.begin(sets_of(ast.parse("")), {})
    watch.expect(sets, first)
    asked = first.count
    for _ in range(5):
        watch.expect(sets, Asked())
    assert (asked > 0, first.count) == (True, asked)


def test_what_a_module_of_an_own_package_sets_in_a_library_is_seen_whichever_of_its_modules_does(
    book: Book, folder: Any
) -> None:
    package = folder / "many"
    package.mkdir()
    (package / "__init__.py").write_text("from many import one, two, three\n")
    (package / "one.py").write_text("import mimetypes\n")
    (package / "two.py").write_text("import mimetypes\nmimetypes.types_map['.one'] = 'a/b'\n")
    (package / "three.py").write_text("import csv\nclass Row: size = 1\n")
    book.open(
        SLIDER,
        "import many, mimetypes\nmimetypes.types_map['.two'] = f'n/{n.value}'",
        "shown = mimetypes.types_map['.one'], mimetypes.types_map['.two']",
    )
    assert book.set("n", 4).eval("shown") == ("a/b", "n/4")
    assert book.set("n", 1).eval("shown") == ("a/b", "n/1")
