#!/usr/bin/env bash
# traitlets 5.16.1 with ipywidgets 8.1.9: a value that a validator refuses stays, when it was set while notifications were
# held and the validator raised anything but a TraitError.
#
# Set directly, a refused value never arrives, whatever is raised. Held (`hold_trait_notifications`, which `set_state` uses
# for everything that a front end sends) validators run at the end, on values that are there already; traitlets puts the
# old ones back for a TraitError, and for nothing else. A SelectionRangeSlider whose front end sends the two labels in place of
# their positions compares a number with a text: TypeError, and from then on its `index` is the two labels. Own widgets:
# raise TraitError in a validator, and nothing else.
# Seen: directly (0, 1) stays; held, a TraitError puts (0, 1) back, a TypeError leaves ('b', 'c').
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check ipywidgets==8.1.9 traitlets==5.16.1
"$folder/env/bin/python" - <<'PY'
import ipywidgets as w


def after(value, *, held):
    slider = w.SelectionRangeSlider(options=["a", "b", "c"], index=(0, 1))
    try:
        if held:
            slider.set_state({"index": value})
        else:
            slider.index = value
    except Exception as error:
        return type(error).__name__, slider.index
    raise SystemExit(f"{value} is taken now")


for value, held, seen in [
    (("b", "c"), False, ("TypeError", (0, 1))),
    ((0, 9), False, ("TraitError", (0, 1))),
    ((0, 9), True, ("TraitError", (0, 1))),
    (("b", "c"), True, ("TypeError", ("b", "c"))),
]:
    found = after(value, held=held)
    print(f"{value}, {'held' if held else 'directly'}: {found[0]}, and index is {found[1]}")
    assert found == seen, found
PY
