"""sympy: expressions, which never change once they are made.

What they lead to is sympy's own: its facts of numbers, and numbers that it makes once for all. So two expressions
share nothing that a cell could change. Their pickle leaves out what some keep in slots, such as a polynomial's domain.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MemberDescriptorType
from typing import Any

from nbapp.libraries.profile import Profile, by_name
from nbapp.values.types import Adapter, reaches_nothing

_MEMOS = frozenset({"_mhash", "_args", "_assumptions", "is_commutative"})


def _parts(expression: Any) -> object:
    return expression.__reduce_ex__(5)[1], _slots(expression), _attributes(expression)


def _reach(expression: Any) -> Iterable[object]:
    return *expression._args, *_attributes(expression).values()


def _slots(expression: Any) -> dict[str, object]:
    members = (member for base in type(expression).__mro__ for member in vars(base).values())
    slots = {member.__name__: member for member in members if isinstance(member, MemberDescriptorType)}
    return {name: getattr(expression, name, None) for name in sorted(slots.keys() - _MEMOS)}


def _attributes(expression: Any) -> dict[str, object]:
    """What the author hangs on an expression of a class of their own; sympy keeps memos there."""
    is_own = not str(type(expression).__module__).startswith("sympy.")
    return dict(getattr(expression, "__dict__", {})) if is_own else {}


# What sympy hangs on the class of each `Function("f")`: facts, with rules that grow as they are used; a helper of all.
_FACTS = Adapter(parts=lambda facts: sorted(dict.items(facts)), reach=reaches_nothing, shared=False)
_HELPER = Adapter(reach=reaches_nothing, shared=False)

PROFILE = Profile(
    lookups={
        "sympy": by_name(
            {
                "Basic": Adapter(parts=_parts, reach=_reach, shared=False),
                "RegularPolygon": Adapter(parts=_parts, reach=_reach),  # the only one with methods that change it
                "FactKB": _FACTS,
                "UndefSageHelper": _HELPER,
            }
        )
    }
)
