"""numexpr: an expression in a string finds the notebook's arrays by their names."""

from __future__ import annotations

from nbapp.libraries.profile import Profile

PROFILE = Profile(evaluators=("evaluate",))
