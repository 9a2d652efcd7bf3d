"""What tags make of a page: a tree of regions, what of a cell is hidden, how the page looks, what is told of nonsense."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode, v4

from nbapp.serve.layout.hiding import Hiding, hiding
from nbapp.serve.layout.places import places
from nbapp.serve.layout.preview import preview
from nbapp.serve.layout.settings import settings
from nbapp.serve.layout.tags import plain
from nbapp.serve.layout.tree import Leaf, Region, arrange
from nbapp.share.digest import digest
from tests.e2e.conftest import Serve
from tests.serve.test_routes import ask


def code(name: str, *tags: str, source: str = "print(1)", **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "id": name, "source": source, "metadata": {"tags": list(tags), **metadata}}


def text(name: str, *tags: str, source: str = "words", **metadata: Any) -> dict[str, Any]:
    return {**code(name, *tags, source=source, **metadata), "cell_type": "markdown"}


def tree(cells: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The body as lists: a region is its kind and title, and what is in it."""
    layout = arrange(cells)
    return [written(each) for each in layout.body.inner]


def written(each: Region | Leaf) -> Any:
    if isinstance(each, Leaf):
        return each.cell_id
    return [f"{each.kind} {each.title}".strip(), *map(written, each.inner)]


def remarks(*cells: Mapping[str, Any]) -> list[str]:
    return [str(remark) for remark in arrange(cells).remarks]


# --- where cells stand


def test_cells_without_tags_and_with_tags_of_others_stand_one_below_the_other() -> None:
    assert tree([text("a"), code("b", "parameters"), code("c", "Column", "tabs=x", "my-sidebar")]) == ["a", "b", "c"]
    assert remarks(code("b", "parameters", "columns", "tag=")) == []


def test_the_sidebar_takes_its_cells_from_anywhere_and_parts_no_neighbours() -> None:
    cells = [code("a", "column"), code("s", "sidebar"), code("b", "column"), text("t", "sidebar")]
    assert [leaf.cell_id for leaf in arrange(cells).sidebar.leaves()] == ["s", "t"]
    assert tree(cells) == [["row", ["column", "a"], ["column", "b"]]]


def test_parameters_part_neighbours_where_they_are_controls() -> None:
    def between(*tags: str) -> list[Any]:
        cell = code("p", "parameters", *tags)
        cell["source"] = "n = 10"
        return tree([code("a", "column"), cell, code("b", "column")])

    assert between("controls") == [["row", ["column", "a"]], "p", ["row", ["column", "b"]]]
    assert between() == [["row", ["column", "a"], ["column", "b"]], "p"]


def test_neighbouring_columns_share_a_row_and_others_begin_a_new_one() -> None:
    cells = [code("a", "column"), code("b", "column=2"), text("t"), code("c", "column"), code("d", "column")]
    assert tree(cells) == [["row", ["column", "a"], ["column", "b"]], "t", ["row", ["column", "c"], ["column", "d"]]]
    row = arrange(cells).body.inner[0]
    assert isinstance(row, Region)
    assert [each.weight for each in row.inner if isinstance(each, Region)] == [1.0, 2.0]


def test_a_column_with_the_tag_row_begins_a_new_one_beneath() -> None:
    cells = [code("a", "column"), code("b", "column"), code("c", "row", "column"), text("d", "column")]
    assert tree(cells) == [["row", ["column", "a"], ["column", "b"]], ["row", ["column", "c"], ["column", "d"]]]
    inside = [{**cell, "metadata": {"tags": ["tab=T", *cell["metadata"]["tags"]]}} for cell in cells]
    assert tree(inside) == [["tabs", ["tab T", *tree(cells)]]]


@pytest.mark.parametrize(
    "between",
    [
        code("x", source="import numpy\ny = f(1)\ndef g(): return 2"),
        code("x", source="   "),
        code("x", "remove-output"),
        code("x", "remove-cell", "column"),
        {**text("x"), "cell_type": "raw"},
        text("x", "skip"),
    ],
)
def test_a_cell_of_which_nothing_is_seen_parts_no_neighbours(between: dict[str, Any]) -> None:
    made = tree([code("a", "column"), between, code("b", "column")])
    assert made[0] == ["row", ["column", "a"], ["column", "b"]]


@pytest.mark.parametrize("source", ["plot()", "x = 1\nx", "%matplotlib inline", "for x in y: print(x)", "not python"])
def test_a_cell_that_may_show_something_ends_a_row(source: str) -> None:
    assert len(tree([code("a", "column"), code("x", source=source), code("b", "column")])) == 3


def test_tabs_of_one_name_are_one_and_those_of_neighbours_one_set() -> None:
    cells = [code("a", "tab=One"), code("b", "tab=Two words"), code("c", "tab=One"), text("t"), code("d", "tab=One")]
    assert tree(cells) == [["tabs", ["tab One", "a", "c"], ["tab Two words", "b"]], "t", ["tabs", ["tab One", "d"]]]


def test_tags_nest_from_tabs_over_expanders_and_columns_to_cards() -> None:
    cells = [
        code("a", "card", "column", "expander=More", "tab=One"),
        code("b", "tab=One", "expander=More", "column"),
        code("c", "below"),
        code("d", "tab=One", "card"),
        code("e", "below"),
    ]
    row = ["row", ["column", ["card", "a"]], ["column", "b", "c"]]
    assert tree(cells) == [["tabs", ["tab One", ["expander More", row], ["card", "d", "e"]]]]


def test_a_heading_gives_a_tab_or_an_expander_its_name_and_is_not_written_twice() -> None:
    cells = [text("a", "tab", source="## The *first* one\n\nwords"), code("b", "tab=The first one")]
    assert tree(cells) == [["tabs", ["tab The first one", "a", "b"]]]
    assert next(iter(arrange(cells).body.leaves())).source == "\nwords"


def test_the_widest_cell_says_how_wide_its_region_is() -> None:
    cells = [code("a", "wide"), code("b", "column"), code("c", "column", "full", "wide"), code("d", "full-width")]
    inner = arrange(cells).body.inner
    assert [each.width for each in inner] == ["wide", "full", "full"]


# --- nonsense is told and harms nothing


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (code("a", "column=abc"), "`column=abc` gives no width.*counts as `column`.*`column=2`"),
        (code("a", "column=-1"), "`column=-1` gives no width"),
        (code("a", "column=nan"), "`column=nan` gives no width"),
        (code("a", "column=1e9"), "gives no width"),
        (code("a", "tab"), "`tab` has no name.*`tab=Name`"),
        (code("a", "tab="), "`tab=` has no name"),
        (text("a", "expander", source="no heading"), "`expander` has no name"),
        (code("a", "sidebar=left"), "`sidebar=left`.*takes no value"),
        (code("a", "wide=2"), "`wide=2`.*takes no value"),
        (code("a", "sidebar", "wide"), "`wide` in the sidebar"),
        (code("a", "tab=A", "tab=B"), "a second tag `tab=B`"),
        (code("a", "below"), "the tag `below`.*stands in no column"),
        (code("a", "column"), "a `column` without a neighbour"),
        (code("a", "row", "card"), "`row` without `column`"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_cell_and_the_remedy(cell: dict[str, Any], says: str) -> None:
    told = remarks(cell)
    assert any(re.search(says, each) for each in told), told


def test_a_remark_names_the_code_cell_by_its_number_and_first_line() -> None:
    told = remarks(text("t"), code("a"), code("b", "column=x", "card=1", source="\n  n = 1"))
    assert told[0].startswith("cell 2 (n = 1) the tag `column=x`")


TAG = st.sampled_from(
    ["sidebar", "column", "column=2", "tab=a", "tab=b", "expander=a", "card", "below", "row", "wide", "full"]
)
HIDES = st.sampled_from(["remove-cell", "hide-cell", "remove-output", "hide-output", "skip", "tab", "column=x", "x"])
TAGS = st.lists(TAG | HIDES | st.text(max_size=6), max_size=4)
CELLS = st.lists(st.tuples(st.booleans(), TAGS), max_size=12)


@given(CELLS)
def test_whatever_the_tags_each_cell_that_runs_stands_in_the_page_once_and_regions_close(
    asked: list[tuple[bool, list[str]]],
) -> None:
    cells = [(code if is_code else text)(str(number), *tags) for number, (is_code, tags) in enumerate(asked)]
    layout = arrange(cells)
    stand = [leaf.cell_id for region in (layout.sidebar, layout.body) for leaf in region.leaves()]
    assert len(stand) == len(set(stand))
    assert set(stand) >= {cell["id"] for cell in cells if cell["cell_type"] == "code"}
    page = "".join(place.before + place.after for place in places({"cells": cells}))
    for tag in ("div", "section", "details", "h2"):
        assert len(re.findall(f"<{tag}[ >]", page)) == page.count(f"</{tag}>")


def test_what_an_author_writes_is_text_in_the_page() -> None:
    before = places({"cells": [code("a", 'tab=<b onclick="x">'), code("b", "expander=</details>")]})
    page = "".join(place.before for place in before)
    assert "<b " not in page
    assert "&lt;b onclick=&quot;x&quot;&gt;" in page
    assert "</details></summary>" not in page


@pytest.mark.parametrize("tags", [None, 3, "sidebar", {"a": 1}, [1, None, ["sidebar"]]])
def test_tags_that_are_no_texts_are_nothing(tags: Any) -> None:
    assert tree([{**code("a"), "metadata": {"tags": tags}}]) == ["a"]
    assert hiding({**code("a"), "metadata": {"tags": tags}}) == Hiding()


# --- hiding


@pytest.mark.parametrize(
    ("cell", "hidden"),
    [
        (code("a"), Hiding()),
        (code("a", "remove-cell"), Hiding("removed", "removed", "removed")),
        (code("a", "remove_cell"), Hiding("removed", "removed", "removed")),
        (code("a", "skip"), Hiding("removed", "removed", "removed")),
        (text("a", "remove-cell"), Hiding("removed", "removed", "removed")),
        (code("a", "hide-cell"), Hiding("folded")),
        (text("a", "hide-cell"), Hiding("folded")),
        (code("a", "hide-cell", "remove-cell"), Hiding("removed", "removed", "removed")),
        (code("a", "hide-input"), Hiding(source="folded")),
        (code("a", "remove_input"), Hiding(source="removed")),
        (code("a", "hide-output"), Hiding(output="folded")),
        (code("a", "remove_output"), Hiding(output="removed")),
        (text("a", "remove-input", "remove-output"), Hiding()),
        (code("a", jupyter={"source_hidden": True}), Hiding(source="folded")),
        (code("a", "remove-input", jupyter={"source_hidden": True}), Hiding(source="removed")),
        (code("a", jupyter={"outputs_hidden": True}), Hiding(output="folded")),
        (code("a", collapsed=True), Hiding(output="folded")),
        (code("a", collapsed=True, jupyter={"outputs_hidden": False}), Hiding()),
        (code("a", collapsed=False, jupyter={"source_hidden": "yes"}), Hiding()),
        (code("a", jupyter=3, collapsed="true"), Hiding()),
    ],
)
def test_what_is_hidden_of_a_cell(cell: dict[str, Any], hidden: Hiding) -> None:
    assert hiding(cell) == hidden


def test_texts_that_are_removed_and_raw_cells_are_not_in_the_page_and_code_that_is_removed_keeps_its_box() -> None:
    cells = [text("t", "remove-cell"), {**text("r"), "cell_type": "raw"}, code("c", "remove-cell"), code("d")]
    assert [(place.leaf.cell_id, place.leaf.number) for place in places({"cells": cells})] == [("c", 1), ("d", 2)]


# --- settings


def test_settings_are_read_and_what_is_not_written_is_as_ever(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"picture")
    assert settings({}, tmp_path).as_metadata() == {
        "title": "",
        "icon": "",
        "width": "narrow",
        "theme": "",
        "sidebar": "open",
    }
    layout = {"title": " My \n app", "icon": "logo.png", "width": "full", "theme": "dark", "sidebar": "shut"}
    found = settings({"nbapp": {"layout": layout}}, tmp_path)
    assert not found.remarks
    assert (found.title, found.width, found.theme, found.sidebar) == ("My app", "full", "dark", "shut")
    assert found.icon == "data:image/png;base64,cGljdHVyZQ=="
    assert settings({"nbapp": {"layout": {"icon": "📈"}}}, tmp_path).icon.startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize(
    ("layout", "says"),
    [
        ({"width": "huge"}, '`width` is \'huge\'.*"narrow", "wide", "full"'),
        ({"theme": ["dark"]}, "`theme` is"),
        ({"sidebar": True}, "`sidebar` is True"),
        ({"title": 3}, "`title` is no text"),
        ({"colour": "red"}, "`colour` is no setting.*title, icon, width, theme and sidebar"),
        ({"icon": "../secret.png"}, "is not in the notebook's folder"),
        ({"icon": "missing.png"}, "is not in the notebook's folder"),
        ({"icon": "notes.txt"}, "is no picture"),
        ({"icon": "large.png"}, "is larger than 100 kB"),
        ({"icon": "a long word"}, "neither an emoji nor a file"),
        ("wide", "`nbapp.layout` is no object"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_and_ignored(tmp_path: Path, layout: Any, says: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for path in (tmp_path / "secret.png", folder / "notes.txt"):
        path.touch()
    (folder / "large.png").write_bytes(b"x" * 100_001)
    found = settings({"nbapp": {"layout": layout}}, folder)
    assert [bool(re.search(says, str(remark))) for remark in found.remarks] == [True]
    assert found.as_metadata() == settings({}, folder).as_metadata()


def test_folding_and_settings_make_another_version_of_an_app_and_nothing_else_does() -> None:
    def version(metadata: dict[str, Any], **cell: Any) -> str:
        return digest(NotebookNode(cells=[NotebookNode(code("a", **cell))], metadata=metadata))

    plain = version({})
    assert plain == version({"nbapp": {}}, collapsed=False, jupyter={"outputs_hidden": False}, editable=True)
    assert len({plain, version({"nbapp": {"layout": {"width": "wide"}}}), version({}, collapsed=True)}) == 3


# --- served


def test_nonsense_is_told_in_the_authors_log_and_the_command_line_comes_before_the_notebook(
    serve: Serve, tmp_path: Path
) -> None:
    layout = {"theme": "dark", "width": "huge", "title": "Mine"}
    notebook = v4.new_notebook(cells=[v4.new_code_cell("print(1)")], metadata={"nbapp": {"layout": layout}})
    notebook.cells[0].metadata.tags = ["card=1"]
    path = tmp_path / "app.ipynb"
    nbformat.write(notebook, path)
    plain = serve(path)
    assert 'data-nbapp-theme="dark"' in ask(plain.url)[1]
    assert f"{path}: `width` is 'huge': it is ignored; write one of" in plain.output
    assert "cell 1 (print(1)) the tag `card=1`: it is ignored; write `card`: it takes no value" in plain.output
    page = ask(serve(path, "--theme", "light", "--title", "Another").url)[1]
    assert 'data-nbapp-theme="light"' in page
    assert "<title>Another</title>" in page


def test_markup_is_taken_out_of_a_text_and_names_of_code_stay() -> None:
    said = "How `load_data` and __init__ *work*, _really_: [a link](there_is.html) to $x$"
    assert plain(said) == "How load_data and init work, really: a link to x"


# --- JupyterLab's preview


REGION = re.compile(r'data-nbapp-region="([^"]*)"|data-nbapp-cell="([^"]*)"')


def test_a_preview_has_the_regions_and_cells_of_the_page_in_its_order(serve: Serve) -> None:
    path = Path(__file__).parents[2] / "notebooks" / "bakery.ipynb"
    notebook = nbformat.read(path, as_version=4)
    markup = preview(notebook, path.parent)["markup"]
    assert markup.count("nbapp-slot") == len(notebook.cells)
    page = ask(serve(path).url)[1]
    assert REGION.findall(markup) == REGION.findall(page[page.index("<main") : page.index("</main>")])


def test_a_preview_folds_and_removes_what_the_page_does_and_writes_ids_as_text() -> None:
    cells = [code('a"<b>', "hide-output"), code("b", "remove-cell"), text("c", "hide-cell"), text("d", "remove-cell")]
    markup = preview({"cells": cells, "metadata": {}}, None)["markup"]
    assert re.findall(r"<summary>(\w+)</summary>", markup) == ["Output", "Details"]
    assert 'data-nbapp-cell="a&quot;&lt;b&gt;"' in markup
    assert "<b>" not in markup
    assert re.findall(r'class="nbapp-place nbapp-removed"><div class="nbapp-slot" data-nbapp-cell="(\w)"', markup) == [
        "b"
    ]


def test_a_preview_of_a_notebook_in_no_folder_has_an_emoji_but_no_picture() -> None:
    def icon(value: str) -> tuple[bool, int]:
        told = preview({"cells": [], "metadata": {"nbapp": {"layout": {"icon": value}}}}, None)
        return bool(told["page"]["icon"]), len(told["remarks"])

    assert (icon("📈"), icon("CHANGELOG.md"), icon("p.png")) == ((True, 0), (False, 1), (False, 1))
