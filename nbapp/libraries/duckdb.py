"""DuckDB: its connections are handles, and SQL finds the notebook's tables by their names."""

from __future__ import annotations

from nbapp.libraries.handles import HANDLE
from nbapp.libraries.profile import Profile, by_name

MODULE = "_duckdb"  # where its classes are
_LOOKUP = by_name({"DuckDBPyConnection": HANDLE})
PROFILE = Profile(
    lookups={MODULE: _LOOKUP, "duckdb": _LOOKUP},
    evaluators=("execute", "executemany", "from_df", "query", "sql", "table", "view"),
    asks={"a database": ("duckdb",)},
)
