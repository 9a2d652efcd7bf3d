"""The front end's scripts in one: learnt from the first visitor, the same code, and never more than a page asked for."""

from __future__ import annotations

import asyncio
import logging
import shutil
import subprocess
from pathlib import Path

import pytest

from nbapp.serve import bundle
from nbapp.serve.bundle import Bundle
from nbapp.serve.extensions import OURS, installed

LOG = logging.getLogger("tests.bundle")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "_PAUSES", (0.01, 0.01))


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A front end of two chunks, one of which sets formulas with a third."""
    texts = {
        "voila.js": "self.done.push(self.webpackChunkv.join(' '));\n//# sourceMappingURL=voila.js.map",
        "voila-style.js": "(self.done = self.done || []).push('style')",
        "1.voila.js": '"use strict";(self.webpackChunkv = self.webpackChunkv || []).push("one");var mine = 1;',
        "2.voila.js": "(self.webpackChunkv = self.webpackChunkv || []).push('two');x = {async typeset(e){await n.e(3)}}",
        "3.voila.js": "(self.webpackChunkv = self.webpackChunkv || []).push('formulas')",
        "remoteEntry.0a1b.js": "self.done.push('entry')",
        "treepage.js": "var other;(()=>{self.done.push('another page')})()",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tmp_path


async def made(known: Bundle, visitor: str, *paths: Path) -> str:
    for path in paths:
        known.asked(visitor, path)
    known.is_live(visitor)
    if known._making is not None:
        await known._making
    return (known.folder / known.name).read_text() if known.name else ""


async def half_learnt(scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Bundle, Path]:
    """One that has the main script so far, a second before all is learnt, and where it is."""
    monkeypatch.setattr(bundle, "_PAUSES", (0.01, 1.0))
    known = Bundle(tmp_path / "bundle", LOG)
    known.asked("one", scripts / "voila.js")
    known.is_live("one")
    while known.name is None:
        await asyncio.sleep(0.01)
    return known, known.folder / known.name


async def test_it_is_the_scripts_of_the_first_page_that_became_live(scripts: Path, tmp_path: Path) -> None:
    known = Bundle(tmp_path / "bundle", LOG)
    known.asked("left", scripts / "2.voila.js")
    text = await made(known, "stays", *(scripts / name for name in ("voila.js", "1.voila.js", "remoteEntry.0a1b.js")))
    assert '"one"' in text
    assert "two" not in text
    assert "entry" not in text
    assert "sourceMapping" not in text
    first = known.name
    await made(known, "later", *scripts.glob("*.js"))
    assert known.name == first


async def test_it_is_there_soon_and_has_later_what_the_page_asks_for_late(
    scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, first = await half_learnt(scripts, tmp_path, monkeypatch)
    soon = first.read_text()
    text = await made(known, "one", scripts / "1.voila.js")
    assert ('"one"' in soon, '"one"' in text) == (False, True)


async def test_it_does_not_have_itself(scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is loaded again before all is learnt asks for what there is so far: all of it would run twice."""
    known, first = await half_learnt(scripts, tmp_path, monkeypatch)
    text = await made(known, "one", first, scripts / "1.voila.js")
    assert ('"one"' in text, text.count("self.done.push")) == (True, 1)


async def test_it_knows_which_extensions_the_page_used(scripts: Path, tmp_path: Path) -> None:
    known = Bundle(tmp_path / "bundle", LOG)
    chunk = next(Path(installed()[OURS[0]]["ext_path"], "static").glob("1*.js"))
    await made(known, "one", scripts / "voila.js", chunk)
    assert known.extensions == {OURS[0]}


@pytest.mark.skipif(shutil.which("node") is None, reason="runs the script with node, which is not here")
async def test_its_parts_run_as_by_themselves(scripts: Path, tmp_path: Path) -> None:
    text = await made(Bundle(tmp_path / "bundle", LOG), "one", *sorted(scripts.glob("*.js")))
    run = f"globalThis.self = globalThis; globalThis.webpackChunkv = [];\n{text}\nconsole.log(done.join(','), typeof mine)"
    said = subprocess.run(["node", "-e", run], capture_output=True, text=True, check=True)
    assert said.stdout == "style,one two undefined\n"


async def test_what_sets_formulas_waits_for_one(scripts: Path, tmp_path: Path) -> None:
    text = await made(Bundle(tmp_path / "bundle", LOG), "one", *scripts.glob("*.js"))
    assert "formulas" not in text
    assert r"async typeset(e){if(!/\$|\\\(|\\\[|\\begin/.test(e.textContent))return;await" in text


async def test_a_visitor_without_the_main_script_or_a_name_teaches_nothing(scripts: Path, tmp_path: Path) -> None:
    known = Bundle(tmp_path / "bundle", LOG)
    assert await made(known, "again", scripts / "1.voila.js") == ""  # its browser had the others
    assert await made(known, "", *scripts.glob("*.js")) == ""


async def test_what_visitors_ask_for_is_bounded(scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Bundle(tmp_path / "bundle", LOG)
    for number in range(100):
        known.asked(str(number), scripts / "1.voila.js")
        known.asked("99", Path(f"{number}.js"))
    assert len(known._asked) <= bundle._VISITORS
    monkeypatch.setattr(bundle, "_MOST", 10)
    assert await made(known, "greedy", *scripts.glob("*.js")) == ""


async def test_a_script_that_is_gone_is_told_and_pages_load_as_before(
    scripts: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert await made(Bundle(tmp_path / "bundle", LOG), "one", scripts / "voila.js", scripts / "gone.js") == ""
    assert "script by script" in caplog.text
