"""What the author's log says of requests, without the secrets that stand in addresses: tokens, and links' last part."""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(r"(/link/|\b(?:token|password)=)[^/?&\s'\",()]+")


def keep_secrets(log: logging.Logger) -> None:
    """Have tornado's logs, and this one, keep secrets from now on."""
    for each in (log, *map(logging.getLogger, ("tornado.access", "tornado.application", "tornado.general"))):
        each.addFilter(without_secrets)


def without_secrets(record: logging.LogRecord) -> bool:
    """Put something else where a line has a secret; the line stays."""
    said = record.getMessage()
    discreet = _SECRET.sub(r"\1[secret]", said)
    if discreet != said:
        record.msg, record.args = discreet, ()
    return True
