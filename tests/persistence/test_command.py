"""`nbapp cache` on real results: what it lists, sums up, removes and finds wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nbapp.persistence.places import open_results
from tests.persistence.places import redis_server


def _cache(where: str, key: Path, *arguments: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "nbapp", "cache", *arguments, "--cache", where, "--cache-key", str(key)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def place(tmp_path: Path) -> tuple[str, Path]:
    """A folder with three results of two functions."""
    where, key = tmp_path / "results", tmp_path / "key"
    results = open_results({"where": str(where), "limit": 10**9, "key": str(key)})
    assert results is not None
    for owner, number, nbytes in (("load", 1, 4000), ("load", 2, 2_500_000), ("fit", 1, 100)):
        name = results.name(owner, str(number))
        assert name is not None
        results.put(name, {"of": f"__main__.{owner}", "seconds": 2.5, "made": 0}, [bytes(nbytes)])
    results.forget("nobody")  # leaves a mark that is no result
    return str(where), key


def test_it_lists_what_is_stored(place: tuple[str, Path]) -> None:
    code, out, _ = _cache(*place, "ls")
    assert code == 0
    assert out.count("__main__.load") == 2
    assert "2.5 MB  2.5 s" in out
    found = json.loads(_cache(*place, "ls", "--json")[1])
    assert sorted(row["of"] for row in found) == ["__main__.fit", "__main__.load", "__main__.load"]


def test_it_sums_up_by_function(place: tuple[str, Path]) -> None:
    _, out, _ = _cache(*place, "du")
    lines = [line.split() for line in out.splitlines()]
    assert lines[2] == ["__main__.load", "2", "2.5", "MB"]
    assert lines[3][:2] == ["__main__.fit", "1"]
    assert lines[4] == ["together", "3", "2.5", "MB"]


def test_it_makes_room(place: tuple[str, Path]) -> None:
    code, out, _ = _cache(*place, "prune", "--keep", "1MB")
    assert (code, "results are gone" in out) == (0, True)
    assert json.loads(_cache(*place, "prune", "--json")[1])["removed"] >= 1
    assert "nothing is stored" in _cache(*place, "ls")[1]
    assert _cache(*place, "prune", "--keep", "much")[0] == 2


def test_it_finds_what_is_damaged(place: tuple[str, Path]) -> None:
    where, key = place
    assert _cache(where, key, "verify")[:2] == (0, f"{where}:\n3 results, all are whole\n")
    damaged = max(Path(where).rglob("*.result"), key=lambda path: path.stat().st_size)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    code, out, _ = _cache(where, key, "verify")
    assert code == 3
    assert "1 are damaged, or somebody without the key wrote them" in out
    assert _cache(where, key, "verify", "--remove")[0] == 3
    assert _cache(where, key, "verify")[0] == 0
    assert not damaged.exists()


def test_a_place_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    code, _, said = _cache("redis://user:secret@127.0.0.1:9/0", tmp_path / "key", "ls")
    assert code == 2
    assert said.startswith("nbapp cache: redis://127.0.0.1:9/0 cannot be reached: ")
    assert "secret" not in said
    assert _cache("none", tmp_path / "key", "ls")[0] == 2
    assert "write it as in s3://bucket/folder" in _cache("nowhere://x", tmp_path / "key", "ls")[2]


def test_it_reads_other_places(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        assert _cache(url, tmp_path / "key", "verify")[:2] == (0, f"{url}:\n0 results, all are whole\n")
