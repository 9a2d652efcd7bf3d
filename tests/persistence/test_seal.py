"""Nothing is read that someone without the key wrote or changed; the key is the user's alone."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nbapp.errors import UsageError
from nbapp.persistence.seal import is_private, read_key, seal, unseal
from tests.persistence.places import KEY


def _sealed(name: str = "a/b", *parts: bytes) -> bytes:
    return b"".join(seal(KEY, name, {"of": "load"}, parts or (b"stream", b"buffer" * 50)))


def test_an_entry_comes_back() -> None:
    """Header and parts."""
    entry = unseal(KEY, "a/b", _sealed())
    assert entry is not None
    assert entry.header["of"] == "load"
    assert [bytes(part) for part in entry.parts] == [b"stream", b"buffer" * 50]


def test_ten_thousand_tampered_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut, flipped, lengthened, swapped, zeroed: none is accepted, and none is even parsed."""

    def parsed(*_: object) -> None:
        raise AssertionError("something unproved was parsed")

    data, chance = _sealed(), random.Random(7)
    other = _sealed("a/b", b"another", b"result" * 50)
    monkeypatch.setattr(json, "loads", parsed)
    for _ in range(10_000):
        tampered, at = bytearray(data), chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                del tampered[at:]
            case 1:
                tampered[at] ^= 1 << chance.randrange(8)
            case 2:
                tampered += bytes(chance.randrange(1, 100))
            case 3:
                tampered[at:] = bytes(len(data) - at)
            case _:
                tampered[at:] = other[at:]
        if bytes(tampered) not in (data, other):
            assert unseal(KEY, "a/b", bytes(tampered)) is None


def test_an_entry_in_the_place_of_another_is_refused() -> None:
    """Swapped files: both seals are right, and neither is where it belongs."""
    assert unseal(KEY, "a/c", _sealed("a/b")) is None


def test_what_is_read_with_another_key_is_refused() -> None:
    """Also with one that differs in one bit."""
    assert unseal(bytes([1, *KEY[1:]]), "a/b", _sealed()) is None


def test_the_key_is_made_once(tmp_path: Path) -> None:
    """Twenty at a time get the same one, and it is for this user alone."""
    path = tmp_path / "deep" / "cache-key"
    with ThreadPoolExecutor(20) as pool:
        keys = set(pool.map(lambda _: read_key(path), range(20)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["cache-key"]


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602])
def test_a_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    """With the remedy."""
    path = tmp_path / "key"
    read_key(path)
    path.chmod(mode)
    with pytest.raises(UsageError, match=r"not yours alone.*chmod 600"):
        read_key(path)


def test_a_key_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    """With the remedy."""
    path = tmp_path / "key"
    path.touch(mode=0o600)
    with pytest.raises(UsageError, match=r"0 bytes, not 32.*delete it"):
        read_key(path)


@pytest.mark.parametrize(
    ("mode", "owner", "is_ours"),
    [
        (0o600, 1000, True),
        (0o400, 0, True),
        (0o640, 1000, False),  # who is in the group of a file of ours?
        (0o440, 0, True),  # a secret that Kubernetes mounts
        (0o460, 0, False),
        (0o444, 0, False),
        (0o600, 1001, False),
    ],
)
def test_a_key_is_ours_alone_or_root_lends_it_to_our_group(mode: int, owner: int, is_ours: bool) -> None:
    assert is_private(mode, owner, user=1000) is is_ours
