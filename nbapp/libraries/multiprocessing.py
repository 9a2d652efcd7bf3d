"""Memory that processes share, by what is in it; pools, managers and locks stand for something outside."""

from __future__ import annotations

from pickle import PickleBuffer
from typing import Any

from nbapp.libraries.handles import HANDLE
from nbapp.libraries.profile import Profile, by_name
from nbapp.values.types import Adapter


def _memory(memory: Any) -> object:
    """Its pickle says its name alone. One that was closed has no buffer."""
    return memory.name, memory.size, memory.buf and PickleBuffer(memory.buf)


_ADAPTERS = {
    **dict.fromkeys(("Pool", "BaseManager", "Lock", "RLock", "Semaphore", "Condition"), HANDLE),
    "SharedMemory": Adapter(parts=_memory, reach=lambda memory: (memory.buf,)),
    "ShareableList": Adapter(parts=lambda items: (items.shm.name, list(items)), reach=lambda items: (items.shm,)),
}

PROFILE = Profile(lookups={"multiprocessing": by_name(_ADAPTERS)})
