"""The hooks of IPython that code of the notebook registered, as slots; those of libraries stay as they are.

A printer that a library made in a call, as SymPy's `init_printing` does, is the notebook's: it holds what it was told.
Two of ours are told when IPython shows what a cell left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbapp.kernel.common.stand_in import faults
from nbapp.libraries.slot import GONE, Slot, Values

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell


Shown = Callable[..., None]


def ipython(shell: ZMQInteractiveShell) -> tuple[Slot, ...]:
    """The slots of a shell: lists of hooks, and printers by type."""
    hooks = _Hooks(shell)
    return (
        Slot("IPython", hooks.lists, hooks.put_lists, raw=hooks.raw_lists),
        Slot("IPython", hooks.printers, hooks.put_printers, raw=hooks.raw_printers),
    )


def around_showing(shell: ZMQInteractiveShell, before: Shown, after: Shown) -> Callable[[], None]:
    """Call these before and after libraries show what a cell left to be shown; call what is returned to stop it."""
    events = shell.events

    def shows() -> None:
        with faults.noted("post_execute"):
            before()

    def has_shown(result: object = None) -> None:
        with faults.noted("post_run_cell"):
            after(result)

    events.callbacks["post_execute"].insert(0, shows)  # libraries that are there already registered theirs before
    events.register("post_run_cell", has_shown)

    def undo() -> None:
        events.unregister("post_execute", shows)
        events.unregister("post_run_cell", has_shown)

    return undo


@dataclass(frozen=True, slots=True)
class _Hooks:
    shell: ZMQInteractiveShell
    library: dict[tuple[str, Any], Any] = field(default_factory=dict)  # the printers that libraries have for types

    def _is_own(self, hook: Any) -> bool:
        hook = getattr(hook, "__func__", hook)
        home = getattr(hook, "__module__", None) or type(hook).__module__
        return bool(home == self.shell.user_ns.get("__name__", "__main__"))

    def _is_chosen(self, printer: Any) -> bool:
        return self._is_own(printer) or "<locals>" in getattr(printer, "__qualname__", "")

    def _all(self) -> dict[str, list[Any]]:
        shell = self.shell
        found: dict[str, list[Any]] = {f"event {name}": hooks for name, hooks in shell.events.callbacks.items()}
        found["input post"] = shell.input_transformers_post
        found["input cleanup"] = shell.input_transformer_manager.cleanup_transforms
        found["ast"] = shell.ast_transformers
        return found

    def lists(self) -> Values:
        return {name: tuple(filter(self._is_own, hooks)) for name, hooks in self._all().items()}

    def raw_lists(self) -> object:
        return [list(hooks) for hooks in self._all().values()]

    def put_lists(self, values: Values) -> None:
        for name, hooks in self._all().items():
            if name in values:
                hooks[:] = [*(hook for hook in hooks if not self._is_own(hook)), *values[name]]

    def _formatters(self) -> Iterator[tuple[str, Any]]:
        formatter = self.shell.display_formatter
        yield from formatter.formatters.items() if formatter is not None else ()

    def printers(self) -> Values:
        found: Values = {}
        for mime, formatter in self._formatters():
            for kind, printer in formatter.type_printers.items():
                if self._is_chosen(printer):
                    found[f"{mime} of {kind!r}"] = mime, kind, printer
                else:
                    self.library[mime, kind] = printer
        return found

    def raw_printers(self) -> object:
        return [dict(formatter.type_printers) for _, formatter in self._formatters()]

    def put_printers(self, values: Values) -> None:
        before, formatters = self.printers(), dict(self._formatters())
        for name, entry in values.items():
            mime, kind, printer = before[name] if entry is GONE else entry
            if entry is GONE and (mime, kind) in self.library:
                formatters[mime].type_printers[kind] = self.library[mime, kind]
            elif entry is GONE:
                formatters[mime].type_printers.pop(kind, None)
            else:
                formatters[mime].type_printers[kind] = printer
