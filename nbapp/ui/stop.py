"""`ui.stop`: ends the run at this point, with a quiet line of why."""

from __future__ import annotations

from typing import NoReturn

from nbapp.errors import EndOfRun


def stop(why: str = "") -> NoReturn:
    """End the run here: the rest of the cell and the cells below do not run, and show nothing.

    Args:
        why: the line that is shown in their place.

    Raises:
        EndOfRun: always; a notebook without nbapp shows its line, and Run All ends there.

    Examples:
        >>> from nbapp import ui
        >>> file = ui.upload("Sales", accept=".csv")  # doctest: +SKIP
        >>> if file is None:  # doctest: +SKIP
        ...     ui.stop("Choose a file to begin.")
    """
    raise EndOfRun(why)
