"""Whether a notebook can run in a copy of the process that has run it already: some libraries hang there for ever, or
end it, because threads of theirs are gone. So it is tried once, with all cells, in a copy that is thrown away.
"""

from __future__ import annotations

import os
import select
import signal
from typing import Any

from nbapp._compat.halves import Halves
from nbapp.functions.results.shelf import SHELF
from nbapp.kernel.app import App
from nbapp.kernel.zygote.child import run_alone
from nbapp.kernel.zygote.process import forked
from nbapp.persistence.current import CURRENT, NOWHERE

_SLOWER = 3  # how much longer than before it may take
_GRACE = 5.0  # seconds
_OTHERWISE = 100  # what the copy ends with when a cell stands otherwise than before: and the cell's index


def rehearse(halves: Halves, app: App, inherited: list[int]) -> str | None:
    """Run the notebook in a copy; why this process must not be forked, or None."""
    seconds, parent = sum(step.seconds for step in app.steps), os.getpid()
    stood = [step.state == "failed" for step in app.steps]

    async def run() -> int:
        app.store.clear()
        SHELF.clear_all()
        CURRENT.use(NOWHERE)
        steps = await app.rerun()
        stand = [step.state == "failed" for step in steps]
        found = next((index for index, (one, other) in enumerate(zip(stood, stand)) if one is not other), None)
        return 0 if found is None else min(_OTHERWISE + found, 255)

    number = forked()
    if number == 0:
        run_alone(halves, app, parent, inherited, run)
    status = _end_of(number, _SLOWER * seconds + _GRACE)
    return _in_words(status, seconds)


def _end_of(number: int, seconds: float) -> Any:
    """What a process ended with; None when it had to be ended after so many seconds."""
    watch = os.pidfd_open(number)
    poll = select.poll()
    poll.register(watch, select.POLLIN)
    in_time = bool(poll.poll(seconds * 1000))
    if not in_time:
        os.killpg(number, signal.SIGKILL)
    _, status = os.waitpid(number, 0)
    os.close(watch)
    return os.waitstatus_to_exitcode(status) if in_time else None


def _in_words(code: int | None, seconds: float) -> str | None:
    if code == 0:
        return None
    if code is None:
        return f"in a fork, the notebook does not come to its end in {_SLOWER * seconds + _GRACE:.0f} seconds"
    if code < 0:
        return f"in a fork, the notebook ends its process ({signal.Signals(-code).name})"
    if code >= _OTHERWISE:
        return f"in a fork, cell {code - _OTHERWISE + 1} fails" if code < 255 else "in a fork, a cell fails"
    return "in a fork, the notebook does not run"
