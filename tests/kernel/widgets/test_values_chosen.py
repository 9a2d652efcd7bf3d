"""The values that a user chose, as `--set NAME=VALUE` would give them again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets as widgets
import pytest

from nbapp.kernel.widgets.updates.current_values import values
from nbapp.kernel.widgets.updates.link_values import text as as_text
from nbapp.kernel.widgets.updates.value_parser import parse
from tests.kernel.kernels import Kernel
from tests.kernel.labpage import SLIDER, LabPage

OPTIONS = [("First", 1), ("Second", 2), ("Third", 3)]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: widgets.IntSlider(value=5), "5"),
        (lambda: widgets.FloatText(value=-0.25), "-0.25"),
        (lambda: widgets.FloatLogSlider(value=100, min=0, max=3), "100.0"),
        (lambda: widgets.Checkbox(value=True), "true"),
        (lambda: widgets.ToggleButton(value=False), "false"),
        (lambda: widgets.Text(value=" two words "), " two words "),
        (lambda: widgets.Text(value="true"), "true"),
        (lambda: widgets.Dropdown(options=OPTIONS, value=2), "Second"),
        (lambda: widgets.Dropdown(options=[("2", 1), ("1", 2)], value=2), "1"),
        (lambda: widgets.SelectionSlider(options=[0.5, 1.5], value=1.5), "1.5"),
        (lambda: widgets.SelectMultiple(options=OPTIONS, value=(1, 3)), '["First", "Third"]'),
        (lambda: widgets.SelectMultiple(options=OPTIONS, value=()), "[]"),
        (lambda: widgets.SelectionRangeSlider(options=["a", "b", "c"], index=(1, 2)), '["b", "c"]'),
        (lambda: widgets.IntRangeSlider(value=(3, 8)), "[3, 8]"),
        (lambda: widgets.TagsInput(value=["a..b", "ü"]), None),
        (lambda: widgets.DatePicker(value=dt.date(2026, 11, 22)), "2026-11-22"),
        (lambda: widgets.NaiveDatetimePicker(value=dt.datetime(2026, 11, 22, 14, 30)), "2026-11-22T14:30:00"),
        (lambda: widgets.DatetimePicker(value=dt.datetime(2026, 11, 22, 14, 30, tzinfo=dt.timezone.utc)), None),
        (lambda: widgets.TimePicker(value=dt.time(14, 30)), "14:30:00"),
        (lambda: widgets.ColorPicker(value="#ff8800"), "#ff8800"),
    ],
    ids=lambda value: type(value()).__name__ if callable(value) else None,
)
def test_the_text_of_a_value_is_read_as_that_value(make: Callable[[], widgets.Widget], text: str | None) -> None:
    widget = make()
    written = as_text(values({"w": widget})["w"])
    assert text is None or written == text
    assert parse(widget, written) == widget.value


@pytest.mark.parametrize(
    "make",
    [
        lambda: widgets.DatePicker(),
        lambda: widgets.Dropdown(options=OPTIONS, value=None),
        lambda: widgets.Dropdown(options=[("a", 1), ("a", 2)], value=2),
        lambda: widgets.Password(value="secret"),
        lambda: widgets.FileUpload(
            value=(
                {"name": "a", "type": "", "size": 1, "content": memoryview(b"a"), "last_modified": dt.datetime.now()},
            )
        ),
    ],
    ids=lambda make: type(make()).__name__,
)
def test_a_value_without_a_text_and_a_password_are_not_written(make: Callable[[], widgets.Widget]) -> None:
    assert values({"w": make()}) == {}


@pytest.fixture
def page() -> Iterator[LabPage]:
    with Kernel() as kernel:
        page = LabPage(kernel)
        page.load()
        yield page


def asked(page: LabPage) -> dict[str, Any]:
    """What the kernel answers to a page that asks for the values that its user chose."""
    page.heard.clear()
    page.say(kind="current", client=page.client)
    page.until(lambda: any(data["kind"] == "values" for data in page.heard))
    (answer,) = [data for data in page.heard if data["kind"] == "values"]
    assert answer["client"] == page.client
    return answer


def test_the_values_that_the_user_chose_are_told_by_the_names_that_the_author_bound(page: LabPage) -> None:
    page.run("a", SLIDER + "\nsame = s\nquiet = widgets.IntSlider(value=s.value * 2, max=100)\nt = widgets.Text('x')")
    page.run("b", "widgets.interact(lambda n: None, n=5);")
    assert asked(page) == {"kind": "values", "client": "page-1", "values": [], "left": [], "unnamed": 0}
    page.move("s", 8)
    page.move("[each for each in widgets.Widget.widgets.values() if getattr(each, 'description', '') == 'n'][0]", 7)
    answer = asked(page)
    assert answer["values"] == [{"name": "s", "text": "8"}]  # `quiet` follows by itself, and was not touched
    assert (answer["left"], answer["unnamed"]) == ([], 1)


def test_a_move_that_waits_counts_and_what_has_no_text_is_named(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.run("b", "p = widgets.Password()\np")
    page.run("c", "print('n is', s.value)")
    page.move("p", "secret")
    page.move("s", 9)
    answer = asked(page)
    assert (answer["values"], answer["left"]) == ([{"name": "s", "text": "9"}], ["p"])
    page.until(lambda: page.text("c") == "n is 9\n")


def test_with_reactive_off_the_values_are_the_ones_on_the_screen(page: LabPage) -> None:
    page.run("a", SLIDER)
    page.say(kind="reactive", on=False)
    page.move("s", 21)
    assert asked(page)["values"] == [{"name": "s", "text": "21"}]


def test_what_a_callback_gave_to_a_control_is_chosen_too_and_reset_takes_it_back(page: LabPage) -> None:
    page.run("a", SLIDER + "\nb = widgets.Button()\nb.on_click(lambda _: setattr(s, 'value', 40))\nb")
    model = page.value("b.comm.comm_id")
    client = page.kernel.client
    click = {"method": "custom", "content": {"event": "click"}}
    client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": model, "data": click}))
    page.until(lambda: page.value("s.value") == 40)
    assert asked(page)["values"] == [{"name": "s", "text": "40"}]
    page.say(kind="reset")
    page.until(lambda: page.value("s.value") == 3)
    assert asked(page)["values"] == []
