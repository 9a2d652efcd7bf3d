"""Who is far away: whoever asks from another computer, or by way of a proxy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders

from nbapp.serve.visitors.distance import is_far


@pytest.mark.parametrize(
    ("address", "headers", "expected"),
    [
        ("127.0.0.1", {}, False),
        ("::1", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, True),
        ("192.0.2.1", {}, True),
        ("2001:db8::1", {}, True),
        ("", {}, True),
        (None, {}, True),
    ],
)
def test_who_is_far_away(address: str | None, headers: dict[str, str], expected: bool) -> None:
    request: Any = SimpleNamespace(remote_ip=address, headers=HTTPHeaders(headers))
    assert is_far(request) is expected
