"""Tests of the server start real ones, as the end-to-end tests do, and talk to them without a browser."""

from __future__ import annotations

from tests.e2e.conftest import notebook, serve, serve_anywhere

__all__ = ["notebook", "serve", "serve_anywhere"]
