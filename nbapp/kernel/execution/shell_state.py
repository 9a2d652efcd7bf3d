"""Puts back what IPython remembers of a cell: it belongs to the request around it, or grows without end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbapp._compat import ipykernel as private

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell


@contextmanager
def as_found(shell: ZMQInteractiveShell) -> Iterator[None]:
    """Leave the shell's result, payloads and kept outputs as they were found."""
    hook: Any = shell.displayhook
    payloads: Any = shell.payload_manager
    result, payload = hook.exec_result, payloads.read_payload()
    count = hook.prompt_count
    kept = len(_outputs(shell).get(count, ()))
    private.forget_failed_display(shell)
    payloads.clear_payload()
    try:
        yield
    finally:
        private.forget_failed_display(shell)
        hook.exec_result = result
        payloads.clear_payload()
        for one in payload:
            payloads.write_payload(one)
        if count in _outputs(shell):
            del _outputs(shell)[count][kept:]


def _outputs(shell: ZMQInteractiveShell) -> dict[int, list[Any]]:
    """The results that IPython 9 keeps by prompt number; cells without history all have the same."""
    outputs: dict[int, list[Any]] = getattr(shell.history_manager, "outputs", {})
    return outputs
