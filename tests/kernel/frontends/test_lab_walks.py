"""Random work in JupyterLab against the real kernel protocol: after each step every cell shows what the law says.

Cells are run by hand in any order, fail, are stopped, edited, inserted, deleted, moved, given up by Run All; the slider
moves; the page is loaded again. `NBAPP_FUZZ_EXAMPLES=n` tries n/20 other walks, `--hypothesis-seed` says which.
"""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import pytest

from tests.kernel.kernels import Kernel
from tests.kernel.labpage import SLIDER, LabPage
from tests.kernel.labwalks import Law, new_source

WALKS = int(os.environ.get("NBAPP_FUZZ_EXAMPLES") or 120) // 20
STEPS = 40
LARGEST = 50  # value of the slider
# Nobody watches files that begin like this: whether a cell waits must not be one of its inputs.
FLAGS = Path(tempfile.gettempdir(), f"ipykernel_nbapp_{os.getpid()}")
WAIT = f"""
def wait(cell):
    import os, time
    while os.path.exists({str(FLAGS)!r} + cell):
        open({str(FLAGS)!r} + 'begun', 'a').close()
        time.sleep(0.01)
"""
ACTIONS = (
    *("hand",) * 8,
    *("edit and hand",) * 4,
    *("slide",) * 4,
    *("run all", "stop", "stop", "stop a slide", "insert", "insert and hand"),
    *("edit", "undo edit", "delete", "undo delete", "move", "move", "save", "reload", "slider by hand"),
)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    chosen = request.config.getoption("--hypothesis-seed", default=None)
    return int(chosen) * 1_000_000 if str(chosen).isdecimal() else 0


class Walk:
    """One author at work; `law` says what must be seen."""

    def __init__(self, kernel: Kernel, seed: int) -> None:
        self.draw = random.Random(seed)
        self.page = LabPage(kernel)
        self.page.load()
        self.page.run("a", f"{SLIDER}\n{WAIT}")
        self.law = Law()
        self.deleted: list[tuple[str, int]] = []
        self.said: list[str] = []
        self.count = 0
        self.unused = 8  # the next value that no cell has seen
        for _ in range(4):
            self.insert()

    def step(self) -> None:
        """Do something, and look."""
        action = self.draw.choice(ACTIONS)
        self.said.append(action)
        getattr(self, action.replace(" ", "_"))()
        self.page.settle()
        self.look()

    def look(self) -> None:
        law, page = self.law, self.page
        for cell in law.order:
            if cell not in law.ran:
                assert cell not in page.steps, (cell, "never ran")
                continue
            state, stale = page.state(cell)
            expected = {"ok": ("ran", "skipped", "restored"), "failed": ("failed",), "not run": ("not run",)}
            assert page.text(cell) == law.text[cell], (cell, "shows")
            assert state in expected[law.state[cell]], (cell, "badge")
            assert stale == law.stale(cell), (cell, "stale")

    # --- what an author does

    def arranged(self) -> None:
        head = {name: self.page.cells[name] for name in ("load", "a")}
        self.page.arrange(**head, **{cell: self.law.now[cell] for cell in self.law.order})

    def any_cell(self) -> str:
        if not self.law.order:
            self.insert()
        return self.draw.choice(self.law.order)

    def insert(self) -> str:
        self.count += 1
        cell = f"c{self.count}"
        self.law.order.insert(self.draw.randint(0, len(self.law.order)), cell)
        self.law.now[cell] = new_source(self.draw, cell)
        self.arranged()
        return cell

    def hand(self, cell: str = "") -> None:
        cell = cell or self.any_cell()
        self.said.append(f"{cell}: {self.law.now[cell]}")
        self.page.run(cell, self.law.now[cell])
        self.law.by_hand(cell)
        self.law.follow()

    def insert_and_hand(self) -> None:
        self.hand(self.insert())

    def edit(self, cell: str = "") -> None:
        cell = cell or self.any_cell()
        self.law.now[cell] = new_source(self.draw, cell)
        self.arranged()

    def edit_and_hand(self) -> None:
        cell = self.any_cell()
        self.edit(cell)
        self.hand(cell)

    def undo_edit(self) -> None:
        cell = self.any_cell()
        self.law.now[cell] = self.law.ran.get(cell, self.law.now[cell])
        self.arranged()

    def slide(self) -> None:
        self.law.value = self.draw.choice([value for value in range(8) if value != self.law.value])
        self.said.append(str(self.law.value))
        self.page.move("s", self.law.value)
        self.law.follow(again=True)

    def slider_by_hand(self) -> None:
        self.page.run("a")
        self.law.follow()

    def run_all(self) -> None:
        requests = {cell: self.page.send(cell) for cell in self.page.cells}
        statuses = {cell: self.page.answered(request) for cell, request in requests.items()}
        failed = False
        for cell in self.law.order:
            # ipykernel gives up what has come when a cell fails: on a busy machine one that comes later runs.
            if failed and statuses[cell] == "aborted":
                self.law.given_up(cell)
            else:
                failed = not self.law.by_hand(cell)
        self.law.follow()

    def stop(self) -> None:
        waiting = [cell for cell in self.law.order if "wait(" in self.law.now[cell]]
        if not waiting:
            return
        cell = self.draw.choice(waiting)
        trial = Law(self.law.order, self.law.now, {**self.law.ran, cell: self.law.now[cell]}, self.law.value)
        if not trial.reaches(cell):
            return
        self.said.append(cell)
        flag = Path(f"{FLAGS}{cell}")
        flag.write_text("")
        self.page.stop_by_hand(cell, Path(f"{FLAGS}begun"))
        flag.unlink()
        self.law.by_hand(cell, stop=True)
        self.law.follow()

    def stop_a_slide(self) -> None:
        value, self.law.value = self.law.value, self.unused
        waiting = [c for c in self.law.counted() if "s.value); wait(" in self.law.ran[c] and self.law.reaches(c)]
        if not waiting or self.unused > LARGEST:
            self.law.value = value
            return
        self.unused += 1
        cell = self.draw.choice(waiting)
        self.said.append(f"{cell} at {self.law.value}")
        flag, begun = Path(f"{FLAGS}{cell}"), Path(f"{FLAGS}begun")
        begun.unlink(missing_ok=True)
        flag.write_text("")
        self.page.move("s", self.law.value)
        self.page.kernel.wait(begun.exists)
        self.page.kernel.manager.interrupt_kernel()
        self.page.until(lambda: self.page.state(cell)[0] == "failed")
        flag.unlink()
        self.law.follow(again=True, stop=cell)

    def delete(self) -> None:
        if len(self.law.order) > 2:
            cell = self.any_cell()
            self.deleted.append((cell, self.law.order.index(cell)))
            self.law.order.remove(cell)
            self.arranged()
            self.law.follow()

    def undo_delete(self) -> None:
        if self.deleted:
            cell, place = self.deleted.pop()
            self.law.order.insert(place, cell)
            self.arranged()
            self.law.follow()

    def move(self) -> None:
        cell = self.any_cell()
        self.law.order.remove(cell)
        self.law.order.insert(self.draw.randint(0, len(self.law.order)), cell)
        self.arranged()
        self.law.follow()

    def save(self) -> None:
        self.arranged()

    def reload(self) -> None:
        kept = {cell for cell, state in self.law.state.items() if state == "not run"}  # as the file has them
        self.page.outputs = {cell: shown for cell, shown in self.page.outputs.items() if cell in kept}
        self.page.steps = {}
        self.deleted.clear()  # there is nothing to undo in a new page
        self.page.hello()


@pytest.mark.parametrize("walk", range(WALKS))
def test_after_each_step_every_cell_shows_what_the_law_says(kernel: Kernel, seed: int, walk: int) -> None:
    author = Walk(kernel, seed + walk)
    try:
        for _ in range(STEPS):
            author.step()
    except BaseException:
        for cell in author.law.order:
            law, page = author.law, author.page
            print(cell, repr(law.now[cell]), "ran as", repr(law.ran.get(cell)))
            print("   shows", repr(page.text(cell)), page.steps.get(cell))
            print("   law  ", repr(law.text.get(cell)), law.state.get(cell))
        print("\n".join(author.said[-12:]))
        raise
    finally:
        author.page.run("end", "%unload_ext nbapp")
        author.page.value("[globals().pop(name, None) for name in ('x0', 'x1', 'x2', 'L')]")
