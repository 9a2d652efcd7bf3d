"""Results at real places: what comes back, what does not, and what goes first when there is no room."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import redis

from nbapp.persistence.blobs import Blobs, Claim
from nbapp.persistence.folder import Folder
from nbapp.persistence.places import blobs
from nbapp.persistence.results import Results
from tests.persistence.places import KEY, redis_server, results


def _name(there: Results, key: str = "one", owner: str = "load") -> str:
    name = there.name(owner, key)
    assert name is not None
    return name


def _bytes(there: Results, name: str) -> list[bytes] | None:
    entry = there.find(name)
    return [bytes(part) for part in entry.parts] if entry is not None else None


def test_what_one_keeps_another_finds(where: str) -> None:
    """Two processes would share no more than the place and the key, as these two do."""
    writer, reader = results(where), results(where)
    assert _bytes(reader, _name(reader)) is None
    writer.put(_name(writer), {"of": "load"}, [b"stream", b"", memoryview(b"buffer")])
    assert _bytes(reader, _name(reader)) == [b"stream", b"", b"buffer"]
    entry = reader.find(_name(reader))
    assert entry is not None
    assert entry.header["of"] == "load"
    assert _bytes(reader, _name(reader, "another")) is None
    assert _bytes(reader, _name(reader, owner="save")) is None


def test_who_has_another_key_finds_nothing(where: str) -> None:
    """The place may be one that others write to."""
    results(where).put(_name(results(where)), {}, [b"code"])
    stranger = results(where, key=bytes(32))
    assert stranger.find(_name(stranger)) is None


def test_what_is_forgotten_is_gone_also_when_it_was_being_computed(where: str) -> None:
    """A result that was begun before is stored under a name that nobody asks for."""
    one, other = results(where), results(where)
    one.put(_name(one), {}, [b"old"])
    begun = _name(other, "two")
    one.forget("load")
    other.put(begun, {}, [b"late"])
    assert other.find(_name(other)) is None
    assert other.find(_name(other, "two")) is None
    other.put(_name(other, "two"), {}, [b"new"])
    assert _bytes(one, _name(one, "two")) == [b"new"]


def test_forgetting_leaves_other_owners_alone(where: str) -> None:
    """A function's name is its own."""
    there = results(where)
    there.put(_name(there, owner="save"), {}, [b"kept"])
    there.forget("load")
    assert _bytes(there, _name(there, owner="save")) == [b"kept"]


def test_the_least_recently_used_go_first(where: str) -> None:
    """The place stays within its limit, and what was read lately stays. A store of objects knows no reads."""
    there = results(where, limit=10_000)
    for number in range(4):
        there.put(_name(there, str(number)), {}, [bytes(2000)])
        time.sleep(1.1 if where.startswith("s3:") else 0.02)  # S3 tells whole seconds
    assert there.find(_name(there, "0")) is not None
    gone = there.prune(5000)
    assert {each.name for each in gone} >= {_name(there, "1")}
    assert sum(each.nbytes for each in there.blobs.stored()) <= 5000
    if not where.startswith("s3:"):
        assert there.find(_name(there, "0")) is not None


def test_writing_makes_room(where: str) -> None:
    """Ten times what fits: never more than the limit."""
    there = results(where, limit=10_000)
    for number in range(50):
        there.put(_name(there, str(number)), {}, [bytes(2000)])
        assert sum(each.nbytes for each in there.blobs.stored()) <= 10_000
    assert there.find(_name(there, "49")) is not None


def test_what_is_larger_than_all_is_not_kept(where: str) -> None:
    """Nor does it push out what is there."""
    there = results(where, limit=10_000)
    there.put(_name(there), {}, [b"small"])
    there.put(_name(there, "large"), {}, [bytes(20_000)])
    assert there.find(_name(there, "large")) is None
    assert _bytes(there, _name(there)) == [b"small"]


def test_one_computes_at_a_time(where: str) -> None:
    """Where the place knows locks; they are free again afterwards."""
    first, second = blobs(where).claim("a/b"), blobs(where).claim("a/b")
    if where.startswith("s3:"):
        assert first is None
        return
    assert first is not None
    assert second is not None
    assert first.take()
    assert not second.take()
    other = blobs(where).claim("a/c")
    assert other is not None
    assert other.take()
    other.release()
    first.release()
    assert second.take()
    second.release()


class _Full:
    """A place that is full, or gone."""

    poll = 0.0

    def __init__(self, there: Blobs) -> None:
        self._there = there
        self.get, self.remove, self.stored = there.get, there.remove, there.stored
        self.claim, self.sweep, self.close = there.claim, there.sweep, there.close

    def put(self, name: str, parts: object) -> None:
        """Refuse."""
        raise OSError(28, "No space left on device")


def test_a_full_place_is_told_once_and_costs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The app goes on."""
    there = Results(_Full(Folder(tmp_path)), KEY, 10**6, str(tmp_path))
    for _ in range(3):
        there.put(_name(there), {}, [b"x"])
        there.forget("load")
    assert there.find(_name(there)) is None
    assert [record.getMessage() for record in caplog.records] == [
        f"results in {tmp_path} cannot be {done}: [Errno 28] No space left on device; the app goes on without them"
        for done in ("written", "cleared")
    ]


def test_a_place_without_locks_has_its_results_computed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A lock that cannot be made is no fault of who computes, and the place is not asked for each result."""
    asked = list[str]()

    class Refuses(_Full):
        """A lock is asked for, and cannot be written."""

        def __init__(self, there: Blobs) -> None:
            super().__init__(there)
            self.claim = self._claim

        def _claim(self, name: str) -> Claim | None:
            return self

        def take(self) -> bool:
            asked.append("")
            raise OSError(28, "No space left on device")

        def release(self) -> None:
            """Nobody has it."""

    there, now = Results(Refuses(Folder(tmp_path)), KEY, 10**6, str(tmp_path)), [0.0]
    there.troubles.clock = lambda: now[0]
    for _ in range(3):
        assert there.may_compute(_name(there)) == (True, None)
        there.put(_name(there), {}, [b"x"])
    assert len(asked) == 1
    now[0] = 31.0
    assert there.may_compute(_name(there)) == (True, None)
    assert (len(asked), caplog.text.count("cannot be written")) == (2, 1)


def test_what_a_full_redis_server_has_is_found_and_it_is_used_again_once_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_server(tmp_path) as url:
        there, now = results(url), [0.0]
        there.troubles.clock = lambda: now[0]
        there.put(_name(there), {}, [b"before"])
        server = redis.Redis.from_url(url)
        server.config_set("maxmemory", "1")
        there.put(_name(there, "two"), {}, [b"full"])
        assert there.may_compute(_name(there, "two")) == (True, None)
        assert (_bytes(there, _name(there)), there.find(_name(there, "two"))) == ([b"before"], None)
        server.config_set("maxmemory", "0")
        now[0] = 31.0
        there.put(_name(there, "two"), {}, [b"room"])
        assert _bytes(there, _name(there, "two")) == [b"room"]
    assert [record.getMessage().partition(" in ")[2].removeprefix(url)[:22] for record in caplog.records] == [
        " cannot be written: Ou",
        " can be written again",
    ]


def test_a_server_that_is_not_there_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """A Redis server that was stopped: no name, no result, no exception."""
    there = results("redis://127.0.0.1:9/0")
    assert there.name("load", "one") is None
    assert there.name("load", "two") is None
    there.forget("load")
    assert ["cannot be read" in record.getMessage() for record in caplog.records] == [True, False]
