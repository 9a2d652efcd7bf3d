"""What magics set in IPython, as slots: how results are shown, aliases, and magics that the notebook defines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.alias import Alias
from IPython.core.magic import MagicAlias

from nbapp._compat.ipywidgets import trait_values
from nbapp.libraries.slot import GONE, Slot, Values

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell

_OF_THE_SHELL = ("ast_node_interactivity", "autocall", "autoawait", "xmode", "colors")
_OF_PLAIN_TEXT = ("pprint", "float_precision", "float_format", "max_width", "max_seq_length", "newline", "verbose")


def set_by_magics(shell: ZMQInteractiveShell) -> tuple[Slot, ...]:
    """The slots of a shell."""
    places = _places(shell)

    def settings() -> Values:
        return {name: getattr(place, trait) for name, (place, trait) in places.items()}

    def put_settings(values: Values) -> None:
        for name, value in values.items():
            place, trait = places[name]
            if trait == "float_precision":
                trait_values(place)[trait] = value  # to set it would set its format, and numpy's options
            else:
                setattr(place, trait, value)

    return Slot("IPython", settings, put_settings), _magics(shell)


def _places(shell: ZMQInteractiveShell) -> dict[str, tuple[Any, str]]:
    """Where each setting is, by its name for the author."""
    found: dict[str, tuple[Any, str]] = {name: (shell, name) for name in _OF_THE_SHELL if hasattr(shell, name)}
    found["__future__"] = shell.compile, "flags"  # `from __future__ import annotations` holds for all cells below it
    formatter: Any = shell.display_formatter
    if formatter is not None:
        found["active_types"] = formatter, "active_types"
        plain = formatter.formatters["text/plain"]
        found.update((name, (plain, name)) for name in _OF_PLAIN_TEXT if hasattr(plain, name))
    return found


def _magics(shell: ZMQInteractiveShell) -> Slot:
    kinds: dict[str, dict[str, Any]] = shell.magics_manager.magics

    def is_own(magic: Any) -> bool:
        if isinstance(magic, (Alias, MagicAlias)):
            return True
        return bool(getattr(magic, "__module__", None) == shell.user_ns.get("__name__", "__main__"))

    def magics() -> Values:
        return {
            f"%{name} {kind}": magic.cmd if isinstance(magic, Alias) else magic
            for kind, known in kinds.items()
            for name, magic in known.items()
            if is_own(magic)
        }

    def put_magics(values: Values) -> None:
        for key, magic in values.items():
            name, _, kind = key.removeprefix("%").rpartition(" ")
            if magic is GONE:
                kinds[kind].pop(name, None)
            else:
                kinds[kind][name] = Alias(shell, name, magic) if isinstance(magic, str) else magic

    return Slot("IPython", magics, put_magics, raw=lambda: [dict(known) for known in kinds.values()])
