"""The owner's list of apps on a Hub, in the owner's home: it alone decides which notebook an app's server shows.

The Hub and whoever starts the server have no say in it. The list itself is `nbapp.share.registry`'s.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir, secure_write

from nbapp.share.registry import Link, LinkRegistry


class AppRegistry(LinkRegistry):
    """The apps that one person shares, and what the servers of these apps say."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder or Path(jupyter_data_dir(), "nbapp", "hub"))

    def app(self, name: str) -> Link | None:
        """The newest app of this name, also one that has expired or was taken back."""
        found = [link for link in self.links() if link.name == name]
        return next((link for link in found if link.revoked is None), found[0] if found else None)

    def hear(self, link: Link) -> None:
        """Say, as the app's server, that an app was read as it stands in the list."""
        if not self.was_heard(link):
            path = self._heard(link)
            path.unlink(missing_ok=True)
            with secure_write(str(path)) as file:
                file.write(_token(link))

    def was_heard(self, link: Link) -> bool:
        """Whether a server of the app has read it as it stands in the list."""
        try:
            return self._heard(link).read_text(encoding="utf-8") == _token(link)
        except FileNotFoundError:
            return False

    def forget_heard(self, link: Link) -> None:
        """Let whoever is the app's server say it again."""
        self._heard(link).unlink(missing_ok=True)

    def _heard(self, link: Link) -> Path:
        return self.folder / f"heard-{link.name}"


def _token(link: Link) -> str:
    return hashlib.sha256(
        f"{link.id} {link.made} {link.expires} {link.revoked} {sorted(link.values.items())}".encode()
    ).hexdigest()
