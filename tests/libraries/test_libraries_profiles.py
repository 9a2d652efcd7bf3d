"""What nbapp knows of libraries: each file teaches one, no two the same, and the releases that are installed obey."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from nbapp import libraries
from nbapp.libraries import OPTIONS, PROFILES

HERE = Path(libraries.__file__).parent
SHARED = {"gpu", "notes", "profile", "registry", "shared_memory", "slot", "sqlalchemy", "texts"}  # what several share
TRY = """
import importlib, sys
from nbapp.libraries import OPTIONS
slot = next(slot for slot in OPTIONS if slot.name == sys.argv[1])
importlib.import_module(slot.module)
before, raw = slot.get(), slot.raw and slot.raw()
if before:
    slot.put(before)
assert slot.is_there() and slot.get() == before and (slot.raw and slot.raw()) == raw
print(len(before))
"""


def test_each_file_has_a_profile_but_for_what_they_share() -> None:
    modules = {path.stem: import_module(f"nbapp.libraries.{path.stem}") for path in HERE.glob("[!_]*.py")}
    assert {name for name, module in modules.items() if not hasattr(module, "PROFILE")} == SHARED


def test_no_two_profiles_teach_the_same() -> None:
    taught = [
        *(name for profile in PROFILES for name in profile.lookups if name != "builtins"),  # each is asked for its own
        *(f"generator {name}" for profile in PROFILES for name in profile.generators),
        *(f"classes of {name}" for profile in PROFILES for name in profile.extended),
        *(f"option {slot.name}" for profile in PROFILES for slot in profile.options),
        *(f"asks {name}" for profile in PROFILES for names in profile.asks.values() for name in names),
    ]
    assert [name for name, count in Counter(taught).items() if count > 1] == []


INSTALLED = [slot.name for slot in OPTIONS if find_spec(slot.module.partition(".")[0])]


@pytest.mark.parametrize("name", INSTALLED)
def test_options_of_the_release_that_is_installed_are_read_and_put_back(name: str) -> None:
    ran = subprocess.run([sys.executable, "-c", TRY, name], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 0 or name == "matplotlib_inline"  # that has options once a kernel uses it
