"""A host for core tests: cells are plain Python in a real `__main__` module; widgets are values in a dict.

A cell can call `read(name)` (a slider's value), `emit(key, value)` (something a run leaves outside the namespace),
`on_click(function)` (a widget callback) and `click()` (fire the callbacks from inside a cell).
"""

from __future__ import annotations

import ast
import contextlib
import copy
import functools
import hashlib
import io
import linecache
import os
import sys
import time
import types
import weakref
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbapp.core.host import CALLBACKS, Kept, Reading
from nbapp.core.memos.kinds import CALLED
from nbapp.core.memos.memo import Binding, Component, Executed, HostEffects
from nbapp.core.memos.store import Store
from nbapp.core.memos.trail import Trail
from nbapp.core.notebook import Cell, CellError, CellId, Notebook, Output
from nbapp.core.overlay import Overlay
from nbapp.core.step import Step
from nbapp.kernel.environment.environment import Environment
from nbapp.kernel.environment.files.file_hooks import FileHooks
from nbapp.kernel.environment.process.slots import STANDARD
from nbapp.kernel.execution.background_code import hooks
from nbapp.kernel.parse.attribute_writes import Sets, sets_of
from nbapp.kernel.parse.path_literals import texts_of
from nbapp.libraries import EVALUATORS, OPTIONS, TABLES
from nbapp.readonly.functions import Functions
from nbapp.readonly.knowledge import Knowledge
from nbapp.readonly.operations import Operations, of_cell
from nbapp.readonly.reader import ReadOnly
from nbapp.values.authors import is_own_file
from nbapp.values.digest import Digest, digest, text_digest
from nbapp.values.names import Names, code_names
from nbapp.values.survey import Survey, survey
from tests.core.decided_twice import DecidedTwice

PORT = ("read", "emit", "on_click", "click")  # what the double puts into the namespace
ROOMY = 1 << 30
KNOWLEDGE = Knowledge(TABLES)
FUNCTIONS = Functions()
FULL_COST = os.environ.get("NBAPP_COST") == "full"


@functools.lru_cache(maxsize=100_000)
def compiled(source: str) -> types.CodeType:
    """The code of a cell, whose source can be had again by the name of its file, as in IPython."""
    name = f"<cell {hashlib.md5(source.encode('utf-8', 'surrogatepass')).hexdigest()}>"
    tree = ast.parse(source)
    code = compile(tree, name, "exec", dont_inherit=True)
    FUNCTIONS.learn(tree, code)
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    return code


@functools.lru_cache(maxsize=100_000)
def operations_in(source: str) -> Operations:
    """What a cell does; what the double puts into the namespace changes no value."""
    found = of_cell(ast.parse(source))
    for name in ("read", "emit"):
        found.paths.pop((name,), None)
    return found


@functools.lru_cache(maxsize=100_000)
def sets_in(source: str) -> Sets:
    """The attributes that a cell may set on what it does not make itself."""
    with contextlib.suppress(SyntaxError):
        return sets_of(ast.parse(source))
    return Sets()


def cells(*sources: str) -> Notebook:
    """A notebook of these sources; the ids are c0, c1, c2, ..."""
    return tuple(Cell(CellId(f"c{index}"), source) for index, source in enumerate(sources))


def new_main() -> types.ModuleType:
    """A fresh `__main__`, as a kernel's user module."""
    module = types.ModuleType("__main__")
    module.__dict__["__builtins__"] = __builtins__
    return module


HIDDEN = frozenset(vars(new_main())) | frozenset(PORT) | {"__annotations__", "__warningregistry__"}


@contextlib.contextmanager
def installed(module: types.ModuleType) -> Iterator[None]:
    """While this module is `__main__`: dataclasses, pickle and enum look it up there."""
    outer = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = outer


def drive(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that only ever yields to others; no event loop is needed."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration:
            return


@types.coroutine
def _yield_once() -> Iterator[None]:
    yield


def run_source(source: str, namespace: dict[str, Any]) -> tuple[str, CellError | None]:
    """Execute one cell: what it printed, and how it failed."""
    out = io.StringIO()
    error = None
    with contextlib.redirect_stdout(out):
        try:
            exec(compiled(source), namespace)
        except Exception as raised:
            error = CellError(type(raised).__name__, str(raised))
    return out.getvalue(), error


class Interrupted(BaseException):
    """Ends an execution from outside, as a cancelled task does."""


_WITHOUT_HOOKS: dict[int, weakref.ref[types.ModuleType]] = {}  # by id


def _pass_over_modules_without_hooks(hooks: FileHooks) -> None:
    """Files of libraries in which the last `Double` found no way to open a file are not looked through again.

    A kernel looks once through the modules that it finds at first, and there are two thousand of them here: that was most of
    what a small notebook took.
    """
    hooks._seen |= _WITHOUT_HOOKS
    hooks.look()
    holders = {id(holder) for holder, *_ in hooks._places}
    for name, module in tuple(sys.modules.items()):
        if hooks._is_seen(module) and id(module) not in _WITHOUT_HOOKS and id(vars(module)) not in holders:
            file = getattr(module, "__file__", None)
            if file and not is_own_file(file) and next(hooks._hooks_of(name, module), None) is None:
                _WITHOUT_HOOKS[id(module)] = weakref.ref(module)


@dataclass
class Double:
    """A kernel without Jupyter: one namespace, one store, and a log of what was executed."""

    notebook: Notebook = ()
    inputs: dict[str, Any] = field(default_factory=dict)
    limit: int = ROOMY
    executed: list[str] = field(default_factory=list)
    steps: tuple[Step, ...] = ()
    always: frozenset[str] = frozenset()
    patience: int | None = None
    interrupts: frozenset[str] = frozenset()
    outside: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.main = new_main()
        self.namespace: dict[str, Any] = vars(self.main)
        self.ambient = Environment((*STANDARD, *OPTIONS), self.namespace)
        _pass_over_modules_without_hooks(self.ambient._files._hooks)
        self.known = self.ambient.known
        self.store = Store(self.limit, trail=Trail(asks_each=FULL_COST))
        self.overlay = Overlay()
        self.walk: DecidedTwice | None = None
        self.callbacks: dict[CellId, list[Callable[[], object]]] = {}
        self._cell = CellId("")
        self.only_reads = ReadOnly(self.known, KNOWLEDGE, FUNCTIONS)
        self._components: dict[Component, Digest] = {}
        self._left: dict[str, Any] = {}
        self.namespace.update(read=self._read, emit=self._emit, on_click=self._on_click, click=self._click)

    # --- what cells call

    def _read(self, name: str) -> Any:
        self._note(f"trait:{name}.value")
        return copy.deepcopy(self.inputs[name])

    def _emit(self, key: str, value: Any) -> None:
        self._left[key] = self.outside[key] = value

    def _on_click(self, function: Callable[[], object]) -> None:
        self.callbacks.setdefault(self._cell, []).append(function)
        self._left["callbacks"] = tuple(self.callbacks[self._cell])

    def _click(self) -> None:
        self._note(CALLED.of("button"))
        for functions in tuple(self.callbacks.values()):
            for function in functions:
                function()

    def _note(self, component: Component) -> None:
        self._components.setdefault(component, self.version(component))

    # --- the port

    def read(self, cell: Cell) -> Reading:
        """The names of a cell as plain Python."""
        try:
            names = code_names(compiled(cell.source), EVALUATORS)
        except SyntaxError:
            names = Names()
        if "click" in names.refs:
            names = names | Names(words=frozenset({CALLBACKS}))
        return Reading(names, "always runs: its tag says so" if cell.id in self.always else None)

    def managed(self, name: str) -> bool:
        """Every name is the notebook's own but the module's and the port's."""
        return name not in HIDDEN

    def components(self, cell: Cell, names: Names, env: Mapping[str, Binding]) -> frozenset[Component]:
        """Process state, and the files that the cell names or opened."""
        try:
            texts = texts_of(compiled(cell.source))
        except SyntaxError:
            texts = frozenset()
        return self.ambient.components(cell, names, texts, env)

    def baseline(self, component: Component) -> Binding | None:
        """What no cell wrote."""
        return self.ambient.baseline(component)

    def present(self, component: Component) -> Binding | None:
        """A file as it is."""
        return self.ambient.present(component)

    def place(self, components: Mapping[Component, Binding], absent: Collection[Component]) -> None:
        """Put process state back."""
        self.ambient.place(components, absent)

    def begin_callbacks(self, env: Mapping[str, Binding], made: Collection[Component]) -> None:
        """Callbacks are about to run."""
        self.ambient.begin_callbacks(env, made)

    def end_callbacks(self) -> Mapping[Component, Binding | None]:
        """What they changed besides globals."""
        return self.ambient.end_callbacks()

    async def execute(self, cell: Cell, kept: Kept | None = None) -> Executed:
        """Execute a cell in the namespace."""
        await _yield_once()
        self.executed.append(cell.id)
        self._cell, self._components, self._left = cell.id, {}, {}
        self.callbacks.pop(cell.id, None)
        started = time.perf_counter()
        with self.ambient.watch(cell, sets_in(cell.source)) as seen:
            text, error = run_source(cell.source, self.namespace)
        if cell.id in self.interrupts:
            raise Interrupted(cell.id)
        outputs: tuple[Output, ...] = ({"output_type": "stream", "name": "stdout", "text": text},) if text else ()
        effects = HostEffects(dict(self._left)) if self._left else None
        seconds = time.perf_counter() - started
        held = survey(tuple(self._left.values()), self.known).reach
        reach = frozenset(held)
        return Executed(outputs, error, seconds, self._components, effects, reach, seen.used, seen.found, seen.left)

    def only_read(self, cell: Cell, reads: Mapping[str, Binding]) -> Collection[Binding]:
        """Which bindings the cell cannot have changed."""
        if FULL_COST or hooks() or self.ambient.calls_authors():
            return ()
        with contextlib.suppress(SyntaxError):
            return self.only_reads.unchanged(operations_in(cell.source), reads)
        return ()

    def gives_objects(self, components: Iterable[Component]) -> bool:
        """What a cell reads of an input is a copy."""
        return False

    def doubt(self, cell: Cell, reads: Mapping[str, Binding]) -> str | None:
        """Why bindings were compared."""
        return self.only_reads.doubt(operations_in(cell.source), reads)

    def version(self, component: Component) -> Digest:
        """The present version of an input, or of all callbacks."""
        if CALLED.owns(component):
            words = (word for cell, found in self.callbacks.items() for word in (cell, *map(self._code_of, found)))
            return text_digest("callbacks", *words)
        return text_digest(repr(self.inputs[component.removeprefix("trait:").removesuffix(".value")]))

    def go_back(self, cell: Cell) -> None:
        """Take back the callbacks of this cell and of those below."""
        ids = [known.id for known in self.notebook]
        for below in ids[ids.index(cell.id) :]:
            self.callbacks.pop(below, None)

    def _code_of(self, function: Callable[[], object]) -> str:
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        return digest(code, self.known) if code else repr(type(function)) + getattr(function, "__name__", "")

    def tell(self, component: Component) -> str | None:
        """Nothing more."""
        return None

    def is_of_callbacks(self, component: Component, echoes: Collection[CellId]) -> bool:
        """No callback changes an input."""
        return False

    def keep(self, owner: CellId, value: object) -> bool:
        """Nothing hangs on a value."""
        return False

    def heir(self, value: object) -> object:
        return value

    def give_back(self, owner: CellId) -> None:
        """Nothing hangs on a value."""

    def forget_callbacks(self, cell: Cell) -> None:
        """Callbacks change nothing but names."""

    def restore(self, cell: Cell, effects: HostEffects | None) -> None:
        """Emit again what a run emitted, and put its callbacks back."""
        if effects is None:
            return
        for key, value in effects.what.items():
            if key == "callbacks":
                self.callbacks[cell.id] = list(value)
            else:
                self.outside[key] = value

    def pass_by(self, cells: Collection[CellId]) -> bool:
        """These cells emitted nothing."""
        return self.always.isdisjoint(cells)

    def logged_to(self) -> Survey:
        """Nobody logs here."""
        return survey((), self.known)

    def called_back(self) -> Survey:
        """What callbacks reach, and the names that they look up or bind."""
        return survey(tuple(function for functions in self.callbacks.values() for function in functions), self.known)

    # --- driving

    def rerun(self, stop_after: int | None = None) -> list[str]:
        """One rerun, or a walk that is stopped after so many steps; the ids of the executed cells, in order."""
        self.executed.clear()
        with installed(self.main):
            drive(self._rerun(stop_after))
        return list(self.executed)

    async def _rerun(self, stop_after: int | None) -> None:
        self.walk = DecidedTwice(self.notebook, self.store, self.overlay, self.known, self)
        if self.patience is not None:
            self.walk.patience = self.patience
        last: dict[int, Step] = {}
        self.callbacks.clear()  # each cell registers its own again, or has them restored
        steps = self.walk.steps()
        taken = 0
        while stop_after is None or taken < stop_after:
            batch = await _next(steps)
            if batch is None:
                break
            last.update({step.index: step for step in batch})
            taken += len(batch)
        await steps.aclose()  # type: ignore[attr-defined]
        self.walk.no_stretch_is_over_another()
        self.steps = tuple(last[index] for index in sorted(last))

    def complete(self) -> list[str]:
        """Put everything in place; the ids of the cells that had to be executed for it."""
        self.executed.clear()
        with installed(self.main):
            drive(self._complete())
        return list(self.executed)

    async def _complete(self) -> None:
        assert self.walk is not None
        last = {step.index: step for step in self.steps}
        async for steps in self.walk.complete():
            last.update({step.index: step for step in steps})
        self.steps = tuple(last[index] for index in sorted(last))

    def press(self) -> frozenset[str]:
        """Fire the callbacks as a front end does: between two walks. The names they changed."""
        self.complete()
        assert self.walk is not None
        with installed(self.main):
            observation = self.walk.before_callbacks()
            with contextlib.redirect_stdout(io.StringIO()):
                for function in [function for found in self.callbacks.values() for function in found]:
                    with contextlib.suppress(Exception):  # a front end logs it
                        function()
            return self.walk.after_callbacks(observation)

    def set(self, **inputs: Any) -> list[str]:
        """Move sliders, then rerun."""
        self.inputs.update(inputs)
        return self.rerun()

    def edit(self, index: int, source: str) -> None:
        """Rewrite a cell."""
        self.notebook = (*self.notebook[:index], Cell(self.notebook[index].id, source), *self.notebook[index + 1 :])

    def insert(self, index: int, source: str, name: str) -> None:
        """A new cell before cell `index`."""
        self.notebook = (*self.notebook[:index], Cell(CellId(name), source), *self.notebook[index:])

    def delete(self, index: int) -> None:
        """Take a cell out."""
        self.notebook = (*self.notebook[:index], *self.notebook[index + 1 :])

    def move(self, index: int, to: int) -> None:
        """Put a cell elsewhere."""
        rest = (*self.notebook[:index], *self.notebook[index + 1 :])
        self.notebook = (*rest[:to], self.notebook[index], *rest[to:])

    # --- looking

    def value(self, expression: str) -> str:
        """The repr of an expression, or the name of the exception it raises."""
        self.complete()
        with installed(self.main):
            return evaluate(expression, self.namespace)

    def state(self, index: int) -> str:
        """How cell `index` was brought up to date."""
        return next(step.state for step in self.steps if step.index == index)

    def reason(self, index: int) -> str:
        """Why, in words."""
        return next(step.reason for step in self.steps if step.index == index)

    @property
    def printed(self) -> list[str]:
        """What each cell shows."""
        return ["".join(str(output["text"]) for output in step.outputs) for step in self.steps]

    @property
    def errors(self) -> list[str]:
        """The names of the exceptions that cells failed with."""
        return [step.error.name for step in self.steps if step.error]


async def _next(steps: AsyncIterator[Sequence[Step]]) -> Sequence[Step] | None:
    try:
        return await steps.__anext__()
    except StopAsyncIteration:
        return None


def evaluate(expression: str, namespace: dict[str, Any]) -> str:
    """The repr of an expression in a namespace, or the name of the exception it raises."""
    try:
        return repr(eval(expression, namespace))
    except Exception as error:
        return type(error).__name__
