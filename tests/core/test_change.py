"""What code may touch, and what it did touch: by digests before and after."""

from __future__ import annotations

from typing import Any

from nbapp.core.change import Observation, Scope, bind
from nbapp.core.memos.env import Env
from nbapp.core.memos.memo import Binding
from nbapp.values.digest import Digest
from nbapp.values.names import Names, code_names
from nbapp.values.types import Types
from tests.core.host import compiled

MADE = Digest("made here")


class Place:
    """A namespace whose Env is what the namespace holds."""

    def __init__(self, source: str) -> None:
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self.known = Types(self.namespace)
        self.env = Env()
        exec(compiled(source), self.namespace)
        shared: dict[int, Binding] = {}
        for name, value in self.namespace.items():
            if not name.startswith("__"):
                shared.setdefault(id(value), bind(value, self.known, Digest(name)))
                self.env.bind(name, shared[id(value)], 0)

    def managed(self, name: str) -> bool:
        return not name.startswith("__")

    def scope(self, source: str, *more: str) -> Scope:
        return Scope.of(
            self.env, self.env.follow(code_names(compiled(source), frozenset())), Names(refs=frozenset(more))
        )

    def changed(self, source: str) -> Any:
        scope = self.scope(source)
        scope.materialise(self.namespace, self.managed)
        observation = Observation(scope, self.namespace, self.known, self.managed)
        exec(compiled(source), self.namespace)
        return observation.change(self.env, MADE)


# --- scopes


def test_a_scope_holds_what_code_looks_up_and_what_shares_objects_with_it() -> None:
    place = Place("a = []\nb = [a]\nc = []\nk = 1")
    scope = place.scope("a.append(k); z = missing")
    assert scope.reads.keys() == {"a", "k"}
    assert scope.bindings.keys() == {"a", "b", "k"}
    assert scope.absent == {"missing"}
    assert scope.stores == {"z"}


def test_a_scope_can_hold_names_that_code_does_not_say() -> None:
    place = Place("a = []\nb = 1")
    assert place.scope("pass", "b").reads.keys() == {"b"}


def test_code_that_reads_everything_has_everything_in_scope() -> None:
    place = Place("a = []\nb = 1")
    scope = place.scope("z = globals()")
    assert scope.reads.keys() == {"a", "b"}
    assert scope.absent == frozenset()


def test_a_scope_is_broken_by_objects_that_changed_since() -> None:
    place = Place("a = []\nb = [a]\nc = []")
    place.env.bindings["b"].intact = False
    assert place.scope("a").broken() == ["b"]
    assert place.scope("c").broken() == []


# --- materialise


def test_stale_names_are_put_right_and_unknown_ones_go() -> None:
    place = Place("a = [1]\nb = 2")
    place.namespace.update(a=["stale"], lower=1, stored=1, other=1)
    place.scope("a; lower; stored = 1").materialise(place.namespace, place.managed)
    assert place.namespace["a"] == [1]
    assert place.namespace.keys() & {"lower", "stored", "other"} == {"other"}


def test_code_that_reads_everything_sees_no_name_too_many() -> None:
    place = Place("a = [1]")
    place.namespace["lower"] = 1
    place.scope("globals()").materialise(place.namespace, place.managed)
    assert {name for name in place.namespace if not name.startswith("__")} == {"a"}
    assert "__name__" in place.namespace


def test_a_name_of_the_host_that_code_stores_is_the_codes() -> None:
    place = Place("a = 1")
    place.namespace["__version__"] = "host"
    place.scope("__version__ = 'mine'").materialise(place.namespace, place.managed)
    assert "__version__" not in place.namespace


# --- changes


def test_new_rebound_and_deleted_names_are_changes() -> None:
    place = Place("a = 1\nb = 2\nc = 3")
    change = place.changed("d = 4; a = 5; del b; c = 3")
    assert {name: binding and binding.value for name, binding in change.after.items()} == {
        "d": 4,
        "a": 5,
        "b": None,
        "c": 3,
    }
    assert change.mutated == {}
    assert change.touched == frozenset()


def test_a_change_in_place_changes_every_name_that_reaches_the_object() -> None:
    place = Place("a = []\nb = [a]\nc = [1]")
    old = dict(place.env.bindings)
    change = place.changed("a.append(1)")
    assert change.after.keys() == {"a", "b"}
    assert set(change.mutated) == {old["a"], old["b"]}
    assert change.touched == old["a"].objects


def test_what_was_seen_to_be_unchanged_is_not_doubted() -> None:
    place = Place("x = []\ny = []\na = [x, y]")
    change = place.changed("a[1].append(1)")
    assert id(place.namespace["y"]) in change.touched
    assert place.env.bindings["x"] in change.same


def test_reading_is_no_change() -> None:
    place = Place("a = [1]\ndef f(): return a\nclass C: pass\nc = C()")
    change = place.changed("f(); len(a); c; C; a == a")
    assert change.after == {}
    assert change.mutated == {}


def test_two_names_of_one_object_have_one_binding() -> None:
    place = Place("a = [1]")
    change = place.changed("b = a; c = a; d = [9]; e = d")
    assert change.after["b"] is change.after["c"] is place.env.bindings["a"]
    assert change.after["d"] is change.after["e"]


def test_the_new_version_is_that_of_the_new_content() -> None:
    place, other = Place("a = []"), Place("a = [1]")
    change = place.changed("a.append(1)")
    assert change.after["a"].version == other.env.version("a")


def test_an_object_changed_and_changed_back_is_not_changed() -> None:
    place = Place("a = [1]")
    assert place.changed("a.append(2); a.pop()").after == {}


def test_an_equal_object_put_in_the_place_of_a_shared_one_is_a_change() -> None:
    place = Place("a = [1]\nb = [a]")
    change = place.changed("b[0] = [1]; len(a)")
    assert "b" in change.after


def test_an_object_that_becomes_shared_is_a_change() -> None:
    place = Place("a = [1]\nb = [[1]]")
    assert "b" in place.changed("b[0] = a").after


def test_a_private_part_may_come_and_go() -> None:
    source = "import functools\nclass C:\n    def __init__(self): self.parts = [[1]]\nc = C()"
    place = Place(source)
    before = place.env.bindings["c"]
    change = place.changed("c.parts = [[1]]")
    assert change.after == {}
    assert id(place.namespace["c"].parts) in before.objects


def test_every_reader_of_an_opaque_value_may_have_changed_it() -> None:
    place = Place("it = (i for i in range(3))\nk = 1")
    old = place.env.version("it")
    change = place.changed("it; k")
    assert change.after.keys() == {"it"}
    assert change.after["it"].version != old
    assert change.after["it"].opaque


def test_opaque_values_that_differed_still_differ_after_the_same_code() -> None:
    versions = set()
    for count in (1, 2):
        place = Place("it = (i for i in range(3))")
        place.env.bindings["it"].version = Digest(str(count))
        versions.add(place.changed("it").after["it"].version)
    assert len(versions) == 2


def test_an_opaque_value_stays_opaque() -> None:
    place = Place("a = [(i for i in range(3))]")
    assert place.changed("a.clear()").after["a"].opaque


def test_a_name_of_the_host_is_a_change_only_when_the_code_stores_it() -> None:
    place = Place("a = 1")
    assert place.changed("__x__ = 1").after.keys() == {"__x__"}
    assert place.changed("exec('__y__ = 1')").after.keys() == set()


def test_a_name_that_was_never_known_and_goes_is_no_change() -> None:
    place = Place("a = 1")
    place.namespace["stray"] = 1
    assert place.changed("globals().pop('stray', None)").after == {}


def test_names_bound_by_what_the_code_calls_are_changes() -> None:
    place = Place("def f():\n    global x\n    x = [1]")
    change = place.changed("f()")
    assert change.after.keys() == {"x"}
    assert change.after["x"].reach == (id(place.namespace["x"]),)


def test_a_value_without_a_digest_gets_its_version_from_where_it_was_made() -> None:
    known = Types({})
    generator = (i for i in range(3))
    one, again, other = (bind(generator, known, Digest(made)) for made in ("here", "here", "there"))
    assert one.version == again.version != other.version
    assert one.opaque


def test_a_binding_knows_its_size_and_names() -> None:
    known = Types({"__name__": "__main__"})
    found = bind(bytes(1000), known, MADE)
    assert 1000 <= found.nbytes < 1100
    assert bind("a + b", known, MADE).names == Names(words=frozenset("ab"))
