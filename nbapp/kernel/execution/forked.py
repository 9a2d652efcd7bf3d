"""The copy of the kernel that `os.fork` makes in a cell: it ends where the cell ends.

It would go on as a second kernel, and tell the same page what its own memory holds. Code that means to fork ends the
copy itself, as `multiprocessing` does; this is for code that lets it run out of the cell.
"""

from __future__ import annotations

import os
import sys


def end_copy(kernel: int) -> None:
    """End this process if it is not the kernel, whose number is given, once what it wrote is on its way."""
    if os.getpid() == kernel:
        return
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
