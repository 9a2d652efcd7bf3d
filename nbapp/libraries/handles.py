"""Handles: objects that stand for something outside, such as a connection; versioned by which object it is.

They are of many libraries that have nothing else to know, so all of these are one list.

What a database holds or a server answers is not in them, so there is nothing to digest; and a cell that uses one has
not changed it, or every slider step would open the database again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbapp.libraries.profile import Profile, by_name
from nbapp.values.types import Adapter, reaches_nothing

HANDLE = Adapter(handle=True, reach=reaches_nothing)

# By top-level module, the classes whose instances, and those of their subclasses, are handles.
_CLASSES: Mapping[str, str] = {
    "_socket": "socket",
    "_thread": "lock LockType RLock",
    "aiohttp": "ClientSession BaseConnector",
    "asyncpg": "Connection Pool",
    "boto3": "Session ServiceResource",
    "botocore": "BaseClient Session",
    "concurrent": "Executor",
    "distributed": "Client Cluster",
    "google": "Client ClientWithProject",
    "httpx": "BaseClient",
    "psycopg": "BaseConnection",
    "psycopg2": "connection",
    "pymongo": "MongoClient Database Collection",
    "pymysql": "Connection",
    "redis": "Redis ConnectionPool",
    "requests": "Session BaseAdapter",
    "socket": "socket",
    "sqlalchemy": "Engine Connection Session AsyncEngine AsyncConnection AsyncSession sessionmaker Pool",
    "threading": "Condition Semaphore _RLock",
    "urllib3": "PoolManager HTTPConnectionPool",
}


def _settings(connection: Any) -> object:
    """What cells set on a connection of SQLite, and later ones obey."""
    factories = connection.row_factory, connection.text_factory
    return [(getattr(each, "__module__", None), getattr(each, "__qualname__", None), id(each)) for each in factories]


_SQLITE = Adapter(handle=True, parts=_settings, reach=reaches_nothing, close=lambda connection: connection.close())
_ROW = Adapter(parts=lambda row: (row.keys(), tuple(row)))

PROFILE = Profile(
    lookups={
        **{module: by_name(dict.fromkeys(names.split(), HANDLE)) for module, names in _CLASSES.items()},
        "sqlite3": by_name({"Connection": _SQLITE, "Row": _ROW}),
    },
    asks={
        "the network": ("aiohttp", "boto3", "httpx", "requests", "urllib3"),
        "a database": ("psycopg", "psycopg2", "pymongo", "sqlalchemy"),
    },
)
