"""What can be seen in the code of a notebook without running it: calls and magics that do not work in an app."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from nbapp.check.finding import Finding, first_line
from nbapp.check.source import Source, bound, called, installs
from nbapp.kernel.parse.directives import directives
from nbapp.kernel.parse.parameters import CONTROLS, PARAMETERS, has_parameters, parameters, wants_controls

_HISTORY = re.compile(r"_(_|__|\d+)?|_i{1,3}|_i\d+|In|Out|_oh|_ih|_dh")
_ASKS = {"input": "a Text widget", "getpass": "a Password widget", "raw_input": "a Text widget"}
_ENDS = frozenset({"exit", "quit"})
_LINKS = frozenset({"FileLink", "FileLinks"})
_PARAM = re.compile(r"#\s*@(param|markdown|title)\b")
_WIDGETS = re.compile(
    r"\b(ipywidgets|interact|interactive|FigureWidget|widgets?|nbapp\.ui)\b|from nbapp import .*\bui\b"
    r"|ipyvuetify|ipyleaflet|bqplot|ipympl"
)
_A_CONTROL = "n = ipywidgets.IntSlider(3)` shown in one cell, and `n.value` used in another"
_BACKENDS = {"notebook": "nbagg", "nbagg": "nbagg", "qt": "a window", "tk": "a window", "osx": "a window"}


def look(sources: Sequence[Source]) -> Iterator[Finding]:
    """Everything that the code tells."""
    names, links = bound(sources), set(_links(sources))
    for source in sources:
        if source.error is not None:
            yield _no_python(source)
        yield from _calls(source, names)
        yield from _file_links(source, links)
        yield from _magics(source)
        yield from _comments(source)


def has_widgets(sources: Sequence[Source]) -> bool:
    """Whether the code names widgets at all, or a cell of parameters has controls."""
    return any(
        _WIDGETS.search(source.cell.source) or (wants_controls(source.cell) and _parameters(source))
        for source in sources
    )


def _parameters(source: Source) -> list[str]:
    """The names in a cell of parameters that can have controls."""
    if not has_parameters(source.cell) or not source.trees:
        return []
    return [each.name for each in parameters(source.trees[0], source.cell.source)]


def no_controls(sources: Sequence[Source]) -> Finding:
    """What makes a notebook an app. Colab's forms are widgets to their authors, and comments to everybody else."""
    form = next((source for source in sources if _PARAM.search(source.cell.source)), None)
    if form is not None:
        line = next(line for line in form.cell.source.splitlines() if _PARAM.search(line))
        why = "Colab draws `#@param` as a form; everywhere else it is a comment, so visitors have nothing to move"
        name = line.partition("=")[0].strip()
        remedy = f"make {name or 'it'} a widget, as in `{_A_CONTROL}"
        return Finding("problem", "no-controls", "no control", why, remedy, form.number, line.strip())
    why = "the page will show what the cells put out, and nothing on it can be moved"
    for source in sources:
        if (names := _parameters(source)) and not wants_controls(source.cell):
            them = ", ".join(f"`{name}`" for name in names)
            remedy = f"the tag `{CONTROLS}` beside `{PARAMETERS}` makes controls of {them}"
            return _of(source, "note", "no-controls", "no control", why, remedy)
    return Finding("note", "no-controls", "no control", why, f"a widget makes it an app: `{_A_CONTROL}")


def _no_python(source: Source) -> Finding:
    error = source.error
    assert error is not None
    lines = source.cell.source.splitlines()
    line = (
        lines[error.lineno - 1].strip() if error.lineno and error.lineno <= len(lines) else first_line("\n".join(lines))
    )
    remedy = "mend it, or give the cell the tag `skip-execution`"
    return Finding("problem", "syntax", f"no Python: {error.msg}", "the cell fails", remedy, source.number, line)


def _calls(source: Source, names: set[str]) -> Iterator[Finding]:
    for node in source.nodes():
        name = called(node)
        if name in _ASKS and name not in names - {"getpass"}:
            why = "nobody can answer: an app's cells fail with an error that says so"
            yield _at(source, node, "problem", "input", f"asks with `{name}()`", why, f"use {_ASKS[name]} instead")
        elif name in _ENDS and isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and name not in names:
            why = "an app cannot end its kernel: the cell fails"
            yield _at(source, node, "problem", "exit", f"calls `{name}()`", why, "raise an error, or take it out")
        elif isinstance(node, ast.Name) and _HISTORY.fullmatch(node.id) and node.id not in names:
            why = "skipped cells have no place in IPython's history, so the cell fails with a NameError"
            yield _at(source, node, "problem", "history", f"reads `{node.id}`", why, "give the value a name")
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and _modules(node) & {"google.colab"}:
            why = "that module is there in Colab only"
            remedy = "read files from the notebook's folder; for a form use widgets"
            yield _at(source, node, "problem", "colab", "imports `google.colab`", why, remedy)


def _links(sources: Sequence[Source]) -> Iterator[str]:
    """The names that the notebook has of IPython's links to files, and of what they are in."""
    for node in (node for source in sources for node in source.nodes()):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "IPython":
            for alias in node.names:
                yield from _LINKS if alias.name == "*" else {alias.asname or alias.name} if alias.name in _LINKS else ()
                yield from {f"{alias.asname or alias.name}.{name}" for name in _LINKS if alias.name == "display"}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "IPython":
                    yield from {f"{alias.asname or 'IPython.display'}.{name}" for name in _LINKS}


def _file_links(source: Source, links: set[str]) -> Iterator[Finding]:
    for node in source.nodes():
        if isinstance(node, ast.Call) and ast.unparse(node.func) in links:
            why = "it leads visitors nowhere: the file is on your disk, and the server hands out only what a page shows"
            remedy = "give the file to `nbapp.ui.download`"
            yield _at(source, node, "problem", "file-link", f"links to a file with `{called(node)}`", why, remedy)


def _modules(node: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    return {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}


def _magics(source: Source) -> Iterator[Finding]:
    for name, text in source.magics:
        if installs(name, text):
            why = "it runs for each page that is opened"
            remedy = "install the packages once, where the kernel runs, and take the line out"
            yield _of(
                source, "slow", "installs", f"installs packages: `{name}{_space(name)}{text.strip()}`", why, remedy
            )
        elif name == "matplotlib" and text.strip() in _BACKENDS:
            why = f"the page cannot show {_BACKENDS[text.strip()]}"
            remedy = "`%matplotlib inline`, or `%matplotlib widget` with ipympl"
            yield _of(source, "problem", "backend", f"`%matplotlib {text.strip()}`", why, remedy)


def _space(name: str) -> str:
    return "" if name == "!" else " "


def _comments(source: Source) -> Iterator[Finding]:
    complaint = directives(source.cell.source, source.cell.tags).complaint
    if complaint is not None:
        yield _of(source, "note", "directive", complaint, "it does nothing", "see docs/reference/directives.md")


def _of(source: Source, level: str, kind: str, what: str, why: str, remedy: str) -> Finding:
    return Finding(level, kind, what, why, remedy, source.number, first_line(source.cell.source))  # type: ignore[arg-type]


def _at(source: Source, node: ast.AST, level: str, kind: str, what: str, why: str, remedy: str) -> Finding:
    return Finding(level, kind, what, why, remedy, source.number, source.line(node))  # type: ignore[arg-type]
