"""The command line: call, print. Voila and kernels are loaded only by the command that needs them."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence

from nbapp import arguments
from nbapp.errors import UsageError


def main(words: Sequence[str] | None = None) -> int:
    """The command `nbapp`; the exit code: 0, 1 when a cell failed, 2 when it was asked for something impossible,
    3 when an app differs from a clean run, or a check found a problem.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a title in any language, on any terminal
    asked = arguments.read(sys.argv[1:] if words is None else words)
    try:
        return _called(asked)
    except UsageError as error:
        print(f"nbapp {asked.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _called(asked: argparse.Namespace) -> int:
    """What the command that was asked for returns; only what it needs is loaded."""
    if asked.command == "serve" and asked.hub:
        from nbapp.hub.app.server import main as serve_on_hub  # noqa: PLC0415 -- lazy entry point: needs JupyterHub

        return serve_on_hub(asked)
    if asked.command == "serve" and asked.several:
        from nbapp.check.hint import hint  # noqa: PLC0415 -- lazy entry point, as below
        from nbapp.serve.several.front import main as serve_several  # noqa: PLC0415 -- lazy entry point, as below

        return serve_several(asked, hint)
    if asked.command == "serve":
        from nbapp.check.hint import hint  # noqa: PLC0415 -- lazy entry point, as below
        from nbapp.serve.server import main as serve  # noqa: PLC0415 -- lazy entry point: `run` needs no Voila

        return serve(asked, hint)
    if asked.command == "verify":
        from nbapp.verify.command import main as verify  # noqa: PLC0415 -- lazy entry point, as above

        return verify(asked)
    if asked.command == "share":
        from nbapp.share.command import main as share  # noqa: PLC0415 -- lazy entry point, as above

        return share(asked)
    if asked.command == "check":
        from nbapp.check.command import main as check  # noqa: PLC0415 -- lazy entry point, as above

        return check(asked)
    if asked.command == "cache":
        from nbapp.persistence.command import main as cache  # noqa: PLC0415 -- lazy entry point, as above

        return cache(asked)
    from nbapp.headless import main as run  # noqa: PLC0415 -- lazy entry point: `--help` needs no kernel

    return run(asked)
