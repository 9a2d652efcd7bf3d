"""What lies below a folder as one version."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nbapp.kernel.environment.files import disk
from nbapp.kernel.environment.files.disk import Tree
from nbapp.kernel.environment.files.path_rules import is_wide, root_of, with_companions


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_tree_changes_with_each_file_in_it(tmp_path: Path) -> None:
    tree = Tree(str(tmp_path / "data"), str(tmp_path / "data"))
    versions = [tree.version()]
    for name, text in [("a", "1"), ("a", "2"), ("k=1/b", "1"), ("k=1/l=2/c", "1"), ("k=1/l=2/c", "2")]:
        write(tmp_path / "data" / name, text)
        versions.append(tree.version())
    (tmp_path / "data" / "a").unlink()
    versions.append(tree.version())
    assert len(set(versions)) == len(versions)
    write(tmp_path / "data" / "a", "2")
    assert tree.version() == versions[-2]
    write(tmp_path / "data" / ".git" / "x", "2")
    hidden = tree.version()
    write(tmp_path / "data" / ".git" / "x", "3")
    assert tree.version() == hidden


def test_a_pattern_counts_what_it_may_match(tmp_path: Path) -> None:
    write(tmp_path / "data" / "k=1" / "a.csv", "1")
    shallow, deep, braces = (
        Tree(str(tmp_path / "data" / text), str(tmp_path / "data")) for text in ("*/*.csv", "**/*.csv", "*/*.{csv,txt}")
    )
    before = shallow.version(), deep.version(), braces.version()
    write(tmp_path / "data" / "k=1" / "a.txt", "1")
    assert (shallow.version(), deep.version()) == before[:2]
    assert braces.version() != before[2]
    write(tmp_path / "data" / "k=1" / "l=2" / "a.csv", "1")
    assert shallow.version() == before[0]
    assert deep.version() != before[1]


def test_a_link_to_a_folder_above_is_no_endless_walk(tmp_path: Path) -> None:
    write(tmp_path / "data" / "a", "1")
    for name in ("x", "y", "z"):
        (tmp_path / "data" / name).symlink_to(tmp_path / "data", target_is_directory=True)
    assert len(list(Tree(str(tmp_path / "data"), str(tmp_path / "data"))._entries())) == 4


def test_what_is_beyond_the_bound_counts_by_the_times_of_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_MOST", 3)
    for name in ("a", "b", "c", "d"):
        write(tmp_path / "data" / name, "1")
    tree = Tree(str(tmp_path / "data"), str(tmp_path / "data"))
    before = tree.version()
    looked_at = {Path(path).name for path, _ in tree._entries()}
    (beyond,) = {"a", "b", "c", "d"} - looked_at
    write(tmp_path / "data" / beyond, "2")
    assert tree.version() == before
    (tmp_path / "data" / beyond).unlink()
    os.utime(tmp_path / "data", ns=(1, 1))
    assert tree.version() != before


def test_many_bytes_go_by_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_HASHED", 2)
    write(tmp_path / "data" / "a", "12")
    write(tmp_path / "data" / "b", "34")
    tree = Tree(str(tmp_path / "data"), str(tmp_path / "data"))
    before = tree.version()
    os.utime(tmp_path / "data" / "a", ns=(1, 1))
    assert tree.version() == before
    os.utime(tmp_path / "data" / "b", ns=(1, 1))
    assert tree.version() != before


def test_paths_that_stand_for_several_files() -> None:
    assert with_companions("/d/x.SHP") == ("/d/x.SHP", "/d/x.dbf", "/d/x.shx", "/d/x.prj", "/d/x.cpg")
    assert with_companions("/d/x.db") == ("/d/x.db", "/d/x.db-wal")
    assert with_companions("/d/x.csv") == ("/d/x.csv",)
    assert root_of("/d/e/*/x.csv") == "/d/e"
    assert root_of("/*.csv") == "/"
    assert root_of("/d/e") == "/d/e"
    assert [is_wide(path) for path in ("/", str(Path.home()), str(Path.cwd()), str(Path.cwd() / "data"))] == [
        True,
        True,
        True,
        False,
    ]
