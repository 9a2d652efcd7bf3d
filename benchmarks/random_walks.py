"""New random notebooks, edits and moves, as long as you say: none may show a wrong value. Exit code 1 if one does."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time

BATCH = 200  # sequences of each test between two looks at the clock
WALKS = 50  # what a test of random widget notebooks tries
FILES = {
    "tests/core/test_fuzz.py": BATCH,
    "tests/kernel/widgets/test_widget_walks.py": WALKS,
    "tests/kernel/frontends/test_lab_walks.py": 1,
}


def batch(file: str, seed: int) -> tuple[int, str]:
    """Run the tests of a file once with this seed: how many passed, and what pytest said when one failed."""
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", file]
    chosen = {"NBAPP_FUZZ_EXAMPLES": str(BATCH), "HYPOTHESIS_PROFILE": "random"}
    done = subprocess.run(
        [*command, f"--hypothesis-seed={seed}"], env={**os.environ, **chosen}, capture_output=True, text=True
    )
    passed = re.search(r"(\d+) passed", done.stdout)
    return int(passed[1]) if passed else 0, "" if done.returncode == 0 else done.stdout + done.stderr


def main() -> int:
    """Try, count, print; 1 at the first wrong value."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default: %(default)g)")
    end = time.monotonic() + 60 * parser.parse_args().minutes
    seed, tried = int(time.time()), 0
    while time.monotonic() < end:
        for file, examples in FILES.items():
            passed, wrong = batch(file, seed)
            tried += passed * examples
            if wrong:
                print(wrong)
                print(f"A wrong value with --hypothesis-seed={seed}, after {tried:,} random sequences", file=sys.stderr)
                return 1
        seed += 1
        print(f"{tried:,} random sequences, 0 wrong", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
