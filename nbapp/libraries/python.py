"""Values of the standard library whose pickle says too much, or nothing; and its random generator."""

from __future__ import annotations

import functools
import gc
import sys
import time
from collections.abc import Iterable
from types import CodeType, FunctionType
from typing import Any

from nbapp.libraries.profile import Facts, Generator, Profile, by_name
from nbapp.libraries.shared_memory import buffer_neighbours
from nbapp.libraries.slot import Slot, Values, is_imported, of_call
from nbapp.values.types import Adapter, reaches_nothing


def _partial(partial: Any) -> object:
    """A call that is half made. An empty dict of its own attributes is no content; it is not asked for as `__dict__`,
    which would make it, and a partial of one that has a dict is built in another way (`functools.partial.__new__`).
    """
    state: Any = functools.partial.__reduce__(partial)[2]
    function, arguments, keywords, attributes = state
    return function, arguments, keywords, attributes or None


_PARTIAL = Adapter(parts=_partial)


_STRUCT = Adapter(parts=lambda struct: (struct.format, struct.size), reach=reaches_nothing, shared=False)
_PATTERN = Adapter(reach=reaches_nothing, shared=False)  # one for all who compile the same
_UUID = Adapter(reach=reaches_nothing, shared=False)  # all hold one constant


def _buffer(value: Any) -> Iterable[object]:
    """What a value leads to whose memory others may lie in."""
    return *gc.get_referents(value), *buffer_neighbours(value)


_BUFFER = Adapter(reach=_buffer)

_RANDOM = Generator(
    lambda: sys.modules["random"].getstate(),
    lambda state: sys.modules["random"].setstate(state),
    lambda: is_imported("random"),
)

# --- what is set for all, in C


_FIRST: dict[tuple[CodeType, int], FunctionType] = {}  # of the functions that a library makes of one code


def _converters() -> Values:
    sqlite: Any = sys.modules["_sqlite3"]
    known = {name: getattr(sqlite, name) for name in ("adapters", "converters") if hasattr(sqlite, name)}
    return {name: {key: _first(given) for key, given in registry.items()} for name, registry in known.items()}


def _first(given: Any) -> Any:
    """The first function that does the same: `to_sql` of pandas makes and registers its own anew at each call."""
    if type(given) is not FunctionType or given.__module__ == "__main__":
        return given
    if given.__closure__ or given.__defaults__ or given.__kwdefaults__:
        return given
    return _FIRST.setdefault((given.__code__, id(given.__globals__)), given)


def _put_converters(values: Values) -> None:
    for name, kept in values.items():
        registry = getattr(sys.modules["_sqlite3"], name)
        registry.clear()
        registry.update(kept)


def _zone() -> Values:
    return {"zone": (time.tzname, time.timezone)}


def _put_zone(values: Values) -> None:
    time.tzset()  # `TZ` is among the variables of the environment, which are put back before


_OPTIONS = (
    of_call("_socket", "getdefaulttimeout", "setdefaulttimeout"),
    of_call("_csv", "field_size_limit", "field_size_limit"),
    of_call("sys", "get_int_max_str_digits", "set_int_max_str_digits"),
    Slot("sqlite3", _converters, _put_converters, "_sqlite3"),
    *((Slot("the time zone", _zone, _put_zone),) if hasattr(time, "tzset") else ()),
)

# --- what only reads

_IMMUTABLE = """
    builtins.str builtins.bytes builtins.int builtins.float builtins.complex builtins.bool builtins.tuple
    builtins.frozenset builtins.range builtins.slice types.NoneType types.EllipsisType types.NotImplementedType
    datetime.date datetime.datetime datetime.time datetime.timedelta datetime.timezone decimal.Decimal uuid.UUID
    re.Pattern re.Match zoneinfo.ZoneInfo
"""
# What a cell may name: a library's functions and classes are looked up one by one.
_PASSIVE = """
    types.FunctionType types.BuiltinFunctionType types.MethodType types.ModuleType types.CellType builtins.type
    builtins.property builtins.staticmethod builtins.classmethod abc.ABCMeta
"""
_SET = "copy difference intersection isdisjoint issubset issuperset symmetric_difference union"
_DICT = "clear pop popitem setdefault update __ior__"
_FACTS = (
    Facts(_IMMUTABLE, "immutable", "*"),
    Facts(_PASSIVE, "passive"),
    Facts(
        "builtins.list",
        "list",
        "copy count index",
        "append clear extend insert pop remove reverse sort __iadd__ __imul__",
    ),
    Facts("builtins.dict", "dict", "copy get items keys values fromkeys", _DICT),
    Facts(
        "collections.Counter collections.OrderedDict",
        "dict",
        "copy get items keys values fromkeys elements most_common total",
        f"{_DICT} subtract move_to_end __iadd__ __isub__ __iand__",
    ),
    Facts(
        "builtins.set",
        "set",
        _SET,
        "add clear discard pop remove update difference_update intersection_update symmetric_difference_update"
        " __ior__ __iand__ __ixor__ __isub__",
    ),
    Facts(
        "collections.deque",
        "deque",
        "copy count index maxlen",
        "append appendleft clear extend extendleft insert pop popleft remove reverse rotate __iadd__ __imul__",
    ),
)
_BUILTINS = """
    abs all any ascii bin bool bytearray/1 bytes/1 callable chr complex dict divmod enumerate filter float format
    frozenset hash hex id int isinstance issubclass iter len list map max min next object oct ord pow print range
    repr reversed round set slice sorted str/1 sum tuple type/1 zip NotImplemented Ellipsis Exception ValueError
    TypeError KeyError IndexError AttributeError RuntimeError ZeroDivisionError StopIteration ArithmeticError
    AssertionError LookupError NameError NotImplementedError OSError OverflowError
"""
_FUNCTIONS = {
    "builtins": _BUILTINS,
    "math": "*",
    "cmath": "*",
    "statistics": "*",
    "itertools": "*",
    "operator": "itemgetter add sub mul truediv floordiv mod pow neg pos not_ eq ne lt le gt ge and_ or_ xor contains"
    " getitem concat matmul",
    "functools": "reduce cmp_to_key",
    "collections": "Counter OrderedDict defaultdict deque",
    "random": "betavariate choice choices expovariate gauss getrandbits normalvariate randint random randrange sample"
    " seed triangular uniform",
    "datetime": "date datetime time timedelta timezone",
    "time": "gmtime localtime monotonic perf_counter process_time sleep strftime time time_ns",
    "re": "compile escape findall finditer fullmatch match search split sub subn IGNORECASE MULTILINE DOTALL I M S",
    "json": "dumps loads",
    "bisect": "bisect bisect_left bisect_right",
    "heapq": "merge nlargest nsmallest",
    "decimal": "Decimal",
    "uuid": "UUID uuid4",
}
_FRESH = {"builtins": "list dict set bytearray sorted", "collections": "Counter OrderedDict defaultdict deque"}

_CONTEXT = Adapter(handle=True, parts=lambda context: context.__reduce__()[1])  # a copy would not be the current one

PROFILE = Profile(
    lookups={
        "_ctypes": by_name({"Array": _BUFFER, "Structure": _BUFFER}),
        "_struct": by_name({"Struct": _STRUCT}),
        "array": by_name({"array": _BUFFER}),
        "builtins": by_name({"bytearray": _BUFFER}),
        "decimal": by_name({"Context": _CONTEXT}),
        "functools": by_name({"partial": _PARTIAL}),
        "mmap": by_name({"mmap": _BUFFER}),
        "re": by_name({"Pattern": _PATTERN}),
        "uuid": by_name({"UUID": _UUID}),
    },
    options=_OPTIONS,
    generators={"random": _RANDOM},
    evaluators=("eval", "import_module"),
    facts=_FACTS,
    functions=_FUNCTIONS,
    fresh=_FRESH,
)
