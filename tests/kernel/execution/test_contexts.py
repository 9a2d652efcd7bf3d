"""Context variables over cells, seen from more than one thread."""

from __future__ import annotations

import threading
from contextvars import ContextVar

from nbapp.kernel.common.context_vars import Contexts

PRECISION: ContextVar[int] = ContextVar("PRECISION", default=8)


def test_a_thread_that_looks_is_in_nobodys_way() -> None:
    contexts, inside, enough = Contexts(), threading.Event(), threading.Event()
    with contexts.entered():
        PRECISION.set(3)

    def long_look() -> None:
        inside.set()
        enough.wait(60)

    thread = threading.Thread(target=contexts.look, args=(long_look,))
    thread.start()
    try:
        assert inside.wait(60)
        assert contexts.look(PRECISION.get) == 3
        contexts.run(PRECISION.set, 4)
        assert contexts.look(lambda: contexts.look(PRECISION.get)) == 4
    finally:
        enough.set()
        thread.join()
