"""The kinds of components: what a cell may read besides globals.

A component is a string: its kind, a colon and a name. A walk spends its time on sets of them, and sets of pairs take
1.7 times as long (2,000 of them, CPython 3.11). Only this file knows the form, and `env.py`, which keeps it apart from
the names of globals.
"""

from __future__ import annotations

from dataclasses import dataclass

from nbapp.core.memos.memo import Component


@dataclass(frozen=True, slots=True)
class Kind:
    """`words` tell an author what such a component is."""

    kind: str
    words: str

    def of(self, name: str = "") -> Component:
        """The component of this kind that has the name."""
        return f"{self.kind}:{name}"

    def owns(self, component: Component) -> bool:
        """Whether a component is of this kind."""
        return component.startswith(f"{self.kind}:")

    def name(self, component: Component) -> str:
        """The name of a component of this kind; one of another kind as it is."""
        return component.removeprefix(f"{self.kind}:")


# widgets; the name is a model id, and a trait's after a point
TRAIT = Kind("trait", "a widget's `{}`")
CHOICE = Kind("choice", "the `{}` chosen in a widget of this cell")
CONSUMED = Kind("consumed", "a widget's `{}`")  # of a library's own callback; a cell's id and a colon come first
CALLED = Kind("callbacks", "a widget's callbacks")  # a run reads it when it fired them
UNCALLED = Kind("uncalled", "a widget's callbacks")  # it matters which there are
OPEN = Kind("open", "a widget of this cell that was closed: its state")
# files; the name is a path
FILE = Kind("file", "the file `{}`")
TREE = Kind("tree", "what lies in `{}`")
# the process
PROCESS = Kind("process", "process state, such as options and the environment,")
MODULE = Kind("module", "the module `{}`")
GENERATOR = Kind("rng", "the state of the random generator of `{}`")
FIGURES = Kind("figures", "which figures of pyplot are open, or which of them is current,")
FIGURE = Kind("figure", "the open figure {}")
TABLE = Kind("table", "the table `{}`")
USER = Kind("user", "the user of the page")

CONTROLS = TRAIT, CHOICE, CONSUMED
_WIDGETS = *CONTROLS, CALLED, UNCALLED, OPEN
_KINDS = *_WIDGETS, FILE, TREE, PROCESS, MODULE, GENERATOR, FIGURES, FIGURE, TABLE, USER
_WORDS = {kind.kind: kind.words for kind in _KINDS}
_OF_TRAITS = frozenset(kind.kind for kind in CONTROLS)
_OF_PATHS = frozenset({FILE.kind, TREE.kind})


def parts(component: Component) -> tuple[str, str]:
    """The kind and the name of any component."""
    kind, _, name = component.partition(":")
    return kind, name


def in_words(component: Component) -> str:
    """A component as an author knows it: a file by its last name, a trait without its widget."""
    kind, name = parts(component)
    if kind in _OF_PATHS:
        name = name.replace("\\", "/").rpartition("/")[2]
    elif kind in _OF_TRAITS:
        name = name.rpartition(".")[2]
    return _WORDS.get(kind, kind).format(name)
