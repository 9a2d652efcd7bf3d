"""What whoever starts a server reads first, and the browser that opens."""

from __future__ import annotations

import sys
import threading
import webbrowser
from pathlib import Path
from urllib.parse import quote

from nbapp.serve.operations.logs import tell
from nbapp.serve.options import Options


def announce(what: str, url: str, asked: Options, folder: str) -> None:
    """Say where something is served, as in "3 notebooks", and open the browser if that is wanted. In a log of JSON no
    token is told. `folder`: where only we can read.
    """
    if asked.log_format == "json":
        tell(f"{what} served at {url}")
        return
    if asked.token is not None:
        url += f"?token={quote(asked.token)}"
    sys.stdout.write(f"{what} served at {url}\nPress Ctrl-C to stop.\n")
    sys.stdout.flush()
    if asked.browser:
        address = url if asked.token is None else _page_that_leads_to(url, folder)
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _page_that_leads_to(url: str, folder: str) -> str:
    """A file in place of an address that is a secret: `ps` shows what a browser is told to open."""
    page = Path(folder, "open.html")
    page.write_text(f'<meta charset="utf-8"><meta http-equiv="refresh" content="0;url={url}">', encoding="utf-8")
    return page.as_uri()
