#!/usr/bin/env bash
# ipyvue 3.1.1 (ipyvuetify 3.1.0): `on_event` keeps one handler for an event, and one for all of its modifiers.
#
# Handlers lie in a CallbackDispatcher, of which ipywidgets' `on_click` keeps as many as are registered. Here a second
# `on_event("click", g)` takes the place of the first, and so does `on_event("click.stop", g)`: the first is never
# called again, and nothing is said. Seen: after click -> f, click -> g, only g hears a click; after click.stop -> h,
# the widget listens to "click.stop" alone.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check ipyvue==3.1.1 ipyvuetify==3.1.0 ipywidgets==8.1.9
"$folder/env/bin/python" - <<'PY'
import ipyvuetify as v

heard = []
button = v.Btn(children=["press"])
click = {"event": "click", "data": {}}
button.on_event("click", lambda *_: heard.append("f"))
button.on_event("click", lambda *_: heard.append("g"))
button._handle_custom_msg(click, [])
print("heard", heard, "listens to", list(button._events))
assert heard == ["g"], heard
button.on_event("click.stop", lambda *_: heard.append("h"))
print("listens to", list(button._events))
assert list(button._events) == ["click.stop"], button._events
PY
