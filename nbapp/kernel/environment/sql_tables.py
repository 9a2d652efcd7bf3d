"""What cells write into databases by SQL, as components: tables, macros, variables; known by who wrote them last.

Nobody can look into every database after each cell. But a cell that says `create table t` or `insert into t` changes
`t`, and one whose text names `t` may read it, whatever connection they use. A table is never put back: a cell that
needs it as it was makes the cells that wrote it run again. So it is with the rows that a connection has yet to give:
`con.execute` in one cell changes what `con.fetchone()` in another one reads, and takes away.
"""

from __future__ import annotations

from collections.abc import Iterable

from nbapp.core.memos.kinds import TABLE
from nbapp.core.memos.memo import Binding, Component
from nbapp.kernel.environment.provider import Provider
from nbapp.kernel.environment.trace import EnvironmentTrace
from nbapp.values.digest import text_digest
from nbapp.values.names import Names

Which = frozenset[Component]

_VERBS = frozenset(
    {"create", "insert", "update", "delete", "replace", "merge", "drop", "alter", "truncate", "copy", "set", "pragma"}
    | {"nextval", "attach", "detach"}
)


class Tables(Provider):
    """The tables that cells wrote, and what was written last."""

    def __init__(self) -> None:
        self._last: dict[str, Binding] = {}
        self._known: set[str] = set()
        self._written = 0
        self._untouched = Binding(None, text_digest("table", "as it was"))
        self._fetched: frozenset[str] = frozenset()  # rows that some cell fetches which another one asked for

    def expect(self, fetched: frozenset[str]) -> None:
        """The cells of the notebook fetch these rows, which others ask for."""
        self._fetched = fetched
        self.learn(fetched)

    def baseline(self, component: Component) -> Binding:
        """As no cell has written it."""
        return self._untouched

    def waiting(self, rows: frozenset[str]) -> frozenset[str]:
        """The components of the rows among these that some cell will fetch."""
        return frozenset(TABLE.of(name) for name in rows & self._fetched)

    def learn(self, tables: Iterable[str]) -> None:
        """There are tables of these names."""
        self._known.update(tables)

    def named(self, names: Names) -> frozenset[str]:
        """The components of the tables that code with these names may read."""
        found = (name for name in self._known if names.everything or name in names.looked_up)
        return frozenset(TABLE.of(name) for name in found)

    def written(self, names: Names, plainly: frozenset[str], only_told: frozenset[str]) -> frozenset[str]:
        """The components of the tables that code may have written: those it says, or a function that it calls."""
        found = frozenset(TABLE.of(name) for name in plainly)
        if not any(word.lower() in _VERBS for word in names.words):
            return found
        return found | (self.named(names) - {TABLE.of(name) for name in only_told})

    def tell(self, trace: EnvironmentTrace, asked: Which, written: Which, made: Iterable[str], rows: Which) -> None:
        """Note the tables and waiting rows that a cell asked for, wrote, or `made`, in its trace."""
        written |= {TABLE.of(name) for name in made}
        trace.left |= {table: self.wrote(table) for table in written | self.waiting(rows)}
        trace.found |= dict.fromkeys(written - asked, self._untouched)
        trace.used |= asked | written

    def dropped(self, tables: Iterable[str]) -> None:
        """Tables of cells below are gone: these make them again when the walk comes to them."""
        for name in tables:
            self.wrote(TABLE.of(name))

    def wrote(self, component: str) -> Binding:
        """A cell wrote a table: as it was before it is nowhere any more."""
        self._written += 1
        name = TABLE.name(component)
        self._known.add(name)
        if name in self._last:
            self._last[name].intact = False
        self._last[name] = Binding(None, text_digest("table", name, str(self._written)))
        return self._last[name]
