"""Which values a cell cannot have changed, because all that it does to what it did not make is to read it.

Theory of operation. What a cell may reach is known by class: the survey of each binding tells them, and the notebook's
functions among them. When all are plain data of known classes, then they can only be changed by what the author's code
says: the cell's own, and that of every function that it can come by, called or not, for whoever calls it. `operations`
tells what code loads, calls and stores, and every load of a library's function or method is looked up in the facts of
its profile. So the cell has an effect (`effects`): the families of values that it may change, or any. A binding that
holds no value of these families is as it was. In doubt an effect is "any", and then digests tell, as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbapp.core.memos.env import is_global
from nbapp.core.memos.memo import Binding
from nbapp.readonly import classes
from nbapp.readonly.effects import CODE, CellEffects, is_of
from nbapp.readonly.functions import Functions
from nbapp.readonly.knowledge import Effect, Knowledge
from nbapp.readonly.operations import Operations
from nbapp.values.types import Types

_REMEMBERED = 500  # cells, with what they read


@dataclass(slots=True)
class ReadOnly:
    """Decides for the cells of one kernel."""

    known: Types
    knowledge: Knowledge
    functions: Functions
    _decided: dict[tuple[object, ...], tuple[Effect, list[type], object]] = field(default_factory=dict)

    def unchanged(self, cell: Operations, reads: Mapping[str, Binding]) -> frozenset[Binding]:
        """The bindings, of those that a cell reads, that it cannot have changed."""
        bindings = [binding for name, binding in reads.items() if is_global(name)]
        if cell.writes or not any(binding.reach for binding in bindings):
            return frozenset()
        effect = self._effect(cell, reads)
        if effect is None:
            return frozenset()
        return frozenset(binding for binding in bindings if not binding.opaque and self._is_spared(binding, effect))

    def doubt(self, cell: Operations, reads: Mapping[str, Binding]) -> str | None:
        """In words for the author, why the cell may do more than read; None when it does not."""
        self.knowledge.look()
        return CellEffects(self.knowledge, self.known, self.functions, cell, reads).doubt()

    def _effect(self, cell: Operations, reads: Mapping[str, Binding]) -> Effect:
        """What the cell may change; the same as the last time while it reads the same code and classes."""
        self.knowledge.look()
        code = [binding.value if is_of(binding.value, CODE) else None for binding in reads.values()]
        inside = [binding.inside for binding in reads.values()]
        code += [function.__code__ for each in inside for function in (*each.functions, *each.methods)]
        key = (self.knowledge.revision, id(cell), *reads, *map(id, inside), *map(id, code))
        if key not in self._decided:
            if len(self._decided) > _REMEMBERED:
                self._decided.clear()
            held = cell, inside, code  # so that no other object has one of their ids
            effects = CellEffects(self.knowledge, self.known, self.functions, cell, reads)
            self._decided[key] = effects.found(), effects.classes, held
        effect, own, _ = self._decided[key]
        is_plain = all(classes.is_plain(kind, self.known) for kind in own)  # a class may hold something else by now
        return effect if is_plain else None

    def _is_spared(self, binding: Binding, effect: frozenset[str]) -> bool:
        return not effect or all(self.knowledge.family(kind) not in effect for kind in binding.inside.kinds)
