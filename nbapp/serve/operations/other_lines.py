"""What else comes on stderr, of libraries and kernels, told as records too, so that each line of a JSON log is JSON."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from typing import BinaryIO, TextIO

_LOG = logging.getLogger("nbapp.stderr")
_BEGINS = '{"time": "'  # as a kernel tells of a cell that failed
_TO_END = 1.0  # seconds for the last lines of kernels that were just ended


class OtherLines:
    """Takes the place of this process' stderr, which its kernels inherit; the log goes to `out` from now on."""

    def __init__(self) -> None:
        kept = os.dup(2)
        self.out: TextIO = os.fdopen(kept, "w", encoding="utf-8", errors="backslashreplace", buffering=1)
        reads, writes = os.pipe()
        os.dup2(writes, 2)
        os.close(writes)
        self._reader = threading.Thread(target=self._read, args=(os.fdopen(reads, "rb"),), name="stderr", daemon=True)
        self._reader.start()

    def _read(self, lines: BinaryIO) -> None:
        with lines:
            for line in lines:
                self._tell(line.decode("utf-8", "backslashreplace").rstrip())

    def _tell(self, line: str) -> None:
        """A record of a kernel is passed on as it is, also where what came before it did not end its line."""
        before, begins, rest = line.partition(_BEGINS)
        record = begins + rest
        if not _is_record(record):
            before, record = line, ""
        if before:
            _LOG.warning("%s", before)
        if record:
            self.out.write(record + "\n")

    def end(self) -> None:
        """Give stderr back, and tell what is left. Who still holds the pipe then is not waited for."""
        sys.stderr.flush()
        os.dup2(self.out.fileno(), 2)
        self._reader.join(_TO_END)


def _is_record(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
