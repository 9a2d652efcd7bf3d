"""The tests of what nbapp uses inside other packages, with the oldest releases that it supports and with the newest.

Each in an environment of its own, with the oldest and the newest Python on this machine. Exit code 1 if one fails.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.envs import NotInstalled, environment, program, versions

ROOT = Path(__file__).parent.parent
OLDEST = (
    "ipykernel==6.29.0",
    "ipywidgets==8.0.7",
    "jupyterlab==4.2.0",
    "notebook==7.2.0",
    "numpy==1.26.0",
    "traitlets==5.14.0",
    "voila==0.5.8",
)
NEWEST = ("ipykernel", "ipywidgets", "jupyterlab", "notebook", "traitlets", "voila>=0.5.8,<0.6")
TOLD = ("ipykernel", "ipywidgets", "jupyterlab", "traitlets", "voila", "comm", "ipython")
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
TESTS = (
    *("tests/values", "tests/core", "tests/libraries", "tests/kernel", "tests/matrix"),
    *("tests/e2e/jupyterlab/test_lab.py", "tests/e2e/test_serve.py"),
)


def python(versions: tuple[str, ...]) -> str:
    """The first of these Pythons that is there; the one that runs this, where none is."""
    found = (shutil.which(f"python{version}") for version in versions)
    return next(filter(None, found), sys.executable)


def passes(name: str, pins: tuple[str, ...], by: str, tests: list[str]) -> bool:
    """Run the tests in an environment with these releases."""
    folder = environment(name, ["--editable", f"{ROOT}[samples,test]", *pins], python=by)
    found = ", ".join(f"{package} {version}" for package, version in versions(folder, TOLD).items())
    print(f"{name}: {Path(by).name}, {found}", flush=True)
    command = [str(program(folder, "python")), "-m", "pytest", "-q", "-n", "2", *tests]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """Both; 1 when a test failed or an environment could not be made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("oldest", "newest"), help="one of the two")
    parser.add_argument("tests", nargs="*", default=list(TESTS), help="test files (default: %(default)s)")
    asked = parser.parse_args()
    both = {"oldest": (OLDEST, python(PYTHONS)), "newest": (NEWEST, python(PYTHONS[::-1]))}
    good = True
    for name, (pins, by) in both.items():
        if asked.only in (None, name):
            try:
                good &= passes(name, pins, by, asked.tests)
            except NotInstalled as error:
                print(f"{name}: {error}", file=sys.stderr)
                good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
