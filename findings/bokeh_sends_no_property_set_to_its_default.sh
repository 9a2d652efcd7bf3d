#!/usr/bin/env bash
# bokeh 3.9.2: a property that an author sets to what is its default already counts as not set, and a theme overrides it.
#
# `figure(background_fill_color="#ffffff")` and `figure()` give the same JSON, which leaves out what equals the default
# of the class; a theme, of the document in Python or of the browser, then paints over the white that the author asked
# for. The same white said otherwise ("white", "#fff") is kept and sent. Who themes charts for a dark page cannot tell
# the two apart.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check bokeh==3.9.2
"$folder/env/bin/python" - <<'PY'
from bokeh.document import Document
from bokeh.plotting import figure
from bokeh.themes import Theme

THEME = Theme(json={"attrs": {"Plot": {"background_fill_color": "#123456"}}})


def look(**settings):
    """What is sent of the background, and what it is with a theme."""
    plain, themed = Document(), Document(theme=THEME)
    plain.add_root(figure(**settings))
    (root,) = plain.to_json().content["roots"]
    themed.add_root(plot := figure(**settings))
    return root["attributes"].get("background_fill_color", "left out"), plot.background_fill_color


wanted = {None: ("left out", "#123456"), "#ffffff": ("left out", "#123456"), "white": ("white", "white"), "#fff": ("#fff", "#fff")}
for value, expected in wanted.items():
    found = look() if value is None else look(background_fill_color=value)
    print(f"set to {value}: sent {found[0]}, with a theme {found[1]}")
    assert found == expected, (value, found)
PY
