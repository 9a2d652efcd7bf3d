"""Real places for results: a folder, a Redis server and an S3 server on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbapp.persistence.blobs import Blobs
from nbapp.persistence.places import blobs
from nbapp.persistence.results import Results

KEY = bytes(range(32))


def results(where: Path | str, limit: int = 10**7, key: bytes = KEY) -> Results:
    """The results at a place."""
    there = where if isinstance(where, str) else str(where)
    return Results(blobs(there), key, limit, there)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis server; its URL."""
    program = shutil.which("redis-server")
    assert program is not None, "make redis installs it"
    socket_path = folder / "redis.sock"
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(socket_path), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        _until(socket_path.exists)
        yield f"unix://{socket_path}"
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def s3_server() -> Iterator[str]:
    """An S3 server with a bucket; the URL of a folder in it."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=free_port(), verbose=False)
    server.start()
    told = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server._port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        boto3.client("s3").create_bucket(Bucket="apps")
        yield "s3://apps/results"
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        server.stop()


def _until(holds: object, seconds: float = 20) -> None:
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


__all__ = ["KEY", "Blobs", "free_port", "redis_server", "results", "s3_server"]
