"""Virtual environments of their own for what is measured beside nbapp, made with pip when first asked for.

It knows no contender: who asks names the packages.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ENVS = Path(__file__).parent / ".envs"


class NotInstalled(Exception):
    """Packages could not be installed; the message is pip's last line."""


def environment(name: str, packages: Sequence[str], *, python: str = sys.executable) -> Path:
    """The folder of an environment of this Python with these packages.

    Raises:
        NotInstalled: venv or pip failed.
    """
    folder = ENVS / name
    done, asked = folder / "installed.txt", "\n".join(packages)
    if not done.is_file() or done.read_text(encoding="utf-8") != asked:
        print(f"installing {', '.join(packages)} in {folder.relative_to(ENVS.parent.parent)}", file=sys.stderr)
        _run(python, "-m", "venv", "--clear", str(folder))
        _run(str(program(folder, "python")), "-m", "pip", "--disable-pip-version-check", "install", "-q", *packages)
        done.write_text(asked, encoding="utf-8")
    return folder


def program(folder: Path, name: str) -> Path:
    """A program of an environment."""
    return folder / ("Scripts" if sys.platform == "win32" else "bin") / name


def versions(folder: Path, packages: Sequence[str]) -> dict[str, str]:
    """The versions of packages in an environment."""
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    command = [str(program(folder, "python")), "-c", code, *packages]
    return dict(zip(packages, subprocess.check_output(command, text=True).split(), strict=True))


def _run(*command: str) -> None:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NotInstalled(str(error)) from error
    if ended.returncode != 0:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        raise NotInstalled(said[-1] if said else f"exit code {ended.returncode}")
