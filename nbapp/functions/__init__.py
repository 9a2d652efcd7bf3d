"""`@nbapp.cache` and `@nbapp.resource`: functions that are not computed again while nothing they depend on changed.

Works in a notebook and in any Python process. This package knows no notebook, kernel or cell: what it computes a key
from is the function as it lies in memory, and what its code can look up.
"""

from __future__ import annotations

from nbapp.functions.cache import cache
from nbapp.functions.calls import NotCacheable
from nbapp.functions.resource import resource

__all__ = ["NotCacheable", "cache", "resource"]
