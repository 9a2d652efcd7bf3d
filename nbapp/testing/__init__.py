"""Tests of notebooks as apps: `AppTest` drives one in a real kernel, without a browser."""

from __future__ import annotations

from nbapp.testing.apptest import AppTest, Control, Failure
from nbapp.testing.child import KernelDied

__all__ = ["AppTest", "Control", "Failure", "KernelDied"]
