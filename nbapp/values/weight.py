"""About how many bytes a value holds, by a sample: where to count them would take longer than to make the value."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from itertools import islice
from types import MethodDescriptorType
from typing import Any

from nbapp.values.types import Types

_SAMPLE = 100  # objects of each layer, and of each of those
_DEEP = 8  # layers


def _nobodys(part: object) -> bool:
    return False


def weight(value: object, known: Types, is_others: Callable[[object], bool] = _nobodys) -> int:
    """The bytes of a value and of what it holds, about, without those parts that others have."""
    layer, each, total = [value], 1.0, 0.0  # `each` is for how many objects one of the sample stands
    counted = set[int]()
    for _ in range(_DEEP):
        counted.update(map(id, layer))
        total += each * sum(_size(part, known) for part in layer)
        found = [_inside(part, known) for part in layer]
        sample = [part for _, parts in found for part in parts]
        layer = sample[:: len(sample) // _SAMPLE + 1]
        if not layer:
            break
        each *= sum(count for count, _ in found) / len(layer)
        once = {id(part): part for part in layer if id(part) not in counted and not is_others(part)}
        layer = list(once.values())
    return int(total)


def _inside(value: Any, known: Types) -> tuple[int, list[object]]:
    """How many objects a value holds, and some of them."""
    if type(value) is list or type(value) is tuple:
        return len(value), list(value[:: len(value) // _SAMPLE + 1])
    if type(value) is dict:
        return 2 * len(value), [part for item in islice(value.items(), _SAMPLE) for part in item]
    found = [part for part in gc.get_referents(value) if not isinstance(part, type)]
    holds = known.adapter(type(value)).holds
    if holds is not None:
        found += holds(value)
    return len(found), found[:: len(found) // _SAMPLE + 1]


def _size(value: object, known: Types) -> int:
    """Its own bytes, where no code of the author's is asked for them."""
    kind = type(value)
    nbytes = known.adapter(kind).nbytes
    if nbytes is not None:
        try:
            return nbytes(value)
        except Exception:  # noqa: BLE001, S110 -- a tensor without memory, a deleted one: a library raises what it likes
            pass
    is_plain = type(type.__getattribute__(kind, "__sizeof__")) is MethodDescriptorType
    return sys.getsizeof(value) if is_plain else object.__sizeof__(value)
