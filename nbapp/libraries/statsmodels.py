"""Statsmodels: results without the notes that reading them leaves; and formulas, also of patsy and formulaic, which
find the notebook's functions by their names."""

from __future__ import annotations

from nbapp.libraries.notes import without
from nbapp.libraries.profile import Profile, by_name

PROFILE = Profile(
    lookups={"statsmodels": by_name({"Results": without("_cache")})},
    evaluators=("Formula", "dmatrices", "dmatrix", "formula", "from_formula", "glm", "ols"),
)
