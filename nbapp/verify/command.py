"""`nbapp verify`: walks at random over a notebook and compares each step with a clean run; shrinks what fails."""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from nbapp.errors import NbappError, UsageError
from nbapp.serve.prepare import kernel, read
from nbapp.testing import AppTest
from nbapp.verify.check import Verification
from nbapp.verify.script import script
from nbapp.verify.shrink import Shrink
from nbapp.verify.walk import Action, Step, Walker

AGREES, IMPOSSIBLE, DIFFERS, INTERRUPTED = 0, 1, 3, 130
_SHRINKING = 60.0  # seconds


def main(asked: argparse.Namespace) -> int:
    """Verify `asked.notebook`: 0 when all steps agree, 3 when one differs, 1 when a kernel died.

    Raises:
        UsageError: no such notebook, or not one that can be run, or no number of steps.
    """
    path = Path(asked.notebook)
    if asked.steps < 0:
        raise UsageError(f"--steps {asked.steps}", "give a number of steps, 0 or more")
    kernel(path, read(path), KernelSpecManager().get_all_specs())
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    os.environ.setdefault("PYTHONHASHSEED", "0")  # sets have the same order in every process
    out, told = Console(highlight=False), Console(stderr=True, highlight=False)
    try:
        with Verification(path.resolve().parent) as check:
            return Verify(path, asked.steps, seed, check, out, told).verify()
    except UsageError:
        raise
    except NbappError as error:
        _say(told, str(error))
        return IMPOSSIBLE
    except KeyboardInterrupt:
        _say(told, "stopped")
        return INTERRUPTED


@dataclass(slots=True)
class Verify:
    """One walk. What was found goes to `out`, everything else to `told`."""

    path: Path
    steps: int
    seed: int
    check: Verification
    out: Console
    told: Console
    executed: int = 0
    skipped: int = 0
    done: int = 0
    walked: list[Action] = field(default_factory=list)

    def verify(self) -> int:
        """Walk, and tell how it went; the exit code."""
        with AppTest.from_file(self.path) as app:
            cells = len(app.cells)
            with self._progress(f"seed {self.seed}", self.steps) as progress:
                found = self._walk(app, progress)
        self._tell_what_is_not_compared()
        if found:
            self._tell(found)
            return DIFFERS
        agree = f"{_many(self.steps, 'step')} over {_many(cells, 'cell')} agree with clean runs (seed {self.seed})"
        _say(self.out, f"{agree}; {_many(self.executed, 'cell')} executed, {self.skipped} skipped")
        return AGREES

    def _walk(self, app: AppTest, progress: Progress) -> list[str]:
        """The differences at the first step that has any."""
        walker = Walker(random.Random(self.seed))
        app.run()
        self._count(app)
        found = self.check.differences(app)
        self._tell_failure(app)
        while not found and self.done < self.steps:
            self.done += 1
            step = walker.next(app)
            progress.update(progress.task_ids[0], description=_short(step))
            found = self._step(app, step)
            progress.advance(progress.task_ids[0])
        return found

    def _step(self, app: AppTest, step: Step) -> list[str]:
        for call in step:
            if call.perform(app):
                self.walked.append(call)
                self._count(app)
        return self.check.differences(app)

    def _count(self, app: AppTest) -> None:
        self.executed += len(app.executed)
        self.skipped += sum(step.state in ("skipped", "restored") for step in app.steps)

    # --- what failed

    def _tell(self, found: list[str]) -> None:
        """Make the walk smaller, and print it with its differences, which a whole check confirms once more."""
        calls = tuple(self.walked)
        with self._progress("looking for the smallest walk that fails", None):
            again = self._again(calls)
            if again:
                shrink = Shrink(self._seems_to_fail, time.monotonic() + _SHRINKING, {"": not self.done})
                calls, found = self._confirmed(shrink.smallest(calls)) or (calls, again)
        where = f"step {self.done}" if self.done else "the first run"
        _say(self.told, f"{where} differs from a clean run (seed {self.seed}):")
        for line in found:
            _say(self.told, f"  {line}")
        if not again:
            _say(self.told, "it did not differ when the walk was repeated without looking in between")
        self.out.file.write(script(self.path, self.seed, calls, found))

    def _confirmed(self, calls: Step) -> tuple[Step, list[str]] | None:
        found = self._again(calls)
        return (calls, found) if found else None

    def _again(self, calls: Step) -> list[str]:
        with self._repeated(calls) as app:
            return self.check.differences(app)

    def _seems_to_fail(self, calls: Step) -> bool:
        with self._repeated(calls) as app:
            return self.check.seem_to_differ(app)

    @contextmanager
    def _repeated(self, calls: Step) -> Iterator[AppTest]:
        with AppTest.from_file(self.path) as app:
            app.run()
            for call in calls:
                call.perform(app)
            yield app

    # --- what else there is to tell

    def _tell_failure(self, app: AppTest) -> None:
        if app.error is not None:
            what = f"cell {app.error.index + 1} fails: {app.error.name}: {app.error.message}"
            _say(self.told, f"{what}; the cells below it are not run")

    def _tell_what_is_not_compared(self) -> None:
        for index in sorted(self.check.frozen.values()):
            _say(self.told, f"cell {index + 1} is frozen: it gives something else each time")
        if self.check.lost:
            names = ", ".join(sorted(self.check.lost))
            _say(self.told, f"not compared: what callbacks gave {names} cannot be taken to another process")

    @contextmanager
    def _progress(self, what: str, total: int | None) -> Iterator[Progress]:
        told = TextColumn("{task.description}", markup=False)
        columns = SpinnerColumn(), told, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        with Progress(*columns, console=self.told, transient=True, disable=not self.told.is_terminal) as progress:
            progress.add_task(what, total=total)
            yield progress


def _say(console: Console, line: str) -> None:
    console.print(Text(line), soft_wrap=True)


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _short(step: Step) -> str:
    text = "; ".join(map(str, step))
    return text if len(text) <= 50 else f"{text[:49]}…"
