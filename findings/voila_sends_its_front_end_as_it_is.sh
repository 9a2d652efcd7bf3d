#!/usr/bin/env bash
# Voila 0.5.13: a page's scripts go out uncompressed, and those of extensions with `no-cache`, though their names are hashes.
#
# A browser that asks for gzip gets voila.js and its chunks as they lie on the disk. The chunks in /voila/static have
# names such as 143.voila.js that stay the same from release to release, and no Cache-Control: how long they are kept is
# the browser's guess from Last-Modified, also after an upgrade. Files of extensions, whose names hold a hash
# (/voila/labextensions/.../remoteEntry.<hash>.js), say `no-cache` and have no ETag: each page asks for every one again.
# Whatever stands in front of Voila must do both, and must put the release into the address of the former.
set -euo pipefail
folder=$(mktemp -d); trap '[ -z "${server:-}" ] || kill "$server"; rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check voila==0.5.13 ipywidgets==8.1.9 ipykernel==7.4.0
"$folder/env/bin/python" - "$folder/app.ipynb" <<'PY'
import sys

import nbformat

v4 = nbformat.v4
cell = v4.new_code_cell("import ipywidgets as w\nw.IntSlider()")
kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
nbformat.write(v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), sys.argv[1])
PY
port=$("$folder/env/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
PATH="$folder/env/bin:$PATH" "$folder/env/bin/voila" "$folder/app.ipynb" --no-browser --port="$port" >"$folder/log" 2>&1 &
server=$!
"$folder/env/bin/python" - "http://localhost:$port" <<'PY'
import re
import sys
import time
from urllib.error import URLError
from urllib.request import Request, urlopen

url = sys.argv[1]


def get(address):
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip"})) as answer:
        return answer.read(), answer.headers


for _ in range(120):
    try:
        page = get(url)[0].decode()
        break
    except URLError:
        time.sleep(0.5)
name = "@jupyter-widgets/jupyterlab-manager"
(block,) = [each for each in re.findall(r"\{[^{}]*remoteEntry[^{}]*\}", page) if f'"{name}"' in each]
entry = re.search(r"static/remoteEntry\.[0-9a-f]+\.js", block)[0]
chunk, headers = get(f"{url}/voila/static/voila.js")
print("voila.js:", len(chunk), "bytes, encoding", headers["Content-Encoding"], "cache", headers["Cache-Control"])
assert headers["Content-Encoding"] is None and headers["Cache-Control"] is None, "it is compressed or kept now"
extension, headers = get(f"{url}/voila/labextensions/{name}/{entry}")
print("an extension:", len(extension), "bytes, encoding", headers["Content-Encoding"], "cache", headers["Cache-Control"])
assert headers["Content-Encoding"] is None and headers["ETag"] is None, "it is compressed or has an ETag now"
assert headers["Cache-Control"] == "no-cache", "it is kept now"
PY
