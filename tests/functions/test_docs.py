"""The examples on the reference pages are true."""

from __future__ import annotations

import doctest
import re
import sys
import types
from pathlib import Path

import pytest

PAGES = Path(__file__).parent.parent.parent / "docs" / "reference"


@pytest.mark.parametrize("name", ["cache.md", "register.md"])
def test_the_examples_on_a_page_are_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (PAGES / name).read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    main = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    test = doctest.DocTestParser().get_doctest(blocks, vars(main), name, str(PAGES / name), 0)
    test.globs = vars(main)
    assert len(test.examples) >= 8
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=report.append, clear_globs=False)
    assert "".join(report) == ""
    if "database" in vars(main):
        vars(main)["database"]().close()
