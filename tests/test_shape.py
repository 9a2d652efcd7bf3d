"""The shape of the code: small files, short functions, imports at the top, a core without state and without a host."""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from nbapp.arguments import parser

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "nbapp").rglob("*.py"))
CORE = [path for path in FILES if path.is_relative_to(ROOT / "nbapp" / "core")]
LONGEST_FILE = 600
MOST_FILES = 12  # in a folder, besides what it says of itself
LONGEST_FUNCTION = 40

# Imports of nbapp inside a function: file -> modules, with the reason. Everything else is imported at the top.
LAZY_ENTRY_POINTS = {
    "nbapp/__init__.py": {"nbapp.kernel.extension"},  # `import nbapp` must not import Jupyter
    "nbapp/cli.py": {
        "nbapp.check.command",
        "nbapp.check.hint",
        "nbapp.headless",
        "nbapp.hub.app.server",
        "nbapp.persistence.command",
        "nbapp.serve.server",
        "nbapp.serve.several.front",
        "nbapp.share.command",
        "nbapp.verify.command",
    },  # `nbapp --help` must not wait for Voila
    "nbapp/kernel/zygote/main.py": {"nbapp.kernel.zygote.zygote"},  # ipywidgets must find a kernel as it is imported
    # Two need an extra; the first loads a library that most kernels have no use for.
    "nbapp/persistence/places.py": {
        "nbapp.persistence.folder",
        "nbapp.persistence.objects",
        "nbapp.persistence.redis",
    },
}
# The core runs anywhere: the standard library, and these two.
CORE_MAY_IMPORT = {"cloudpickle", "nbapp", "xxhash"}
IN_AN_EXTRA = {"fsspec", "jupyterhub", "redis"}
NOT_OUR_WORDS = {"Session", "Manager", "Engine", "Helper", "Data", "Info", "Utils"}
CONTAINERS = {"list", "dict", "set", "bytearray", "deque", "defaultdict", "OrderedDict", "Counter"}
MUTATING = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

PAGES = [
    path
    for folder, pattern in ((ROOT, "*.md"), (ROOT / "docs", "**/*.md"), (ROOT / "tests", "**/*.md"))
    for path in sorted(folder.glob(pattern))
]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def wrong(files: list[Path], look: Callable[[Path], object]) -> dict[str, object]:
    """What is found in each file, where anything is: one test for all files costs a hundredth of one for each."""
    found = ((str(path.relative_to(ROOT)), look(path)) for path in files)
    return {name: fault for name, fault in found if fault}


def long_functions(module: ast.Module, limit: int = LONGEST_FUNCTION) -> list[str]:
    functions = (node for node in ast.walk(module) if isinstance(node, FUNCTIONS))
    lengths = ((node.name, (node.end_lineno or 0) - node.lineno + 1) for node in functions)
    return [f"{name}: {length} lines" for name, length in lengths if length > limit]


def imported(nodes: Iterator[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def imports_inside_functions(module: ast.Module) -> set[str]:
    functions = (node for node in ast.walk(module) if isinstance(node, FUNCTIONS))
    return {name for function in functions for name in imported(ast.walk(function))}


def names_bound_at_the_top(module: ast.Module) -> dict[str, ast.expr]:
    bound: dict[str, ast.expr] = {}
    for node in module.body:
        if isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
            bound[node.target.id] = node.value
        elif isinstance(node, ast.Assign):
            bound.update((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
    return bound


def is_empty_container(value: ast.expr) -> bool:
    """An empty list, dict or set has no use but to be filled."""
    if isinstance(value, ast.List):
        return not value.elts
    if isinstance(value, ast.Dict):
        return not value.keys
    called = value.func if isinstance(value, ast.Call) else None
    called = called.value if isinstance(called, ast.Subscript) else called
    word = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
    return word in CONTAINERS or word.startswith("Weak")


def changed_names(module: ast.Module) -> Iterator[str]:
    """Names that a statement changes in place: `x[k] = v`, `del x[k]`, `x.append(v)`, `global x`."""
    for node in ast.walk(module):
        written = isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)
        called = isinstance(node, ast.Attribute) and node.attr in MUTATING
        if (
            (written or called)
            and isinstance(node, (ast.Subscript, ast.Attribute))
            and isinstance(node.value, ast.Name)
        ):
            yield node.value.id
        elif isinstance(node, ast.Global):
            yield from node.names


def module_state(module: ast.Module) -> list[str]:
    """Globals of a module that change after its import: tables that nobody writes to are constants."""
    bound = names_bound_at_the_top(module)
    filled = {name for name, value in bound.items() if is_empty_container(value)}
    return sorted(filled | (bound.keys() & set(changed_names(module))))


def is_record(cls: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(decorator) for decorator in cls.decorator_list)


def kept_by(cls: ast.ClassDef) -> set[str]:
    """What an object of a class keeps: what it gives itself."""
    stored = (node for node in ast.walk(cls) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    bound = (target for node in cls.body if isinstance(node, ast.Assign) for target in node.targets)
    return {node.attr for node in stored if ast.unparse(node.value) == "self"} | {
        target.id for target in bound if isinstance(target, ast.Name)
    }


def set_from_outside(modules: dict[str, ast.Module]) -> list[str]:
    """Where a file sets what an object keeps whose class is in another file: by the attribute's name, where only such
    classes have it, and by the object's name, where it is that of the class (`app`, `self._kernel` of `PageKernel`).
    """
    classes = [(name, c) for name, module in modules.items() for c in ast.walk(module) if isinstance(c, ast.ClassDef)]
    fields = {
        node.target.id
        for _, cls in classes
        for node in cls.body
        if is_record(cls) and isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    plain = [
        (name, f"_{'_'.join(re.findall('[A-Z][a-z]+', cls.name)).lower()}_", kept_by(cls))
        for name, cls in classes
        if not is_record(cls)
    ]
    found = []
    for name, module in modules.items():
        for node in ast.walk(module):
            if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Store) or node.attr.startswith("__"):
                continue
            what = re.sub(r"\(.*", "", ast.unparse(node.value)).rpartition(".")[2].lstrip("_")
            owners = {file: words for file, words, kept in plain if node.attr in kept}
            named = {
                file for file, words in owners.items() if words.startswith(f"_{what}_") or words.endswith(f"_{what}_")
            }
            if what not in ("self", "cls") and (
                (named and name not in named) or (owners and name not in owners and node.attr not in fields)
            ):
                found.append(f"{name}: {ast.unparse(node)}")
    return found


def glossary() -> list[str]:
    rows = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [word for row in rows for word in re.findall(r"`(\w+)", row)]


def options(command_line: argparse.ArgumentParser) -> Iterator[str]:
    for action in command_line._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from options(command)
        yield from action.option_strings


def test_a_folder_holds_what_can_be_taken_in() -> None:
    folders = Counter(path.parent for path in FILES if path.name != "__init__.py")
    many = {str(folder.relative_to(ROOT)) for folder, count in folders.items() if count > MOST_FILES}
    assert many <= {"nbapp/libraries"}  # a file for each library


def test_no_two_classes_have_one_name() -> None:
    names = Counter(
        node.name
        for path in FILES
        for node in tree(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_a_file_holds_one_idea_and_has_600_lines_at_most() -> None:
    assert wrong(FILES, lambda path: len(path.read_text("utf-8").splitlines()) > LONGEST_FILE) == {}


def test_a_function_fits_on_a_screen() -> None:
    assert wrong(FILES, lambda path: long_functions(tree(path))) == {}


def test_imports_of_nbapp_stand_at_the_top() -> None:
    def inside(path: Path) -> set[str]:
        return {name for name in imports_inside_functions(tree(path)) if name.split(".")[0] in ("nbapp", "")}

    assert wrong(FILES, inside) == LAZY_ENTRY_POINTS


def test_names_keep_clear_of_words_that_say_nothing() -> None:
    def words(path: Path) -> set[str]:
        classes = [node.name for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
        return {word for name in [path.stem.title(), *classes] for word in re.findall(r"[A-Z][a-z]+", name)}

    assert wrong(FILES, lambda path: words(path) & NOT_OUR_WORDS) == {}


def test_the_core_keeps_no_state_in_its_modules() -> None:
    assert wrong(CORE, lambda path: module_state(tree(path))) == {}


def test_the_core_imports_the_standard_library_and_two_more() -> None:
    allowed = CORE_MAY_IMPORT | set(sys.stdlib_module_names)
    assert wrong(CORE, lambda path: {name.split(".")[0] for name in imported(ast.walk(tree(path)))} - allowed) == {}


def test_what_knows_other_libraries_imports_none() -> None:
    allowed = {"nbapp", "psutil", *sys.stdlib_module_names}
    files = [path for path in FILES if path.relative_to(ROOT / "nbapp").parts[0] in ("libraries", "functions")]
    assert len(files) > 40
    assert wrong(files, lambda path: {name.split(".")[0] for name in imported(ast.walk(tree(path)))} - allowed) == {}


@pytest.mark.parametrize("module", ["nbapp", "nbapp.core.walk"])
def test_importing_it_loads_no_jupyter_module_and_no_numpy(module: str) -> None:
    hosts = "IPython ipykernel ipywidgets jupyter_client jupyter_core nbformat numpy pandas tornado traitlets voila zmq"
    code = f"import sys, {module}; print(*sorted(sys.modules.keys() & set({hosts!r}.split())))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.split() == []


@pytest.mark.parametrize("module", ["check.hint", "check.command", "headless", "serve.server", "share.command"])
def test_no_command_compiles_the_grammar_that_doubles_its_start(module: str) -> None:
    code = f"import sys, nbapp.{module}; print('jsonschema' in sys.modules, sys.modules.get('rfc3987_syntax'))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.split() == ["True", "None"]


def test_what_is_imported_is_declared() -> None:
    needed = [line for line in metadata.requires("nbapp") or () if "extra ==" not in line]
    declared = {re.split(r"[^\w-]", line)[0].lower().replace("-", "_") for line in needed}
    found = {name.partition(".")[0] for path in FILES for name in imported(ast.walk(tree(path)))}
    foreign = found - sys.stdlib_module_names - {"nbapp", *IN_AN_EXTRA}
    assert {name.lower() for name in foreign} - declared == set()
    assert "numpy" not in found  # declared for the notebooks' sake


def test_every_word_of_the_glossary_is_a_word_of_the_code() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    words = glossary()
    assert len(words) >= 10
    assert [word for word in words if not re.search(rf"\b{word}\b", code)] == []


def test_nothing_of_an_object_is_set_from_outside_after_its_construction() -> None:
    modules = {str(path.relative_to(ROOT)): tree(path) for path in FILES if "_compat" not in path.parts}
    found = [place for place in set_from_outside(modules) if ": config." not in place]  # traitlets' way to configure
    assert found == []


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        ("app.notebook = 1", True),
        ("self._app.notebook = 1", True),
        ("driven.app.notebook += 1", True),
        ("other.only = 1", True),
        ("record.notebook = 1", False),  # a record is filled by whoever makes it
        ("class A:\n    def f(self):\n        self.only = 1", False),
        ("app.edit(1)", False),
    ],
)
def test_the_check_sees_what_is_set_from_outside(source: str, *, is_found: bool) -> None:
    app = "class App:\n    def __init__(self):\n        self.notebook = self.only = 0"
    record = "@dataclass\nclass Record:\n    notebook: int"
    modules = {"app": ast.parse(app), "record": ast.parse(record), "other": ast.parse(source)}
    assert bool(set_from_outside(modules)) is is_found


def test_links_between_pages_lead_somewhere() -> None:
    def nowhere(path: Path) -> list[str]:
        targets = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
        return [target for target in targets if "://" not in target and not (path.parent / target).exists()]

    assert wrong(PAGES, nowhere) == {}


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/explanation/life-of-a-move.md"])
def test_pages_that_lead_through_the_code_name_files_and_functions_that_exist(page: str) -> None:
    told = re.findall(r"`([\w/-]+/[\w.-]+\.[a-z]+)`(?:, `([\w.]+)`)?", (ROOT / page).read_text(encoding="utf-8"))
    places = [next((at for at in (ROOT / "nbapp" / path, ROOT / path) if at.exists()), None) for path, _ in told]
    assert len(told) >= 10
    assert [path for (path, _), place in zip(told, places, strict=True) if place is None] == []
    names = [
        (place, name) for (_, dotted), place in zip(told, places, strict=True) for name in dotted.split(".") if name
    ]
    assert [name for at, name in names if at and not re.search(rf"(def|class) {name}\b", at.read_text("utf-8"))] == []


def test_every_option_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    untold = [option for option in options(parser()) if option not in ("-h", "--help", "--version")]
    assert [option for option in untold if f"`{option}" not in page] == []


@pytest.mark.parametrize(
    ("source", "state"),
    [
        ("TABLE = {'a': 1}\ndef look(k): return TABLE[k]", []),
        ("NAMES: frozenset[str] = frozenset()", []),
        ("SEEN = {}", ["SEEN"]),
        ("SEEN: list[int] = []", ["SEEN"]),
        ("import weakref\nSEEN = weakref.WeakKeyDictionary()", ["SEEN"]),
        ("TABLE = {'a': 1}\ndef learn(k): TABLE[k] = 1", ["TABLE"]),
        ("TABLE = ['a']\ndef learn(k): TABLE.append(k)", ["TABLE"]),
        ("COUNT = 0\ndef more():\n    global COUNT\n    COUNT += 1", ["COUNT"]),
    ],
)
def test_the_check_tells_a_table_from_state(source: str, state: list[str]) -> None:
    assert module_state(ast.parse(source)) == state


def test_the_checks_see_long_functions_and_hidden_imports() -> None:
    module = ast.parse("class A:\n    async def f(self):\n        from nbapp.core import run\n        return run")
    assert long_functions(module, limit=2) == ["f: 3 lines"]
    assert imports_inside_functions(module) == {"nbapp.core"}
