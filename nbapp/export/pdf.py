"""A page on paper, by the Chromium, Chrome or Edge of this computer: it draws the page as visitors see it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from nbapp.errors import UsageError
from nbapp.export.encoded import encoded

_NAMES = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_LONGEST = 120.0  # seconds
_SETTLES = 10_000  # milliseconds of the page's own time, in which its scripts draw
_NONE = "a PDF is printed by Chromium, Chrome or Edge, and there is none"
_REMEDY = "install one ('apt install chromium', or google.com/chrome), or write .html and print it in a browser"


def chromium() -> str:
    """The browser that prints.

    Raises:
        UsageError: there is none.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise UsageError(_NONE, _REMEDY)
    return found


def printed(page: str) -> bytes:
    """A page that stands by itself as PDF.

    Raises:
        UsageError: there is no browser, or it prints nothing.
    """
    with tempfile.TemporaryDirectory(prefix="nbapp-") as folder:
        source, out = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_bytes(encoded(page, is_json=False))
        command = [chromium(), *_options(folder), f"--print-to-pdf={out}", source.as_uri()]
        try:
            ran = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=_LONGEST, check=False
            )
        except subprocess.TimeoutExpired:
            raise UsageError(f"{command[0]} printed nothing within {_LONGEST:g} s", "write .html instead") from None
        if not out.is_file():
            said = ran.stderr.strip().splitlines()
            raise UsageError(f"{command[0]} printed nothing: {said[-1] if said else f'exit code {ran.returncode}'}")
        return out.read_bytes()


def _options(folder: str) -> list[str]:
    options = [
        *("--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"),
        f"--virtual-time-budget={_SETTLES}",
        f"--user-data-dir={folder}/profile",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")  # as root Chromium starts in no other way; what it draws, root's kernel has made
    return options
