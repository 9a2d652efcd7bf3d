#!/usr/bin/env bash
# ipywidgets 8.1.9: TimePicker, DatetimePicker and NaiveDatetimePicker refuse the state that they give themselves.
#
# `to_json` divides the microseconds by 1000, so `milliseconds` is a float even for a whole second (0.0); `from_json`
# multiplies it by 1000 and hands the float to datetime, which takes none. `set_state(get_state("value"))` changes nothing
# for a DatePicker; for these three it raises TypeError. A page never shows it: JavaScript has one type of number and
# writes 0.0 as 0. State that stays in Python, from one kernel to another or through a file, needs int() there first.
# Seen for each of the three: milliseconds 0.0, "'float' object cannot be interpreted as an integer"; with 0 it is taken.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check ipywidgets==8.1.9
"$folder/env/bin/python" - <<'PY'
import datetime as dt
import json

import ipywidgets as w

noon = dt.datetime(2025, 3, 4, 12, 30)
pickers = [w.TimePicker(value=noon.time()), w.DatetimePicker(value=noon.astimezone()), w.NaiveDatetimePicker(value=noon)]
for picker in pickers:
    name, before = type(picker).__name__, picker.value
    state = json.loads(json.dumps(picker.get_state("value")))
    given = state["value"]["milliseconds"]
    try:
        picker.set_state(state)
    except TypeError as error:
        print(f"{name}: milliseconds {given!r}, handed back: {error}")
        assert type(given) is float and "'float'" in str(error), error
    else:
        raise SystemExit(f"{name} takes its own state now: {given!r}")
    state["value"]["milliseconds"] = 0
    picker.set_state(state)
    print(f"{name}: with the int 0: {picker.value}")
    assert picker.value == before, picker.value

date = w.DatePicker(value=noon.date())
date.set_state(json.loads(json.dumps(date.get_state("value"))))
assert date.value == noon.date()
PY
