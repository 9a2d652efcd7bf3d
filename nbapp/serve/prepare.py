"""Reads a notebook file into what is served: valid, each cell with an id, a Python kernel, a title. Never writes it."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
from nbformat import NotebookNode
from nbformat.validator import NotebookValidationError

from nbapp.errors import UsageError
from nbapp.half_characters import HALF, IN_JSON
from nbapp.serve.layout.settings import settings
from nbapp.serve.layout.tags import plain
from nbapp.serve.layout.tree import arrange

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_TITLE = re.compile(r"^ {0,3}#[ \t]+(.+?)[ \t]*#*[ \t]*$|^ {0,3}(\S.*)\n=+[ \t]*$", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"""\]\(\s*<?([^)\s>]+)|\b(?:src|href)\s*=\s*["']([^"']+)["']""")
_LONGEST_CELL = 10_000_000  # characters
_CONFLICT = re.compile(r"^(<{7}|>{7}|={7}$)", re.MULTILINE)
_CONVERT = "make one of it with 'jupytext --to notebook {}': each part that begins with `# %%` becomes a cell"
_SETTLE = "settle the conflict with 'nbdime mergetool', or take one side with 'git checkout --ours' or '--theirs'"
_SHOWN = frozenset({".avif", ".gif", ".jpeg", ".jpg", ".mp4", ".png", ".svg", ".webm", ".webp"})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A notebook ready to be served. `files` are what its texts show, as paths relative to its folder. `remarks` are
    what its author should know."""

    notebook: NotebookNode
    title: str
    files: frozenset[str]
    remarks: tuple[str, ...] = ()


def prepare(path: Path, specs: Mapping[str, Any], title: str | None = None, stands: Path | None = None) -> Prepared:
    """The notebook at a path. `specs` are the installed kernels by name, as jupyter_client describes them. `stands`:
    where it stands, when the file at the path is a copy of it.

    Raises:
        UsageError: no such file, not a notebook, too old, with a cell that is far too long, or no kernel for it.
    """
    notebook = read(path)
    _check_length(path, notebook)
    chosen = kernel(path, notebook, specs)
    stands = stands or path
    remark = replaced(path, notebook, chosen, specs)
    looks = settings(notebook.metadata, stands.parent)
    notebook.metadata.kernelspec = NotebookNode(chosen)
    notebook.metadata.title = title or looks.title or heading(notebook) or stands.stem
    notebook.metadata.nbapp_page = looks.as_metadata()
    remarks = [*looks.remarks, *arrange(notebook.cells).remarks]
    told = (*([remark] if remark else []), *(f"{path}: {each}" for each in remarks))
    return Prepared(notebook, notebook.metadata.title, frozenset(files(notebook, stands.parent)), told)


def _check_length(path: Path, notebook: NotebookNode) -> None:
    """Each page's kernel reads all code, some 2 seconds for a million characters, and shows nothing meanwhile."""
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    for number, cell in enumerate(code, 1):
        if is_run(cell) and len(cell.source) > _LONGEST_CELL:
            what = f"{path}: code cell {number} has {len(cell.source) // 10**6} million characters, and at most"
            remedy = "put the data into a file beside the notebook, and read that in the cell"
            raise UsageError(f"{what} {_LONGEST_CELL // 10**6} million are served", remedy)


def read(path: Path) -> NotebookNode:
    """The notebook in a file, valid, in today's format and without outputs.

    Raises:
        UsageError: no such file, not a notebook, or of nbformat 3 or older.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):  # reading a pipe waits until somebody writes
        raise UsageError(f"{path} is not a file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder", "name a notebook in it") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a notebook: it is not UTF-8 text") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    content = _content(path, text)
    _tidy(content)
    try:
        if IN_JSON.search(text) and (half := HALF.search(json.dumps(content, ensure_ascii=False))):
            what = f"{path} holds half a character, {half[0]!r}, which no text can have"
            raise UsageError(what, "delete it where it shows as a box or question mark, and save")
        notebook: NotebookNode = nbformat.from_dict(content)
        nbformat.validate(notebook)
    except NotebookValidationError as error:
        raise UsageError(f"{path} is not a valid notebook: {str(error).splitlines()[0]}") from None
    except RecursionError:  # Python 3.13 reads deeper JSON than nbformat can take
        raise _too_deep(path) from None
    return notebook


def _too_deep(path: Path) -> UsageError:
    return UsageError(f"{path} is not a notebook: its JSON is nested too deeply")


def _content(path: Path, text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        if not text.strip():  # VS Code makes new notebooks like this
            raise UsageError(f"{path} is empty", "write a cell in it and save it") from None
        if path.suffix == ".py":
            raise UsageError(f"{path} is a script, no notebook", _CONVERT.format(path)) from None
        if marks := _CONFLICT.search(text):
            where = f"at line {text.count(chr(10), 0, marks.start()) + 1}"
            raise UsageError(f"{path} holds merge conflict marks {where}", _SETTLE) from None
        where = f"line {error.lineno}, column {error.colno}"
        cut = error.pos >= len(text.rstrip()) > 0 or error.msg.startswith("Unterminated string")
        ends = ": the file seems to be cut off" if cut else ""
        raise UsageError(f"{path} is not a notebook: invalid JSON at {where}: {error.msg}{ends}") from None
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError as error:  # a number of more digits than Python reads
        raise UsageError(f"{path} is not a notebook: {error}") from None
    version = content.get("nbformat") if isinstance(content, dict) else None
    if not isinstance(version, int):
        raise UsageError(f"{path} is not a notebook: its JSON has no nbformat")
    if version < 4:
        convert = f"convert it with 'jupyter nbconvert --to notebook --nbformat 4 --inplace {path}'"
        raise UsageError(f"{path} is of nbformat {version}, which is too old", convert)
    cells = content.get("cells")
    if version > 4 or not isinstance(cells, list) or not all(map(_is_cell, cells)):
        raise UsageError(f"{path} is not a notebook of nbformat 4")
    return {"metadata": {}, **content}


def _is_cell(cell: object) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") in ("code", "markdown", "raw")


def _tidy(content: dict[str, Any]) -> None:
    """Drop what is made anew, and give an id to each cell without one: the same at every reading."""
    content["nbformat_minor"] = 5
    seen: Counter[str] = Counter()
    for cell in content["cells"]:
        cell.setdefault("metadata", {})
        source = cell.get("source")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            cell["source"] = "".join(source)
        if cell.get("cell_type") == "code":
            cell.update(outputs=[], execution_count=None)
        known = cell.get("id")
        if not isinstance(known, str) or seen[known] or not _ID.fullmatch(known):
            text = json.dumps(cell.get("source"))
            seen[text] += 1
            cell["id"] = hashlib.sha256(f"{seen[text]} {text}".encode()).hexdigest()[:16]
        seen[cell["id"]] += 1


def kernel(path: Path, notebook: NotebookNode, specs: Mapping[str, Any]) -> dict[str, str]:
    """The kernel to start for a notebook: the one it names, or else a Python one.

    Its language is written `Python`: at `python` Voila would run an import of its own in the notebook's namespace.

    Raises:
        UsageError: the notebook is not in Python, or no Python kernel is installed.
    """
    asked = notebook.metadata.get("kernelspec", {})
    language = asked.get("language") or notebook.metadata.get("language_info", {}).get("name", "python")
    if asked.get("name") in specs:
        language = specs[asked["name"]]["spec"]["language"]
    if str(language).lower() != "python":
        raise UsageError(f"{path} is a notebook in {language}, and nbapp needs a Python kernel")
    python = sorted(name for name, found in specs.items() if found["spec"]["language"].lower() == "python")
    if not python:
        raise UsageError("no Python kernel is installed", "install one with 'python -m pip install ipykernel'")
    name = next((name for name in (asked.get("name"), "python3") if name in python), python[0])
    return {"name": name, "display_name": specs[name]["spec"]["display_name"], "language": "Python"}


def replaced(path: Path, notebook: NotebookNode, chosen: Mapping[str, str], specs: Mapping[str, Any]) -> str | None:
    """That another kernel is used than the one that the notebook names, and what to do about it; None: it is not."""
    asked = notebook.metadata.get("kernelspec", {}).get("name")
    if asked is None or asked == chosen["name"]:
        return None
    python = specs[chosen["name"]]["spec"]["argv"][0]
    instead = f"{path} asks for the kernel {asked}, which is not installed: {chosen['display_name']} ({python}) runs it"
    return f"{instead}; install {asked} or choose another kernel in JupyterLab and save"


def heading(notebook: NotebookNode) -> str | None:
    """The first heading of the first level in a notebook's texts, without markup."""
    for cell in notebook.cells:
        found = _TITLE.search(_FENCED.sub("", cell.source)) if cell.cell_type == "markdown" else None
        if found:
            return plain(found[1] or found[2])
    return None


def files(notebook: NotebookNode, folder: Path) -> Iterator[str]:
    """The pictures and films in the notebook's folder that its texts show."""
    root = folder.resolve()
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for link in _LINK.findall(cell.source):
            name = unquote("".join(link).partition("#")[0])
            if "\0" in name:  # no file has it in its name
                continue
            target = (root / name).resolve()
            if target.suffix.lower() in _SHOWN and target.is_relative_to(root) and target.is_file():
                yield target.relative_to(root).as_posix()


def is_run(cell: NotebookNode) -> bool:
    """Whether a cell of a notebook takes part in its app."""
    tags = cell.metadata.get("tags", ())
    return cell.cell_type == "code" and bool(cell.source.strip()) and "skip-execution" not in tags
