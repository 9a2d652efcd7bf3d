"""seaborn: what it sets for all is set in matplotlib."""

from __future__ import annotations

from nbapp.libraries.profile import Profile

PROFILE = Profile(followed_packages=("seaborn",))
