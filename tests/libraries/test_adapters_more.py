"""Values of libraries that tests do not install; run where they are there, as in the environment of `make libraries`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbapp.libraries import LOOKUPS
from nbapp.values.digest import Digest, Opaque, digest
from nbapp.values.survey import survey
from nbapp.values.types import Types

KNOWN = Types({}, LOOKUPS)
Make = Callable[[Any], Any]


def of(value: object) -> Digest:
    return digest(value, KNOWN)


def with_property(chem: Any, key: str, value: str, *, atom: bool = False) -> Any:
    molecule = chem.MolFromSmiles("CCO")
    (molecule.GetAtomWithIdx(0) if atom else molecule).SetProp(key, value)
    return molecule


def prepared(shapely: Any) -> Any:
    shape = shapely.Point(0, 0).buffer(1)
    shapely.prepare(shape)
    return shape


def noted(data: Any) -> Any:
    data.attrs["unit"] = "m"
    return data


def fit(api: Any, y: list[float]) -> Any:
    return api.OLS(y, [[1, 1], [1, 2], [1, 3]]).fit()


def turned(polygon: Any) -> Any:
    polygon.spin(1)
    return polygon


def of_the_author(sympy: Any, notes: list[int]) -> Any:
    """An expression of a class that is not sympy's, with a list on it."""
    expression = type("Noted", (sympy.Expr,), {"__module__": "notes"})(sympy.Symbol("x"))
    expression.notes = notes
    return expression


DIFFERENT: dict[str, tuple[str, list[Make]]] = {
    "properties of molecules": (
        "rdkit.Chem",
        [
            lambda chem: chem.MolFromSmiles("CCO"),
            lambda chem: chem.MolFromSmiles("CCC"),
            lambda chem: with_property(chem, "k", "1"),
            lambda chem: with_property(chem, "k", "2"),
            lambda chem: with_property(chem, "k", "1", atom=True),
        ],
    ),
    "prepared shapes": (
        "shapely",
        [lambda s: s.Point(0, 0).buffer(1), lambda s: s.Point(0, 0).buffer(2), prepared, lambda s: s.Point(0, 0)],
    ),
    "graphs": ("networkx", [lambda nx: nx.path_graph(3), lambda nx: nx.path_graph(4), lambda nx: nx.DiGraph()]),
    "datasets": (
        "xarray",
        [
            lambda xr: xr.Dataset({"a": ("t", [1, 2])}),
            lambda xr: xr.Dataset({"a": ("t", [1, 3])}),
            lambda xr: xr.Dataset({"b": ("t", [1, 2])}),
            lambda xr: noted(xr.Dataset({"a": ("t", [1, 2])})),
            lambda xr: xr.DataArray([1, 2], dims="t"),
            lambda xr: xr.DataArray([1, 2], dims="t", name="a"),
        ],
    ),
    "expressions": (
        "sympy",
        [
            lambda sympy: sympy.Symbol("x"),
            lambda sympy: sympy.Symbol("x", positive=True),
            lambda sympy: (sympy.Symbol("x") + 1) ** 2,
            lambda sympy: sympy.Function("f")(sympy.Symbol("x")),
            lambda sympy: sympy.Poly(sympy.Symbol("x")),
            lambda sympy: sympy.Poly(sympy.Symbol("x"), domain="QQ"),
            lambda sympy: sympy.Float("1.5"),
            lambda sympy: sympy.Float("1.5", 50),
            lambda sympy: sympy.CRootOf(sympy.Symbol("x") ** 5 + sympy.Symbol("x") + 1, 1),
            lambda sympy: sympy.RegularPolygon((0, 0), 1, 5),
            lambda sympy: turned(sympy.RegularPolygon((0, 0), 1, 5)),
            lambda sympy: of_the_author(sympy, [1]),
            lambda sympy: of_the_author(sympy, [2]),
        ],
    ),
    "fits": ("statsmodels.api", [lambda sm: fit(sm, [1, 2, 4]), lambda sm: fit(sm, [1, 2, 5])]),
}
READINGS: dict[str, tuple[str, Make, Make]] = {
    "a graph": ("networkx", lambda nx: nx.path_graph(3), lambda g: (g.edges, g.nodes, g.adj, g.degree)),
    "a dataset": ("xarray", DIFFERENT["datasets"][1][0], lambda d: (d.a.sum(), d.attrs, d.a.encoding, repr(d))),
    "a fit": ("statsmodels.api", DIFFERENT["fits"][1][0], lambda f: (f.rsquared, f.pvalues, f.resid)),
    "an expression": ("sympy", DIFFERENT["expressions"][1][2], lambda e: (hash(e), e.expand(), e.is_real, str(e))),
    "a polynomial": ("sympy", DIFFERENT["expressions"][1][5], lambda p: (hash(p), p.free_symbols, p.is_real)),
    "a molecule": ("rdkit.Chem", DIFFERENT["properties of molecules"][1][0], lambda m: (m.GetNumAtoms(), repr(m))),
}


@pytest.mark.parametrize(("library", "makers"), DIFFERENT.values(), ids=DIFFERENT)
def test_one_digest_for_one_content(library: str, makers: list[Make]) -> None:
    there = pytest.importorskip(library, reason="not installed for tests; `make libraries` has it")
    digests = [of(make(there)) for make in makers]
    assert len(set(digests)) == len(makers)
    assert digests == [of(make(there)) for make in makers]


@pytest.mark.parametrize(("library", "make", "read"), READINGS.values(), ids=READINGS)
def test_reading_changes_nothing(library: str, make: Make, read: Make) -> None:
    value = make(pytest.importorskip(library, reason="not installed for tests; `make libraries` has it"))
    before = of(value)
    read(value)
    assert of(value) == before


def test_a_file_of_hdf5_is_known_by_its_path_when_it_is_read_and_not_at_all_when_it_is_written(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="not installed for tests; `make libraries` has it")
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["x"] = [1, 2]
        file["y"] = [3]
        with pytest.raises(Opaque):
            of(file)
        with pytest.raises(Opaque):
            of(file["x"])
        assert set(survey(file["x"], KNOWN).reach) & set(survey(file, KNOWN).reach)
    with h5py.File(path) as file:
        before = of(file["x"])
        assert (len(file["x"][:]), of(file["x"]) == before, of(file["y"]) != before) == (2, True, True)
    with pytest.raises(Opaque):
        of(file)


def test_expressions_share_nothing_that_a_cell_could_change_but_what_the_author_hangs_on_them() -> None:
    sympy = pytest.importorskip("sympy", reason="not installed for tests; `make libraries` has it")
    x, notes = sympy.Symbol("x"), [1]
    assert survey((x + 1) ** 2, KNOWN).reach == ()
    one, other = sympy.Function("f")(x), sympy.Function("g")(x)
    assert set(survey(one, KNOWN).reach).isdisjoint(survey(other, KNOWN).reach)
    assert id(notes) in survey(of_the_author(sympy, notes), KNOWN).reach
    polygon = sympy.RegularPolygon((0, 0), 1, 5)
    assert id(polygon) in survey([polygon], KNOWN).reach
