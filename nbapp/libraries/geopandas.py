"""geopandas: its options; the values are those of pandas and shapely."""

from __future__ import annotations

from nbapp.libraries.profile import Profile
from nbapp.libraries.slot import of_attributes

PROFILE = Profile(options=(of_attributes("geopandas", "options", dir),), followed_packages=("geopandas",))
