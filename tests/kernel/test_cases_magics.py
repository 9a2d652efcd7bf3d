"""Cases that break naive caches: magics, shell commands and modules written by cells (rows 18 to 20 of CASES.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.book import SLIDER, Book

# --- magics that set something


@pytest.mark.parametrize(
    ("magic", "reader", "plain", "under_it"),
    [
        ("%env ROW=18", "import os; x = int(os.environ.get('ROW') or 0)", "0", "18"),
        ("%set_env SEAT 18", "import os; x = int(os.environ.get('SEAT') or 0)", "0", "18"),
        ("%cd -q /", "import os; x = os.getcwd() == '/'", "False", "True"),
        ("%precision 2", "x = 1 / 3", "0.3333333333333333", "0.33"),
        (
            "%pprint",
            "x = {1: 2 * [40 * '-']}",
            f"{{1: ['{40 * '-'}',\n  '{40 * '-'}']}}",
            f"{{1: ['{40 * '-'}', '{40 * '-'}']}}",
        ),
        ("%config InteractiveShell.ast_node_interactivity = 'all'", "1\nx = 2", "2", "12"),
        (
            "get_ipython().display_formatter.formatters['text/plain'].max_seq_length = 2",
            "x = [0, 1, 2]",
            "[0, 1, 2]",
            "[0, 1, ...]",
        ),
    ],
)
def test_what_a_magic_sets_is_seen_below_and_undone_when_it_is_edited_away(
    book: Book, magic: str, reader: str, plain: str, under_it: str
) -> None:
    book.open("k = 1", f"{reader}\nx")
    assert book.text(1) == plain
    book.edit(0, f"{magic}\nk = 1").run()
    assert (book.text(1), book.executed) == (under_it, (0, 1))
    book.run()
    assert (book.text(1), book.executed) == (under_it, ())
    assert book.edit(0, "k = 1").run().text(1) == plain
    assert book.edit(0, f"{magic}\nk = 1").run().text(1) == under_it
    assert book.edit(0, "k = 2").run().text(1) == plain


def test_the_format_of_figures_is_that_of_the_magic_above(book: Book) -> None:
    setting = "%matplotlib inline\nimport matplotlib.pyplot as plt\n"
    book.open(setting, "_ = plt.plot([1, 2])")
    kinds = []
    for last in ("%config InlineBackend.figure_formats = ['svg']", "k = 1"):
        book.edit(0, setting + last).run()
        kinds.append([kind for output in book.outputs(1) for kind in output["data"] if kind.startswith("image/")])
    assert kinds == [["image/svg+xml"], ["image/png"]]


def test_an_alias_is_gone_with_its_cell(book: Book) -> None:
    book.open("%alias say echo said", "%say x")
    assert book.text(1).strip() == "said x"
    book.edit(0, "%alias say echo sung").run()
    assert book.text(1).strip() == "sung x"
    book.edit(0, "k = 1").run()
    assert "`%say` not found" in book.text(1)


# --- magics with code or names in their text


@pytest.mark.parametrize(
    ("cell", "expression"),
    [
        ("%%capture cap\nprint('n is', n.value)", "cap.stdout"),
        ("%%time\nx = f'n is {n.value}\\n'", "x"),
        ("%time x = f'n is {n.value}\\n'", "x"),
        ("%%timeit -n1 -r1\nbox[0] = f'n is {n.value}\\n'", "box[0]"),
        ("k = n.value\nx = !echo n is {k}", "x[0] + '\\n'"),
        ("k = n.value\nx = !echo n is $k", "x[0] + '\\n'"),
        ("k = n.value\nx = %sx echo n is {k}", "x[0] + '\\n'"),
        ("k = n.value\nx = %system echo n is $k", "x[0] + '\\n'"),
        ("k = n.value\n%store -r\nx = f'n is {k}\\n'", "x"),
    ],
)
def test_names_inside_a_magic_are_read_and_bound(book: Book, cell: str, expression: str) -> None:
    book.open(SLIDER, "box = [0]", cell, "unrelated = 1", f"y = {expression}")
    assert book.eval("y") == "n is 1\n"
    assert book.set("n", 5).eval("y") == "n is 5\n"
    assert book.set("n", 1).eval("y") == "n is 1\n"
    assert book.edit(3, "unrelated = 2").run().eval("y") == "n is 1\n"


@pytest.mark.parametrize(
    "command", ["!echo k is {k}", "!echo k is $k", "%%bash -s {k}\necho k is $1", "%system echo k is {k}"]
)
def test_a_command_runs_again_when_what_it_names_changed_and_only_then(book: Book, command: str) -> None:
    book.open(SLIDER, "k = n.value % 2", command, "m = n.value")
    assert "k is 1" in book.text(2)
    book.set("n", 3)
    assert 2 not in book.executed
    assert "k is 0" in book.set("n", 4).text(2)


@pytest.mark.parametrize(
    ("command", "bound", "expected"),
    [("!echo {n.value}", "_exit_code", 0), ("%%bash --out said -s {n.value}\ntrue", "said", "")],
)
def test_a_name_that_a_command_binds_to_the_very_same_value_stays_bound(
    book: Book, command: str, bound: str, expected: object
) -> None:
    book.open(SLIDER, command, command, "m = n.value")
    for value in (2, 1, 3):
        assert book.set("n", value).eval(bound) == expected


def test_a_captured_cell_shows_nothing_whether_it_runs_or_not(book: Book) -> None:
    book.open(SLIDER, "%%capture\nprint(n.value)\ndisplay(1)", "m = n.value")
    assert (book.outputs(1), book.set("n", 2).outputs(1), book.run().outputs(1)) == ([], [], [])


def test_a_stored_variable_is_that_of_the_latest_run(book: Book) -> None:
    book.open(SLIDER, "k = n.value\n%store k", "k = 0", "%store -r k", "m = k")
    assert book.eval("m") == 1
    assert book.set("n", 5).eval("m") == 5
    assert book.set("n", 1).eval("m") == 1
    book.edit(1, "%store -d k").edit(3, "pass").run()


# --- files of code


def test_a_script_that_is_run_binds_its_names_and_its_edits_are_noticed(book: Book, folder: Path) -> None:
    script = folder / "a.py"
    script.write_text("found = 1\ndef double(x):\n    return 2 * x\n")
    book.open(SLIDER, "%run a.py", "m = double(found)", "k = n.value")
    assert book.eval("m") == 2
    book.set("n", 3)
    assert (book.eval("m"), 2 in book.executed) == (2, False)
    script.write_text("found = 5\ndef double(x):\n    return 20 * x\n")
    assert book.run().eval("m") == 100
    script.write_text("def double(x):\n    return x\n")
    book.run()
    assert (book.error and book.error.name, book.states[2]) == ("NameError", "failed")


def test_a_script_that_is_run_inside_the_notebook_sees_its_names(book: Book, folder: Path) -> None:
    (folder / "b.py").write_text("total = k + 1\n")
    book.open(SLIDER, "k = n.value", "%run -i b.py", "m = total")
    assert book.set("n", 4).eval("m") == 5
    assert book.set("n", 1).eval("m") == 2


@pytest.mark.parametrize("magic", ["%%writefile", "%%file"])
def test_a_module_that_a_cell_writes_is_imported_again_when_its_text_is_edited(book: Book, magic: str) -> None:
    name = f"written_by_{magic.strip('%')}"
    book.open(f"{magic} {name}.py\nvalue = 1\n", f"import {name} as written", "m = written.value", "k = 1")
    assert book.eval("m") == 1
    book.edit(0, f"{magic} {name}.py\nvalue = 2\n").run()
    assert (book.eval("m"), 3 in book.executed) == (2, False)
    book.edit(0, f"{magic} {name}.py\nvalue = 1\n").run()
    assert book.eval("m") == 1
    book.run()
    assert book.executed == ()


def test_text_that_is_added_to_a_file_is_there_once(book: Book) -> None:
    book.open(
        SLIDER,
        "%%writefile notes.txt\nfirst\n",
        "%%writefile -a notes.txt\nsecond\n",
        "k = n.value\n!echo {k} >> notes.txt",
        "text = open('notes.txt').read().split()",
    )
    for value in (2, 3, 2):
        assert book.set("n", value).eval("text") == ["first", "second", str(value)]


@pytest.mark.parametrize("mode", ["%autoreload 2", "%autoreload 0"])
def test_an_edited_module_is_current_with_and_without_autoreload(book: Book, folder: Path, mode: str) -> None:
    module = folder / f"loaded{mode[-1]}.py"
    module.write_text("def f():\n    return 1\n")
    book.open(f"%load_ext autoreload\n{mode}", f"from {module.stem} import f", "m = f()", "k = 1")
    assert book.eval("m") == 1
    module.write_text("def f():\n    return 22\n")
    assert book.run().eval("m") == 22
    module.write_text("def f():\n    return 1\n")
    assert book.run().eval("m") == 1
    assert 3 not in book.executed
