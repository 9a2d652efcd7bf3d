"""What the log says, and as JSON, for whoever collects logs. What is secret in addresses stays out of it."""

from __future__ import annotations

import atexit
import json
import logging
from datetime import datetime, timezone

from nbapp.serve.operations.other_lines import OtherLines
from nbapp.serve.visitors.discreet_log import without_secrets

_LOG = "nbapp.serve"


class JsonFormatter(logging.Formatter):
    """`time` (UTC), `level`, `logger`, `message`; `exception` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        found = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            found["exception"] = self.formatException(record.exc_info)
        return json.dumps(found, ensure_ascii=False)


def log_as_json(of_app: logging.Logger) -> None:
    """Have every line that comes on stderr be JSON from now on: of this process, its libraries and its kernels."""
    others = OtherLines()
    atexit.register(others.end)
    handler = logging.StreamHandler(others.out)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(without_secrets)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    of_app.handlers[:] = []
    of_app.propagate = True
    logging.captureWarnings(True)
    logging.getLogger(_LOG).setLevel(logging.INFO)


def tell(message: str) -> None:
    """Write a line that belongs to no fault."""
    logging.getLogger(_LOG).info(message)


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """Whether a line of tornado's and Jupyter's says something: not their quarrel about ping settings at every start,
    not that a page which is half there gets no other one when the server ends, nor that a kernel said something just as
    its page was closed, not in three lines that a kernel ended, which we say in one, and not twice with tracebacks why
    one does not start.
    """
    said = record.getMessage()
    begins = ("The websocket_ping_timeout", "Cannot send error response after headers", "Got events for closed stream")
    ends = ("KernelRestarter: restart failed", " died, removing from map.", " restarted failed!")
    is_raised_again = record.exc_info and record.filename in ("manager.py", "multikernelmanager.py")
    return not (said.startswith(begins) or said.endswith(ends) or is_raised_again)
