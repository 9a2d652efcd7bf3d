#!/usr/bin/env bash
# Voila 0.5.13 with nbconvert 7.17.2: every page compiles thirteen jinja templates anew, before its first cell.
#
# Voila makes an exporter for each request, and nbconvert's exporter a jinja Environment of its own. An Environment caches
# the templates that it has compiled, but this one lives for one page, and nobody gives it a bytecode cache. The chain of
# voila's and nbconvert's `lab` templates is parsed, generated and compiled again for the second and each later page: most
# of the time between a request and its first byte, where a kernel is ready. A subclass of VoilaExporter that sets
# `bytecode_cache` on the environment (jinja2.BytecodeCache) is enough.
set -euo pipefail
folder=$(mktemp -d); trap '[ -z "${server:-}" ] || kill "$server"; rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check voila==0.5.13 nbconvert==7.17.2 jinja2==3.1.6 ipykernel==7.4.0
"$folder/env/bin/python" - "$folder/app.ipynb" <<'PY'
import sys

import nbformat

v4 = nbformat.v4
kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
nbformat.write(v4.new_notebook(cells=[v4.new_code_cell("1 + 1")], metadata={"kernelspec": kernel}), sys.argv[1])
PY
cat >"$folder/counting.py" <<'PY'
import sys

import jinja2
from voila.app import main

compiled = jinja2.Environment.compile


def counting(self, *arguments, **options):
    print("compiled", flush=True)
    return compiled(self, *arguments, **options)


jinja2.Environment.compile = counting
sys.exit(main())
PY
port=$("$folder/env/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
PATH="$folder/env/bin:$PATH" "$folder/env/bin/python" "$folder/counting.py" "$folder/app.ipynb" --no-browser --port="$port" >"$folder/log" 2>&1 &
server=$!
"$folder/env/bin/python" - "http://localhost:$port" "$folder/log" <<'PY'
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

url, log = sys.argv[1], Path(sys.argv[2])
counts = []
for _ in range(120):
    try:
        urlopen(url).read()
        break
    except URLError:
        time.sleep(0.5)
for page in (2, 3):
    before = log.read_text().count("compiled")
    urlopen(url).read()
    counts.append(log.read_text().count("compiled") - before)
    print("page", page, "compiled", counts[-1], "templates")
assert min(counts) >= 10, "templates are kept now"
PY
