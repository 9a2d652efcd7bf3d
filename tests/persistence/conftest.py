"""Each kind of place for results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.persistence.places import redis_server, s3_server


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A folder on an S3 server."""
    with s3_server() as url:
        yield url


@pytest.fixture(params=["folder", "redis", "s3"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A place of each kind."""
    if request.param == "folder":
        yield str(tmp_path / "results")
    elif request.param == "s3":
        yield f"{request.getfixturevalue('s3')}/{tmp_path.name}"
    else:
        with redis_server(tmp_path) as url:
            yield url
