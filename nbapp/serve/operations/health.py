"""Whether the server is alive, and whether it takes visitors: for load balancers. It tells nothing else.

No Jupyter handler: whoever asks is a machine that knows no token and may call this computer by a number.
"""

from __future__ import annotations

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado.web import RequestHandler

from nbapp.serve.operations.drain import Drain


class Alive(RequestHandler):
    """`/healthz`."""

    def is_well(self) -> bool:
        """Whether the answer is yes. That it is given says that the server is alive."""
        return True

    def set_default_headers(self) -> None:
        """As is right for what is asked again and again."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Cache-Control", "no-store")

    @allow_unauthenticated
    def get(self) -> None:
        """`ok`, or 503."""
        well = self.is_well()
        self.set_status(200 if well else 503)
        self.finish("ok\n" if well else "no\n")

    @allow_unauthenticated
    def head(self) -> None:
        """The status alone."""
        self.set_status(200 if self.is_well() else 503)
        self.finish()


class TakesVisitors(Alive):
    """`/readyz`: 503 from the moment at which the server is asked to stop. A full server is ready: its visitors wait in
    a line, which they would lose if they were led elsewhere.
    """

    def is_well(self) -> bool:
        """Whether new visitors may come."""
        drain: Drain = self.settings["nbapp_drain"]
        return not drain.is_on
