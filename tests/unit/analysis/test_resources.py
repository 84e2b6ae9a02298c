"""The laws by which time and memory of unmeasured batch sizes are predicted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsearch.analysis.resources import BatchCost, MemoryLaw, memory_law, time_law


def test_a_line_of_memory_is_found_and_turned_round() -> None:
    """300 MB and 2 MB a row: 1 GB holds 350 rows, and no batch is larger than the training part."""
    law = memory_law([16, 64, 256], [int(3e8 + 2e6 * size) for size in (16, 64, 256)])

    assert law.at(128) == pytest.approx(3e8 + 2e6 * 128)
    assert law.largest(1e9, 10_000) == 350
    assert law.largest(1e9, 300) == 300
    assert law.largest(1e8, 300) == 0


def test_memory_that_does_not_grow_has_no_slope() -> None:
    """Noise that falls by chance does not make large batches cheaper than small ones."""
    assert memory_law([16, 256], [400, 390]) == MemoryLaw(395.0, 0.0)
    assert memory_law([64], [400]).largest(500, 1000) == 1000


def test_the_time_of_rows_and_of_steps_is_told_apart() -> None:
    """1,000 rows at 10 us and 2 ms a step."""
    sizes = [10, 50, 250]

    law = time_law(1000, sizes, [0.01 + 0.002 * math.ceil(1000 / size) for size in sizes])

    assert (law.per_row, law.per_step) == pytest.approx((1e-5, 2e-3), rel=1e-6)
    assert law.at(1000, 100) == pytest.approx(0.03)


@given(
    st.lists(st.sampled_from([8, 16, 32, 64, 128, 256]), min_size=1, max_size=6, unique=True),
    st.integers(0, 2**31),
)
def test_no_prediction_is_below_zero(sizes: list[int], seed: int) -> None:
    """However much the measurements contradict each other."""
    random = np.random.default_rng(seed)

    times = time_law(1000, sizes, random.uniform(0.01, 10, len(sizes)).tolist())
    memory = memory_law(sizes, random.integers(1, 10**9, len(sizes)).tolist())

    assert times.at(1000, 37) > 0
    assert memory.per_row >= 0


def test_samples_a_second_are_training_rows_a_second() -> None:
    """1,257 rows in half a second."""
    cost = BatchCost(64, 1, 20, 1257, 0.5, None, 3)

    assert cost.samples_per_second == 2514
