"""Each name that a profile says only reads is called on values of its class: they, and what they are given, stay as they
were, in content and in what they share; and what it gives is of a class that is known."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import itertools
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from nbapp.libraries import LOOKUPS, TABLES
from nbapp.readonly.knowledge import Knowledge
from nbapp.values.digest import Opaque, digest
from nbapp.values.survey import survey
from nbapp.values.types import Types

mpl.use("agg")
TYPES = Types({"__name__": "__main__"}, LOOKUPS)
_knowledge = Knowledge(TABLES)
_knowledge.look()


class Color(enum.Enum):
    """Two colours."""

    RED = 1


def frame() -> pd.DataFrame:
    return pd.DataFrame({"a": [3.0, 1.0, 2.0, 5.0], "b": [1, 2, 3, 4]})


def dates() -> pd.DatetimeIndex:
    return pd.date_range("2024-01-01", periods=4)


# Values by the class that is listed; each is made anew for each name.
VALUES: dict[str, Callable[[], Any]] = {
    "list": lambda: [3, 1, 2],
    "dict": lambda: {"a": 1, "b": 2},
    "Counter": lambda: collections.Counter("abca"),
    "OrderedDict": lambda: collections.OrderedDict(a=1, b=2),
    "set": lambda: {1, 2},
    "deque": lambda: collections.deque([1, 2]),
    "ndarray": lambda: np.array([[3.0, 1.0], [2.0, 5.0]]),
    "Generator": lambda: np.random.default_rng(0),
    "DataFrame": lambda: frame().set_axis(dates()),
    "Series": lambda: frame()["a"],
    "Index": lambda: pd.Index(["x", "y", "z"]),
    "RangeIndex": lambda: pd.RangeIndex(4),
    "DatetimeIndex": dates,
    "TimedeltaIndex": lambda: pd.to_timedelta([1, 2, 3], unit="D"),
    "PeriodIndex": lambda: pd.period_range("2024-01", periods=3, freq="M"),
    "CategoricalIndex": lambda: pd.CategoricalIndex(["x", "y", "x"], ordered=True),
    "IntervalIndex": lambda: pd.interval_range(0, 3),
    "MultiIndex": lambda: pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["one", "two"]),
    "Categorical": lambda: pd.Categorical(["x", "y", "x"], ordered=True),
    "DataFrameGroupBy": lambda: frame().groupby("b"),
    "SeriesGroupBy": lambda: frame().groupby("b")["a"],
    "StringMethods": lambda: pd.Series(["ab", "c"]).str,
    "DatetimeProperties": lambda: pd.Series(dates()).dt,
    "TimedeltaProperties": lambda: pd.Series(pd.to_timedelta([1, 2], unit="D")).dt,
    "CategoricalAccessor": lambda: pd.Series(["x", "y"], dtype="category").cat,
    "_iLocIndexer": lambda: frame().iloc,
    "_LocIndexer": lambda: frame().loc,
    "_AtIndexer": lambda: frame().at,
    "_iAtIndexer": lambda: frame().iat,
    "Rolling": lambda: frame().rolling(2),
    "Expanding": lambda: frame().expanding(),
    "ExponentialMovingWindow": lambda: frame().ewm(1),
    "DatetimeIndexResampler": lambda: frame().set_axis(dates()).resample("2D"),
    "ArrowStringArray": lambda: pd.array(["x", "y"], dtype="string[pyarrow]"),
    "StringArray": lambda: pd.array(["x", "y"], dtype="string[python]"),
    "DatetimeArray": lambda: dates().array,
    "TimedeltaArray": lambda: pd.to_timedelta([1, 2], unit="D").array,
    "PeriodArray": lambda: pd.period_range("2024-01", periods=3, freq="M").array,
    "IntegerArray": lambda: pd.array([1, 2], dtype="Int64"),
    "FloatingArray": lambda: pd.array([1.0, 2.0], dtype="Float64"),
    "BooleanArray": lambda: pd.array([True, False], dtype="boolean"),
    "NumpyExtensionArray": lambda: pd.arrays.NumpyExtensionArray(np.array([1.0, 2.0])),
    "ArrowExtensionArray": lambda: pd.array([1, 2], dtype=pd.ArrowDtype(pa.int64())),
    "Image": lambda: Image.effect_noise((4, 4), 9),
    "Brightness": lambda: ImageEnhance.Brightness(Image.new("RGB", (4, 4), "red")),
    "Color": lambda: ImageEnhance.Color(Image.new("RGB", (4, 4), "red")),
    "Contrast": lambda: ImageEnhance.Contrast(Image.new("RGB", (4, 4), "red")),
    "Sharpness": lambda: ImageEnhance.Sharpness(Image.new("RGB", (4, 4), "red")),
}
POLARS: dict[str, Callable[[], Any]] = {
    "DataFrame": lambda: pl.DataFrame({"a": [3.0, 1.0], "b": [1, 2]}),
    "Series": lambda: pl.Series("a", [3.0, 1.0]),
}
IMMUTABLE = [
    *("text", b"ab", 3, 2.5, 1j, True, (1, 2), frozenset({1}), range(3), decimal.Decimal(1), dt.date(2024, 1, 2)),
    *(
        dt.datetime(2024, 1, 2),
        dt.timedelta(1),
        np.float64(1.5),
        np.int64(2),
        pd.Timestamp("2024-01-02"),
        pd.Timedelta(1),
    ),
    *(pl.col("a"), Color.RED),
]
# What to call a name with, where none of the usual attempts is right for it.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "agg": ("sum",),
    "aggregate": ("sum",),
    "apply": (lambda part: part,),
    "transform": (lambda part: part,),
    "pipe": (len,),
    "astype": (object,),
    "map": (str,),
    "filter": (lambda part: True,),
    "groupby": ("a",),
    "group_by": ("a",),
    "merge": (frame(),),
    "swapaxes": (0, 1),
    "corrwith": (frame(),),
    "reindex_like": (frame(),),
    "set_index": ("a",),
    "set_axis": (list("wxyz"),),
    "quantize": (2,),
    "convert": ("L",),
    "transpose": (),
    "searchsorted": (1.0,),
    "at_time": ("00:00",),
    "between_time": ("00:00", "01:00"),
    "nlargest": (2, "a"),
    "nsmallest": (2, "a"),
    "swaplevel": (),
    "resample": ("2D",),
    "join": (frame().add_prefix("o"),),
    "tz_convert": ("UTC",),
    "extract": ("(.)",),
    "extractall": ("(.)",),
}
ATTEMPTS: tuple[tuple[Any, ...], ...] = (
    *(
        (),
        (ImageFilter.BLUR,),
        (0,),
        (1,),
        ("a",),
        ("x",),
        ("b",),
        (2, 2),
        (0, 1),
        ("a", "b"),
        ("2D",),
        ([0],),
        (["a"],),
        (str,),
        (len,),
    ),
    *(("a", 1), ({"a": "c"},), (lambda part: part,), ("sum",), ("%d",), ((2, 2),), ("UTC",), (5, "z"), ("1h",), ("M",)),
    *(([True, False, True, False],), (pd.Series([True, False, True, False]),), (np.array([True, False]),)),
)


def listed() -> dict[str, tuple[Callable[[], Any], list[str]]]:
    """By class, what makes a value of it and the names that are listed, each once."""
    found: dict[str, tuple[Callable[[], Any], list[str]]] = {}
    for facts in TABLES.facts:
        for path in facts.classes.split():
            module, _, kind = path.rpartition(".")
            makers = POLARS if module == "polars" else VALUES
            if kind in makers and facts.family not in ("immutable", "passive"):
                names = dict.fromkeys(name.partition("/")[0] for name in facts.reads.split())
                made = type(makers[kind]())
                found[path] = makers[kind], [name for name in names if hasattr(made, name)]
    return found


LISTED = listed()


def content(value: object) -> tuple[object, ...]:
    """All that a cell could see of it, and what it shares; a scope for each of several values."""
    try:
        return digest(value, TYPES), survey(value, TYPES).reach
    except Opaque:
        return survey(value, TYPES).reach, None


def called(value: Any, name: str) -> tuple[object, tuple[object, ...]] | None:
    """What a name gives, and what it was given; None when no attempt succeeds."""
    try:
        member = getattr(value, name)
    except Exception:
        return None
    if not callable(member) or isinstance(member, type):
        return member, ()
    attempts = [ARGUMENTS[name]] if name in ARGUMENTS else []
    for arguments in (*attempts, *ATTEMPTS, (value,), (value, value)):
        try:
            return member(*arguments), arguments
        except Exception:  # noqa: S112 -- the next attempt may be right
            continue
    return None


@pytest.fixture(autouse=True)
def _quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)  # some take a text for the name of a file to write
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    plt.close("all")


@pytest.mark.parametrize("path", LISTED)
def test_a_name_that_reads_changes_nothing(path: str) -> None:
    make, names = LISTED[path]
    problems = {name: problem for name in names if (problem := _problem(make(), name))}
    assert not problems


def _problem(value: Any, name: str) -> str | None:
    home = getattr(value, "_parent", getattr(value, "_data", None))
    passing = _knowledge.family(type(value)) is None  # it fills caches of its own
    holder = {
        "value": None if passing else value,
        "of": getattr(value, "obj", None),
        "parent": home if passing else None,
    }
    before = content(holder)
    found = called(value, name)
    if found is None:
        return None
    CALLED.add(name)
    if content(holder) != before:
        return "it changes"
    kinds = survey(found[0], TYPES).inside.kinds
    unknown = [kind for kind in kinds if not _is_known(kind) and kind.__name__ not in BENEATH]
    return f"gives {unknown}" if unknown else None


CALLED: set[str] = set()


def test_each_name_was_called_on_a_value_of_some_class() -> None:
    """After the tests above: a name may have no meaning for the value of one class."""
    names = {name for _, found in LISTED.values() for name in found}
    assert names - CALLED == set()


ORDERED: collections.OrderedDict[str, int] = collections.OrderedDict()
# Memory under an array, and what polars and Arrow have of their own: a cell that keeps one of these is looked at.
BENEATH = frozenset(
    {"memoryview", "managedbuffer", "_memoryviewslice", "PyCapsule", "PySeries", "PySliceContainer", "DoubleArray"}
    | {"CatNameSpace", "DateTimeNameSpace", "StringNameSpace"}
)
ITERATORS = (
    *(
        types.GeneratorType,
        zip,
        map,
        filter,
        enumerate,
        reversed,
        type(iter([])),
        type(iter({})),
        type(iter({}.items())),
    ),
    *(itertools.chain, itertools.starmap, *map(type, (ORDERED.items(), ORDERED.keys(), ORDERED.values()))),
    *(type({}.items()), type({}.keys()), type({}.values()), type(iter(set())), type(iter(range(1)))),
)


def _is_known(kind: type) -> bool:
    passing = {id(known) for known in _knowledge._classes.values() if known.family is None}
    return kind in ITERATORS or _knowledge.family(kind) is not None or id(_knowledge._classes.get(id(kind))) in passing


@pytest.mark.parametrize("value", IMMUTABLE, ids=lambda value: type(value).__name__)
def test_what_is_said_to_be_immutable_is(value: Any) -> None:
    for name in [name for name in dir(value) if not name.startswith("_")]:
        before = repr(value), hash(value) if not isinstance(value, pl.Expr) else 0
        called(value, name)
        assert (repr(value), hash(value) if not isinstance(value, pl.Expr) else 0) == before, name


OF_OTHER_RELEASES = {
    *("StrEnum", "ReprEnum", "property", "ExpandingGroupby", "RollingGroupby", "ExponentialMovingWindowGroupby"),
    *(
        "ExpandingGroupBy",
        "RollingGroupBy",
        "ExponentialMovingWindowGroupBy",
        "_HAS_DEFAULT_FACTORY_CLASS",
        "FrozenList",
    ),
}


def test_every_class_that_is_listed_is_there_or_of_another_release() -> None:
    known = {
        name
        for facts in TABLES.facts
        for path in facts.classes.split()
        for module, _, name in [path.rpartition(".")]
        if module in sys.modules and isinstance(vars(sys.modules[module]).get(name.rstrip("*")), type)
    }
    listed = {path.rpartition(".")[2] for facts in TABLES.facts for path in facts.classes.split()}
    assert listed - known <= OF_OTHER_RELEASES


# --- functions

GIVEN: tuple[Callable[[], tuple[Any, ...]], ...] = (
    lambda: ([3, 1, 2],),
    lambda: (np.array([3.0, 1.0, 2.0]),),
    lambda: (np.array([[3.0, 1.0], [1.0, 2.0]]),),
    lambda: (frame(),),
    lambda: (frame()["a"],),
    lambda: ([frame(), frame()],),
    lambda: (np.array([3.0, 1.0]), np.array([1.0, 2.0])),
    lambda: (np.eye(2), np.array([1.0, 2.0])),
    lambda: (frame(), frame()),
    lambda: ([3, 1, 2], [1, 2, 3]),
    lambda: (lambda *given: given[0], [3, 1, 2]),
    lambda: ([3, 1, 2], 1),
    lambda: (1, [3, 1, 2]),
    lambda: (np.array([3.0, 1.0, 2.0]), 1),
    lambda: (np.array([3.0, 1.0, 2.0]), 1, 2),
    lambda: (np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.array([3.0, 4.0])),
    lambda: (np.array([1.0, 2.0]), np.array([1.0, 2.0]), 1),
    lambda: (frame()["a"], frame()["b"]),
    lambda: (frame(), "a"),
    lambda: (frame()["a"], 2),
    lambda: ("a.c", "abc abc"),
    lambda: ("b", "x", "abc"),
    lambda: ({"a": [1, 2]},),
    lambda: (Color,),
    lambda: (int, "a"),
    lambda: ("2024-01-01", "2024-01-03"),
    lambda: (0.0, 1.0),
    lambda: (1, 3),
    lambda: (1, 2, 3),
    lambda: (3,),
    lambda: (0.5,),
    lambda: ("3",),
    lambda: (),
    lambda: (b"a" * 16,),
    lambda: (np.arange(4.0).reshape(2, 2), (4,)),
    lambda: ((2, 2),),
    lambda: ((2, 2), 1.0),
    lambda: (2024, 1, 2),
    lambda: ((1,), 2),
    lambda: ([1, 2], 2.0, 1.0),
    lambda: (np.array([1, 2]), (2, 2)),
    lambda: (pl.Series([1, 2]),),
    lambda: ([pl.Series([1, 2])],),
    lambda: ("a", "b"),
    lambda: (pl.col("a") > 1,),
    lambda: (Image.new("L", (2, 2)),),
    lambda: (Image.new("RGB", (2, 2), "red"),),
    lambda: (Image.new("L", (2, 2)), "red", "blue"),
    lambda: (Image.new("L", (2, 2)), 1),
    lambda: (Image.new("L", (2, 2)), (3, 4)),
    lambda: (Image.new("L", (2, 2)), Image.new("L", (2, 2)), 0.5),
    lambda: (Image.new("L", (2, 2)), Image.new("L", (2, 2)), Image.new("L", (2, 2), 9)),
    lambda: (Image.new("RGBA", (2, 2)), Image.new("RGBA", (2, 2), "red")),
    lambda: ("LA", (Image.new("L", (2, 2)), Image.new("L", (2, 2)))),
    lambda: ("L",),
    lambda: ((3, 3), list(range(9))),
    lambda: (np.zeros((2, 2), "uint8"),),
    lambda: ("RGB", (2, 2)),
    lambda: (Point(1, [2]),),
    lambda: (Point,),
    lambda: (np.eye(2), 0, 1),
    lambda: (frame(), "a", "b"),
    lambda: (3, int),
    lambda: (int, int),
    lambda: (3, 2),
    lambda: (1.0, 2),
    lambda: (1.0, 2.0),
    lambda: ("one two", 5),
)
# What `next` advances is of no class that is known, unless it is new; the others need a shell, a file or time.
ELSEWHERE = frozenset({"clear_output", "next", "open", "sleep"})


@dataclasses.dataclass
class Point:
    """A point."""

    x: int
    tags: list[int]


def functions() -> Iterator[tuple[str, str, Any, int]]:
    """Each function that is listed: its module, its name, itself, and the most arguments by position."""
    for module, text in TABLES.functions.items():
        there = vars(import_module(module))
        counts = {name.partition("/")[0]: int(name.partition("/")[2] or 99) for name in text.split()}
        names = [name for name in there if not name.startswith("_")] if "*" in counts else list(counts)
        for name in names:
            value = there.get(name)
            if callable(value) and not issubclass(type(value), types.ModuleType):
                yield module, name, value, counts.get(name, 99)


@pytest.mark.parametrize("module", TABLES.functions)
def test_a_function_that_is_listed_changes_nothing(module: str) -> None:
    problems = {}
    for home, name, function, most in functions():
        if home == module and name not in ELSEWHERE:
            problems[name] = _trouble(function, most)
    assert not {name: problem for name, problem in problems.items() if problem}


def _trouble(function: Any, most: int) -> str | None:
    """What is wrong with a function: it is called with whatever it takes."""
    done = 0
    opens_files = str(getattr(function, "__module__", "")).startswith("IPython")  # a number is an open file to it
    for make in GIVEN:
        given = make()
        if opens_files and not all(isinstance(each, str) for each in given):
            continue
        if len(given) > most:
            continue
        before = content(given)
        try:
            found = function(*given)
            if isinstance(found, Iterator):
                collections.deque(itertools.islice(found, 5), maxlen=0)
        except BaseException:  # noqa: S112 -- these arguments are not for it
            continue
        finally:
            plt.close("all")
        done += 1
        if content(given) != before:
            return f"it changes what it is given: {given!r}"
    is_class = isinstance(function, type)
    return None if done or is_class or type(function).__module__ == "typing" else "no attempt to call it succeeded"
