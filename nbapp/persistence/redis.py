"""Results in a Redis server, which many machines share: a value for each, and a lock for who computes one."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbapp.errors import UsageError
from nbapp.persistence.blobs import Stored, as_os_error

_PREFIX = "nbapp:"
# Seconds without an answer: whoever moves a control waits for it. What is written may be large, and takes its time.
_PATIENCE, _TO_WRITE = 3.0, 30.0
_LOCKED = 30.0  # seconds that a lock outlives a process that ended without giving it back
_USED = "nbapp-used"  # a sorted set: when each value was used
_SIZES = "nbapp-sizes"  # a hash: the bytes of each value


@dataclass(slots=True)
class RedisClaim:
    """A lock with a time limit, which a thread renews while it is held."""

    lock: Any
    _over: threading.Event = field(default_factory=threading.Event)

    def take(self) -> bool:
        """Take it, unless another has it."""
        with as_os_error():
            taken = bool(self.lock.acquire(blocking=False))
        if taken:
            threading.Thread(target=self._renew, name="nbapp-claim", daemon=True).start()
        return taken

    def _renew(self) -> None:
        while not self._over.wait(_LOCKED / 3):
            try:
                self.lock.reacquire()
            except Exception:  # noqa: BLE001 -- the server is gone, or the lock: another may compute, which costs time only
                return

    def release(self) -> None:
        """Give it back; one that was lost meanwhile is another's."""
        self._over.set()
        with contextlib.suppress(Exception):
            self.lock.release()


@dataclass(frozen=True, slots=True)
class Redis:
    """A database of a Redis server. `writer`: a client of the same that has time for what is large."""

    client: Any
    writer: Any
    poll: float = 0.1

    @classmethod
    def at(cls, url: str) -> Redis:
        """The database at a URL, as in `redis://host:6379/0`.

        Raises:
            UsageError: the package redis is not installed, or the URL makes no sense.
        """
        try:
            import redis  # noqa: PLC0415 -- an extra
            from redis.backoff import NoBackoff  # noqa: PLC0415 -- the same
            from redis.retry import Retry  # noqa: PLC0415 -- the same

            again = Retry(NoBackoff(), 1, (redis.ConnectionError,))  # at once: the server may have been started anew
            known = {"socket_connect_timeout": _PATIENCE, "retry": again}
            quick, patient = (
                redis.Redis.from_url(url, socket_timeout=seconds, **known) for seconds in (_PATIENCE, _TO_WRITE)
            )
            return cls(quick, patient)
        except ImportError as error:
            raise UsageError(f"--cache redis://...: {error}", "pip install 'nbapp[cache]'") from error
        except ValueError as error:
            raise UsageError(f"--cache redis://...: {error}", "write it as in redis://host:6379/0") from error

    def get(self, name: str, most: int, *, is_use: bool = True) -> bytes | None:
        """The value."""
        with as_os_error():
            if self.client.strlen(_PREFIX + name) > most:
                return None
            found: bytes | None = self.client.get(_PREFIX + name)
            if found is not None and is_use:
                with contextlib.suppress(Exception):  # a server that is full: then it is not known what was used
                    self.client.zadd(_USED, {name: time.time()}, xx=True)
        return found

    def put(self, name: str, parts: Sequence[bytes | memoryview]) -> None:
        """Write a value."""
        data = b"".join(parts)
        with as_os_error():
            together = self.writer.pipeline(transaction=True)
            together.set(_PREFIX + name, data)
            together.zadd(_USED, {name: time.time()})
            together.hset(_SIZES, name, len(data))
            together.execute()

    def remove(self, name: str) -> None:
        """Take a value away."""
        with as_os_error():
            together = self.client.pipeline(transaction=True)
            together.delete(_PREFIX + name)
            together.zrem(_USED, name)
            together.hdel(_SIZES, name)
            together.execute()

    def stored(self, owner: str | None = None) -> Iterator[Stored]:
        """Each value with its size and when it was used; values that the server itself dropped are left out."""
        with as_os_error():
            used, sizes = self.client.zrange(_USED, 0, -1, withscores=True), self.client.hgetall(_SIZES)
        for name, when in used:
            text = name.decode()
            if owner is None or text.startswith(f"{owner}/"):
                yield Stored(text, int(sizes.get(name, 0)), when)

    def claim(self, name: str) -> RedisClaim:
        """A lock beside the value."""
        return RedisClaim(self.client.lock(f"{_PREFIX}lock:{name}", timeout=_LOCKED, thread_local=False))

    def close(self) -> None:
        """Close all connections."""
        for each in (self.client, self.writer):
            each.connection_pool.disconnect()

    def sweep(self) -> None:
        """What the server dropped is not counted any more."""
        with as_os_error():
            for name in self.client.zrange(_USED, 0, -1):
                if not self.client.exists(_PREFIX.encode() + name):
                    self.client.zrem(_USED, name)
                    self.client.hdel(_SIZES, name)
