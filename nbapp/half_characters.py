"""Half characters: a string of Python may hold one, and no text in UTF-8 can.

They come from JSON (`"\\ud800"`), and from what was read or named with `errors="surrogateescape"`.
"""

from __future__ import annotations

import re

HALF = re.compile("[\ud800-\udfff]")
IN_JSON = re.compile(r"\\u[dD][89a-fA-F]")  # what JSON holds that may be one, or a half of a whole character
