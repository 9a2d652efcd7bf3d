"""One script in place of the ninety that a page of Voila asks for, one after the other.

Webpack's chunks only push themselves into an array, so they can stand in one file before the script that reads it.
Which ones a page needs is learnt from the first visitor whose page became live. A chunk that is missing is asked for as
before, and so are all of them while nothing is learnt.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from nbapp.serve.extensions import installed, used

BUNDLED = r"/voila/static/nbapp-[0-9a-f]{16}/(voila\.[0-9a-f]{16}\.js)"  # its address
_MAIN = "voila.js"  # reads the array; it is asked for by who has none of the scripts so far
_STYLE = "voila-style.js"  # the front end's styles, which stand before all others
# What only pushes itself into such an array. All else that a visitor may ask for would run on everybody's page: the
# scripts of other pages, and what requirejs loads.
_CHUNK = re.compile(r'(?:\s|/\*(?:[^*]|\*(?!/))*\*/|"use strict";)*\((?:self|globalThis)[.\["]+(?:web|rs)packChunk')
_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
# Setting formulas takes sixteen scripts of a megabyte, and Voila's renderer asks for them where there are none. They
# are asked for as before by who has some.
_TYPESET = "async typeset(e){"
_ONLY_FORMULAS = _TYPESET + r"if(!/\$|\\\(|\\\[|\\begin/.test(e.textContent))return;"
_LAZY = re.compile(r"\.e\((\d+)\)")  # a chunk that a script asks for when it needs it
_VISITORS = 16  # whose scripts are noted at once
_SCRIPTS = 300  # of one visitor
_MOST = 16_000_000  # bytes of all scripts together
# Seconds after a page became live at which what it asked for is put together: soon, for the next visitor, and once it
# has asked for the views that come late.
_PAUSES = (1.0, 2.0)


@dataclass(slots=True)
class Bundle:
    """The script in a folder of the server's. `name` is its name there, once there is one; `extensions` are those that
    the page used whose scripts it has.

    It stands where Voila's main script does: what is relative to that one, as fonts are, is found.
    """

    folder: Path
    log: logging.Logger
    name: str | None = None
    extensions: frozenset[str] = frozenset()
    _asked: OrderedDict[str, dict[str, Path]] = field(default_factory=OrderedDict)
    _is_learnt: bool = False
    _making: asyncio.Task[None] | None = None

    def asked(self, visitor: str, path: Path) -> None:
        """A visitor's page has asked for a script."""
        is_ours = path.parent == self.folder  # a script in one, of a page that has been loaded again meanwhile
        if self._is_learnt or is_ours or not visitor or path.suffix != ".js":
            return
        scripts = self._asked.setdefault(visitor, {})
        if len(scripts) < _SCRIPTS:
            scripts.setdefault(path.name, path)
        if len(self._asked) > _VISITORS:
            self._asked.popitem(last=False)

    def is_live(self, visitor: str) -> None:
        """A visitor's page has all that it needed to get so far."""
        if self._making is None and _MAIN in self._asked.get(visitor, {}):
            self._making = asyncio.get_running_loop().create_task(self._make(visitor))

    async def _make(self, visitor: str) -> None:
        learnt = 0
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            scripts = dict(self._asked.get(visitor, {}))
            if _MAIN in scripts and len(scripts) > learnt:  # not where so many came meanwhile
                learnt = len(scripts)
                await self._learn(scripts)
        if not learnt:
            self._making = None
            return
        self._is_learnt = True
        self._asked.clear()

    async def _learn(self, scripts: dict[str, Path]) -> None:
        loop = asyncio.get_running_loop()
        try:
            name = await loop.run_in_executor(None, self._write, scripts)
            self.name, self.extensions = name, await loop.run_in_executor(None, used, scripts.values(), installed())
        except (OSError, UnicodeError) as error:
            self.log.warning("nbapp: pages go on loading script by script: %s", error)

    def _write(self, scripts: dict[str, Path]) -> str | None:
        if sum(path.stat().st_size for path in scripts.values()) > _MOST:
            return None
        texts = {name: path.read_text(encoding="utf-8") for name, path in scripts.items()}
        for name, text in [found for found in texts.items() if found[1].count(_TYPESET) == 1]:
            texts[name] = text.replace(_TYPESET, _ONLY_FORMULAS)
            for chunk in _LAZY.findall(text):
                texts.pop(f"{chunk}.voila.js", None)
        chunks = [name for name, text in texts.items() if _CHUNK.match(text)]
        parts = [texts[name] for name in (_STYLE, *chunks, _MAIN) if name in texts]
        data = "\n".join(map(_alone, parts)).encode()
        name = f"voila.{hashlib.sha256(data).hexdigest()[:16]}.js"
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_bytes(data)
        return name


def _alone(text: str) -> str:
    """A script as a part of another: strict or not as it was, and with its names to itself."""
    return f"(function () {{\n{_MAP.sub('', text)}\n}}).call(self);"
