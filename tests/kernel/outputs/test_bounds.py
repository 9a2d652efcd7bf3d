"""What a page shows of a cell that puts out more than a browser can show, without a kernel."""

from __future__ import annotations

import random

from nbapp.core.notebook import Output
from nbapp.kernel.outputs.limits import PAGE, Bounds, Text
from nbapp.kernel.outputs.outputs import Growing, bounded, output_of
from tests.kernel.outputs.messages import text, words

SMALL = Bounds(outputs=10, end=3, text=100, characters=5_000)


def display(value: str) -> Output:
    return output_of("display_data", {"data": {"text/plain": value}, "metadata": {}})


def test_of_a_long_text_the_beginning_and_the_end_are_kept_and_what_is_missing_is_counted() -> None:
    chance = random.Random(2)
    for _ in range(300):
        pieces = ["x" * chance.randrange(70) for _ in range(chance.randrange(1, 12))]
        whole = Text(pieces[0], 100)
        for piece in pieces[1:]:
            whole.add(piece)
        total = sum(map(len, pieces))
        shown = str(whole)
        if total <= 100:
            assert shown == "x" * total
        assert shown.count("x") + whole.left_out == total
        assert f"… {whole.left_out:,} characters are left out here …" in shown or not whole.left_out
        assert len(whole) < 200


def test_a_long_text_is_cut_between_lines() -> None:
    lines = "".join(f"line {number}\n" for number in range(1000))
    begin, said, end = str(Text(lines, 100)).split("\n… ", 1)[0], *str(Text(lines, 100)).split("\n… ")[1].split("…\n")
    assert begin.splitlines()[-1] in lines.splitlines()
    assert end.splitlines()[0] in lines.splitlines()
    assert end.endswith("line 999\n")
    assert len(begin) + 1 + int(said.split()[0].replace(",", "")) + len(end) == len(lines)


def test_fifty_megabytes_printed_take_what_a_page_shows() -> None:
    growing = Growing(bounds=PAGE)
    for _ in range(500):
        growing.add(text("x" * 100_000))
    (shown,) = growing.shown()
    assert len(shown["text"]) < PAGE.text + 100
    assert "49,800,000 characters are left out here" in shown["text"]
    growing.add(text("done\n"))
    assert growing.shown()[0]["text"].endswith("done\n")


def test_of_many_displays_the_first_and_the_last_are_shown_and_the_others_counted() -> None:
    shown = words(bounded([display(str(number)) for number in range(30)], SMALL))
    assert shown[:7] == [str(number) for number in range(7)]
    assert shown[7].startswith("20 outputs are left out here: a page shows at most 10 outputs")
    assert shown[8:] == ["27", "28", "29"]


def test_what_is_too_large_is_left_out_and_what_comes_after_it_is_shown() -> None:
    shown = words(bounded([display("small"), display("x" * 6_000), text("after")], SMALL))
    assert shown[0] == "small"
    assert shown[1].startswith("1 output is left out here")
    assert shown[2] == "after"


def test_texts_that_take_turns_are_bounded_too() -> None:
    growing = Growing(bounds=PAGE)
    for number in range(20_000):
        growing.add(text("y" * 1_000, "stdout" if number % 2 else "stderr"))
    shown = growing.shown()
    assert len(shown) == PAGE.outputs + 1
    assert sum(len(output.get("text", "")) for output in shown) < PAGE.characters


def test_a_display_that_grows_by_updates_is_bounded_too() -> None:
    growing = Growing(bounds=SMALL)
    first = output_of("display_data", {"data": {"text/plain": "a"}, "metadata": {}, "transient": {"display_id": "d"}})
    growing.add(first)
    growing.add({**first, "output_type": "update_display_data", "data": {"text/plain": "b" * 6_000}})
    assert words(growing.shown())[0].startswith("1 output is left out here")


def test_cleared_nothing_is_missing_any_more() -> None:
    growing = Growing(bounds=SMALL)
    for number in range(30):
        growing.add(display(str(number)))
    growing.clear(wait=False)
    growing.add(display("new"))
    assert words(growing.shown()) == ["new"]


def test_without_bounds_everything_is_kept() -> None:
    growing = Growing()
    for number in range(3_000):
        growing.add(display(str(number)))
    growing.add(text("z" * 1_000_000))
    assert len(growing.shown()) == 3_001
    assert len(growing.shown()[-1]["text"]) == 1_000_000
