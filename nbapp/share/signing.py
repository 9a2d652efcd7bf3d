"""The secret part of a link: the link's id, signed for one notebook. Nobody without the owner's key can write one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer


class Signer:
    """Signs for one notebook, an absolute path: what is signed for another reads as nothing."""

    def __init__(self, key: bytes, notebook: Path) -> None:
        how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._serializer = URLSafeSerializer(key, salt=f"nbapp link to {notebook}", signer_kwargs=how)

    def write(self, link_id: str) -> str:
        """What stands in a link's address."""
        return str(self._serializer.dumps(link_id))

    def read(self, text: str) -> str | None:
        """The id of a link that was written so; None: it was not."""
        try:
            found = self._serializer.loads(text)
        except BadData:
            return None
        return found if isinstance(found, str) else None
