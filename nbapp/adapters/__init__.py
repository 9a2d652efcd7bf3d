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
    numpy,
    pandas,
    pillow,
    plotly,
    polars,
    pyarrow,
    scipy,
    sklearn,
    torch,
    traitlets,
)
from nbapp.adapters.registry import REGISTRY
from nbapp.core.types import EVERY, Lookup

LOOKUPS: Mapping[str, Lookup] = {
    **handles.LOOKUPS,
    EVERY: REGISTRY,
    "IPython": ipython.lookup,
    "ipykernel": ipython.lookup,
    "ipywidgets": ipywidgets.lookup,
    "matplotlib": matplotlib.lookup,
    "numpy": numpy.lookup,
    "pandas": pandas.lookup,
    "PIL": pillow.lookup,
    "plotly": plotly.lookup,
    "polars": polars.lookup,
    "pyarrow": pyarrow.lookup,
    "scipy": scipy.lookup,
    "sklearn": sklearn.lookup,
    "torch": torch.lookup,
    "traitlets": traitlets.lookup,
}
