#!/usr/bin/env bash
# anywidget 0.11.0: a model whose code takes longer than two seconds to load is drawn, and never hears of the kernel again.
#
# The front end gives up the model's `ready` by AbortSignal.timeout(2000), whether its module is still loading or not.
# The view does not wait for `ready` and is drawn when the module is there; but `_handle_comm_msg` awaits it, so each
# later message of the kernel rejects: "[anywidget] Failed to initialize model.", and the widget shows what it showed
# first. Seen with three FigureWidgets of plotly 7.1.0 on a busy page, and with a module that begins with
# `await new Promise(done => setTimeout(done, 4000))`: drawn after four seconds, `count` set in the kernel never arrives.
# nbapp's page gives it thirty seconds: tests/e2e/test_library_widgets.py.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check anywidget==0.11.0
"$folder/env/bin/python" - <<'PY'
import re
import sys
from pathlib import Path

built = Path(sys.prefix, "share/jupyter/labextensions/anywidget/static").glob("*.js")
code = next(text for path in built if "Failed to initialize model" in (text := path.read_text()))
gives_up = re.search(r"AbortSignal\.timeout\((2000|2e3)\).{0,120}?reject\(.{0,40}Failed to initialize model", code, re.S)
print("gives up after two seconds:", bool(gives_up))
assert gives_up
handler = re.search(r"key: \"_handle_comm_msg\".{0,1800}?runtime\.ready", code, re.S)
print("messages wait for it:", bool(handler))
assert handler
PY
