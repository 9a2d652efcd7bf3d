"""The user whom the page is for, as one component: read by the cells that look at `nbapp.user`, written by none."""

from __future__ import annotations

from nbapp.core.memos.kinds import USER
from nbapp.core.memos.memo import Binding, Component
from nbapp.kernel.environment.provider import Provider
from nbapp.values.digest import text_digest
from nbapp.visitor import known, was_read

COMPONENT = USER.of()


class Visitor(Provider):
    """The one user of this kernel."""

    def baseline(self, component: Component) -> Binding:
        """Who it is."""
        user = known()
        parts = () if user is None else (user.name, *user.groups)
        return Binding(user, text_digest(COMPONENT, *parts))


def read() -> tuple[str, ...]:
    """The component, if code looked since this was asked the last time."""
    return (COMPONENT,) if was_read() else ()
