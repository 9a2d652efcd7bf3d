"""Private names of other packages, each in one place: no other file outside `libraries/` uses one.

What nbapp *replaces* there is in `docs/reference/patched.md`. `tests/kernel/test_compat.py` calls each on a real
object, so a release that has lost one fails a test that says which.
"""
