"""Molecules of RDKit with the properties that the author set on them, their atoms and bonds: their pickle has none.

What RDKit finds out by itself (rings, charges) does not count: it follows from the rest.
"""

from __future__ import annotations

import sys
from functools import reduce
from operator import or_
from typing import Any

from nbapp.libraries.profile import Profile
from nbapp.values.types import Adapter, reaches_nothing

_COUNT = ("MolProps", "AtomProps", "BondProps", "QueryAtomData", "PrivateProps", "CoordsAsDouble")


def _molecule(molecule: Any) -> object:
    options = sys.modules["rdkit.Chem.rdchem"].PropertyPickleOptions
    wanted = reduce(or_, (int(getattr(options, name)) for name in _COUNT))
    return molecule.ToBinary(wanted), getattr(molecule, "__dict__", None) or None


_MOLECULE = Adapter(parts=_molecule, reach=reaches_nothing)


def _lookup(kind: type) -> Adapter | None:
    return _MOLECULE if kind.__name__ == "Mol" and kind.__module__ == "rdkit.Chem.rdchem" else None


PROFILE = Profile(lookups={"rdkit": _lookup})
