"""`%nbapp`: what the app in this kernel does, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nbapp.core.timings import profile
from nbapp.kernel.common.stand_in import faults

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nbapp.kernel.app import App


def register(shell: InteractiveShell, app: App) -> Callable[[], None]:
    """Add `%nbapp` to the shell; call what is returned to take it away."""

    def nbapp(line: str) -> None:
        """Status and switches of nbapp in this kernel.

        Examples:
            %nbapp            what is on, and what the last rerun did
            %nbapp off        widgets change without running cells
            %nbapp on         widgets run the cells that depend on them (the default)
            %nbapp why 3      why cell 3 (counted from the top) ran or was skipped
            %nbapp profile    where the time went when each cell last ran, and which value is dear to compare
            %nbapp clear      forget earlier results; every cell runs once at the next change
        """
        print(answer(app, line))  # noqa: T201 - a magic talks to the author

    add: Callable[..., None] = shell.register_magic_function
    add(nbapp, magic_name="nbapp")
    return lambda: shell.magics_manager.magics["line"].pop("nbapp", None)


def answer(app: App, line: str) -> str:
    """The reply to `%nbapp <line>`."""
    word, _, rest = line.strip().partition(" ")
    if word == "":
        return _status(app)
    if word in ("on", "off") and not rest:
        app.switch(word == "on")
        return f"nbapp is {word}."
    if word == "clear" and not rest:
        app.store.clear()
        return "Earlier results are forgotten."
    if word == "profile" and not rest:
        return "\n".join(profile(app.last_ran()))
    if word == "why":
        return _why(app, rest.strip())
    return f"%nbapp does not know {line.strip()!r}. Try %nbapp, on, off, why 3, profile or clear."


def _status(app: App) -> str:
    lines = [f"nbapp is {'on' if app.reactive else 'off'}: {len(app.store)} results kept, {_size(app.store.nbytes)}."]
    lines.extend(f"nbapp failed in {place}, which goes on without it: {what}." for place, what in faults.seen.items())
    if not app.notebook:
        lines.append(
            "No cell ran yet that it can follow. It needs a notebook: a console does not say which cell it runs."
        )
    ran = [step for step in app.steps if step.state in ("ran", "failed")]
    saved = sum(step.seconds for step in app.steps if step.state in ("skipped", "restored"))
    if app.steps:
        lines.append(f"Last rerun: {len(ran)} of {len(app.steps)} cells ran, {saved:.2f} s saved.")
        lines.extend(f"  cell {step.index + 1} {step.state}: {step.reason}" for step in ran)
    return "\n".join(lines)


def _why(app: App, number: str) -> str:
    if not number.isdecimal():
        return "Which cell? Count from the top: %nbapp why 3"
    step = next((step for step in app.steps if step.index + 1 == int(number)), None)
    if step is None:
        return f"The last rerun did not reach a cell {number}; it had {len(app.steps)}."
    saved = f", {step.seconds:.2f} s saved" if step.state in ("skipped", "restored") else ""
    return f"cell {number} {step.state}: {step.reason}{saved}"


def _size(nbytes: int) -> str:
    size = float(nbytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError("unreachable")
