"""`python -m nbapp` is `nbapp`."""

from __future__ import annotations

import sys

from nbapp.cli import main

if __name__ == "__main__":
    sys.exit(main())
