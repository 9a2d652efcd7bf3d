"""Who is far away: whoever asks from another computer, or by way of a proxy; and what is packed for them."""

from __future__ import annotations

import zlib
from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders

from nbapp.serve.visitors.distance import is_far, packed


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


def test_texts_are_packed_and_what_is_small_or_mostly_buffers_is_not() -> None:
    text = b"a text " * 10_000
    assert zlib.decompress(packed(text, 0)[8:]) == text
    assert packed(text, len(text) // 2 - 1) != text
    assert packed(text, len(text) // 2 + 1) == text
    assert packed(text[:1000], 0) == text[:1000]
