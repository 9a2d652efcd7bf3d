"""What can go wrong in words for the person who asked: the base of every error that nbapp raises on purpose."""

from __future__ import annotations

# What code raises that takes a message apart which is not what it should be: whoever sent it gets no more than that.
MALFORMED = (AttributeError, IndexError, KeyError, RecursionError, TypeError, UnicodeError, ValueError)


class NbappError(Exception):
    """Something nbapp cannot do. `message` says what, which and why; `remedy` what to do next, or nothing."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}: {self.remedy}" if self.remedy else self.message


class UsageError(NbappError):
    """It was asked for something impossible; one line, without a traceback."""


class EndOfRun(Exception):
    """The author ends the run in this cell on purpose, with a line of why: `ui.stop`."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [str(self)]
