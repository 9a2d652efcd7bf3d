"""What runs in the server of `nbapp serve`: a Voila of our own that shows cells and never sends their source."""

from __future__ import annotations

import sys

# Importing it compiles a grammar for 1.4 s, three quarters of the time until the server answers. jsonschema takes it
# for one optional format check, which nothing here asks for, and does without it when it is not there.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
