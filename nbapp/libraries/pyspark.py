"""Spark: SQL and expressions in strings may name what the notebook has."""

from __future__ import annotations

from nbapp.libraries.profile import Profile

PROFILE = Profile(evaluators=("expr", "selectExpr", "sql", "table"))
