"""One kind of thing that cells read and change besides globals, as the walk asks for it."""

from __future__ import annotations

from collections.abc import Mapping

from nbapp.core.memos.memo import Binding, Component


class Provider:
    """Knows the components of some kinds. What a kind has nothing of stays as it is here."""

    def begin(self) -> None:
        """A walk begins; others may have run since the last."""

    def baseline(self, component: Component) -> Binding | None:
        """What a component is that no cell wrote; None when it is nothing then."""
        return None

    def present(self, component: Component) -> Binding | None:
        """What it is at this moment, where it cannot be put back and the cell that made it must run again."""
        return None

    def put(self, component: Component, binding: Binding, placed: Mapping[Component, Binding]) -> None:
        """Make it what the walk says; `placed` is all that is put into place for the cell."""
