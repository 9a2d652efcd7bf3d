"""What a notebook needs from around it: files and modules that are missing, and paths of one computer only."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbapp.check.finding import Finding
from nbapp.check.source import Source, called
from nbapp.errors import UsageError

_READERS = re.compile(
    r"open|read_(?!sql|html|clipboard|gbq)\w+|loadtxt|genfromtxt|imread|open_dataset|scan_\w+|loadmat"
)
_PATH = re.compile(r"(/[^\s/]+/|[A-Za-z]:[\\/](?![\\/])|~[\\/]|\\\\\w)\S*")
_EVERYWHERE = frozenset({"tmp", "dev", "proc", "etc", "usr", "bin"})  # the same on every computer of its kind
_PERSONAL = frozenset({"home", "Users", "root", "content", "kaggle", "mnt", "media", "Volumes", "scratch"})
_CLOUD = {"content": "Colab", "kaggle": "Kaggle"}
_FIND = """
import importlib.util, sys
def missing(name):
    try:
        return importlib.util.find_spec(name) is None
    except (ImportError, ValueError):
        return True
sys.path.insert(0, "")
print(*filter(missing, sys.argv[1:]))
"""


def paths(sources: Sequence[Source], folder: Path) -> Iterator[Finding]:
    """Paths that lead out of the notebook's folder."""
    for source in sources:
        for node in source.nodes():
            text = node.value if isinstance(node, ast.Constant) and id(node) not in source.quiet else None
            if isinstance(text, str) and len(text) < 500:
                yield from _path(source, node, text, folder)


def _path(source: Source, node: ast.AST, text: str, folder: Path) -> Iterator[Finding]:
    place = source.number, source.line(node)
    if text.startswith(("../", "..\\")):
        why = "it is found only while the notebook lies where it lies now"
        yield Finding("note", "outside", f'"{text}" lies outside the folder', why, "put it beside the notebook", *place)
    elif _PATH.fullmatch(text):
        first = re.split(r"[\\/]", text)[1]
        personal = not text.startswith("/") or first in _PERSONAL
        if first in _EVERYWHERE or not (personal or Path("/", first).is_dir()):
            return  # an address of a web page, or a path that every computer has
        where = f"on {_CLOUD[first]}" if first in _CLOUD else "on this computer"
        there = Path(text).expanduser().exists()
        inside = there and Path(text).expanduser().resolve().is_relative_to(folder)
        beside = Path(text).expanduser().resolve().relative_to(folder) if inside else Path(re.split(r"[\\/]", text)[-1])
        remedy = f'put it in the notebook\'s folder and write "{beside}"' if not inside else f'write "{beside}"'
        why = f"an absolute path, which is there {where} only" if there else "an absolute path, and nothing is there"
        yield Finding("note" if there else "problem", "path", f'"{text}"', why, remedy, *place)


def files(sources: Sequence[Source], folder: Path) -> Iterator[Finding]:
    """Files that a cell reads by a plain name, which are not there and which no cell above names."""
    named: set[str] = set()
    for source in sources:
        for node in source.nodes():
            name = _reads(node)
            if name and name not in named and id(node) not in source.quiet and not (folder / name).exists():
                why = f"there is no such file in {folder.name or folder}"
                remedy = "put it beside the notebook; the app runs in the notebook's folder"
                yield Finding("problem", "file", f'reads "{name}"', why, remedy, source.number, source.line(node))
        texts = (node.value for node in source.nodes() if isinstance(node, ast.Constant))
        named |= {text for text in texts if isinstance(text, str)}
        named |= {word for _, text in source.magics for word in text.split()}


def _reads(node: ast.AST) -> str | None:
    """The relative path that a call reads, if it is written out."""
    if not (isinstance(node, ast.Call) and _READERS.fullmatch(called(node)) and node.args):
        return None
    first = node.args[0]
    mode = node.args[1].value if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else "r"
    modes = [word.value.value for word in node.keywords if word.arg == "mode" and isinstance(word.value, ast.Constant)]
    if not all(isinstance(each, str) and each.startswith("r") for each in (mode, *modes)) and called(node) == "open":
        return None
    text = first.value if isinstance(first, ast.Constant) else None
    if not isinstance(text, str) or "://" in text or "\n" in text or not text or len(text) > 250:
        return None
    return None if Path(text).is_absolute() or text.startswith(("~", "..")) or _PATH.fullmatch(text) else text


def modules(sources: Sequence[Source], folder: Path, python: str) -> Iterator[Finding]:
    """Modules that cells import outside of `try` and that the kernel's Python does not find."""
    wanted = {name: (source, node) for source in reversed(sources) for name, node in _imported(source)}
    asked = subprocess.run(
        [python, "-c", _FIND, *wanted], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    if asked.returncode:
        raise UsageError(f"{python} cannot say which modules it has", asked.stderr.strip().rpartition("\n")[2])
    for name in asked.stdout.split():
        source, node = wanted[name]
        why = f"the kernel's Python does not find it: {python}"
        remedy = (
            f"install what brings it, as with '{python} -m pip install {name}', or put the module beside the notebook"
        )
        yield Finding("problem", "module", f"imports `{name}`", why, remedy, source.number, source.line(node))


def _imported(source: Source) -> Iterator[tuple[str, ast.AST]]:
    if any(name == "matplotlib" and text.strip() in ("widget", "ipympl") for name, text in source.magics):
        yield "ipympl", source.trees[0]
    for node in source.nodes():
        if id(node) in source.quiet:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node
