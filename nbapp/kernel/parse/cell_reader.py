"""What a cell's source means to IPython: its names, with magics and shell commands understood.

Every magic and `!command` compiles to a call on `get_ipython()`. Such calls are taken out before the bytecode is
read, and replaced by what they are known to do; a magic nobody knows makes its cell run always.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

from nbapp.core.host import Reading
from nbapp.core.notebook import Cell
from nbapp.kernel.parse.attribute_writes import Sets, sets_of
from nbapp.kernel.parse.callback_arguments import without_handed
from nbapp.kernel.parse.directives import directives
from nbapp.kernel.parse.mutation_hints import changed_in_place
from nbapp.kernel.parse.nondeterminism import asked_of_the_world
from nbapp.kernel.parse.path_literals import texts_of
from nbapp.libraries import EVALUATORS
from nbapp.readonly.functions import Functions
from nbapp.readonly.operations import Operations, of_cell
from nbapp.values.names import Names, code_names, words_of
from nbapp.values.uses import Uses

_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
# Each magic stands in one of these tables. These change no value; with any other all that a cell reaches is compared.
_HARMLESS = frozenset({"matplotlib", "config", "load_ext", "precision", "xmode", "nbapp"})
# Those that run another program: they also bind what it gave (`_exit_code`, `--out NAME`).
_PROGRAMS = frozenset(
    {"bash", "sh", "script", "system", "sx", "!", "cmd", "pip", "conda", "mamba", "uv", "perl", "ruby"}
)
# Others that touch no name of the notebook, as these do; what they print or set stays as it is while their text stays.
_OTHERS = """
    reload_ext unload_ext autoreload aimport alias alias_magic colors doctest_mode env
    set_env cd pwd pushd popd dirs pprint pdb lsmagic magic quickref history hist
    html HTML javascript js latex markdown svg SVG writefile file
    logstart logstop logon logoff pinfo pinfo2 psource pdef pdoc pfile
"""
_PURE = _HARMLESS | _PROGRAMS | frozenset(_OTHERS.split())
# Magics that execute a file of code: what it binds is seen afterwards, and the file is one that the cell reads.
_RUNS_FILES = frozenset({"run"})
# Magics whose line or body is code of the notebook; `nbapp check` reads it too.
RUNS_CODE = frozenset({"time", "timeit", "prun", "capture", "memit", "mprun", "lprun"})
_WORD = re.compile(r"[^\s'\"<>|;&]+")  # of a command: a file that it names is one that it may read or write
_OPTION = re.compile(r"(^|\s)-{1,2}\w+")


@dataclass(slots=True)
class _Found:
    """What the magics of one cell add to its names."""

    names: Names = field(default_factory=Names)
    unknown: str | None = None
    texts: frozenset[str] = frozenset()
    world: str | None = None
    changes: set[str] = field(default_factory=set)
    sets: Sets = field(default_factory=Sets)
    uses: list[Uses] = field(default_factory=list)  # of the cell itself, when it compiles
    operations: Operations | None = None  # what it does, when no magic of it may do more
    magics: set[str] = field(default_factory=set)


class CellReader:
    """Reads cells; remembers each source, because a walk asks for every cell."""

    def __init__(self, transform: Callable[[str], str], *, cache: bool = True) -> None:
        self._transform = transform
        self._known: dict[tuple[str, tuple[str, ...]], Reading] = {}
        self._texts: dict[str, frozenset[str]] = {}
        self._sets: dict[str, Sets] = {}
        self._operations: dict[str, Operations | None] = {}
        self._cache = cache
        self.functions = Functions()

    def read(self, cell: Cell) -> Reading:
        """The names of a cell, and why it must always run, if it must."""
        found = self._known.get((cell.source, cell.tags))
        if found is None:
            if len(self._known) > 10_000:
                self._known.clear()  # an author who edits for weeks must not fill the memory
                self._texts.clear()
                self._sets.clear()
                self._operations.clear()
            found = self._known[cell.source, cell.tags] = self._reading(cell.source, cell.tags)
        return found

    def texts(self, cell: Cell) -> frozenset[str]:
        """The strings in a cell."""
        self.read(cell)
        return self._texts[cell.source]

    def sets(self, cell: Cell) -> Sets:
        """The attributes that a cell may set on what it does not make itself."""
        self.read(cell)
        return self._sets[cell.source]

    def operations(self, cell: Cell) -> Operations | None:
        """What a cell does that could change a value; None when its magics may do anything."""
        self.read(cell)
        return self._operations[cell.source]

    def _reading(self, source: str, tags: tuple[str, ...]) -> Reading:
        found = _Found()
        names = self._names(source, found, found.uses) | found.names
        uses = [replace(part, top=part.top | found.names) for part in found.uses]
        self._texts[source], self._sets[source] = found.texts, found.sets
        self._operations[source] = found.operations if found.magics <= _HARMLESS else None
        asked = directives(source, tags)
        always = "always runs: it says so" if asked.always else None if self._cache else "always runs: the cache is off"
        if found.unknown is not None and not asked.never:
            names |= Names(everything=True)
            always = always or f"the magic %{found.unknown} may do anything"
        return Reading(
            names,
            always,
            asked.never,
            asked.ttl,
            asked.handle,
            frozenset(found.changes),
            found.world,
            asked.complaint,
            next(iter(uses), None),
        )

    def _names(self, source: str, found: _Found, uses: list[Uses] | None = None) -> Names:
        try:
            tree = ast.parse(self._transform(source))
            tree = ast.fix_missing_locations(cast(ast.Module, _Magics(self, found).visit(tree)))
            found.changes |= changed_in_place(tree)
            sets = sets_of(tree)
            found.sets |= sets
            code = compile(tree, "<cell>", "exec", flags=_FLAGS, dont_inherit=True)
            found.texts |= texts_of(code)
            found.world = found.world or asked_of_the_world(code)
            tables = Names(words=sets.fetched | sets.tables)
            if uses is not None:
                alone, handed = without_handed(tree)
                own = code if alone is tree else compile(alone, "<cell>", "exec", flags=_FLAGS, dont_inherit=True)
                part = Uses.of(own, EVALUATORS, handed)
                uses.append(replace(part, top=part.top | tables))
                found.operations = of_cell(tree)
                self.functions.learn(tree, code)
            return code_names(code, EVALUATORS) | tables
        except (SyntaxError, ValueError):
            return Names()  # executing it will tell the author what is wrong

    def magic(self, name: str, line: str, body: str | None, found: _Found) -> None:
        """Note what one magic does to the names of its cell."""
        found.magics.add(name)
        found.names = found.names | words_of(line)
        found.texts |= {line.strip(), *_WORD.findall(line)}
        if name in _PROGRAMS:
            found.names = found.names | Names(defs=words_of(line).words | {"_exit_code"})  # `--out NAME`
            found.world = "another program"
            found.texts |= set(_WORD.findall(body or ""))
        if name in RUNS_CODE:
            if name == "capture":
                found.names = found.names | Names(defs=words_of(line).words)
            code = _OPTION.sub(" ", line).strip() if body is None else body
            found.names = found.names | self._names(code, found)
        elif name in _RUNS_FILES:
            found.names = found.names | Names(everything=True)
        elif name in _PURE:
            found.names = found.names | words_of(body or "")
        else:
            found.unknown = name


class _Magics(ast.NodeTransformer):
    """Takes the calls that IPython's transform generates out of a cell."""

    def __init__(self, reader: CellReader, found: _Found) -> None:
        self._reader = reader
        self._found = found

    def visit_Call(self, node: ast.Call) -> ast.AST:
        texts = _generated(node)
        if texts is None:
            return self.generic_visit(node)
        method, arguments = texts
        if method in ("system", "getoutput", "getoutput_split"):
            self._reader.magic("system", " ".join(arguments), None, self._found)
        elif method == "run_cell_magic" and len(arguments) == 3:
            self._reader.magic(arguments[0], arguments[1], arguments[2], self._found)
        else:
            self._reader.magic(arguments[0] if arguments else "?", " ".join(arguments[1:]), None, self._found)
        return ast.copy_location(ast.Constant(value=None), node)


def _generated(node: ast.Call) -> tuple[str, list[str]] | None:
    """The method and texts of a call `get_ipython().method("text", ...)` as the transform writes it."""
    target = node.func
    if not (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Call)):
        return None
    shell = target.value.func
    if not (isinstance(shell, ast.Name) and shell.id == "get_ipython"):
        return None
    if target.attr not in ("run_line_magic", "run_cell_magic", "system", "getoutput", "magic"):
        return None
    texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    if len(texts) != len(node.args) or not all(isinstance(text, str) for text in texts):
        return None
    return target.attr, cast("list[str]", texts)
