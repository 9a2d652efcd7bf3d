"""Results of statsmodels: without the notes that reading them leaves."""

from __future__ import annotations

from nbapp.libraries.notes import without
from nbapp.libraries.profile import Profile, by_name

PROFILE = Profile(lookups={"statsmodels": by_name({"Results": without("_cache")})})
