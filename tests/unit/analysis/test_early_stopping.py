"""Prechelt's criteria, by hand."""

from __future__ import annotations

import math

import pytest

from epochsearch.analysis.early_stopping import stopping_criteria


def test_the_generalisation_loss_is_relative_to_the_lowest_so_far() -> None:
    """GL(t) = 100 (E(t) / min E(t') - 1): an early epoch knows nothing of a later one."""
    found = stopping_criteria([1.0] * 4, [0.8, 0.5, 0.55, 0.4])

    assert found.generalisation_loss.tolist() == pytest.approx([0, 0, 10, 0])


def test_progress_is_how_far_the_mean_of_a_strip_lies_above_its_lowest() -> None:
    """P_5 of 1.0, 0.9, ..., 0.6: 1000 (0.8 / 0.6 - 1); before the first whole strip it is not defined."""
    found = stopping_criteria([1.0, 0.9, 0.8, 0.7, 0.6], [0.5, 0.4, 0.4, 0.4, 0.44])

    assert all(math.isnan(value) for value in found.progress[:4])
    assert found.progress[4] == pytest.approx(1000 / 3)
    assert found.quotient[4] == pytest.approx(10 / (1000 / 3))
    assert found.at(5) == pytest.approx((10, 0.03, 0))


def test_strips_up_counts_successive_rises_at_strip_ends() -> None:
    """With strips of 2: epochs 3, 5 and 7 each lie above the one two before, epoch 9 does not."""
    found = stopping_criteria([1.0] * 9, [1, 9, 2, 9, 3, 9, 4, 9, 3.5], strip=2)

    assert found.strips_up[[2, 4, 6, 8]].tolist() == [1, 2, 3, 0]


def test_losses_of_zero_and_a_training_loss_that_stands_still_are_survived() -> None:
    """GL is not defined against a lowest loss of 0; PQ of no progress is large, and finite."""
    found = stopping_criteria([0.0] * 6, [0.5, 0.0, 0.1, 0.1, 0.1, 0.1])
    still = stopping_criteria([0.3] * 6, [0.5, 0.4, 0.4, 0.4, 0.4, 0.5])

    assert math.isnan(found.generalisation_loss[5])
    assert math.isfinite(still.quotient[5])
    assert still.quotient[5] > 1e6


def test_progress_needs_a_training_loss_above_zero() -> None:
    """P_k is a quotient of losses: of a density's, which may be below 0, it means nothing, and so does PQ."""
    found = stopping_criteria([1.0, 0.5, -0.1, -0.5, -1.0, -1.5], [0.5, 0.4, 0.4, 0.4, 0.4, 0.5])

    assert math.isnan(found.progress[5])
    assert math.isnan(found.quotient[5])
    assert found.generalisation_loss[5] == pytest.approx(25)
