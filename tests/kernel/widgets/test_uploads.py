"""Files as browsers send them are taken; what no browser sends is not."""

from __future__ import annotations

from typing import Any

import ipywidgets
import pytest

from nbapp.kernel.widgets.updates.guard import may_set

PATHS = [["value", 0, "content"]]


def _file(**told: Any) -> dict[str, Any]:
    return {"name": "sales.csv", "type": "text/csv", "size": 3, "last_modified": 1_700_000_000_000, **told}


def _may(value: Any, paths: Any = PATHS, buffers: Any = (b"a,b",), **options: Any) -> bool:
    return may_set(ipywidgets.FileUpload(**options), "value", value, paths, buffers)


def test_what_browsers_send_is_taken() -> None:
    assert _may([_file()])
    assert _may([_file(name="Bericht März (2).xlsx", type="")])
    assert _may([_file(size=0)], buffers=[memoryview(b"")])
    assert _may([], [], [])
    two = [["value", 0, "content"], ["value", 1, "content"]]
    assert _may([_file(), _file(name="b.csv")], two, [b"a,b", b"c,d"], multiple=True)


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "..", ".", "", "a\\b", "C:x", "a\0b", "a\nb", "x" * 256, "\ud800", None, 3, ["x"]]
)
def test_a_name_that_is_no_files_name_is_refused(name: Any) -> None:
    assert not _may([_file(name=name)])


@pytest.mark.parametrize(
    "told",
    [
        {"size": 4},
        {"size": -1},
        {"size": True},
        {"size": "3"},
        {"type": None},
        {"type": "x" * 300},
        {"last_modified": -1},
        {"last_modified": 1e300},
        {"last_modified": float("nan")},
        {"last_modified": "now"},
        {"other": 1},
    ],
)
def test_a_file_that_lies_about_itself_is_refused(told: dict[str, Any]) -> None:
    assert not _may([_file(**told)])


def test_more_files_than_the_author_wants_are_refused() -> None:
    two = [["value", 0, "content"], ["value", 1, "content"]]
    assert not _may([_file(), _file()], two, [b"a,b", b"c,d"])


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ([_file()], []),
        ([_file()], [["value", 0, "name"]]),
        ([_file()], [["value"]]),
        ([_file()], [["value", 0, "content"], ["value", 1, "content"]]),
        ("x", PATHS),
        ({"x": _file()}, PATHS),
        ([None], PATHS),
        ([{}], PATHS),
    ],
)
def test_what_is_no_file_is_refused(value: Any, paths: Any) -> None:
    assert not _may(value, paths)


@pytest.mark.parametrize("widget", [ipywidgets.Text(), ipywidgets.SelectionRangeSlider(options="abc")])
def test_no_other_control_takes_binary_parts(widget: Any) -> None:
    name = "value" if isinstance(widget, ipywidgets.Text) else "index"
    assert not may_set(widget, name, [None, 1], [[name, 0]], [b"x"])
    assert not may_set(widget, name, None, [[name]], [b"x"])
