"""What code asks of the world: which of its words do, and that what is seeded does not."""

from __future__ import annotations

import pytest

from nbapp.kernel.parse.nondeterminism import asked_of_the_world


@pytest.mark.parametrize(
    ("source", "world"),
    [
        ("np.random.default_rng()", "fresh randomness"),
        ("np.random.default_rng(None)", "fresh randomness"),
        ("default_rng(seed=None)", "fresh randomness"),
        ("make = np.random.default_rng", "fresh randomness"),
        ("np.random.default_rng(7)", None),
        ("default_rng(seed)", None),
        ("default_rng(seed=chosen.value)", None),
        ("np.random.default_rng([1, n])", None),
        ("def draw():\n    return np.random.default_rng()", "fresh randomness"),
        ("def draw(seed):\n    return default_rng(seed)", None),
        ("np.random.default_rng(int(time.time_ns()))", "the clock"),
        ("np.random.default_rng(7), uuid.uuid4()", "fresh randomness"),
    ],
)
def test_a_generator_that_is_given_a_seed_asks_for_nothing(source: str, world: str | None) -> None:
    assert asked_of_the_world(compile(source, "cell", "exec")) == world
