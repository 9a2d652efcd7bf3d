"""Two cells of some forty libraries in their newest releases, on every way in, with and without nbapp.

Makes an environment of its own. What is printed with nbapp is compared with plain Jupyter: the first time, after a move
of the slider, and back. `python -m benchmarks.libraries bqplot h5py` tries these only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.envs import NotInstalled, environment, program

ROOT = Path(__file__).parent.parent
WAYS = ("AppTest", "nbapp run", "nbclient", "page")
FIRST, SECOND = 3, 8
PATIENCE = 90  # seconds for one notebook on one way
Cells = tuple[str, ...]


def main() -> int:
    """Print the table; 1 when a library does something else with nbapp."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("libraries", nargs="*")
    asked.add_argument("--here", action="store_true", help="in this environment, as far as it has the libraries")
    asked.add_argument("--ways", default=",".join(WAYS))
    options = asked.parse_args()
    from benchmarks.libraries_cells import CELLS  # noqa: PLC0415 -- long, and not needed for --help

    names = [name for name in CELLS if not options.libraries or name.split(",")[0] in options.libraries]
    if not options.here:
        return _in_own_environment(
            sorted({package for name in names for package in CELLS[name][0].split()}), sys.argv[1:]
        )
    ways = options.ways.split(",")
    print(f"{'':20}" + "".join(f"{way:12}" for way in ways), flush=True)
    wrong = []
    with _browser("page" in ways) as browser:
        for name in names:
            found = _row(CELLS[name], ways, browser)
            print(f"{name:20}" + "".join(f"{found[way].split(':')[0]:12}" for way in ways), flush=True)
            wrong += [f"{name}, {way}: {text}" for way, text in found.items() if text not in ("same", "not there")]
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def _in_own_environment(packages: list[str], arguments: list[str]) -> int:
    base = [f"{ROOT}[samples]", "nbclient", "playwright"]
    try:
        folder = environment("libraries", [*base, *packages])
    except NotInstalled as error:
        print(f"together they cannot be installed ({error}): one by one", file=sys.stderr)
        folder = environment("libraries", base)
        for package in packages:
            subprocess.run([str(program(folder, "python")), "-m", "pip", "install", "-q", package], check=False)
    command = [str(program(folder, "python")), "-m", "benchmarks.libraries", "--here", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _row(library: tuple[str, str, str], ways: list[str], browser: Any) -> dict[str, str]:
    from benchmarks.libraries_cells import SLIDER  # noqa: PLC0415 -- as above

    cells = SLIDER, *library[1:]
    try:
        wanted = {n: _plain(cells, n) for n in (FIRST, FIRST + 1, SECOND)}
    except Exception as error:  # noqa: BLE001 -- it is not installed, or broken without us
        return dict.fromkeys(
            ways, "not there" if "ModuleNotFound" in str(error) else f"broken without nbapp: {_last(error)}"
        )
    tries: dict[str, Callable[[], str]] = {
        "AppTest": lambda: _app(cells, wanted),
        "nbapp run": lambda: _run(cells, wanted),
        "nbclient": lambda: _same(wanted[FIRST], _executed(("%load_ext nbapp", *cells))),
        "page": lambda: _page(cells, wanted, browser),
    }
    found = {}
    for way in ways:
        try:
            found[way] = tries[way]()
        except Exception as error:  # noqa: BLE001 -- it goes into the table
            found[way] = f"error: {_last(error)}"
    return found


def _last(error: Exception) -> str:
    lines = [line for line in f"{type(error).__name__}: {error}".splitlines() if line.strip()]
    return lines[-1][:200]


def _same(wanted: str, got: str) -> str:
    return "same" if wanted == got else f"other: {got!r} in place of {wanted!r}"


def _plain(cells: Cells, n: int) -> str:
    return _executed((cells[0].replace("IntSlider(3", f"IntSlider({n}"), *cells[1:]))


def _executed(cells: Cells) -> str:
    """What the last cell prints in plain nbclient, whose requests carry no cell id."""
    from nbclient import NotebookClient  # noqa: PLC0415 -- of the environment

    notebook = _notebook(cells)
    for cell in notebook.cells:
        cell.pop("id", None)
    notebook.nbformat_minor = 4
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(notebook, timeout=PATIENCE, resources={"metadata": {"path": folder}}).execute()
    return "".join(output.get("text", "") for output in notebook.cells[-1].outputs if output.get("name") == "stdout")


def _notebook(cells: Cells) -> Any:
    import nbformat  # noqa: PLC0415 -- of the environment

    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = [nbformat.v4.new_code_cell(source) for source in cells]
    return nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})


def _app(cells: Cells, wanted: dict[int, str]) -> str:
    from nbapp.testing import AppTest  # noqa: PLC0415 -- of the environment

    with tempfile.TemporaryDirectory() as folder, AppTest.from_cells(list(cells), cwd=folder) as app:
        app.run()
        for n in (FIRST, SECOND, FIRST, FIRST + 1, SECOND):
            app.set("n", n)
            if app.error is not None:
                return f"error: at n = {n}: {app.error.name}: {app.error.message}"[:300]
            shown = "".join(each.get("text", "") for each in app.outputs(2) if each.get("name") == "stdout")
            if shown != wanted[n]:
                return f"other: at n = {n}: {shown!r} in place of {wanted[n]!r}"
    return "same"


def _run(cells: Cells, wanted: dict[int, str]) -> str:
    import nbformat  # noqa: PLC0415 -- of the environment

    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "a.ipynb"), Path(folder, "out.ipynb")
        nbformat.write(_notebook(cells), source)
        command = [sys.executable, "-m", "nbapp", "run", str(source), "--set", f"n={SECOND}", "-o", str(out)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, cwd=folder)
        if ended.returncode:
            return f"error: {(ended.stderr.strip().splitlines() or ['?'])[-1]}"
        last = nbformat.read(out, as_version=4).cells[-1]
    return _same(wanted[SECOND], "".join(each.get("text", "") for each in last.outputs if each.get("name") == "stdout"))


@contextmanager
def _browser(wanted: bool) -> Iterator[Any]:
    if not wanted:
        yield None
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- of the environment

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


def _page(cells: Cells, wanted: dict[int, str], browser: Any) -> str:
    """The served page: what it prints, one step of the slider, and what its console says of errors."""
    import nbformat  # noqa: PLC0415 -- of the environment

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "a.ipynb")
        nbformat.write(_notebook(cells), source)
        asked = ("--no-browser", "--port", "0", "--warm", "0", "--cache", "none")
        command = [sys.executable, "-m", "nbapp", "serve", str(source), *asked]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
        try:
            assert server.stdout is not None
            address = next(word for line in server.stdout for word in line.split() if word.startswith("http://"))
            page, said = browser.new_page(), []
            page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
            page.set_default_timeout(PATIENCE * 1000)
            page.goto(address)
            page.get_by_text(wanted[FIRST].strip(), exact=True).first.wait_for()
            page.locator(".noUi-handle").first.press("ArrowRight")
            page.get_by_text(wanted[FIRST + 1].strip(), exact=True).first.wait_for()
            page.close()
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(20)
    unknown = [text for text in said if "Could not create a view" in text or ("Class" in text and "not found" in text)]
    return f"other: {unknown[0][:200]}" if unknown else "same"


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    sys.exit(main())
