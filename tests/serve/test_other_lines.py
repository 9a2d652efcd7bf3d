"""Each line of a JSON log is JSON, whoever wrote it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import Serve, until
from tests.serve.test_routes import ask, kernel_of

PRINTS = 'import os, sys\nos.write(sys.stderr.fileno(), b"a library \\xff\\n\\n{\\"time\\": \\nand again")'


def test_what_kernels_print_is_a_record_too(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook(PRINTS, "1 / 0"), "--log-format", "json", "--token", "sesame")
    until(lambda: "is served at" in server.output)
    url = server.url.partition("”")[0].strip('"}')
    assert kernel_of(ask(f"{url}?token=sesame")[1])
    until(lambda: "ZeroDivisionError" in server.output)
    assert server.stop() == 0
    records = [json.loads(line) for line in server.lines]
    told = [record["message"] for record in records if record["logger"] == "nbapp.stderr"]
    assert told[:3] == ["a library \\xff", '{"time":', "and again"]
    assert any(record["logger"] == "nbapp.notebook" and record["cell"] == 2 for record in records)
