"""`nbapp share`: reads what was asked for, has it done by what makes links here, and prints it."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

from nbapp.errors import UsageError
from nbapp.serve.options import values
from nbapp.serve.prepare import read
from nbapp.share import sharing
from nbapp.share.ask import Shared, Wanted
from nbapp.share.current import current
from nbapp.share.registry import check_name

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"([0-9]{1,6})\s*([mhdw])")
_LONGEST = timedelta(days=3650)


def main(asked: argparse.Namespace) -> int:
    """Make, list or take back links; the exit code.

    Raises:
        UsageError: it was asked for something impossible; CannotShare: something is missing for it.
    """
    _check(asked)
    if asked.revoke is not None:
        sharing().revoke(asked.revoke)
        said = {"revoked": asked.revoke} if asked.json else f"The link {asked.revoke} is taken back."
        _print(json.dumps(said) if asked.json else str(said))
    elif asked.list:
        _list(sharing().shared(), as_json=asked.json)
    else:
        shared = sharing().share(_wanted(asked))
        _print(json.dumps(as_json(shared), indent=2) if asked.json else told(shared))
    return 0


def _check(asked: argparse.Namespace) -> None:
    """Raises:
    UsageError: options that do not go together.
    """
    others = [name for name in ("name", "expires", "to", "set", "current", "pin") if getattr(asked, name)]
    if asked.list and asked.revoke is not None:
        raise UsageError("--list and --revoke", "do one after the other")
    which = "--list" if asked.list else "--revoke" if asked.revoke is not None else None
    if which and others:
        raise UsageError(f"{which} does not go with --{others[0]}", f"'nbapp share {which}' is on its own")
    if which and asked.notebook:
        remedy = "leave the notebook out" if asked.list else "name the link alone, as 'nbapp share --list' has it"
        raise UsageError(f"{which} takes no notebook", remedy)
    if asked.notebook is None and any(word.endswith(".ipynb") for word in asked.to):
        raise UsageError("--to takes all words behind it", "put the notebook in front of it")
    if not which and not asked.notebook:
        raise UsageError("which notebook?", "name one, as in 'nbapp share sales.ipynb', or see your links with --list")


def _wanted(asked: argparse.Namespace) -> Wanted:
    path = Path(asked.notebook)
    notebook = read(path)
    if asked.name is not None:
        check_name(asked.name)
    until = None if asked.expires is None else expires(asked.expires)
    given: dict[str, object] = dict(current(path)) if asked.current else {}
    given |= dict(values(asked.set))
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    for name in given:
        if not re.search(rf"\b{re.escape(name)}\b", code):
            sys.stderr.write(f"nbapp share: no cell of {path} mentions {name}, so the value may find no control\n")
    return Wanted(path.absolute(), asked.name, until, tuple(asked.to), given, asked.pin)


def expires(text: str) -> timedelta:
    """How long a link is good: 30m, 12h, 7d, 2w.

    Raises:
        UsageError: the text is no such time, or longer than ten years.
    """
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None or not int(found[1]):
        raise UsageError(f"--expires {text}", "write minutes, hours, days or weeks, as 30m, 12h, 7d or 2w")
    time = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if time > _LONGEST:
        raise UsageError(f"--expires {text} is longer than ten years", "leave --expires out for a link that stays")
    return time


def as_json(shared: Shared) -> dict[str, object]:
    """A link as scripts read it: times in UTC as ISO 8601."""
    times = {"made": _iso(shared.made), "expires": None if shared.expires is None else _iso(shared.expires)}
    about = {**asdict(shared), **times, "notebook": str(shared.notebook), "values": dict(shared.values)}
    return {**about, "to": list(shared.to), "expired": is_over(shared)}


def told(shared: Shared) -> str:
    """A new link in words; the first line is the link alone."""
    who = f"For {', '.join(shared.to)}" if shared.to else "For whoever has this link"
    until = f"until {_local(shared.expires)}" if shared.expires else "until you take it back"
    lines = [shared.url, f"{who}, {until}."]
    if shared.values:
        lines.append(f"It starts with {_values(shared.values)}.")
    if shared.pinned:
        lines.append("It shows the notebook as it is now, whatever becomes of the file.")
    lines.append(f"Take it back with: nbapp share --revoke {shared.name}")
    return "\n".join(lines)


def _list(links: Sequence[Shared], *, as_json: bool) -> None:
    if as_json:
        _print(json.dumps([_as_json(shared) for shared in links], indent=2))
    elif not links:
        _print("There are no links. Make one with: nbapp share NOTEBOOK")
    else:
        _print("\n\n".join(map(_row, links)))


_as_json = as_json


def _row(shared: Shared) -> str:
    if is_over(shared) and shared.expires:
        until = f"expired {_local(shared.expires)}"
    else:
        until = f"until {_local(shared.expires)}" if shared.expires else "until taken back"
    parts = [until, f"for {', '.join(shared.to)}" if shared.to else "for whoever has it"]
    parts += [_values(shared.values)] if shared.values else []
    parts += ["pinned"] if shared.pinned else []
    return f"{shared.name}  {shared.notebook}\n  {', '.join(parts)}\n  {shared.url}"


def is_over(shared: Shared) -> bool:
    """Whether a link has expired."""
    return shared.expires is not None and shared.expires <= datetime.now(timezone.utc)


def _values(given: Mapping[str, object]) -> str:
    texts = (f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in given.items())
    return " ".join(map(shlex.quote, texts))


def _iso(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat()


def _local(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local.day} {local:%B %Y, %H:%M}"


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
