#!/usr/bin/env bash
# plotly 7.1.0: a FigureWidget is an ipywidgets.Widget that has no hash, and two of them are equal when they show the same.
#
# BaseFigure defines `__eq__` by content and no `__hash__`, so Python sets the hash of its widget class to None. Every
# other widget is told apart by which one it is. Code that keeps widgets in a set or as keys raises TypeError at the
# first figure; code that looks one up in a list finds another one that looks alike.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check plotly==7.1.0 anywidget==0.11.0 ipywidgets==8.1.9
"$folder/env/bin/python" - <<'PY'
import ipywidgets
import plotly.graph_objects as go

one, other = go.FigureWidget(), go.FigureWidget()
print("is a widget:", isinstance(one, ipywidgets.Widget), "| equal to another empty one:", one == other)
assert isinstance(one, ipywidgets.Widget) and one == other and one.model_id != other.model_id
try:
    {one}
except TypeError as error:
    print("in a set:", error)
    assert "unhashable" in str(error)
else:
    raise SystemExit("it has a hash now")
assert [other].index(one) == 0, "a list finds itself only"
assert hash(ipywidgets.IntSlider()) is not None
PY
