"""A choice belongs to a place in the notebook: also where the widget there cannot be constructed again in place."""

from __future__ import annotations

import pytest

from tests.kernel.book import SLIDER, Book

MIXED = "class Remembers:\n    def __init__(self, **keys):\n        self.extra = 1\n        super().__init__(**keys)\nclass Pick(Remembers, W.Dropdown): pass"
# Each: what is needed, how a widget is made for a value of `n`, the trait that a user changes, and to what.
KINDS = {
    "ipyvuetify": ("import ipyvuetify as v", "v.Select(items=['a', 'b', str(n.value)], v_model='a')", "v_model", "b"),
    "a mixin of the author's": (MIXED, "Pick(options=['a', 'b', str(n.value)])", "value", "b"),
    "plain": ("", "W.Dropdown(options=['a', 'b', str(n.value)])", "value", "b"),
    "anywidget": (
        "import anywidget, traitlets\nclass Any(anywidget.AnyWidget):\n    _esm = 'export default {}'\n    at = traitlets.Unicode('a').tag(sync=True)\n    size = traitlets.Int(0).tag(sync=True)",
        "Any(size=n.value)",
        "at",
        "b",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_choice_is_there_after_the_slider_went_away_and_came_back(book: Book, kind: str) -> None:
    needed, made, trait, chosen = KINDS[kind]
    book.open(SLIDER, needed, f"w = {made}", f"print(w.{trait}, n.value)")
    if kind == "plain" or kind == "a mixin of the author's":
        book.set("w", chosen)
    else:
        book.message("w", {"method": "update", "state": {trait: chosen}, "buffer_paths": []})
    assert book.text(3) == f"{chosen} 1\n"
    for value in (2, 1, 3, 2, 1):
        book.set("n", value)
        assert (book.error, book.text(3), book.eval(f"w.{trait}")) == (None, f"{chosen} {value}\n", chosen)


def test_what_a_callback_wrote_belongs_to_the_place_too(book: Book) -> None:
    cells = "label = v.Chip(children=['none'])\nb = W.Button()\ndef go(_):\n    items.append(1); label.children = [str(len(items))]\nb.on_click(go)\nprint(len(items))"
    book.open("import ipywidgets as W, ipyvuetify as v", "items = []", cells, "print(label.children)")
    for clicks in (1, 2):
        book.app.click("b")
        assert (book.text(2), book.text(3)) == (f"{clicks}\n", f"['{clicks}']\n")
