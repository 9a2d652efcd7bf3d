"""What a piece of code may touch in the namespace, and what it did touch: digests before and after, not syntax."""

from __future__ import annotations

import operator
import time
import types
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import compress, repeat
from typing import Any

from nbapp.core.host import CALLBACKS
from nbapp.core.memos.env import Env, component_of, is_global, name_of
from nbapp.core.memos.memo import Binding
from nbapp.core.memos.objects import Union
from nbapp.core.memos.unseen import Unseen
from nbapp.values.digest import Digest, Opaque, TooDear, content, text_digest
from nbapp.values.names import NOTHING, Names
from nbapp.values.survey import Survey, survey
from nbapp.values.types import Types
from nbapp.values.weight import weight

Managed = Callable[[str], bool]
_NEVER = object()
_UNCHANGING = (bool, int, float, str)
NOTHING_LEFT: Mapping[str, Binding | None] = types.MappingProxyType({})
_OPAQUE_BYTES = 1 << 18  # what a value counts for whose size is not known


@dataclass(frozen=True, slots=True)
class Scope:
    """What code with certain names can reach in an `Env`.

    `reads` are the names it may look up that are bound. `bindings` also holds every name that shares an object with
    those, because a change may show through it; `reachable` are these objects. `absent` are looked up and unbound;
    `stores` are bound by the code but not looked up before. `held` are objects that it has without any name's help.
    `replaced` are those of `stores` that are bound and that the code surely binds: threads have them until then.
    `again` are bound, and the code bound them before though it does not name them: what it finds there is to be seen.
    """

    names: Names
    everything: bool
    reads: Mapping[str, Binding]
    bindings: Mapping[str, Binding]
    absent: frozenset[str]
    stores: frozenset[str]
    reachable: Union
    held: frozenset[int]
    replaced: Mapping[str, Binding] = field(default_factory=dict)
    again: Mapping[str, Binding] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        env: Env,
        names: Names,
        called: Names = NOTHING,
        reach: Iterable[int] = (),
        only_reads: Callable[[Mapping[str, Binding]], bool] | None = None,
        before: Iterable[str] = (),
    ) -> Scope:
        """The scope of code with these names; `called` are those of code that it may call without naming it, `reach`
        the objects that such code holds. Given what code reads `only_reads` tells whether that is all that it does:
        then what nobody has looked at stays so. `before` are names that it bound when it ran before."""
        bound = env.bindings
        everything = names.everything or called.everything
        asked = names.looked_up | called.looked_up
        looked_up = asked.union(bound) if everything else asked
        reads = {name: bound[name] for name in looked_up if name in bound}
        held = frozenset[int](reach)
        reachable = Union.of((held, *(binding.objects for binding in reads.values())))
        absent = frozenset(name for name in looked_up.difference(bound) if not everything or not is_global(name))
        bound_before = frozenset(filter(is_global, before)).difference(looked_up)
        stores = (names.defs | called.defs).difference(looked_up) | bound_before.difference(bound)
        bindings = reads
        if not everything:
            seen = only_reads is not None and env.has_unseen() and only_reads(reads)
            bindings = {**reads, **env.sharing(reachable, seen=seen)}
        replaced = {name: bound[name] for name in stores & names.sure if name in bound and is_global(name)}
        again = {name: bound[name] for name in bound_before.difference(stores) if name in bound}
        return cls(names, everything, reads, bindings, absent, stores, reachable, held, replaced, again)

    @classmethod
    def whole(cls, env: Env) -> Scope:
        """Everything there is, for code that is not about to run: to look whether it is in place."""
        bound = dict(env.bindings)
        return cls(Names(everything=True), True, bound, bound, frozenset(), frozenset(), Union(), frozenset())

    def objects(self) -> frozenset[int]:
        """All that its names reach."""
        return frozenset[int]().union(*(binding.objects for binding in self.bindings.values()))

    def broken(self) -> list[str]:
        """The names whose objects were changed since, so that code must not see them as they are."""
        return [name for name, binding in self.bindings.items() if not binding.intact]

    def unnamed(self) -> frozenset[int]:
        """The objects that the code has and that no name in the `Env` reaches any more."""
        return (
            self.held.difference(*(binding.objects for binding in self.bindings.values())) if self.held else self.held
        )

    def materialise(self, namespace: dict[str, Any], managed: Managed) -> None:
        """Make the namespace what a clean run would have here, for everything the code may touch."""
        gone = set(namespace) if self.everything else self.absent | self.stores
        for name in gone.difference(self.reads, self.replaced):
            is_read = component_of(name) in self.reads
            if name in namespace and not is_read and (managed(name) or name in self.stores):
                namespace.pop(name, None)  # a thread may have been faster
        for name, binding in (*self.reads.items(), *self.replaced.items(), *self.again.items()):
            if namespace.get(name, _NEVER) is not binding.value and is_global(name):  # most are in place
                namespace[name_of(name)] = binding.value

    def finding(self, found: Mapping[str, Binding], env: Env) -> Scope:
        """This scope with what nobody knew that the code would read, and every name that shares an object with it."""
        new = Union.of(binding.objects for binding in found.values())
        bindings = {**self.bindings, **env.sharing(new), **found}
        reachable = Union.of((*self.reachable.parts, *new.parts))
        return replace(self, reads={**self.reads, **found}, bindings=bindings, reachable=reachable)

    def outside(self) -> dict[str, Binding]:
        """What the code may read besides globals."""
        return {name: binding for name, binding in self.reads.items() if not is_global(name)}


@dataclass(frozen=True, slots=True)
class Change:
    """What code left: `after` binds or unbinds (None) names; `mutated` maps bindings to their new ones, `same` are
    those seen to be as before; `touched` are the objects that may have been changed in place."""

    after: Mapping[str, Binding | None]
    mutated: Mapping[Binding, Binding]
    same: frozenset[Binding]
    touched: frozenset[int]

    def of(self, scope: Scope) -> frozenset[str]:
        """The names of a scope whose values were changed in place."""
        return frozenset(name for name, binding in scope.bindings.items() if binding in self.mutated)


@dataclass(slots=True)
class Observation:
    """Watches the namespace around one piece of code: make it before the code, ask it after."""

    scope: Scope
    namespace: dict[str, Any]
    known: Types
    managed: Managed
    before: dict[str, Any] = field(init=False)
    _fresh: dict[int, Binding] = field(default_factory=dict)
    _seconds: dict[int, float] = field(default_factory=dict)  # by id of a value, which its binding holds

    def __post_init__(self) -> None:
        self.before = self.namespace.copy()  # at once: threads may be binding names
        for name in self.scope.replaced:
            self.before.pop(name, None)

    def failed(self) -> None:
        """The code has ended in the middle: what it would have replaced may be what it was."""
        self.before |= {name: binding.value for name, binding in self.scope.replaced.items()}

    def change(
        self,
        env: Env,
        provenance: Digest,
        left: Mapping[str, Binding | None] = NOTHING_LEFT,
        spared: Collection[Binding] = (),
        steps: int | None = None,
    ) -> Change:
        """What the code changed. Values without a digest get a version made from `provenance`; `left` are those of
        components other than globals, bound as in `env` where the code had them without anybody's knowing; `spared` are
        known to be as they were. New values whose look takes more than so many `steps` are left unseen."""
        had = {name: was for name, was in left.items() if was is not None and env.bindings.get(name) is was}
        self.scope = self.scope.finding(had, env) if had else self.scope
        mutated = self._mutated(provenance, spared)
        after: dict[str, Binding | None] = {}
        for name, binding in self.scope.bindings.items():
            if binding in mutated:
                after[name] = mutated[binding]
        new = [(component_of(name), value) for name, value in self._rebound() if self._ours(name)]
        late = self._unseen([value for _, value in new], provenance, steps) if steps is not None else {}
        for name, value in new:
            after[name] = late.get(id(value)) or self._bind(value, provenance)
        for name, now in left.items():
            after[name] = self._bind(now.value, provenance) if now is not None and now.opaque else now
        for name in self.before:
            if name not in self.namespace and (component := component_of(name)) in env.bindings:
                after[component] = None
        same = frozenset(binding for binding in self.scope.bindings.values() if binding not in mutated)
        return Change(after, mutated, same, self._touched(mutated))

    def _unseen(self, values: Collection[Any], provenance: Digest, steps: int) -> dict[int, Binding]:
        """The values, by id, whose look takes more steps; the code changed nothing that it had not made."""
        each = {id(value): value for value in values}.values()
        dear = [value for value in each if self._is_dear(value, provenance, steps)]
        if not dear:
            return {}
        others = [self._fresh[id(value)] for value in each if not any(value is late for late in dear)]
        known = self.known

        def look(value: Any, is_lost: bool) -> Binding:
            return bind(value, known, provenance, was_opaque=is_lost)

        bound = Union.of((*self.scope.reachable.parts, *(binding.objects for binding in others)))
        unseen = Unseen(bound, look)
        return {id(value): Binding.not_seen(value, weight(value, known, bound.has), unseen) for value in dear}

    def _is_dear(self, value: Any, provenance: Digest, steps: int) -> bool:
        """Whether to look at a value takes more steps; if not it has been looked at."""
        if id(value) in self._fresh:
            return False
        began = time.perf_counter()
        try:
            self._fresh[id(value)] = bind(value, self.known, provenance, steps=steps)
        except TooDear:
            return True
        finally:
            self._seconds[id(value)] = time.perf_counter() - began
        return False

    def declare_handles(self) -> None:
        """What the code bound counts as handles from now on."""
        for name, value in self._rebound():
            if self._ours(name):
                self.known.declare(value)

    def _rebound(self) -> list[tuple[str, Any]]:
        """The names that the code bound, with their values."""
        return rebound(self.before, self.namespace)

    def _ours(self, name: str) -> bool:
        return self.managed(name) or name in self.scope.names.defs

    def _mutated(self, provenance: Digest, spared: Collection[Binding]) -> dict[Binding, Binding]:
        mutated: dict[Binding, Binding] = {}
        fresh: dict[Binding, Binding] = {}
        for binding in dict.fromkeys(self.scope.bindings.values()):
            if binding in spared:
                fresh[binding] = binding
                continue
            if binding.plain is not None and same_parts(binding.plain, plain_function(binding.value, self.known)):
                continue
            if binding.reach or binding.opaque or CALLBACKS in binding.names.words:
                origin = text_digest(provenance, binding.version) if binding.opaque else provenance
                now = fresh[binding] = self._bind(binding.value, origin, was_opaque=binding.opaque)
                if binding.opaque or now.version != binding.version:
                    mutated[binding] = now
        moved = {old: now for old, now in fresh.items() if old not in mutated and now.reach != old.reach}
        # As many objects, and others: one took the place of an equal one, which a new name may hold.
        swapped = {old for old, now in moved.items() if len(now.reach) == len(old.reach)}
        bound = self._bound() if swapped else frozenset[int]()
        for binding, now in moved.items():  # a private cache came or went, or it shares something else
            before = _shared(binding.reach, (old for old in fresh if old is not binding))
            others = (new for old, new in fresh.items() if old is not binding)
            if before == _shared(now.reach, others, bound if binding in swapped else frozenset()):
                binding.reach, binding.objects, binding.inside = now.reach, now.objects, now.inside
            else:
                mutated[binding] = now
        for binding in fresh:
            if binding not in mutated:
                self._fresh[id(binding.value)] = binding
        return mutated

    def _bound(self) -> frozenset[int]:
        """What the names reach that the code bound."""
        return frozenset[int]().union(*(bind(value, self.known, Digest("")).objects for _, value in self._rebound()))

    def _touched(self, mutated: Mapping[Binding, Binding]) -> frozenset[int]:
        changed = (self.scope.reachable.common(binding.objects) for binding in mutated)
        return Union.of(changed).whole()

    def _bind(self, value: Any, provenance: Digest, *, was_opaque: bool = False) -> Binding:
        found = self._fresh.get(id(value))
        if found is None:
            began = time.perf_counter()
            found = self._fresh[id(value)] = bind(value, self.known, provenance, was_opaque=was_opaque)
            self._seconds[id(value)] = time.perf_counter() - began
        return found

    def dearest(self, change: Change) -> tuple[str, float]:
        """The name of the value that took longest to digest and follow, and the seconds; no name where none did."""
        bindings = {**self.scope.bindings, **change.after}
        names = {id(binding.value): name for name, binding in bindings.items() if binding is not None}
        longest = max(self._seconds, key=self._seconds.__getitem__, default=0)
        return names.get(longest, ""), self._seconds.get(longest, 0.0)


def rebound(before: Mapping[str, Any], namespace: dict[str, Any]) -> list[tuple[str, Any]]:
    """The names that are bound to another object than before, with these; without a step in Python for each name."""
    now = namespace.copy()  # threads may be binding names
    had = map(before.get, now, repeat(_NEVER))
    return list(compress(now.items(), map(operator.is_not, had, now.values())))


def _shared(reach: Iterable[int], others: Iterable[Binding], more: frozenset[int] = frozenset()) -> list[int]:
    """The part of a reach that other bindings reach too, or that is among `more`."""
    known = more.union(*(binding.objects for binding in others))
    return [item for item in reach if item in known]


def bind(
    value: Any, known: Types, provenance: Digest, *, was_opaque: bool = False, steps: int | None = None
) -> Binding:
    """A binding for a live value: its version, or one made from its provenance when it has no digest.

    Raises:
        TooDear: it takes more `steps` than that.
    """
    try:
        if was_opaque:
            raise Opaque
        found = content(value, known, steps=steps)
        version, nbytes, opaque = found.digest, found.nbytes, False
    except Opaque:
        version, nbytes, opaque = text_digest("provenance", provenance), _OPAQUE_BYTES, True
    try:
        seen = survey(value, known, steps)  # after the digest, which may make an object fill its own caches
    except TooDear:
        raise
    except Exception:  # noqa: BLE001
        # An object that raises when it is followed may reach anything; code that has it reads everything.
        seen, opaque = Survey((id(value),), Names(everything=True)), True
    plain = plain_function(value, known)
    return Binding(value, version, seen.reach, seen.names, nbytes, opaque, plain=plain, inside=seen.inside)


def is_as_bound(binding: Binding, known: Types) -> bool:
    """Whether a value still has the version of its binding; one without a digest may have changed."""
    try:
        return content(binding.value, known).digest == binding.version
    except Opaque:
        return False


def plain_function(value: object, known: Types) -> tuple[object, ...] | None:
    """What a function without state of its own consists of; None for everything else.

    While these stay the same objects, none of which can change inside, the function needs no second digest.
    """
    if type(value) is not types.FunctionType or value.__closure__ is not None or value.__dict__ or value.__kwdefaults__:
        return None
    if not known.is_outside(value.__globals__):
        return None  # `exec` made it in a dict of its own
    inside = (*(value.__defaults__ or ()), *value.__annotations__.values())
    if not all(part is None or type(part) in _UNCHANGING or _is_builtin(part) for part in inside):
        return None
    names = value.__name__, value.__qualname__, value.__module__
    return (value.__code__, value.__doc__, *names, *inside, *value.__annotations__)


def _is_builtin(part: object) -> bool:
    return any(part is kind for kind in _UNCHANGING)


def same_parts(parts: tuple[object, ...], others: tuple[object, ...] | None) -> bool:
    """Whether a function consists of the very same objects as before."""
    return others is not None and len(parts) == len(others) and all(map(operator.is_, parts, others))
