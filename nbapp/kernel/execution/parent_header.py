"""Which request the kernel believes it answers: the parent of every message that it publishes.

ipykernel 6 keeps one parent for the process, and the streams' in a context variable; ipykernel 7 keeps a context
variable per stream, display hook and kernel, and a fallback for threads. Setting the parent in the current context
sets the fallback too, and setting it inside an empty context sets the fallback alone. Knows nothing of cells.
"""

from __future__ import annotations

import sys
from contextvars import Context
from typing import TYPE_CHECKING, Any

from nbapp._compat import ipykernel as private

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell

Request = dict[str, Any]


class ParentHeader:
    """A request of ours that takes the place of the one the kernel answers, and gives it back."""

    def __init__(self, shell: ZMQInteractiveShell, request: Request) -> None:
        self._kernel: Any = shell.kernel
        self._shell = shell
        self._request = request
        self._here = self._elsewhere = self._asked()
        self._threads: Any = None

    def _asked(self) -> tuple[Any, Request]:
        return private.shell_ident(self._kernel), self._kernel.get_parent("shell")

    def place(self) -> None:
        """Take the place, in the current context and for threads started from now on."""
        if self._in_place():
            return
        try:
            self._elsewhere = Context().run(self._asked)
        except LookupError:
            self._elsewhere = self._here  # ipykernel 7.0 has no fallback
        self._kernel.set_parent(self._elsewhere[0], self._request, "shell")
        self._threads = private.threads_parent(self._kernel)
        private.set_threads_parent(self._kernel, self._request["header"])

    def withdraw(self, *, here: bool = False) -> None:
        """Give the place back, unless another request has taken it; with `here` in the current context too."""
        in_place = self._in_place()
        if here:
            self._kernel.set_parent(*self._here, "shell")
        if in_place:
            ident, request = self._elsewhere
            Context().run(self._kernel.set_parent, ident, request, "shell")
            private.set_threads_parent(self._kernel, self._threads)

    def _in_place(self) -> bool:
        """Whether threads, and all else that has no context of its own, answer our request now."""
        try:
            return Context().run(self._shell.get_parent) is self._request
        except LookupError:  # ipykernel 7.0: only the streams have a fallback
            return Context().run(getattr, sys.stdout, "parent_header", None) is self._request["header"]
        except AttributeError:  # ipykernel 7.1 to 7.3 before the first request
            return False
