"""Writes a walk as a script that a person can run. Runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nbapp.verify.walk import Step

_SCRIPT = '''\
"""Where {notebook} differs from a clean run; found by nbapp verify with seed {seed}."""

{imports}from nbapp.testing import AppTest
from nbapp.verify.check import differences

with AppTest.from_file({path!r}) as app:
    app.run()
{calls}    found = differences(app)

{found}
assert not found, "\\n".join(found)
'''


def script(path: Path, seed: int, calls: Step, found: Sequence[str]) -> str:
    """A script that makes these calls, and fails as long as there are differences."""
    lines = [f"    {call}\n" for call in calls]
    return _SCRIPT.format(
        notebook=path.name,
        seed=seed,
        imports="import datetime\n\n" if any("datetime." in line for line in lines) else "",
        path=str(path),
        calls="".join(lines),
        found="\n".join(f"# {line}" for line in found),
    )
