"""What cookies are signed with: whoever showed the token comes in again, also once the server was started anew."""

from __future__ import annotations

import hmac
import logging
import secrets

from nbapp.share.ask import CannotShare
from nbapp.share.registry import LinkRegistry

_OF_COOKIES = b"nbapp cookies of who has the token: "  # what links are signed with the same key is none of these


def cookie_secret(token: str | None, log: logging.Logger) -> bytes:
    """It is made of the token and of the owner's key. With another token no cookie from before is good; with the token
    alone nobody can make one, nor try tokens on one. Where anybody gets in, cookies let nobody in, and are forgotten.
    """
    if not token:
        return secrets.token_bytes(32)
    try:
        return hmac.digest(LinkRegistry().key(), _OF_COOKIES + token.encode(), "sha256")
    except CannotShare as error:
        log.warning("nbapp: the token is asked for again after the server was started anew: %s", error)
        return secrets.token_bytes(32)
