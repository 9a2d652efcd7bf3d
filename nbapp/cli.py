"""The command line: parse, call, print. Voila and kernels are loaded only by the command that needs them."""

from __future__ import annotations

import argparse
import difflib
import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from nbapp import __version__
from nbapp._compat.python import options
from nbapp.errors import UsageError

SERVE_EXAMPLES = """\
examples:
  nbapp serve sales.ipynb
      opens the app in the browser; only this computer can reach it
  nbapp serve reports/
      an index of the notebooks in a folder; each is an app of its own, which starts when somebody opens it
  nbapp serve sales.ipynb --set region=East --set n=5 --theme dark
      starts with other values: NAME is the global name that holds a widget
  nbapp serve sales.ipynb --set 'tags=["a","b"]'
      a value that is a list is written as JSON
  nbapp serve sales.ipynb --ip 0.0.0.0 --token
      lets others in who have the link with the token, which is printed
  nbapp serve sales.ipynb --no-browser --port 9000 --base-url /sales/
      behind a proxy
  nbapp serve sales.ipynb --cache-size 512MB --debounce 0.2 --timeout 60
      bounds the memory for earlier results, waits for a pause in a drag, stops cells after a minute
"""

RUN_EXAMPLES = """\
examples:
  nbapp run sales.ipynb
      runs every cell; exit code 1 when a cell fails
  nbapp run sales.ipynb --set region=East --set n=5 -o east.ipynb
      runs with other values and writes the notebook with its outputs
  nbapp run sales.ipynb --set region=East,West --set n=5,10 -o 'out/{region}-{n}.html'
      one report for each combination, several at once: a name in braces takes several values
"""

EXPORT_EXAMPLES = """\
examples:
  nbapp export sales.ipynb
      writes sales.html: the page as it stands, in one file that opens without a kernel, a server and a network
  nbapp export sales.ipynb --set region=East -o east.pdf
      with other values, on paper; needs Chromium, Chrome or Edge on this computer
  nbapp export sales.ipynb -o sales-run.ipynb
      a copy of the notebook, with outputs
"""

VERIFY_EXAMPLES = """\
examples:
  nbapp verify sales.ipynb
      25 random changes of widgets and cells; after each a fresh process without a cache must agree
  nbapp verify sales.ipynb --steps 200 --seed 7
      a longer walk, and one that can be repeated
  nbapp verify sales.ipynb > walk.py
      exit code 3: something differs, and walk.py shows it when it is run
"""

CHECK_EXAMPLES = """\
examples:
  nbapp check sales.ipynb
      runs it once and says what will not work or be slow when it is served; exit code 3 when there is a problem
  nbapp check sales.ipynb --no-run
      only reads it: for a file that must not be executed
  nbapp check sales.ipynb --json > found.json
      the same for scripts
"""

SHARE_EXAMPLES = """\
examples:
  nbapp share sales.ipynb
      makes a link to the app for others; nbapp serve or a JupyterHub must be running it
  nbapp share sales.ipynb --expires 7d --set region=East --set n=5
      a link that is good for a week and starts with these values
  nbapp share sales.ipynb --current
      starts with the values that its controls have now: the notebook must be open and running in your Jupyter server
  nbapp share sales.ipynb --name sales-east --pin
      a link of this name, to the notebook as it is now, whatever becomes of the file
  nbapp share sales.ipynb --to bob physics
      on a JupyterHub: only for these users and groups
  nbapp share --list
      your links
  nbapp share --revoke sales-east
      takes a link back: pages that are open by it stop within seconds
"""


CACHE_EXAMPLES = """\
examples:
  nbapp cache ls
      the results that are stored, the last used first
  nbapp cache du
      what they take, by function
  nbapp cache prune --keep 500MB
      removes those that were not used for the longest time; without --keep all
  nbapp cache verify --remove
      reads all, and removes what is damaged or was written by somebody without your key; exit code 3 if there was any
  nbapp cache ls --cache redis://cache.example.org
      at another place
"""


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line, without repeating the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Print one line and exit with code 2."""
        message = _kinder(message)
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


class _Notebooks(argparse.Action):
    """`notebook` is the first one, or None; `several` are all of them when there are more, or a folder."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Take them."""
        is_one = len(values) == 1 and not Path(values[0]).is_dir()
        namespace.notebook = values[0] if values else None
        namespace.several = [] if is_one else values


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `nbapp`; the exit code: 0, 1 when a cell failed, 2 when it was asked for something impossible,
    3 when an app differs from a clean run, or a check found a problem.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a title in any language, on any terminal
    asked = _asked(sys.argv[1:] if arguments is None else arguments)
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

        return serve(asked, hint(Path(asked.notebook)))
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


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for. An option that nobody knows is told by its command, with the one that was meant."""
    if not arguments:  # whoever types `nbapp` alone asks what there is
        arguments = ["--help"]
    asked, unknown = parser().parse_known_args(arguments)
    if asked.command == "serve" and (asked.notebook is None) != asked.hub:
        asked.parser.error("--hub takes the notebook from its owner's list" if asked.hub else "NOTEBOOK is missing")
    if unknown:
        command: OneLineParser = asked.parser
        option, known = unknown[0].partition("=")[0], options(command)
        if option in known:
            command.error(f"{option} stands behind '{command.prog}'")
        near = difflib.get_close_matches(option, known, n=1)
        command.error(f"it does not know {unknown[0]}" + (f"; did you mean {near[0]}?" if near else ""))
    return asked


def _kinder(message: str) -> str:
    """What argparse says of a command that there is none of; a notebook in its place lacks the word `serve`."""
    found = re.match(r"argument {.*}: invalid choice: '(.*)' \(choose from (.*)\)", message)
    if found is None:
        return message
    word, commands = found[1], found[2].replace("'", "").split(", ")
    if word.endswith((".ipynb", ".py", "/")) or Path(word).is_dir():
        return f"{word} is no command; did you mean 'nbapp serve {word}'?"
    near = difflib.get_close_matches(word, commands, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{word} is no command; {hint}there are {', '.join(commands)}"


def parser() -> OneLineParser:
    """The parser of every command and option."""
    whole = OneLineParser(prog="nbapp", description="Turn a Jupyter notebook into a live app.")
    whole.add_argument("--version", action="version", version=f"nbapp {__version__}")
    commands = whole.add_subparsers(
        dest="command", required=True, metavar="{serve,share,run,export,check,verify,cache}", parser_class=OneLineParser
    )
    _serve(_command(commands, "serve", "open a notebook as a live app in the browser", SERVE_EXAMPLES))
    _share(_command(commands, "share", "make, list or take back links to an app for others", SHARE_EXAMPLES))
    _run(_command(commands, "run", "run a notebook without a browser", RUN_EXAMPLES))
    _export(_command(commands, "export", "write what the app shows into a file", EXPORT_EXAMPLES))
    _check(_command(commands, "check", "say what will not work or be slow when it is served", CHECK_EXAMPLES))
    _verify(_command(commands, "verify", "compare a notebook's app with clean runs", VERIFY_EXAMPLES))
    _cache(_command(commands, "cache", "list, measure, prune or verify stored results", CACHE_EXAMPLES))
    return whole


def _command(commands: argparse._SubParsersAction[OneLineParser], name: str, does: str, examples: str) -> OneLineParser:
    command = commands.add_parser(
        name, help=does, description=does, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if name == "cache":
        command.set_defaults(parser=command)
        return command
    count = {"serve": "*", "share": "?"}.get(name)  # links have names, and on a Hub apps
    what = "a Jupyter notebook (.ipynb)" + (", several, or a folder of them" if name == "serve" else "")
    action = _Notebooks if name == "serve" else "store"
    command.add_argument("notebook", nargs=count, action=action, metavar="NOTEBOOK", help=what)
    command.set_defaults(parser=command)
    return command


def _values(command: OneLineParser) -> None:
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="give the widget that the global NAME holds this value; may be repeated",
    )


def _serve(command: OneLineParser) -> None:
    _values(command)
    place = command.add_argument_group("where it is served")
    place.add_argument("--port", type=int, default=8866, help="port; 0 takes a free one (default: %(default)s)")
    place.add_argument(
        "--watch",
        action=argparse.BooleanOptionalAction,
        default=sys.stdout.isatty(),
        help="open pages show what you save, in whatever editor, and keep their values (default: from a terminal)",
    )
    place.add_argument("--ip", default="localhost", help="address to listen on (default: %(default)s)")
    place.add_argument("--base-url", default="/", metavar="PATH", help="path in front of the app, as in /sales/")
    place.add_argument(
        "--link-url", metavar="URL", help="what links begin with, as in https://apps.example.org/sales/ behind a proxy"
    )
    place.add_argument("--no-browser", action="store_true", help="do not open the browser")
    access = command.add_argument_group("who may open it")
    access.add_argument(
        "--token",
        nargs="?",
        const="",
        metavar="TOKEN",
        help="only who has the token gets in; without TOKEN one is made up and printed",
    )
    access.add_argument(
        "--public", action="store_true", help="anyone who can reach the address may open the app and use its controls"
    )
    hub = command.add_argument_group("on a JupyterHub")
    hub.add_argument("--hub", action="store_true", help="what the Hub starts for a shared app; not for the terminal")
    hub.add_argument("--stop-idle", type=float, metavar="SECONDS", help="stop when nobody used it for so long")
    _look(command)
    _limits(command)
    _visits(command)
    _operations(command)


def _look(command: OneLineParser) -> None:
    look = command.add_argument_group("how it looks")
    look.add_argument("--title", help="title of the page (default: the notebook's own, or its first heading)")
    look.add_argument(
        "--theme", choices=("light", "dark", "auto"), help="default: as the notebook says, else as the browser asks"
    )
    look.add_argument("--show-code", action="store_true", help="show the code of the cells too")


def _visits(command: OneLineParser) -> None:
    limits = command.add_argument_group("how long pages last")
    limits.add_argument(
        "--keep", metavar="TIME", help="how long a closed page may come back to its values (default: 120s)"
    )
    limits.add_argument(
        "--idle-limit",
        metavar="TIME",
        help="end a page that nobody used for so long (default: 30m for others; 0: never)",
    )
    limits.add_argument(
        "--age-limit", metavar="TIME", help="end a page that is open for so long (default: 12h for others; 0: never)"
    )
    limits.add_argument("--memory-limit", metavar="SIZE", help="how much memory each page's kernel may take, as 1GB")


def _operations(command: OneLineParser) -> None:
    run = command.add_argument_group("for whoever runs it")
    run.add_argument(
        "--drain", metavar="TIME", help="how long cells may go on when the server is asked to stop (default: 10s)"
    )
    run.add_argument(
        "--metrics", metavar="[IP:]PORT", help="figures for Prometheus at /metrics there, on a port of its own"
    )
    run.add_argument("--log-format", choices=("text", "json"), default="text", help="how the log is written")


def _limits(command: OneLineParser) -> None:
    limits = command.add_argument_group("how it runs")
    limits.add_argument(
        "--cache-size", metavar="SIZE", help="memory for earlier results, as 512MB or 2GB (default: a quarter of it)"
    )
    _results(limits)
    limits.add_argument("--cache-quota", metavar="SIZE", help="how much they may take there (default: 2GB)")
    limits.add_argument("--no-cache", action="store_true", help="execute every cell at every change")
    limits.add_argument("--timeout", type=float, metavar="SECONDS", help="stop a cell that runs longer")
    limits.add_argument(
        "--debounce", type=float, default=0.0, metavar="SECONDS", help="wait for a pause this long before running"
    )
    limits.add_argument(
        "--upload-limit", metavar="SIZE", help="how much a visitor may upload at once, as 20MB (default: 100MB)"
    )
    limits.add_argument(
        "--pass-env",
        action="append",
        default=[],
        metavar="NAME",
        help="let the notebook see this environment variable, as a password of a database; may be repeated",
    )
    _kernels(command.add_argument_group("kernels"))


def _kernels(limits: Any) -> None:
    limits.add_argument(
        "--max-kernels",
        type=int,
        metavar="N",
        help="how many pages may be open at once; who comes then waits (default: one per 200 MB of memory)",
    )
    limits.add_argument(
        "--warm",
        type=int,
        default=1,
        metavar="N",
        help="how many kernels run the notebook ahead, so that the next visitor does not wait (default: 1; 0: none)",
    )
    limits.add_argument(
        "--fork",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="fork the kernels of later visitors from one process that has run the notebook; on unless said, and where "
        "it does not work kernels are started",
    )


def _results(where: Any) -> None:
    where.add_argument(
        "--cache",
        metavar="PLACE",
        help="where results of @nbapp.cache(persist=True) and what pages showed outlive the server: a folder, a URL as "
        "redis://host or s3://bucket/folder, or none (default: a folder of yours)",
    )
    where.add_argument(
        "--cache-key",
        metavar="FILE",
        help="the key that seals them, the same for all that share a place (default: yours)",
    )


def _cache(command: OneLineParser) -> None:
    command.add_argument("what", choices=("ls", "du", "prune", "verify"), help="what to do")
    _results(command)
    command.add_argument("--keep", metavar="SIZE", default="0", help="prune: how much may stay (default: nothing)")
    command.add_argument("--remove", action="store_true", help="verify: remove what is bad")
    command.add_argument("--json", action="store_true", help="print for scripts, as JSON")


def _share(command: OneLineParser) -> None:
    _values(command)
    command.add_argument(
        "--current",
        action="store_true",
        help="start with the values that its controls have now, in the kernel of the notebook that is open in your "
        "Jupyter server; a value of --set goes before",
    )
    command.add_argument(
        "--name",
        metavar="SLUG",
        help="the link's name (default: the notebook's); a name that is known "
        "keeps its address, and what is asked for now counts",
    )
    command.add_argument(
        "--expires", metavar="TIME", help="how long it is good, as 30m, 12h, 7d or 2w (default: until you take it back)"
    )
    command.add_argument(
        "--to",
        action="extend",
        nargs="+",
        default=[],
        metavar="USER|GROUP",
        help="only for these users and groups of the JupyterHub (default: whoever has the link)",
    )
    command.add_argument(
        "--pin", action="store_true", help="share the notebook as it is now, whatever becomes of the file"
    )
    command.add_argument("--list", action="store_true", help="print your links")
    command.add_argument("--revoke", metavar="NAME", help="take the link of this name back")
    command.add_argument("--json", action="store_true", help="print for scripts, as JSON")


def _run(command: OneLineParser) -> None:
    _values(command)
    _file(command, "write what it shows here: OUT.ipynb, OUT.html or OUT.pdf; {NAME} in it: one for each value")
    _look(command)
    command.add_argument("--profile", action="store_true", help="tell where the time went, cell by cell")
    command.add_argument("--timeout", type=float, metavar="SECONDS", help="stop a cell that runs longer")


def _export(command: OneLineParser) -> None:
    _values(command)
    _file(
        command,
        "the file: OUT.html, OUT.pdf or OUT.ipynb (default: the notebook's name, .html); {NAME} in it: one "
        "for each value",
    )
    _look(command)
    command.add_argument("--timeout", type=float, metavar="SECONDS", help="stop a cell that runs longer")
    command.set_defaults(profile=False)


def _file(command: OneLineParser, what: str) -> None:
    command.add_argument("-o", "--output", metavar="OUT", help=what)


def _check(command: OneLineParser) -> None:
    command.add_argument("--no-run", action="store_true", help="read the notebook only; no cell is executed")
    command.add_argument("--json", action="store_true", help="print what was found as JSON")
    command.add_argument("--timeout", type=float, metavar="SECONDS", help="stop a cell that runs longer")


def _verify(command: OneLineParser) -> None:
    command.add_argument("--steps", type=int, default=25, metavar="N", help="how many (default: %(default)s)")
    command.add_argument("--seed", type=int, metavar="S", help="repeats the walk that had this seed")
