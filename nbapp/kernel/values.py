"""The adapters of other libraries' values, as the kernel gives them to the core."""

from __future__ import annotations

from nbapp.adapters import LOOKUPS

__all__ = ["LOOKUPS"]
