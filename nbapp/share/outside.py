"""Links outside a JupyterHub: to a server of `nbapp serve` on this computer, which reads the same list of links."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nbapp.serve.prepare import read
from nbapp.share.ask import CannotShare, Shared, Wanted
from nbapp.share.digest import digest
from nbapp.share.registry import Link, LinkRegistry
from nbapp.share.running import Running, running
from nbapp.share.signing import Signer


class OutsideSharing:
    """Makes links to the servers of `nbapp serve` that run as this user on this computer."""

    def __init__(self, registry: LinkRegistry | None = None) -> None:
        self._registry = registry or LinkRegistry()

    def share(self, wanted: Wanted) -> Shared:
        """Make a link for whoever has it.

        Raises:
            CannotShare: no server serves the notebook, or it lets anybody in; or users are asked for, of whom only a
                JupyterHub knows.
            UsageError: not a notebook, or a name that cannot be.
        """
        if wanted.to:
            raise CannotShare(
                f"--to {' '.join(wanted.to)}: only a JupyterHub knows users and groups, and this is none",
                "share it from JupyterLab on a JupyterHub",
                "or leave --to out and send the link only to them: whoever has it gets in",
            )
        path = wanted.notebook.resolve()
        notebook = read(path)
        server = _server(path, wanted.notebook)
        copy = path.read_bytes() if wanted.pin else None
        link = self._registry.put(replace(wanted, notebook=path), digest(notebook), server.url, copy)
        return self._shared(link, server.url)

    def shared(self) -> list[Shared]:
        """The owner's links, the newest first, also those that have expired."""
        at = {server.notebook: server.url for server in reversed(running())}
        links = [link for link in self._registry.links() if link.revoked is None]
        return [self._shared(link, at.get(str(link.notebook), link.at)) for link in links]

    def revoke(self, name: str) -> None:
        """Take a link back: the servers see it at once.

        Raises:
            UsageError: there is none of this name.
        """
        self._registry.revoke(name)

    def _shared(self, link: Link, at: str) -> Shared:
        signed = Signer(self._registry.key(), link.notebook).write(link.id)
        return link.shared(f"{at}link/{signed}", link.to)


def _server(path: Path, asked: Path) -> Running:
    servers = running()
    found = next((server for server in servers if server.notebook == str(path)), None)
    command = f"nbapp serve {asked} --ip 0.0.0.0 --token"
    if found is None:
        others = sorted({server.notebook for server in servers})
        besides = f" (served are {', '.join(others)})" if others else ""
        raise CannotShare(
            f"no server of yours on this computer serves {asked}{besides}",
            f"start one in another terminal with '{command}', then share again",
            "on a JupyterHub, share from a terminal of JupyterLab there",
        )
    if not found.asks:
        raise CannotShare(
            f"the server at {found.url} lets in whoever can reach it, so a link could neither expire nor be taken back",
            f"stop it and start it with '{command}'",
            f"or hand out its address as it is: {found.url}",
        )
    return found
