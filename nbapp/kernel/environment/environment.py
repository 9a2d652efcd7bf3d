"""What the walk asks about process state, random numbers, modules, files and open figures.

Finds what a cell may read of them, puts it in place, and tells what the cell left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from nbapp.core.change import bind
from nbapp.core.memos.kinds import FIGURES, FILE, GENERATOR, MODULE, PROCESS, TABLE, TREE, USER, parts
from nbapp.core.memos.memo import Binding, Component
from nbapp.core.notebook import Cell, CellId, Notebook
from nbapp.kernel.environment import figures, visitor
from nbapp.kernel.environment.figures import Figures
from nbapp.kernel.environment.files import disk
from nbapp.kernel.environment.files.file_access import Files, OpenedFiles
from nbapp.kernel.environment.files.path_rules import here
from nbapp.kernel.environment.files.rewritten import Rewritten
from nbapp.kernel.environment.generators import Randomness
from nbapp.kernel.environment.import_hook import Imports
from nbapp.kernel.environment.imported import imported_by
from nbapp.kernel.environment.modules import OwnModules
from nbapp.kernel.environment.process import state
from nbapp.kernel.environment.process.class_attributes import Attributes
from nbapp.kernel.environment.process.library_containers import Libraries
from nbapp.kernel.environment.process.slots import Run, call
from nbapp.kernel.environment.process.state import Process
from nbapp.kernel.environment.provider import Provider
from nbapp.kernel.environment.sql_tables import Tables
from nbapp.kernel.environment.taken_back import TakenBack
from nbapp.kernel.environment.trace import EnvironmentTrace
from nbapp.kernel.parse.attribute_writes import Sets, sets_of_module
from nbapp.kernel.parse.path_literals import PathLiterals, is_path, named, opens_by_python_alone
from nbapp.kernel.parse.sql import fetched_in
from nbapp.libraries import EVALUATORS, LOOKUPS
from nbapp.libraries.slot import Slot, Values
from nbapp.values.digest import text_digest
from nbapp.values.names import NOTHING, Names
from nbapp.values.types import Types

_PROVENANCE = text_digest("ambient")
_NOBODY = Provider()


class Environment:
    """All of it for one kernel, and what is `known` of values. `slots` are the pieces of process state; `run` calls a
    function where cells run, `look` one that changes nothing, on any thread: an import may be anywhere."""

    def __init__(self, slots: tuple[Slot, ...], namespace: dict[str, Any], run: Run = call, look: Run = call) -> None:
        self._modules = OwnModules()
        is_own = self._modules.is_own
        self._attributes, self._libraries = Attributes(is_own), Libraries(is_own)
        lookups = {**LOOKUPS, "nbapp": disk.lookup}
        known = self.known = Types(namespace, lookups, EVALUATORS, is_own, self._libraries.containers)
        self._process = Process((*slots, self._attributes.slot, self._libraries.slot), run, look)
        self._randomness = Randomness()
        self.figures = Figures(known)
        self._files = Files(lambda file: bind(file, known, _PROVENANCE))
        self._tables = Tables()
        self._providers: Mapping[str, Provider] = {
            PROCESS.kind: self._process,
            GENERATOR.kind: self._randomness,
            FIGURES.kind: self.figures,
            MODULE.kind: self._modules,
            TABLE.kind: self._tables,
            USER.kind: visitor.Visitor(),
            **dict.fromkeys((FILE.kind, TREE.kind), self._files),
        }
        self._imports = Imports(self._imports_library, self._imported, self._files.paused, is_own, self._imports_own)
        self._placed: dict[Component, Binding] = {}
        self._touched: dict[CellId, frozenset[Component]] = {}
        self._random: set[CellId] = set()
        self._taken_back = TakenBack()
        self._notebook: Notebook = ()
        self._passed: set[CellId] = set()
        self._names = NOTHING  # of the cell that was asked for last: the one that is executed next
        self._named = PathLiterals()
        self._around: set[Component] = set()  # trees that the cell under way does not name, of files that it does
        self._not_yet: frozenset[Component] = frozenset()
        self._rewritten = Rewritten(self._files)
        self._unwritten: set[Component] = set()  # files that no cell above the one under way wrote
        self._is_aside = False
        self.is_importing = self._imports.is_executing

    def install(self) -> Callable[[], None]:
        """Hear of imports from now on; call what is returned to stop it."""
        undo = self._imports.install()
        self.figures.adopt()

        def leave() -> None:
            undo()
            self.figures.leave()

        return leave

    def _imports_own(self, module: ModuleType) -> None:
        sets = sets_of_module(module)
        self._attributes.expect(sets, vars(module))
        self._libraries.expect(sets, vars(module))

    def _imports_library(self) -> list[Values | None]:
        self._libraries.end()
        return self._process.read()

    def _imported(self, before: list[dict[str, object] | None]) -> None:
        self._attributes.look()
        self._libraries.imported()
        self._taken_back.imported()
        self._process.imported(before)
        self._randomness.now()
        self.figures.adopt()
        self._files.look()

    def begin(self, notebook: Notebook) -> None:
        """A walk over these cells begins."""
        self._passed = set()
        if notebook is not self._notebook:
            self._notebook = notebook
            self._taken_back.leave([cell.id for cell in notebook])
            self._tables.expect(frozenset[str]().union(*(fetched_in(cell.source) for cell in notebook)))

    def passes(self, *cells: CellId) -> None:
        """The walk skips these cells."""
        self._passed.update(cells)

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
        self._named = PathLiterals(tuple(named(texts, read, self.known)), is_seen)
        paths = self._paths()
        modules = self._modules.now().keys()
        loaded = {name for name in modules if MODULE.name(name) in names.words or names.everything}
        touched = self._touched.get(cell.id, frozenset())
        self._not_yet = frozenset(modules - env.keys())
        around = {tree for name in (*paths, *touched) for tree in self._files.around(name)}
        self._around = around.union(name for name in touched if TREE.owns(name)) - paths
        always = state.COMPONENT, figures.COMPONENT, visitor.COMPONENT
        changing = *self._randomness.known(), *self._tables.named(names)
        return frozenset({*always, *changing, *paths, *around, *loaded, *touched})

    def _paths(self) -> set[Component]:
        """The files and folders that the cell under way names, seen from where the process is now."""
        folders = frozenset[str]() if self._named.is_seen else disk.folder_names(here())
        find = self._files.components if self._named.is_seen else self._files.named
        return {component for path in self._named.paths if is_path(path, folders) for component in find(path)}

    def baseline(self, component: Component) -> Binding | None:
        """What a component is that no cell wrote."""
        if component == state.COMPONENT:  # it is asked for when a walk begins
            self._process.begin()
            self._randomness.begin()
        return self._provider(component).baseline(component)

    def present(self, component: Component) -> Binding | None:
        """The file as it is, and as a clean run would find it from now on; None for what can be put back."""
        present = self._provider(component).present(component)
        if present is not None and _is_on_disk(component):
            self._unwritten.add(component)
            self._files.begins_as(component, present.version)
        return present

    def place(self, components: Mapping[Component, Binding], absent: Collection[Component]) -> None:
        """Put back everything but files, whose cells must write them again."""
        if not self._not_yet.isdisjoint(absent):
            self._modules.take_away(self._not_yet)  # with those that it would import in turn
        self._placed = dict(components)
        for component, binding in components.items():
            self._provider(component).put(component, binding, components)

    def _provider(self, component: Component) -> Provider:
        return self._providers.get(parts(component)[0], _NOBODY)

    # --- around it

    @contextmanager
    def watch(self, cell: Cell, sets: Sets = Sets()) -> Iterator[EnvironmentTrace]:  # noqa: B008 -- it never changes
        """Around one execution of code that sets these; the trace is filled at its end."""
        visitor.read()  # what was looked at so far was no cell's
        self._attributes.begin(sets, self.known.namespace)
        self._libraries.begin(sets, self.known.namespace)
        self._tables.learn(sets.tables_inside)
        modules, generators = self._modules.now(), set(self._randomness.known())
        where, paths = here(), self._paths()
        # The working directory was put in place after the cell was asked for its components.
        moved = {name: self._files.present(name) for name in paths - self._placed.keys()}
        self._placed |= moved
        self.figures.watch()
        held = self._files.held()
        asked = self._tables.named(self._names)
        written = self._tables.written(self._names, sets.tables | sets.fetched, sets.tables_inside)
        self._taken_back.uses(cell.id, self._names, self.known.namespace, self._passed)
        self._tables.dropped(self._taken_back.not_yet(cell.id, self._names))
        self._passed.add(cell.id)
        made = set[str]()
        once = self._taken_back.watching(cell.id, self._names, sets.methods, self.known.namespace, made)
        with once, self._files.watching() as opened:
            expected = not (moved or held or written - asked or self.figures.are_open())
            trace = EnvironmentTrace(opened, modules, expected)
            yield trace
        self._note_unopened(opened, held, self._paths() - paths if here() == where else set())
        self._tables.tell(trace, asked, written, made, sets.rows)
        drawn = self.figures.end()
        self._libraries.end()
        imported = imported_by(cell, modules, opened, self._modules, self._files, self.known)
        trace.left |= {**self.left(), **drawn.left, **imported}
        appeared = {name: self._randomness.baseline(name) for name in self._randomness.known() - generators}
        first = {name: binding for name, binding in appeared.items() if binding is not None}
        trace.found |= {**moved, **opened.before, **drawn.before, **first}
        self._touched[cell.id] = frozenset({*opened.before, *drawn.before})
        silent, alike = self._note_written(opened)
        trace.left |= alike
        trace.used |= {state.COMPONENT, *drawn.used, *opened.read, *silent, *visitor.read()}
        random = self._randomness.known() if cell.id in self._random else trace.left
        trace.used |= {name for name in random if GENERATOR.owns(name)}

    def surprised(self, trace: EnvironmentTrace) -> bool:
        """At the end of a cell, before the rest is known: whether it may have seen what was not put in place for it."""
        is_placed = trace.opened.before.keys() <= self._placed.keys()
        return not (trace.is_foreseen and is_placed and self._modules.now() == trace.modules)

    def _note_unopened(self, opened: OpenedFiles, held: Mapping[Component, Binding], made: set[Component]) -> None:
        """Files that it wrote through a handle of a cell above, and those it named that were `made` meanwhile."""
        for name, was in held.items():
            if self._files.present(name).version != was.version:
                opened.before.setdefault(name, was)
        opened.before |= {name: self._files.not_there(name) for name in made - opened.before.keys()}

    def calls_authors(self) -> bool:
        """Whether a library may call code of the author's that no cell names."""
        return self._process.calls_authors(self.known)

    def left(self) -> dict[Component, Binding | None]:
        """The process state and the generators that are not as they were placed."""
        now = {state.COMPONENT: self._process.now(), **self._randomness.now()}
        return {
            component: binding
            for component, binding in now.items()
            if component not in self._placed or self._placed[component].version != binding.version
        }

    def _note_written(self, opened: OpenedFiles) -> tuple[set[Component], dict[Component, Binding]]:
        """Remember which files the cell changed; which it may have read, and which it wrote as they were.

        It may have read those it named, nobody saw it open and it did not change, and trees: some files of one may be
        read and others written. What it wrote as it was it leaves so, whatever that is before it next time.
        """
        before = {name: binding for name, binding in self._placed.items() if _is_on_disk(name)}
        trees = {name: binding for name, binding in before.items() if TREE.owns(name)}
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

    def begin_callbacks(self, env: Mapping[Component, Binding], made: Collection[Component]) -> None:
        """Callbacks find process and figures as the cells left them, the generators as earlier callbacks left them."""
        self._placed = {}
        if state.COMPONENT in env:
            self._placed[state.COMPONENT] = env[state.COMPONENT]
            self._process.put(state.COMPONENT, env[state.COMPONENT], env)
        self._randomness.begin_callbacks(env)
        self.figures.expect(env)
        self.figures.put(figures.COMPONENT, env.get(figures.COMPONENT, figures.NONE_OPEN), env)
        self.figures.watch()
        self._rewritten.begin(made)

    def begin_aside(self, env: Mapping[Component, Binding], made: Collection[Component]) -> None:
        """Code that is no cell's finds everything as it is."""
        self._placed = {state.COMPONENT: env[state.COMPONENT]} if state.COMPONENT in env else {}
        self._process.begin()
        self.figures.expect(env)
        self.figures.watch()
        self._rewritten.begin(made)
        self._is_aside = True

    def end_callbacks(self) -> dict[Component, Binding | None]:
        """What they changed of the process and of files, and the figures that they used; not what else they drew."""
        is_aside, self._is_aside = self._is_aside, False
        rewritten = self._rewritten.end()
        if not is_aside:
            self._randomness.end_callbacks()
        left = {name: binding for name, binding in self.left().items() if name == state.COMPONENT}
        drawn = self.figures.end()
        return {**left, **rewritten, **drawn.before, **(drawn.left if is_aside else {})}


def _is_on_disk(component: Component) -> bool:
    return FILE.owns(component) or TREE.owns(component)
