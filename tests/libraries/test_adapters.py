"""Values of other libraries: equal contents have equal digests, any change shows, and reading changes nothing."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import functools
import gc
import io
import logging
import pickle
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import LogNorm
from PIL import Image
from scipy.spatial import Delaunay
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KernelDensity, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from nbapp.libraries import LOOKUPS, shared_memory
from nbapp.values.digest import Digest, Opaque, content, digest
from nbapp.values.survey import survey
from nbapp.values.types import TooDear, Types

KNOWN = Types({"__name__": "__main__"}, LOOKUPS)
X, Y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2


def of(value: object) -> Digest:
    return digest(value, KNOWN)


def linked(one: object, other: object) -> bool:
    reach = set(survey(one, KNOWN).reach)
    return not reach.isdisjoint(survey(other, KNOWN).reach)


def image(mode: str = "RGB", size: tuple[int, int] = (3, 2), colour: Any = 0) -> Image.Image:
    return Image.new(mode, size, colour)


def opened(**info: Any) -> Image.Image:
    file = io.BytesIO()
    image().save(file, "png", **info)
    return Image.open(io.BytesIO(file.getvalue()))


def paletted(*colours: int) -> Image.Image:
    found = image("P")
    found.putpalette(colours)
    return found


def noted(value: Any, **notes: Any) -> Any:
    for name, note in notes.items():
        setattr(value, name, note)
    return value


def gappy(filler: int) -> Any:
    memory = np.full(2, filler, "i8")
    array = memory.view(np.dtype({"names": ["a"], "formats": ["i2"], "offsets": [0], "itemsize": 8}))
    array["a"] = 1
    return array


DAY = dt.date(2024, 2, 29)
DIFFERENT: dict[str, list[Callable[[], Any]]] = {
    "polars numbers": [
        lambda: pl.Series("a", [1, 2]),
        lambda: pl.Series("b", [1, 2]),
        lambda: pl.Series("a", [1, 3]),
        lambda: pl.Series("a", [1, None]),
        lambda: pl.Series("a", [1, 0]),
        lambda: pl.Series("a", [1, 2], dtype=pl.Int32),
        lambda: pl.Series("a", [1.0, 2.0]),
        lambda: pl.Series("a", [1.0, float("nan")]),
        lambda: pl.Series("a", [], dtype=pl.Int64),
        lambda: pl.Series("a", [], dtype=pl.Int32),
    ],
    "polars text": [
        lambda: pl.Series(["ab", "c"]),
        lambda: pl.Series(["a", "bc"]),
        lambda: pl.Series(["ab", None, "c"]),
        lambda: pl.Series(["ab", "", "c"]),
        lambda: pl.Series([b"ab", b"c"]),
        lambda: pl.Series(["ab", "c"], dtype=pl.Categorical),
        lambda: pl.Series(["ab", "c"], dtype=pl.Enum(["ab", "c"])),
        lambda: pl.Series(["ab", "c"], dtype=pl.Enum(["c", "ab"])),
    ],
    "polars nests": [
        lambda: pl.Series([[1], [2, 3]]),
        lambda: pl.Series([[1, 2], [3]]),
        lambda: pl.Series([[1], [], [2, 3]]),
        lambda: pl.Series([[1], None, [2, 3]]),
        lambda: pl.Series([[1], [None], [2, 3]]),
        lambda: pl.Series([{"a": 1, "b": "x"}]),
        lambda: pl.Series([{"a": 1, "b": "y"}]),
        lambda: pl.Series([{"a": None, "b": None}], dtype=pl.Struct({"a": pl.Int64, "b": pl.String})),
        lambda: pl.Series([None], dtype=pl.Struct({"a": pl.Int64, "b": pl.String})),
        lambda: pl.Series([[1, 2]], dtype=pl.Array(pl.Int64, 2)),
    ],
    "polars times": [
        lambda: pl.Series([DAY]),
        lambda: pl.Series([DAY]).cast(pl.Datetime("us")),
        lambda: pl.Series([DAY]).cast(pl.Datetime("ms")),
        lambda: pl.Series([DAY]).cast(pl.Datetime("ms", "UTC")),
        lambda: pl.Series([dt.timedelta(1)]),
        lambda: pl.Series([dt.time(1)]),
        lambda: pl.Series([True]),
        lambda: pl.Series([False]),
    ],
    "polars frames": [
        lambda: pl.DataFrame({"a": [1], "b": [2]}),
        lambda: pl.DataFrame({"b": [2], "a": [1]}),
        lambda: pl.DataFrame({"a": [1]}),
        lambda: pl.DataFrame({"a": [1], "b": ["2"]}),
        lambda: pl.DataFrame(),
        lambda: pl.Series("a", [1]),
        lambda: pl.DataFrame({"a": [1]}).lazy(),
        lambda: pl.DataFrame({"a": [2]}).lazy(),
        lambda: pl.DataFrame({"a": [1]}).lazy().filter(pl.col("a") > 0),
        lambda: pl.DataFrame({"a": [1]}).lazy().filter(pl.col("a") > 1),
    ],
    "arrow arrays": [
        lambda: pa.array([1, 2]),
        lambda: pa.array([1, 3]),
        lambda: pa.array([1, None]),
        lambda: pa.array([1, 0]),
        lambda: pa.array([1, 2], pa.int32()),
        lambda: pa.array([1.0, 2.0]),
        lambda: pa.chunked_array([[1, 2]]),
        lambda: pa.array(["ab", "c"]),
        lambda: pa.array(["a", "bc"]),
        lambda: pa.array(["ab", None, "c"]),
        lambda: pa.array(["ab", "", "c"]),
        lambda: pa.array(["ab", "c"], pa.large_string()),
        lambda: pa.array(["ab", "c"], pa.string_view()),
        lambda: pa.array([b"ab", b"c"]),
        lambda: pa.array(["ab", "c"]).dictionary_encode(),
        lambda: pa.array([True, False]),
        lambda: pa.array([True, None]),
        lambda: pa.array([[1], [2, 3]]),
        lambda: pa.array([[1, 2], [3]]),
        lambda: pa.array([{"a": 1}]),
        lambda: pa.array([{"a": None}], pa.struct({"a": pa.int64()})),
        lambda: pa.array([None], pa.struct({"a": pa.int64()})),
        lambda: pa.array([None, None]),
        lambda: pa.array([DAY]),
        lambda: pa.array([], pa.int64()),
        lambda: pa.array([], pa.int32()),
    ],
    "arrow tables": [
        lambda: pa.table({"a": [1], "b": [2]}),
        lambda: pa.table({"b": [2], "a": [1]}),
        lambda: pa.table({"a": [1], "b": [3]}),
        lambda: pa.table({"a": [1], "b": [2]}).replace_schema_metadata({"k": "v"}),
        lambda: pa.record_batch({"a": [1], "b": [2]}),
        lambda: pa.table(
            {"a": pa.array([1]), "b": pa.array([2])}, pa.schema([pa.field("a", pa.int64(), False), ("b", pa.int64())])
        ),
    ],
    "images": [
        image,
        lambda: image("L"),
        lambda: image(size=(2, 3)),
        lambda: image(colour=(0, 0, 1)),
        lambda: paletted(0, 0, 0, 1, 1, 1),
        lambda: paletted(0, 0, 0, 1, 1, 2),
        lambda: noted(image(), info={"dpi": 72}),
        lambda: noted(image(), note="mine"),
        opened,
        lambda: opened(dpi=(10, 10)),
    ],
    "sparse": [
        lambda: sp.csr_matrix([[0, 1], [2, 0]]),
        lambda: sp.csr_matrix([[0, 1], [3, 0]]),
        lambda: sp.csr_matrix([[0, 1], [2, 0]], dtype="f4"),
        lambda: sp.csr_matrix(([1, 2], [1, 0], [0, 1, 2]), shape=(2, 3)),
        lambda: sp.csc_matrix([[0, 1], [2, 0]]),
        lambda: sp.coo_matrix([[0, 1], [2, 0]]),
        lambda: sp.lil_matrix([[0, 1], [2, 0]]),
        lambda: sp.dok_matrix([[0, 1], [2, 0]]),
        lambda: sp.dok_matrix([[0, 1], [3, 0]]),
        lambda: sp.dia_matrix([[0, 1], [2, 0]]),
        lambda: sp.csr_array([[0, 1], [2, 0]]),
        lambda: noted(sp.csr_array([[0, 1], [2, 0]]), note=1),
    ],
    "estimators": [
        LinearRegression,
        lambda: LinearRegression(fit_intercept=False),
        lambda: LinearRegression().fit(X, Y),
        lambda: LinearRegression().fit(X, -Y),
        lambda: DecisionTreeRegressor(random_state=0).fit(X, Y),
        lambda: DecisionTreeRegressor(random_state=0, max_depth=2).fit(X, Y),
        lambda: RandomForestClassifier(3, random_state=0).fit(X, Y),
        lambda: RandomForestClassifier(3, random_state=1).fit(X, Y),
        lambda: make_pipeline(StandardScaler(), KMeans(2, random_state=0)).fit(X),
    ],
    "what notes itself": [
        lambda: KNeighborsRegressor(1, algorithm="kd_tree").fit(X, Y),
        lambda: KNeighborsRegressor(1, algorithm="ball_tree").fit(X, Y),
        lambda: KNeighborsRegressor(1, algorithm="kd_tree").fit(-X, Y),
        lambda: MultiLabelBinarizer().fit([["a"], ["b"]]),
        lambda: MultiLabelBinarizer().fit([["a"], ["c"]]),
        lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).groupby("b"),
        lambda: pd.DataFrame({"a": [1, 3], "b": ["x", "y"]}).groupby("b"),
        lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).groupby("b", sort=False),
        lambda: functools.partial(max, 1),
        lambda: functools.partial(max, 2),
        lambda: functools.partial(max, 1, default=1),
        lambda: LogNorm(1, 10),
        lambda: LogNorm(1, 11),
        lambda: LogNorm(1, 10, clip=True),
        lambda: Delaunay([[0, 0], [1, 0], [0, 1], [1, 1]]),
        lambda: Delaunay([[0, 0], [1, 0], [0, 1], [1, 2]]),
        lambda: struct.Struct("<i"),
        lambda: struct.Struct("<l"),
    ],
    "how rows are cut into chunks, and what is known of their order": [
        lambda: pl.Series([1, 2, 3]),
        lambda: pl.concat([pl.Series([1]), pl.Series([2, 3])], rechunk=False),
        lambda: pl.Series([1, 2, 3]).set_sorted(),
        lambda: pl.DataFrame({"a": [1, 2, 3]}),
        lambda: pl.DataFrame({"a": [1, 2, 3]}).set_sorted("a"),
        lambda: pa.chunked_array([[1, 2, 3]]),
        lambda: pa.chunked_array([[1], [2, 3]]),
        lambda: pa.chunked_array([["a", "b"]]),
        lambda: pa.chunked_array([["a"], ["b"]]),
        lambda: pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([[1, 2]]))),
        lambda: pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([[1], [2]]))),
    ],
    "bytes between the fields of an array": [lambda: gappy(0), lambda: gappy(0)[:1], lambda: gappy(0)[["a"]]["a"]],
}
ALL = [pytest.param(makers, id=name) for name, makers in DIFFERENT.items()]


@pytest.mark.parametrize("makers", ALL)
def test_different_contents_have_different_digests(makers: list[Callable[[], Any]]) -> None:
    digests = [of(make()) for make in makers]
    assert len(set(digests)) == len(makers), [index for index, found in enumerate(digests) if digests.count(found) > 1]


@pytest.mark.parametrize("makers", ALL)
def test_equal_contents_have_equal_digests(makers: list[Callable[[], Any]]) -> None:
    for make in makers:
        assert of(make()) == of(make()), make()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(pl.Series([2, 3]), pl.Series([1, 2, 3])[1:], id="a slice"),
        pytest.param(pl.Series(["b", "c"]), pl.Series(["a", "b", "c"])[1:], id="a slice of text"),
        pytest.param(pl.Series([True, False]), pl.Series([True, True, False])[1:], id="a slice of bits"),
        pytest.param(pl.Series([1, None]), pl.Series([1, 2]).set(pl.Series([False, True]), None), id="below a null"),
        pytest.param(pa.array([2, 3]), pa.array([1, 2, 3])[1:], id="an arrow slice"),
        pytest.param(pa.array(["bb", "c"]), pa.array(["a", "bb", "c"])[1:], id="an arrow slice of text"),
        pytest.param(pa.array(["b", None]), pa.array(["a", "b", None])[1:], id="an arrow slice with nulls"),
        pytest.param(pa.array([True, False]), pa.array([True, True, False])[1:], id="an arrow slice of bits"),
        pytest.param(
            pa.array([1, None]),
            pa.Array.from_buffers(pa.int64(), 2, [pa.py_buffer(b"\x01"), pa.py_buffer(np.array([1, 7]))]),
            id="below an arrow null",
        ),
        pytest.param(gappy(0), gappy(-1), id="between the fields"),
    ],
)
def test_what_nobody_can_see_does_not_count(one: object, other: object) -> None:
    assert of(one) == of(other)


def columns() -> st.SearchStrategy[list[Any]]:
    kinds: list[st.SearchStrategy[Any]] = [
        st.integers(-(2**62), 2**62),
        st.floats(allow_nan=False),
        st.text(max_size=20),
        st.binary(max_size=20),
        st.booleans(),
        st.lists(st.integers(0, 9), max_size=3),
    ]
    return st.one_of([st.lists(st.none() | kind, min_size=1, max_size=8) for kind in kinds])


@settings(deadline=None, max_examples=150)
@given(columns(), columns(), st.integers(0, 8))
def test_columns_have_one_digest_exactly_when_they_are_equal(one: list[Any], other: list[Any], cut: int) -> None:
    makers: tuple[Any, Any] = (pa.array, pl.Series)
    for make in makers:
        left, right = make(one), make(other)
        same = repr(left.to_pylist() if make is pa.array else left.to_list()) == repr(
            right.to_pylist() if make is pa.array else right.to_list()
        )
        kind = "type" if make is pa.array else "dtype"
        assert (of(left) == of(right)) == (same and getattr(left, kind) == getattr(right, kind))
        assert of(left) == of(make(one))
    chunks = pa.chunked_array([pa.array(one, pa.array(one).type)[:cut], pa.array(one)[cut:]])
    alike = pa.chunked_array([pa.array(one[:cut], pa.array(one).type), pa.array(one[cut:], pa.array(one).type)])
    assert of(chunks) == of(alike)


READINGS: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "a frame": (
        lambda: pl.DataFrame({"a": [2, 1]}),
        lambda df: (df["a"].sort(), df.describe(), df.sort("a"), repr(df), df.to_numpy()),
    ),
    "a lazy frame": (
        lambda: pl.DataFrame({"a": [2, 1]}).lazy(),
        lambda lf: (lf.collect(), lf.explain(), lf.collect_schema()),
    ),
    "a table": (
        lambda: pa.table({"a": [2, 1]}),
        lambda t: (t.sort_by("a"), t.to_pandas(), t.schema, repr(t), t.validate()),
    ),
    "an image": (image, lambda i: (i.getpixel((0, 0)), i.resize((1, 1)), i.histogram(), np.asarray(i), i.getexif())),
    "an image in a file": (opened, lambda i: (i.load(), i.getpixel((0, 0)), i.getexif(), i.convert("L"), i.text)),
    "a palette": (lambda: paletted(0, 0, 0), lambda i: (i.convert("RGB"), i.getpalette(), i.load())),
    "a sparse matrix": (
        lambda: sp.csr_matrix([[0, 1], [2, 0]]),
        lambda m: (m @ m, m[0], m.T, m.has_sorted_indices, m.has_canonical_format, m.toarray(), m.sum(), repr(m)),
    ),
    "neighbours": (
        lambda: KNeighborsRegressor(1, algorithm="kd_tree").fit(X, Y),
        lambda e: (e.predict(X), e.kneighbors(X)),
    ),
    "a density": (lambda: KernelDensity().fit(X), lambda e: e.score_samples(X)),
    "labels": (lambda: MultiLabelBinarizer().fit([["a"], ["b"]]), lambda e: (e.transform([["a"]]), e.classes_)),
    "a grouped frame": (
        lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).groupby("b"),
        lambda g: (g.sum(), g.groups, g.ngroups, g.a.mean(), list(g)),
    ),
    "a call that is half made": (lambda: functools.partial(max, 1), lambda p: (vars(p), p(2))),
    "a scale of colours": (lambda: LogNorm(1, 10), lambda n: (n(2), n.inverse(0.5), n.scaled())),
    "a triangulation": (
        lambda: Delaunay([[0, 0], [1, 0], [0, 1], [1, 1]]),
        lambda d: (d.find_simplex([[0.1, 0.1]]), d.vertex_to_simplex, d.convex_hull),
    ),
    "a form of bytes": (lambda: struct.Struct("<i"), lambda s: s.pack(1)),
    "an estimator": (
        lambda: RandomForestClassifier(3, random_state=0).fit(X, Y),
        lambda e: (e.predict(X), e.score(X, Y), e.get_params(), repr(e), e._repr_html_(), e.feature_importances_),
    ),
}


@pytest.mark.parametrize(("make", "read"), [pytest.param(*case, id=name) for name, case in READINGS.items()])
def test_reading_changes_nothing(make: Callable[[], Any], read: Callable[[Any], object]) -> None:
    value = make()
    before = of(value)
    read(value)
    assert of(value) == before


BIG = 4_000_000


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: pl.DataFrame({"a": np.arange(BIG)}), id="polars"),
        pytest.param(lambda: pa.table({"a": np.arange(BIG)}), id="arrow"),
        pytest.param(lambda: pa.table({"a": np.arange(BIG)}).slice(1), id="a slice"),
        pytest.param(lambda: sp.csr_matrix(np.ones((1, BIG))), id="sparse"),
    ],
)
def test_large_buffers_are_hashed_where_they_lie(make: Callable[[], Any]) -> None:
    value = make()
    of(value)
    tracemalloc.start()
    try:
        nbytes = content(value, KNOWN).nbytes
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert nbytes >= 8 * (BIG - 1)
    assert peak < 1_000_000


def test_what_is_built_of_a_half_made_call_is_built_alike_once_it_was_looked_at() -> None:
    half = functools.partial(max, 1)
    of(half)
    survey(half, KNOWN)
    assert functools.partial(half, 2).func is max  # with an empty `__dict__` it would be `half`


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda a: pl.Series(a), id="a series"),
        pytest.param(lambda a: pl.DataFrame({"x": [0.0] * len(a), "a": a}), id="a frame"),
        pytest.param(lambda a: pa.array(a), id="an arrow array"),
        pytest.param(lambda a: pa.table({"a": a}), id="a table"),
        pytest.param(lambda a: pl.from_arrow(pa.table({"a": a})), id="a frame of a table"),
        pytest.param(lambda a: pa.array(a[5:]), id="a part"),
        pytest.param(lambda a: {"deep": [pl.Series(a)]}, id="inside"),
    ],
)
@pytest.mark.parametrize("array_first", [True, False])
def test_memory_of_an_array_that_another_library_wraps_links_the_two(
    wrap: Callable[[Any], Any], array_first: bool
) -> None:
    array, stranger = np.arange(10.0), np.arange(10.0)
    wrapper = wrap(array)
    before = of(wrapper)
    values = (array, wrapper) if array_first else (wrapper, array)
    reaches = [set(survey(value, KNOWN).reach) for value in values]
    assert not reaches[0].isdisjoint(reaches[1])
    assert not linked(stranger, wrapper)
    array[7] = -1
    assert of(wrapper) != before


@pytest.mark.parametrize("array_first", [True, False])
@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "RGBX", "CMYK", "I;16", "I;16B"])
def test_an_image_that_lies_in_an_array_is_linked_to_it(mode: str, array_first: bool) -> None:
    array, stranger = np.zeros(6 * 4 * 4, "uint8"), np.zeros(6 * 4 * 4, "uint8")
    mapped = Image.frombuffer(mode, (6, 4), array, "raw", mode, 0, 1)
    before = of(mapped)
    values = (array, mapped) if array_first else (mapped, array)
    reaches = [set(survey(value, KNOWN).reach) for value in values]
    assert not reaches[0].isdisjoint(reaches[1])
    assert not linked(stranger, mapped)
    array[5] = 1
    assert of(mapped) != before


def test_an_image_that_was_written_into_lies_in_its_own_memory() -> None:
    array = np.zeros((4, 6), "uint8")
    mapped = Image.fromarray(array)
    mapped.putpixel((0, 0), 7)
    assert not linked(array, mapped)
    array[:] = 9
    assert mapped.getpixel((1, 1)) == 0


def photo(**tags: str) -> Any:
    exif = Image.Exif()
    exif.update({270: tags.get("description", "a"), 274: 1})
    exif.get_ifd(0x8769)[0x9286] = "comment"
    file = io.BytesIO()
    image("L", (9, 9)).save(file, tags.get("format", "jpeg"), exif=exif)
    return Image.open(file)


def asked(photo: Any) -> Any:
    exif = photo.getexif()
    dict(exif), exif.get_ifd(0x8769), exif.get_ifd(0x8825), exif.get_ifd(1), str(exif)
    return photo


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff"])
def test_exif_data_count_as_they_are_and_not_as_they_were_asked(kind: str) -> None:
    one = photo(format=kind)
    before = of(one)
    assert of(asked(one)) == before == of(asked(photo(format=kind))) != of(photo(description="b", format=kind))
    told = of(one.getexif())
    assert of(asked(one).getexif()) == told
    one.getexif()[270] = "b"
    assert of(one) != before
    assert of(one.getexif()) != told
    assert linked(one, one.getexif())


@pytest.mark.parametrize(
    "change", ["del exif[270]", "exif.get_ifd(0x8769).clear()", "exif.endian = '<'", "exif.clear()"]
)
def test_whatever_is_changed_in_exif_data_counts(change: str) -> None:
    one = photo()
    before = of(one)
    exec(change, {"exif": one.getexif()})
    assert of(one) != before


def test_the_memory_of_a_buffer_is_known_by_its_place_and_its_owner() -> None:
    before = len(shared_memory._PIECES)
    memory = bytearray(12)
    assert survey(memory, KNOWN).reach == survey(memory, KNOWN).reach
    assert len(survey(memory, KNOWN).reach) == 2
    assert len(shared_memory._PIECES) == before + 1
    memory.extend(b"more")  # which is refused while somebody looks at the memory
    assert not linked(bytearray(12), memory)
    pieces = len(shared_memory._PIECES)
    for empty in (bytearray(), memoryview(b"fixed")):
        survey(empty, KNOWN)
    assert len(shared_memory._PIECES) == pieces


def test_python_ends_in_silence_when_memory_was_noted() -> None:
    code = """
import PIL.Image
from nbapp.libraries import LOOKUPS
from nbapp.values.survey import survey
from nbapp.values.types import Types
memory = bytearray(12)
survey(memory, Types({}, LOOKUPS))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")


def test_an_image_that_was_not_read_and_one_that_was_closed_are_followed(tmp_path: Path) -> None:
    image("L", (9, 9)).save(tmp_path / "a.bmp")
    with Image.open(tmp_path / "a.bmp") as lazy:
        assert not survey(lazy, KNOWN).names.everything
        assert of(lazy) == of(lazy)
    lazy.close()
    assert not survey(lazy, KNOWN).names.everything


def test_notes_about_memory_go_with_their_values() -> None:
    array = np.arange(10.0)
    wrapper = pl.Series(array)
    survey([array, wrapper], KNOWN)
    gone = id(array), id(wrapper)
    del array, wrapper
    gc.collect()
    assert gone[0] not in shared_memory.ARRAYS._noted
    assert gone[1] not in shared_memory.WRAPPERS._noted


def test_an_image_of_several_frames_is_opaque() -> None:
    file = io.BytesIO()
    image("L").save(file, "gif", save_all=True, append_images=[image("L", colour=9)])
    with pytest.raises(Opaque, match="several frames"):
        of(Image.open(file))


def test_a_plan_that_calls_python_is_opaque() -> None:
    with pytest.raises(Opaque, match="Python function"):
        of(pl.DataFrame({"a": [1]}).lazy().map_batches(lambda frame: frame))


# --- handles


def engine() -> Any:
    return pytest.importorskip("sqlalchemy").create_engine("sqlite://")


HANDLES: dict[str, Callable[[], Any]] = {
    "sqlite": lambda: sqlite3.connect(":memory:"),
    "duckdb": lambda: pytest.importorskip("duckdb").connect(),
    "an engine": engine,
    "an engine's connection": lambda: engine().connect(),
    "requests": lambda: pytest.importorskip("requests").Session(),
    "httpx": lambda: pytest.importorskip("httpx").Client(),
    "threads": lambda: concurrent.futures.ThreadPoolExecutor(1),
    "processes": lambda: concurrent.futures.ProcessPoolExecutor(1),
    "a logger": lambda: logging.Logger("mine"),
    "a lock": threading.Lock,
    "a reentrant lock": threading.RLock,
    "a semaphore": threading.Semaphore,
    "a socket": socket.socket,
}


@pytest.fixture(params=list(HANDLES.values()), ids=list(HANDLES))
def handle(request: pytest.FixtureRequest) -> Iterator[Any]:
    value = request.param()
    yield value
    end = getattr(value, "close", None) or getattr(value, "shutdown", None)
    if end is not None:
        end()


def test_a_handle_is_versioned_by_which_object_it_is(handle: Any) -> None:
    assert KNOWN.adapter(type(handle)).handle
    assert of(handle) == of(handle)
    assert of([handle]) == of([handle])
    assert of(handle) != of(threading.Lock())
    # Nothing can be changed through it, but what is set on it: headers may have a name of their own.
    assert (survey(handle, KNOWN).reach == (id(handle),)) != hasattr(handle, "headers")


def test_a_handle_with_the_address_of_one_that_is_gone_is_another() -> None:
    known = Types({}, LOOKUPS)
    seen = set()
    for _ in range(50):
        lock = threading.Lock()
        seen.add(digest(lock, known))
        del lock
    assert len(seen) == 50


def test_using_a_connection_is_no_change_of_it() -> None:
    with sqlite3.connect(":memory:") as connection:
        before = of(connection)
        connection.execute("create table t (a)")
        assert of(connection) == before
    connection.close()


def test_handles_are_not_kept_alive() -> None:
    lock = threading.Lock()
    of(lock)
    gone = weakref.ref(lock)
    del lock
    gc.collect()
    assert gone() is None


def test_pandas_columns_of_arrow_are_linked_to_the_table_they_lie_in() -> None:
    array = np.arange(10)
    series = pd.Series(pd.array(pa.array(array), dtype=pd.ArrowDtype(pa.int64())))
    before = of(series)
    assert linked(array, series)
    array[3] = -1
    assert of(series) != before


def test_large_arrays_are_linked_to_wrappers_of_parts_of_them_and_the_other_way_round() -> None:
    array, other = np.arange(1_000_000), np.arange(1_000_000)
    part, whole = pl.Series(array[500_000:500_010]), pl.Series(array)
    for values in ((array, part), (part, array), (array, whole), (whole, array)):
        survey(values[0], KNOWN)
        assert linked(*values)
    assert not linked(part, other)
    assert not linked(whole, other)


def test_aiohttp_sessions_are_handles() -> None:
    assert KNOWN.adapter(pytest.importorskip("aiohttp").ClientSession).handle


@pytest.mark.parametrize("holder", [pd.DataFrame({"a": [1, 2]}), pd.Series([1, 2], name="a")], ids=["frame", "series"])
def test_what_pandas_leaves_in_a_frame_when_it_is_unpickled_does_not_count(holder: Any) -> None:
    again = pickle.loads(pickle.dumps(holder))
    vars(again)["_metadata"] = list(type(again)._metadata)  # as pandas 2 does
    assert of(again) == of(holder)


def test_a_frame_with_columns_of_two_levels_has_a_digest() -> None:
    columns = pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])
    one, other = (pd.DataFrame([[1, last]], columns=columns) for last in (2, 3))
    assert of(one) == of(one.copy())
    assert of(one) != of(other)


def test_how_long_a_look_at_text_of_polars_takes_is_known_before_it_is_written_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = pl.DataFrame({"a": [f"text {number}" for number in range(10_000)]})
    small = frame.head(10)
    assert content(small, KNOWN, steps=1000) == content(small, KNOWN)
    monkeypatch.setattr("nbapp.libraries.polars._column", None)
    for dear in (frame, frame["a"]):
        with pytest.raises(TooDear):
            content(dear, KNOWN, steps=1000)
