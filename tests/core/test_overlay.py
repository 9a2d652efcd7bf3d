"""What widget callbacks wrote is input to the notebook: it survives reruns until its cell gives new results."""

from __future__ import annotations

import threading

import pytest

from nbapp.core.memos.memo import Binding
from nbapp.core.notebook import CellId
from nbapp.core.overlay import TOP, Overlay
from nbapp.values.digest import Digest
from tests.core.clean import differences
from tests.core.host import Double, cells
from tests.core.test_rerun import live

COUNTER = "count = 0\ndef go():\n    global count\n    count += 1\non_click(go)"
ONE = CellId("one")


def test_a_count_survives_the_next_slider_move() -> None:
    double = live(COUNTER, "n = read('n')", "print(count, n)")
    assert double.press() == {"count"}
    assert double.rerun() == ["c2"]
    assert double.printed[2] == "1 1\n"
    assert double.set(n=2) == ["c1", "c2"]
    assert double.printed[2] == "1 2\n"


def test_several_presses_add_up_before_a_rerun() -> None:
    double = live(COUNTER, "print(count)")
    for _ in range(3):
        double.press()
    double.rerun()
    assert double.printed[1] == "3\n"


def test_a_callback_that_writes_nothing_starts_nothing() -> None:
    double = live("x = 1\non_click(lambda: x)", "print(x)")
    assert double.press() == frozenset()
    assert double.rerun() == []


def test_the_cell_that_runs_again_starts_afresh() -> None:
    double = live(COUNTER, "print(count)")
    double.press()
    double.edit(0, COUNTER + "  # edited")
    double.rerun()
    assert double.printed[1] == "0\n"


def test_what_a_callback_did_to_results_of_one_slider_value_is_not_shown_at_another() -> None:
    double = live("n = read('n')", "data = [n]\ndef go(): data.append('pressed')\non_click(go)", "print(data)")
    double.set(n=2)
    double.press()
    double.rerun()
    assert double.printed[2] == "[2, 'pressed']\n"
    double.set(n=1)
    assert double.printed[2] == "[1]\n"
    assert double.value("data") == "[1]"


def test_a_change_in_place_shows_through_every_name() -> None:
    double = live("a = []", "b = [a]", "on_click(lambda: a.append(5))", "n = read('n')", "print(a, b, a is b[0])")
    assert double.press() == {"a", "b"}
    double.rerun()
    assert double.printed[4] == "[5] [[5]] True\n"
    double.set(n=2)
    assert double.printed[4] == "[5] [[5]] True\n"


@pytest.mark.parametrize(
    ("make", "look"),
    [
        (
            "class App:\n    count = 0\n    def press(self): self.count += 1\napp = App(); on_click(app.press)",
            "app.count",
        ),
        ("hits = []\ndef make(into): return lambda: into.append(1)\non_click(make(hits))", "len(hits)"),
        ("hits = []\non_click(lambda into=hits: into.append(1))", "len(hits)"),
        (
            "import functools\nhits = []\ndef add(into): into.append(1)\non_click(functools.partial(add, hits))",
            "len(hits)",
        ),
        ("hits = []\non_click((lambda add: lambda: add(1))(hits.append))", "len(hits)"),
        (
            "class App:\n    count = 0\n    @classmethod\n    def press(cls): cls.count += 1\non_click(App.press)",
            "App.count",
        ),
        (
            "def make():\n    count = 0\n    def press():\n        nonlocal count\n        count += 1\n    return press, lambda: count\npress, get = make(); on_click(press)",
            "get()",
        ),
        (
            "class Press:\n    count = 0\n    def __call__(self): self.count += 1\npress = Press(); on_click(press)",
            "press.count",
        ),
    ],
)
def test_a_callback_may_hold_what_it_changes_instead_of_naming_it(make: str, look: str) -> None:
    double = live(make, "n = read('n')", f"print({look}, n)")
    assert double.printed[2] == "0 1\n"
    double.press()
    double.press()
    double.rerun()
    assert double.printed[2] == "2 1\n"
    double.set(n=2)
    assert double.printed[2] == "2 2\n"
    assert double.value(look) == "2"


def test_a_callback_bound_to_an_object_that_is_made_again_moves_along() -> None:
    kind = "class App:\n    count = 0\n    def press(self): self.count += 1"
    double = live(kind, "app = App()", "on_click(app.press)", "n = read('n')", "app.n = n", "print(app.count)")
    double.set(n=2)
    double.press()
    double.rerun()
    assert double.printed[5] == "1\n"


def test_what_a_callback_changed_that_no_name_holds_any_more_is_made_again_where_it_is_needed() -> None:
    write = "def go():\n    global k\n    k = 0\non_click(go)"
    double = live("a = [0]; b = [1]\nk = 1", "on_click(a.clear)", write, "print(a, k)", "a = list(b)")
    double.press()
    assert double.rerun() == ["c0", "c1", "c3"]
    assert double.printed[3] == "[0] 0\n"
    assert differences(double) == []
    double.press()
    assert double.rerun() == []  # nothing that is needed changed: no cell asks for that list


def test_what_a_callback_holds_is_never_replaced_by_a_copy() -> None:
    double = Double(
        cells(
            "a = [0]; b = [1]",
            "print(globals().get('fresh'))",
            "on_click(a.clear)",
            "click()",
            "on_click(lambda: b.append(0))",
            "a.append(2)",
        )
    )
    double.store.snapshots.eager = True
    double.rerun()
    for _ in range(2):
        double.press()
        double.rerun()
        assert differences(double, namespace=False) == []
    double.rerun()
    assert differences(double) == []


def test_clicks_are_kept_when_a_cell_runs_again_only_because_objects_above_it_were_made_again() -> None:
    double = live("c = [2]; d = {}", "on_click(lambda: c.append(0))", "c.append(2)", "d['w'] = 0", "print(c)")
    double.press()
    double.press()
    double.rerun()
    assert double.printed[4] == "[2, 2, 0, 0]\n"
    double.insert(3, "1 // 0", "failing")
    double.rerun()
    assert double.value("(c, d)") == "([2, 2, 0, 0], {})"
    double.delete(3)
    double.rerun()
    assert double.printed[4] == "[2, 2, 0, 0]\n"


def test_what_a_callback_wrote_belongs_to_the_cell_that_made_it_not_to_one_that_only_holds_it() -> None:
    double = live("a = [0]; b = [1]", "a.append(2)", "on_click(b.clear)", "print(b)")
    double.delete(1)
    double.rerun()
    double.press()
    assert double.overlay.of(double.notebook[0].id).keys() == {"b"}
    double.rerun()
    assert double.printed[2] == "[]\n"
    double.edit(1, "on_click(b.clear)  # edited")
    double.rerun()
    assert double.printed[2] == "[]\n"


def test_names_that_only_callbacks_look_up_are_as_a_clean_run_has_them() -> None:
    double = live(
        "k = 1",
        "on_click(lambda: print(k))",
        "def go():\n    global k\n    k = 0\non_click(go)",
        "del k",
        "try:\n    click()\nexcept NameError:\n    print('none')",
    )
    assert double.printed[4] == "none\n"
    double.press()
    double.edit(4, "try:\n    click()\nexcept NameError:\n    print('still none')")
    double.rerun()
    assert double.printed[4] == "still none\n"


def test_a_cell_below_may_change_what_a_callback_wrote_and_do_it_again() -> None:
    double = live("a = []", "b = [a]", "on_click(lambda: a.append(5))", "n = read('n')", "print(a)")
    double.press()
    double.rerun()
    double.insert(4, "a.append(n)\nprint(a, b, a is b[0])", "new")
    double.rerun()
    for value in (2, 3, 1):
        double.set(n=value)
        assert double.printed[4] == f"[5, {value}] [[5, {value}]] True\n"
    double.delete(4)
    double.rerun()
    assert double.value("(a, b)") == "([5], [[5]])"


def test_what_a_callback_wrote_into_an_object_that_cannot_be_copied_is_made_again_without_it() -> None:
    double = live("import threading\na = [threading.Lock()]", "on_click(lambda: a.append(5))", "n = read('n')")
    double.press()
    double.insert(3, "a.append(n)\nprint(len(a))", "new")
    double.rerun()
    assert double.printed[3] == "3\n"
    double.set(n=2)
    assert double.printed[3] == "2\n"


def test_a_name_that_only_a_callback_binds_is_bound_above_the_first_cell() -> None:
    source = "try:\n    print(fresh, read('n'))\nexcept NameError:\n    print('none')"
    double = live(source, "def go():\n    global fresh\n    fresh = [read('n')]\non_click(go)")
    assert double.press() == {"fresh"}
    double.rerun()
    assert double.printed[0] == "[1] 1\n"
    double.insert(1, "fresh.append(read('n')); print(fresh)", "new")
    double.rerun()
    double.set(n=2)
    assert double.printed[:2] == ["[1] 2\n", "[1, 2]\n"]


def test_a_name_that_a_callback_deletes_is_gone_until_its_cell_runs() -> None:
    double = live("x = 1", "def go():\n    global x\n    del x\non_click(go)", "print('x' in globals())")
    assert double.press() == {"x"}
    double.rerun()
    assert double.printed[2] == "False\n"
    double.edit(0, "x = 2")
    double.rerun()
    assert double.printed[2] == "True\n"


def test_a_consumed_generator_makes_its_readers_run() -> None:
    double = live("it = (i for i in range(9))", "on_click(lambda: next(it))", "print(next(it))")
    assert double.printed[2] == "0\n"
    double.press()
    double.rerun()
    assert double.printed[2] == "2\n"  # 0 went to the first run, 1 to the press


def test_a_cell_that_fires_callbacks_reads_what_they_read() -> None:
    double = live(
        "count = 0\ndef go():\n    global count\n    count += read('n')\non_click(go)", "click()\nprint(count)"
    )
    double.set(n=3)
    assert double.printed[1] == "3\n"
    double.edit(0, "count = 5\ndef go():\n    global count\n    count += read('n')\non_click(go)")
    double.rerun()
    assert double.printed[1] == "8\n"


def test_a_cell_that_fires_callbacks_reads_what_they_hold_without_naming_it() -> None:
    double = live("a = [0]", "on_click(a.clear)", "a.clear()", "click()", "print(a)")
    double.delete(2)
    double.rerun()
    assert double.printed[3] == "[]\n"
    assert differences(double) == []


def test_a_cell_that_may_fire_callbacks_but_fires_none_reads_only_its_own_names() -> None:
    double = live(
        "count = 0\ndef go():\n    global count\n    count += 1\non_click(go)", "if read('n') > 1: click()\nprint('x')"
    )
    double.edit(0, "count = 7\ndef go():\n    global count\n    count += 1\non_click(go)")
    assert double.rerun() == ["c0"]


def test_callbacks_can_be_pressed_while_a_cell_fails() -> None:
    double = live(COUNTER, "n = 1 // read('n')", "print(count)")
    double.set(n=0)
    double.press()
    double.rerun()
    double.set(n=1)
    assert double.printed[2] == "1\n"


def test_callbacks_can_be_pressed_after_a_stopped_walk() -> None:
    double = live(COUNTER, "n = read('n')", "print(count, n)")
    double.inputs["n"] = 7
    double.rerun(stop_after=2)
    double.press()
    double.rerun()
    assert double.printed[2] == "1 7\n"


def test_an_entry_of_the_top_survives_when_every_cell_goes() -> None:
    double = live("def go():\n    global fresh\n    fresh = [1]\non_click(go)", "x = 1")
    double.press()
    double.insert(1, "fresh.append(2)", "new")
    double.rerun()
    double.notebook = ()
    double.rerun()
    assert double.value("fresh") == "[1]"


# --- the overlay itself


def binding(value: object, *reach: int) -> Binding:
    return Binding(value, Digest("v"), reach)


def test_an_overlay_is_empty_at_first() -> None:
    overlay = Overlay()
    assert not overlay
    assert overlay.of(ONE) == {}


def test_entries_are_kept_by_owner() -> None:
    overlay = Overlay()
    one, top = binding(1), binding(2)
    overlay.write(ONE, "a", one)
    overlay.write(TOP, "b", top)
    overlay.write(ONE, "c", None)
    assert overlay
    assert overlay.of(ONE) == {"a": one, "c": None}
    assert overlay.owner(top) == TOP
    assert overlay.owner(one) == ONE
    assert overlay.owner(binding(1)) is None
    overlay.drop(ONE)
    overlay.drop(ONE)
    assert overlay.of(ONE) == {}


def test_no_two_callback_runs_have_the_same_provenance() -> None:
    overlay = Overlay()
    assert overlay.provenance() != overlay.provenance()


def held(overlay: Overlay) -> list[Binding]:
    return [item for item in overlay.of(ONE).values() if item is not None]


def test_a_protected_entry_is_rebuilt_from_its_copy_with_its_sharing() -> None:
    overlay = Overlay()
    inner = [1]
    overlay.write(ONE, "a", binding(inner, id(inner)))
    overlay.write(ONE, "b", binding([inner], 1, id(inner)))
    overlay.write(ONE, "gone", None)
    overlay.protect(held(overlay))
    overlay.protect(held(overlay))
    inner.append(2)
    overlay.changed_in_place(frozenset({id(inner)}), (), lambda binding: False)
    assert [item.intact for item in overlay.of(ONE).values() if item] == [False, False]
    overlay.rebuild([ONE], lambda value: binding(value))
    again = overlay.of(ONE)
    assert again["a"] is not None
    assert again["b"] is not None
    assert again["a"].value == [1]
    assert again["b"].value[0] is again["a"].value
    assert again["gone"] is None


def test_only_what_was_changed_is_rebuilt_and_what_shares_objects_with_it() -> None:
    overlay = Overlay()
    inner, other = [1], [3]
    outer = [inner]
    overlay.write(ONE, "inner", binding(inner, id(inner)))
    overlay.write(ONE, "outer", binding(outer, id(outer), id(inner)))
    overlay.write(ONE, "other", binding(other, id(other)))
    overlay.protect(held(overlay))
    outer.append([2])
    overlay.changed_in_place(frozenset({id(outer)}), (), lambda binding: False)
    overlay.rebuild([ONE], lambda value: binding(value, id(value)))
    again = overlay.written(ONE)
    assert again["other"] is other
    assert again["inner"] is not inner
    assert again["outer"][0] is again["inner"]


def test_an_entry_without_a_copy_is_dropped() -> None:
    overlay = Overlay()
    overlay.write(ONE, "a", binding(threading.Lock()))
    overlay.protect(held(overlay))
    overlay.rebuild([ONE], binding)
    assert not overlay
    assert not overlay


def test_a_change_elsewhere_leaves_an_entry_alone() -> None:
    overlay = Overlay()
    overlay.write(ONE, "a", binding([1], 5))
    overlay.changed_in_place(frozenset({6}), (), lambda binding: False)
    found = overlay.of(ONE)["a"]
    assert found is not None
    assert found.intact


def test_what_was_checked_after_a_change_is_intact() -> None:
    overlay = Overlay()
    checked = binding([1], 5)
    overlay.write(ONE, "a", checked)
    overlay.changed_in_place(frozenset({5}), (checked,), lambda binding: False)
    assert checked.intact


def test_a_new_write_makes_the_copy_worthless() -> None:
    overlay = Overlay()
    overlay.write(ONE, "a", binding([1]))
    overlay.protect(held(overlay))
    overlay.write(ONE, "a", binding([2]))
    with pytest.raises(KeyError):
        overlay._copies[ONE]
