"""Handles: objects that stand for something outside, such as a connection; versioned by which object it is.

They are of many libraries that have nothing else to know, so all of these are one list. What cells set on one, and
later ones obey, is told with it.

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
    "psycopg": "BaseConnection",
    "psycopg2": "connection",
    "pymongo": "MongoClient Database Collection",
    "pymysql": "Connection",
    "redis": "Redis ConnectionPool",
    "socket": "socket",
    "sqlalchemy": "Engine Connection Session AsyncEngine AsyncConnection AsyncSession sessionmaker Pool",
    "threading": "Condition Semaphore _RLock",
    "urllib3": "PoolManager HTTPConnectionPool",
}


def _settings(connection: Any) -> object:
    """What cells set on a connection of SQLite, and later ones obey."""
    factories = connection.row_factory, connection.text_factory
    return [(getattr(each, "__module__", None), getattr(each, "__qualname__", None), id(each)) for each in factories]


_PLAIN = (str, bytes, bool, int, float, type(None))


def _with(*names: str) -> Adapter:
    """A handle on which cells set what later ones send: headers, credentials. What a server sets, cookies, is not told:
    each cell that asks the server would have changed it. A name for one of these, `h = session.headers`, follows it."""
    return Adapter(
        handle=True,
        parts=lambda client: [(name, _plain(getattr(client, name, None))) for name in names],
        reach=lambda client: [getattr(client, name, None) for name in (*names, "cookies")],
    )


def _plain(value: Any) -> object:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    items = getattr(value, "multi_items", getattr(value, "items", None))  # of httpx, which may hold a name twice
    if items is not None:
        return [(_plain(name), _plain(each)) for name, each in items()]
    return type(value).__qualname__, id(value)


_SESSION = _with("headers", "params", "auth", "verify", "cert", "proxies", "trust_env", "max_redirects", "stream")
_CLIENT = _with("headers", "params", "auth", "follow_redirects", "max_redirects", "trust_env")
_SQLITE = Adapter(handle=True, parts=_settings, reach=reaches_nothing, close=lambda connection: connection.close())
_ROW = Adapter(parts=lambda row: (row.keys(), tuple(row)))

PROFILE = Profile(
    lookups={
        **{module: by_name(dict.fromkeys(names.split(), HANDLE)) for module, names in _CLASSES.items()},
        "requests": by_name({"BaseAdapter": HANDLE, "Session": _SESSION}),
        "httpx": by_name({"BaseClient": _CLIENT}),
        "sqlite3": by_name({"Connection": _SQLITE, "Row": _ROW}),
    },
    asks={
        "the network": ("aiohttp", "boto3", "httpx", "requests", "urllib3"),
        "a database": ("psycopg", "psycopg2", "pymongo", "sqlalchemy"),
    },
)
