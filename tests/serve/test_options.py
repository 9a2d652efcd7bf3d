"""What the command line of `nbapp serve` accepts, and what it says about the rest."""

from __future__ import annotations

import re

import pytest

from nbapp.arguments import parser
from nbapp.errors import UsageError
from nbapp.persistence.places import default_place
from nbapp.persistence.sizes import size
from nbapp.serve.options import Options, is_loopback, read, values


def asked(*arguments: str) -> Options:
    return read(parser().parse_args(["serve", "app.ipynb", *arguments]))


def test_without_options_only_this_computer_is_let_in_and_the_author_sees_tracebacks() -> None:
    options = asked()
    assert (options.ip, options.token, options.browser, options.theme) == ("localhost", None, True, None)
    assert options.for_author
    assert options.settings() == {
        "cache_bytes": None,
        "cache": True,
        "results": {"where": default_place(), "is_default": True, "limit": 2 * 10**9, "key": None},
        "timeout": None,
        "debounce": 0.0,
        "values": {},
        "tracebacks": True,
        "memory_bytes": None,
        "log_format": "text",
        "theme": None,
    }


def test_the_kernel_is_told_what_was_asked_for() -> None:
    options = asked("--set", "n=5", "--set", "q=a=b", "--set", "n=6", "--cache-size", "1KB", "--no-cache", "--public")
    assert options.values == (("n", "6"), ("q", "a=b"))
    assert options.settings()["values"] == {"n": "6", "q": "a=b"}
    assert options.settings()["cache_bytes"] == 1000
    assert options.settings()["cache"] is False
    assert options.settings()["results"] == {"where": "none"}
    assert options.settings()["tracebacks"] is False


def test_results_are_kept_where_they_were_asked_for() -> None:
    place = asked("--cache", "redis://cache", "--cache-quota", "5GB", "--cache-key", "key").results
    assert place == {"where": "redis://cache", "is_default": False, "limit": 5 * 10**9, "key": "key"}
    assert asked("--cache", "none").results == {"where": "none"}


def test_a_token_is_made_up_when_none_is_given_and_differs_each_time() -> None:
    made, again = asked("--token"), asked("--token")
    assert made.token is not None
    assert re.fullmatch(r"[0-9a-f]{48}", made.token)
    assert made.token != again.token
    assert asked("--token", "mine").token == "mine"
    assert not made.for_author


@pytest.mark.parametrize("ip", ["localhost", "127.0.0.1", "127.3.2.1", "::1"])
def test_loopback_addresses_need_no_token(ip: str) -> None:
    assert is_loopback(ip)
    assert asked("--ip", ip).ip == ip


@pytest.mark.parametrize("ip", ["0.0.0.0", "", "*", "::", "192.168.0.3", "example.org", "localhost.example.org"])
def test_other_addresses_need_a_token_or_a_clear_word(ip: str) -> None:
    with pytest.raises(UsageError, match=r"--token.*--public"):
        asked("--ip", ip)
    assert asked("--ip", ip, "--token").token
    assert asked("--ip", ip, "--public").public


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [
        ("0", 0),
        ("100", 100),
        ("512MB", 512 * 10**6),
        ("2gb", 2 * 10**9),
        ("2G", 2 * 10**9),
        ("1.5 GB", 15 * 10**8),
        ("1KiB", 1024),
        ("1.5GiB", 3 * 2**29),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, bytes_: int) -> None:
    assert size("--cache-size", text) == bytes_


@pytest.mark.parametrize("text", ["", "MB", "-1", "1PB", "1,5GB", "five", "1 2"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="512MB"):
        size("--cache-size", text)


@pytest.mark.parametrize("text", ["n", "=5", "a b=1", "1n=2", "a.b=2"])
def test_what_is_no_name_and_value_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="NAME=VALUE"):
        values([text])


@pytest.mark.parametrize(
    ("given", "path"), [("", "/"), ("/", "/"), ("x", "/x/"), ("/x/y", "/x/y/"), ("/x-1/~a/", "/x-1/~a/")]
)
def test_base_urls_start_and_end_with_a_slash(given: str, path: str) -> None:
    assert asked("--base-url", given).base_url == path


@pytest.mark.parametrize("given", ["/x//y/", "/a b/", '/"/', "/x/../y", "/é/", "http://x/"])
def test_what_is_no_path_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="/sales/"):
        asked("--base-url", given)


@pytest.mark.parametrize(
    "arguments", [["--port", "65536"], ["--port", "-1"], ["--timeout", "0"], ["--timeout", "nan"], ["--debounce", "-1"]]
)
def test_numbers_out_of_range_are_refused(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match=arguments[0]):
        asked(*arguments)
