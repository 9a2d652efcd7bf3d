"""Random notebooks of callbacks beside plain Jupyter, after the same gestures. Exit code 1 if one shows something else.

`python -m benchmarks.callback_walks 10000` tries so many; `--first SEED` begins elsewhere.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from pathlib import Path

from tests.kernel.book import Book, book_in
from tests.kernel.callback_walks import differences, generate

_IN_A_KERNEL = 100  # notebooks, one after the other, in one kernel


def tried(book: Book, seed: int) -> list[str]:
    """What is wrong with one notebook; also when it could not be run."""
    try:
        return differences(book, generate(seed))
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is counted and told
        return ["".join(traceback.format_exception(error)).strip()]


def main() -> int:
    """Try, count, print the seeds that differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=1000, help="how many (default: %(default)d)")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the first (default: %(default)d)")
    asked = parser.parse_args()
    wrong: list[int] = []
    seeds = range(asked.first, asked.first + asked.count)
    for begin in range(0, len(seeds), _IN_A_KERNEL):
        with tempfile.TemporaryDirectory() as folder, book_in(Path(folder)) as book:
            for seed in seeds[begin : begin + _IN_A_KERNEL]:
                if found := tried(book, seed):
                    wrong.append(seed)
                    print(f"seed {seed}: {found[0]}", flush=True)
        print(f"{min(begin + _IN_A_KERNEL, len(seeds)):,} notebooks of callbacks, {len(wrong)} wrong", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
