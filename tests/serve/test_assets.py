"""The front end's files are sent compressed, and kept by browsers where their address tells their content."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from nbapp.serve.assets import Packed
from tests.e2e.conftest import Serve, write_notebook

PLAIN: dict[str, str] = {}
PACKED = {"Accept-Encoding": "gzip, deflate"}


@pytest.fixture(scope="module")
def site(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server, and the text of its page."""
    path = write_notebook(tmp_path_factory.mktemp("assets") / "app.ipynb", "print(1)")
    server = serve_anywhere(path)
    with urlopen(server.url) as answer:
        yield server.url.rstrip("/"), answer.read().decode()


def get(url: str, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    with urlopen(Request(url, headers=headers)) as answer:
        return answer.read(), dict(answer.headers.items())


def assets(page: str) -> list[str]:
    """The addresses of Voila's script and of an extension's."""
    (script,) = re.findall(r'<script defer src="([^"]+/voila.js)"', page)
    (entry,) = re.findall(r'"(static/remoteEntry[^"]+)", "name": "@jupyter-widgets/jupyterlab-manager"', page)
    return [script, f"/voila/labextensions/@jupyter-widgets/jupyterlab-manager/{entry}"]


def test_a_browser_keeps_them_and_gets_them_compressed(site: tuple[str, str]) -> None:
    url, page = site
    for address in assets(page):
        plain, how = get(url + address, PLAIN)
        assert "Content-Encoding" not in how
        packed, headers = get(url + address, PACKED)
        assert headers["Content-Encoding"] == "gzip"
        assert headers["Vary"] == "Accept-Encoding"
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert headers["Content-Type"] == how["Content-Type"]
        assert len(packed) < len(plain)
        assert gzip.decompress(packed) == plain


def test_what_no_version_stands_in_the_address_of_is_asked_for_again(site: tuple[str, str]) -> None:
    url, page = site
    script = assets(page)[0]
    named = re.sub(r"nbapp-[0-9a-f]{16}/", "", script)
    assert named != script
    content, headers = get(url + named, PLAIN)
    assert content == get(url + script, PLAIN)[0]
    assert "immutable" not in headers.get("Cache-Control", "")


def test_a_file_that_has_changed_is_compressed_anew(tmp_path: Path) -> None:
    packed, file = Packed(tmp_path / "packed"), tmp_path / "a.js"
    for number, text in enumerate(("one", "another")):
        file.write_text(text)
        os.utime(file, (1_000_000_000 + number, 1_000_000_000 + number))
        copy = packed.of(str(file))
        assert copy is not None
        assert gzip.decompress(Path(copy).read_bytes()).decode() == text
    assert packed.of(str(tmp_path / "none.js")) is None
