"""SQLAlchemy: the connections under an engine; that it is a handle is told in `handles.py`."""

from __future__ import annotations

from typing import Any

MODULE = "sqlalchemy"


def driven_by(engine: Any) -> list[Any]:
    """The connections of SQLite that an engine keeps open for a database in memory, without taking one out.

    To take one out and give it back would roll back what the author has not committed.
    """
    pool = getattr(engine, "pool", None)
    if getattr(getattr(engine, "dialect", None), "name", "") != "sqlite" or pool is None:
        return []
    records = [*getattr(pool, "_all_conns", ()), vars(pool).get("connection")]  # `SingletonThreadPool`, `StaticPool`
    held = (getattr(record, "dbapi_connection", None) for record in records)
    return [connection for connection in held if connection is not None]
