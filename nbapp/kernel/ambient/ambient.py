"""What the walk asks about process state, random numbers, modules, files and open figures.

Finds what a cell may read of them, puts it in place, and tells what the cell left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType

from nbapp.core.change import bind
from nbapp.core.digest import text_digest
from nbapp.core.names import NOTHING, Names
from nbapp.core.notebook import Cell, CellId
from nbapp.core.run import Binding, Component
from nbapp.core.types import Types
from nbapp.kernel.ambient import figures, process, tables
from nbapp.kernel.ambient.attributes import Attributes
from nbapp.kernel.ambient.disk import folder_names
from nbapp.kernel.ambient.figures import Figures
from nbapp.kernel.ambient.files import FILE, TREE, Files, Opened
from nbapp.kernel.ambient.imports import Imports
from nbapp.kernel.ambient.own import OwnModules, Package
from nbapp.kernel.ambient.paths import Named, is_path, named, opens_by_python_alone
from nbapp.kernel.ambient.process import Process
from nbapp.kernel.ambient.randomness import Randomness
from nbapp.kernel.ambient.sets import Sets, sets_of_module
from nbapp.kernel.ambient.slots import Run, Slot, call
from nbapp.kernel.ambient.tables import Tables
from nbapp.kernel.ambient.watched import here

_DISK, _MODULE, _RNG, _TABLE = (FILE, TREE), "module:", "rng:", tables.COMPONENT
_PROVENANCE = text_digest("ambient")


@dataclass(slots=True)
class Trace:
    """What one cell did: the fields of `Executed` that are about components in the Env.

    `is_surprised` says at its end, before the rest is known, whether it may have seen what was not put in place for it.
    """

    used: frozenset[Component] = frozenset()
    found: dict[Component, Binding] = field(default_factory=dict)
    left: dict[Component, Binding | None] = field(default_factory=dict)
    is_surprised: Callable[[], bool] = bool


class Ambient:
    """All of it for one kernel. `slots` are the pieces of process state; `run` calls a function where cells run, `look`
    one that changes nothing, on any thread: an import may be anywhere."""

    def __init__(self, slots: tuple[Slot, ...], known: Types, run: Run = call, look: Run = call) -> None:
        self._known = known
        self._modules = OwnModules()
        self._attributes = Attributes(self._modules.is_own)
        self._process = Process((*slots, self._attributes.slot), run, look)
        self._randomness = Randomness()
        self.figures = Figures(known)
        self._files = Files(lambda file: bind(file, known, _PROVENANCE))
        self._imports = Imports(
            self._process.read, self._imported, self._files.paused, self._modules.is_own, self._imports_own
        )
        self._placed: dict[Component, Binding] = {}
        self._touched: dict[CellId, frozenset[Component]] = {}
        self._random: set[CellId] = set()
        self._tables = Tables()
        self._names = NOTHING  # of the cell that was asked for last: the one that is executed next
        self._named = Named()
        self._around: set[Component] = set()  # trees that the cell under way does not name, of files that it does
        self._not_yet: frozenset[Component] = frozenset()
        self._unwritten: set[Component] = set()  # files that no cell above the one under way wrote
        known.is_own = self._modules.is_own

    def install(self) -> Callable[[], None]:
        """Hear of imports from now on; call what is returned to stop it."""
        undo = self._imports.install()
        self.figures.adopt()

        def leave() -> None:
            undo()
            self.figures.leave()

        return leave

    def _imports_own(self, module: ModuleType) -> None:
        self._attributes.expect(sets_of_module(module), vars(module))

    def _imported(self, before: list[dict[str, object] | None]) -> None:
        self._attributes.look()
        self._process.imported(before)
        self._randomness.now()
        self.figures.adopt()

    # --- before a cell

    def components(
        self,
        cell: Cell,
        names: Names,
        texts: Iterable[str],
        env: Mapping[str, Binding],
        *,
        by_programs: bool = False,
    ) -> frozenset[Component]:
        """What a cell may read: all process state and generators, files that it names, and what it used last time.

        Other programs that it calls (`by_programs`) open files that nobody sees.
        """
        self._unwritten = set()
        self.figures.expect(env)
        self._names = names
        (self._random.add if names.random or names.everything else self._random.discard)(cell.id)
        read = [env[name] for name in names.looked_up if name in env]
        is_seen = not by_programs and opens_by_python_alone(names, read)
        self._named = Named(tuple(named(texts, read, self._known)), is_seen)
        paths = self._paths()
        modules = self._modules.now().keys()
        loaded = {name for name in modules if name.removeprefix(_MODULE) in names.words or names.everything}
        touched = self._touched.get(cell.id, frozenset())
        self._not_yet = frozenset(modules - env.keys())
        around = {tree for name in (*paths, *touched) for tree in self._files.around(name)}
        self._around = around.union(name for name in touched if name.startswith(TREE)) - paths
        always = process.COMPONENT, figures.COMPONENT, *self._randomness.known(), *self._tables.named(names)
        return frozenset({*always, *paths, *around, *loaded, *touched})

    def _paths(self) -> set[Component]:
        """The files and folders that the cell under way names, seen from where the process is now."""
        folders = frozenset[str]() if self._named.is_seen else folder_names(here())
        find = self._files.components if self._named.is_seen else self._files.named
        return {component for path in self._named.paths if is_path(path, folders) for component in find(path)}

    def baseline(self, component: Component) -> Binding | None:
        """What a component is that no cell wrote."""
        if component == process.COMPONENT:
            self._process.others_may_run()  # it is asked for when a walk begins
            self._randomness.others_may_run()
            return self._process.baseline
        if component == figures.COMPONENT:
            return figures.NONE_OPEN
        if component.startswith(_RNG):
            return self._randomness.baseline(component)
        if component.startswith(_TABLE):
            return self._tables.baseline
        return self._files.baseline(component) if component.startswith(_DISK) else None

    def present(self, component: Component) -> Binding | None:
        """The file as it is; None for what can be put back."""
        if not component.startswith(_DISK):
            return None
        self._unwritten.add(component)
        return self._files.present(component)

    def place(self, components: Mapping[Component, Binding], absent: Collection[Component]) -> None:
        """Put back everything but files, whose cells must write them again."""
        if not self._not_yet.isdisjoint(absent):
            self._modules.take_away(self._not_yet)  # with those that it would import in turn
        self._placed = dict(components)
        for component, binding in components.items():
            if component == process.COMPONENT:
                self._process.put(binding)
            elif component == figures.COMPONENT:
                self.figures.put(components)
            elif component.startswith(_RNG):
                self._randomness.put(component, binding)
            elif component.startswith(_MODULE):
                self._modules.put(component, binding.value)

    # --- around it

    @contextmanager
    def watch(self, cell: Cell, sets: Sets = Sets()) -> Iterator[Trace]:  # noqa: B008 -- it never changes
        """Around one execution of code that sets these; the trace is filled at its end."""
        trace = Trace()
        self._attributes.begin(sets, self._known.namespace)
        self._tables.learn(sets.tables_inside)
        modules, generators = self._modules.now(), set(self._randomness.known())
        where, paths = here(), self._paths()
        # The working directory was put in place after the cell was asked for its components.
        moved = {name: self._files.present(name) for name in paths - self._placed.keys()}
        self._placed |= moved
        self.figures.begin()
        held = self._files.held()
        asked = self._tables.named(self._names)
        written = self._tables.written(self._names, sets.tables, sets.tables_inside)
        with self._files.watching() as opened:
            expected = not (moved or held or written - asked or self.figures.are_open())
            trace.is_surprised = lambda: (
                not (expected and opened.before.keys() <= self._placed.keys() and self._modules.now() == modules)
            )
            yield trace
        self._note_unopened(opened, held, self._paths() - paths if here() == where else set())
        self._tell_tables(trace, asked, written)
        drawn = self.figures.end()
        trace.left |= {**self.left(), **drawn.left, **self._imported_by(cell, modules, opened)}
        appeared = {name: self._randomness.baseline(name) for name in self._randomness.known() - generators}
        first = {name: binding for name, binding in appeared.items() if binding is not None}
        trace.found |= {**moved, **opened.before, **drawn.before, **first}
        self._touched[cell.id] = frozenset({*opened.before, *drawn.before})
        silent, alike = self._note_written(opened)
        trace.left |= alike
        stirred = {component for component in trace.left if component.startswith(_RNG)}
        random = self._randomness.known() if cell.id in self._random else stirred
        trace.used |= {process.COMPONENT, *random, *drawn.used, *opened.read, *silent}

    def _note_unopened(self, opened: Opened, held: Mapping[Component, Binding], made: set[Component]) -> None:
        """Files that it wrote through a handle of a cell above, and those it named that were `made` meanwhile."""
        for name, was in held.items():
            if self._files.present(name).version != was.version:
                opened.before.setdefault(name, was)
        opened.before |= {name: self._files.not_there(name) for name in made - opened.before.keys()}

    def _tell_tables(self, trace: Trace, asked: frozenset[Component], written: frozenset[Component]) -> None:
        trace.left |= {table: self._tables.wrote(table) for table in written}
        trace.found |= dict.fromkeys(written - asked, self._tables.baseline)
        trace.used |= asked | written

    def left(self) -> dict[Component, Binding | None]:
        """The process state and the generators that are not as they were placed."""
        now = {process.COMPONENT: self._process.now(), **self._randomness.now()}
        return {
            component: binding
            for component, binding in now.items()
            if component not in self._placed or self._placed[component].version != binding.version
        }

    def _imported_by(self, cell: Cell, before: Mapping[str, Package], opened: Opened) -> dict[str, Binding | None]:
        now = self._modules.now()
        left: dict[Component, Binding | None] = {name: None for name in before if name not in now}
        for component, package in now.items():
            if [module for _, module in before.get(component, ())] != [module for _, module in package]:
                left[component] = bind(package, self._known, text_digest("module", cell.source))
                for path in self._modules.files(package):
                    for file in self._files.components(path):
                        opened.before.setdefault(file, self._files.present(file))
                        opened.read.add(file)
        return left

    def _note_written(self, opened: Opened) -> tuple[set[Component], dict[Component, Binding]]:
        """Remember which files the cell changed; which it may have read, and which it wrote as they were.

        It may have read those it named, nobody saw it open and it did not change, and trees: some files of one may be
        read and others written. What it wrote as it was it leaves so, whatever that is before it next time.
        """
        before = {name: binding for name, binding in self._placed.items() if name.startswith(_DISK)}
        trees = {name: binding for name, binding in before.items() if name.startswith(TREE)}
        silent, alike = trees.keys() - self._around, {}
        for component, was in {**before, **opened.before, **trees}.items():  # trees are opened halfway through a cell
            now = self._files.present(component)
            if component in self._unwritten or component not in before:
                self._files.begins_as(component, was.version)
            if now.version != was.version:
                self._files.wrote(component, was.version, now.version)
            elif component in opened.written:
                alike[component] = before.get(component, was)
            elif component not in opened.before and component not in self._around:
                silent.add(component)
        return silent, alike

    # --- callbacks

    def begin_callbacks(self, env: Mapping[Component, Binding]) -> None:
        """Callbacks find process and figures as the cells left them, the generators as earlier callbacks left them."""
        self._placed = {}
        if process.COMPONENT in env:
            self._placed[process.COMPONENT] = env[process.COMPONENT]
            self._process.put(env[process.COMPONENT])
        self._randomness.begin_callbacks()
        self.figures.expect(env)
        self.figures.put({figures.COMPONENT: figures.NONE_OPEN, **env})
        self.figures.begin()

    def end_callbacks(self) -> dict[Component, Binding | None]:
        """What they changed of the process, and the figures that they used; what else they drew is nobody else's."""
        self._randomness.end_callbacks()
        left = {name: binding for name, binding in self.left().items() if name == process.COMPONENT}
        return {**left, **self.figures.end().before}
