"""Hashes of the same values by one library; runs in the environment of that library. Prints JSON.

Called as `python hashers.py LIBRARY REPEATS`. It imports nothing of this folder.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import logging
import pickle
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

Hasher = Callable[[Any], object]
TOO_LONG = 20.0  # seconds; what takes longer is measured once


def values() -> Iterator[tuple[str, Any]]:
    """What is hashed, one at a time."""
    rng = np.random.default_rng(0)
    yield "array, 5 million float64", rng.random(5_000_000)
    yield "DataFrame, 5 million rows of 4 numbers", pd.DataFrame(rng.random((5_000_000, 4)), columns=list("abcd"))
    rows = 1_000_000
    words = np.array([f"station {number}" for number in range(1000)], dtype=object)
    yield (
        "DataFrame, 1 million mixed rows",
        pd.DataFrame(
            {
                "count": rng.integers(0, 100, rows),
                "level": rng.random(rows),
                "wet": rng.random(rows) < 0.5,
                "day": pd.date_range("2000-01-01", periods=rows, freq="min"),
                "station": words[rng.integers(0, 1000, rows)],
            }
        ),
    )
    yield "list of 100,000 dicts", [{"id": i, "name": f"row {i}", "score": i / 7} for i in range(100_000)]
    yield "array, 1 GB", np.arange(2**27, dtype=float)


def nbapp() -> Hasher:
    """What nbapp does for each value that a cell may have changed."""
    digest = importlib.import_module("nbapp.values.digest").digest
    types, lookups = importlib.import_module("nbapp.values.types"), importlib.import_module("nbapp.libraries").LOOKUPS
    return lambda value: digest(value, types.Types({}, lookups))


def joblib() -> Hasher:
    """`joblib.hash`: pickle and md5."""
    hasher: Hasher = importlib.import_module("joblib").hash
    return hasher


def dask() -> Hasher:
    """`dask.base.tokenize`."""
    hasher: Hasher = importlib.import_module("dask.base").tokenize
    return hasher


def streamlit() -> Hasher:
    """What st.cache_data does with each argument; it samples large arrays and frames."""
    logging.disable(logging.WARNING)
    hashing = importlib.import_module("streamlit.runtime.caching.hashing")
    kind = importlib.import_module("streamlit.runtime.caching.cache_type").CacheType.DATA

    def hasher(value: Any) -> object:
        sink = hashlib.new("md5", usedforsecurity=False)
        hashing.update_hash(value, sink, kind)
        return sink.hexdigest()

    return hasher


def marimo() -> Hasher:
    """What mo.cache does with content it can hash; of the rest it hashes the source of what made it."""
    encode, kinds = importlib.import_module("marimo._save.encode"), importlib.import_module("marimo._save.hash")

    def hasher(value: Any) -> object:
        if kinds.is_data_primitive(value):
            content = encode.data_to_buffer(value)
        elif kinds.is_data_primitive_container(value):
            content = encode.common_container_to_bytes(value)
        else:
            raise TypeError("not by its content")
        return hashlib.new(kinds.DEFAULT_HASH, content).digest()

    return hasher


def timed(hasher: Hasher, value: Any, repeats: int) -> dict[str, Any]:
    """Seconds of each hash of a value, or why there is none."""
    taken: list[float] = []
    while len(taken) < repeats and sum(taken) < TOO_LONG:
        gc.collect()
        began = time.perf_counter()
        try:
            hasher(value)
        except Exception as error:  # noqa: BLE001 -- whatever a library refuses a value with is its result
            return {"refused": f"{type(error).__name__}: {error}"[:200]}
        taken.append(time.perf_counter() - began)
    return {"seconds": taken}


def plain(value: Any, repeats: int) -> dict[str, Any]:
    """xxh3-128 over a value's pickle and buffers; the time of pickling does not count."""
    xxh3 = importlib.import_module("xxhash").xxh3_128
    buffers: list[pickle.PickleBuffer] = []
    pickled = memoryview(pickle.dumps(value, 5, buffer_callback=buffers.append))
    parts = [pickled, *(buffer.raw() for buffer in buffers)]

    def hasher(_: Any) -> object:
        sink = xxh3()
        for part in parts:
            sink.update(part)
        return sink.digest()

    return {**timed(hasher, None, repeats), "bytes": sum(part.nbytes for part in parts)}


LIBRARIES = {function.__name__: function for function in (nbapp, joblib, dask, streamlit, marimo)}


def main() -> None:
    """Measure one library."""
    library, repeats = sys.argv[1], int(sys.argv[2])
    hasher = None if library == "plain" else LIBRARIES[library]()
    found = {}
    for name, value in values():
        found[name] = timed(hasher, value, repeats) if hasher else plain(value, repeats)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
