"""Teaches the core the values of other libraries: one file for each library, and none of them is imported here.

Each lookup takes a class of its library and returns the adapter for it, or None to look on among its bases. What the
author registers is asked first. This package knows no notebook, kernel or cell.
"""

from __future__ import annotations

from collections.abc import Mapping

from nbapp.adapters import (
    handles,
    ipython,
    ipywidgets,
    matplotlib,
    notes,
    numpy,
    pandas,
    pillow,
    plotly,
    polars,
    pyarrow,
    python,
    rdkit,
    scipy,
    shapely,
    sklearn,
    stores,
    torch,
    traitlets,
    xarray,
)
from nbapp.adapters.registry import REGISTRY
from nbapp.values.types import EVERY, Lookup

LOOKUPS: Mapping[str, Lookup] = {
    **handles.LOOKUPS,
    EVERY: REGISTRY,
    "IPython": ipython.lookup,
    "ipykernel": ipython.lookup,
    "_struct": python.lookup_struct,
    "functools": python.lookup_functools,
    "h5py": stores.lookup_h5py,
    "ipywidgets": ipywidgets.lookup,
    "matplotlib": matplotlib.lookup,
    "networkx": notes.lookup_networkx,
    "netCDF4": stores.lookup_netcdf,
    "numpy": numpy.lookup,
    "pandas": pandas.lookup,
    "PIL": pillow.lookup,
    "plotly": plotly.lookup,
    "polars": polars.lookup,
    "pyarrow": pyarrow.lookup,
    "rdkit": rdkit.lookup,
    "scipy": scipy.lookup,
    "shapely": shapely.lookup,
    "sklearn": sklearn.lookup,
    "statsmodels": notes.lookup_statsmodels,
    "tables": stores.lookup_tables,
    "torch": torch.lookup,
    "traitlets": traitlets.lookup,
    "xarray": xarray.lookup,
}
