"""The list of links and their signatures, without any server."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbapp.errors import UsageError
from nbapp.share.ask import CannotShare, Wanted
from nbapp.share.registry import Link, LinkRegistry, check_name, slug
from nbapp.share.signing import Signer

BOOK = Path("/home/ada/sales.ipynb")
MINUTE = timedelta(minutes=1)
WRITER = """
import sys
from pathlib import Path
from nbapp.share.ask import Wanted
from nbapp.share.registry import LinkRegistry
registry = LinkRegistry(Path(sys.argv[1]))
for number in range(20):
    registry.put(Wanted(Path('/x.ipynb'), name=f'{sys.argv[2]}-{number}'), 'digest', '')
"""


@pytest.fixture
def registry(tmp_path: Path) -> LinkRegistry:
    return LinkRegistry(tmp_path / "shares")


def put(registry: LinkRegistry, name: str | None = None, notebook: Path = BOOK, **wanted: object) -> Link:
    return registry.put(Wanted(notebook, name, **wanted), "digest", "http://localhost/")  # type: ignore[arg-type]


def test_a_link_is_found_again_by_whoever_reads_the_files(registry: LinkRegistry) -> None:
    link = put(registry, expires=MINUTE, to=("bob",), values={"n": 5, "tags": ["a"], "region": "Ost"})
    assert LinkRegistry(registry.folder).links() == (link,)
    assert LinkRegistry(registry.folder).find(link.id) == link
    assert link.name == "sales"
    assert link.expires == link.made + MINUTE


def test_only_the_owner_can_read_what_is_kept(registry: LinkRegistry) -> None:
    put(registry)
    registry.key()
    registry.put(Wanted(BOOK, "pinned", pin=True), "digest", "", b"{}")
    files = [path for path in registry.folder.rglob("*") if path.name != "lock"]
    assert {path.name for path in files} >= {"links.json", "key", "pinned"}
    assert [path for path in [registry.folder, *files] if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_a_pinned_copy_cannot_be_written_and_goes_with_its_link(registry: LinkRegistry) -> None:
    link = registry.put(Wanted(BOOK, pin=True), "digest", "", b"one")
    copy = registry.copy(link)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o400
    assert registry.copy(registry.put(Wanted(BOOK, pin=True), "digest", "", b"two")) == copy
    assert copy.read_bytes() == b"two"
    registry.revoke(link.name)
    assert not copy.exists()


def test_the_same_name_of_the_same_notebook_keeps_its_address(registry: LinkRegistry) -> None:
    first, second = put(registry, values={"n": 1}), put(registry, values={"n": 2})
    assert first.id == second.id
    assert registry.links() == (second,)


def test_an_expired_link_is_renewed_by_sharing_it_again(registry: LinkRegistry) -> None:
    link = put(registry, expires=MINUTE)
    later = link.made + 2 * MINUTE
    assert (link.state(link.made), link.state(later)) == ("open", "expired")
    assert put(registry, expires=timedelta(days=1)).state(later) == "open"


def test_a_link_that_was_taken_back_never_comes_alive_again(registry: LinkRegistry) -> None:
    old = put(registry)
    registry.revoke(old.name)
    new = put(registry)
    assert new.id != old.id
    found = registry.find(old.id)
    assert found is not None
    assert found.state() == "revoked"
    assert new.state() == "open"
    assert found.state(datetime(2000, 1, 1, tzinfo=timezone.utc)) == "revoked"


def test_the_name_of_another_notebooks_link_is_not_taken_over(registry: LinkRegistry) -> None:
    put(registry)
    other = Path("/home/ada/elsewhere/sales.ipynb")
    with pytest.raises(UsageError, match=r"leads to /home/ada/sales\.ipynb"):
        put(registry, "sales", other)
    assert put(registry, None, other).name == "sales-2"
    assert put(registry, None, Path("/third/sales.ipynb")).name == "sales-3"


def test_revoking_a_name_that_is_not_there_says_which_are(registry: LinkRegistry) -> None:
    with pytest.raises(UsageError, match="there are no links"):
        registry.revoke("sales")
    put(registry, "east")
    with pytest.raises(UsageError, match="there are east"):
        registry.revoke("sales")


@pytest.mark.parametrize("name", ["", "A", "a b", "-a", "a-", "a--b", "../x", "ä", "a" * 41, "a/b"])
def test_a_name_is_a_slug(registry: LinkRegistry, name: str) -> None:
    with pytest.raises(UsageError, match="--name"):
        put(registry, name)
    assert registry.links() == ()


@given(st.text(max_size=60))
def test_every_notebook_has_a_name_for_its_link(stem: str) -> None:
    check_name(slug(Path("/x") / (stem.replace("/", "").replace("\0", "") + ".ipynb")))


def test_two_writers_at_once_lose_nothing(registry: LinkRegistry) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(registry.folder), name]) for name in ("left", "right")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert len(registry.links()) == 40


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"id": "x"}]', '{"a": 1}'])
def test_a_damaged_list_is_told_and_opens_nothing(registry: LinkRegistry, text: str) -> None:
    link = put(registry)
    (registry.folder / "links.json").write_text(text)
    for act in (registry.links, lambda: registry.find(link.id), lambda: registry.revoke("sales")):
        with pytest.raises(CannotShare, match="cannot be read"):
            act()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotShare, match="cannot be kept") as caught:
        put(LinkRegistry(tmp_path / "file" / "shares"))
    assert "JUPYTER_DATA_DIR" in caught.value.who


def test_no_key_is_made_before_there_is_a_link(registry: LinkRegistry) -> None:
    assert registry.known_key() is None
    assert not registry.folder.exists()
    key = registry.key()
    assert len(key) == 32
    assert registry.key() == LinkRegistry(registry.folder).known_key() == key
    (registry.folder / "key").write_bytes(b"short")
    with pytest.raises(CannotShare, match="damaged"):
        registry.known_key()


def test_a_value_that_is_no_json_is_refused_and_changes_nothing(registry: LinkRegistry) -> None:
    put(registry, values={"n": 1})
    with pytest.raises(TypeError, match="no JSON value"):
        put(registry, values={"n": {1, 2}})
    assert [link.values for link in LinkRegistry(registry.folder).links()] == [{"n": 1}]


def test_what_the_owner_has_is_readable_json(registry: LinkRegistry) -> None:
    link = put(registry, expires=MINUTE)
    (entry,) = json.loads((registry.folder / "links.json").read_text())
    assert entry["name"] == "sales"
    assert datetime.fromisoformat(entry["expires"]) == link.expires


def test_a_signature_is_read_by_its_own_key_for_its_own_notebook() -> None:
    signer = Signer(b"k" * 32, BOOK)
    text = signer.write("an-id")
    assert signer.read(text) == "an-id"
    assert Signer(b"k" * 32, Path("/home/ada/other.ipynb")).read(text) is None
    assert Signer(b"K" * 32, BOOK).read(text) is None


@given(st.data())
def test_an_altered_signature_reads_as_nothing(data: st.DataObject) -> None:
    signer = Signer(b"k" * 32, BOOK)
    text = signer.write("an-id")
    place = data.draw(st.integers(0, len(text) - 2))  # of the last letter two bits are none of the signature's
    letter = data.draw(st.characters(codec="ascii").filter(lambda letter: letter != text[place]))
    assert signer.read(text[:place] + letter + text[place + 1 :]) is None


@given(st.text())
def test_no_text_is_a_signature_by_chance(text: str) -> None:
    assert Signer(b"k" * 32, BOOK).read(text) is None
