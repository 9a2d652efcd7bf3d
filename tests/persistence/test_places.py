"""Servers that try whether their place can be written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nbapp.persistence.places import Place, blobs, usable


def test_servers_that_start_at_once_do_not_take_each_others_trial_away(where: str, tmp_path: Path) -> None:
    place: Place = {"where": where, "limit": 10**7, "key": str(tmp_path / "key"), "is_default": False}
    usable(place)
    with ThreadPoolExecutor(8) as servers:
        assert list(servers.map(lambda _: usable(place), range(24))) == [place] * 24
    assert list(blobs(where).stored()) == []
