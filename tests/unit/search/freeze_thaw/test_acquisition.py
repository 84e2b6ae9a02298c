"""Expected improvement, and the choice of most gain for an epoch."""

import numpy as np
import pytest

from epochsearch.search.freeze_thaw.acquisition import expected_improvement, most_gain_per_epoch


def test_expected_improvement_is_that_of_many_draws():
    """The mean of what normal draws fall below the best."""
    draws = np.random.default_rng(0).normal(-0.2, 0.5, 400_000)

    found = expected_improvement(np.array([-0.2]), np.array([0.5]), -0.4)

    assert found[0] == pytest.approx(np.maximum(-0.4 - draws, 0).mean(), rel=0.01)


def test_of_equal_gains_the_cheaper_one_is_taken():
    """And a level that is behind is not aimed at, however good it looks."""
    mean, deviation = np.array([[-5.0, -1.0], [-1.0, -1.0]]), np.full((2, 2), 0.1)

    choice = most_gain_per_epoch(
        mean, deviation, -0.5, np.array([[np.inf, 4.0], [8.0, 16.0]]), np.ones((2, 2))
    )

    assert choice.candidate == 0
    assert choice.gain == pytest.approx(0.5, abs=1e-3)


def test_a_curve_that_will_rise_is_aimed_at_where_it_is_lowest():
    """The gain of its middle is worth more an epoch than another curve's end."""
    mean = np.array([[-1.0, 0.5], [0.5, -1.2]])

    cost = np.array([[10.0, 100.0], [10.0, 100.0]])
    choice = most_gain_per_epoch(mean, np.full((2, 2), 0.05), -0.8, cost, np.ones((2, 2)))

    assert choice.candidate == 0


def test_what_will_have_diverged_by_then_gains_nothing():
    """However low its loss would be."""
    mean, healthy = np.array([[-9.0], [-1.0]]), np.array([[0.0], [1.0]])

    choice = most_gain_per_epoch(mean, np.full((2, 1), 0.1), -0.5, np.ones((2, 1)), healthy)

    assert choice.candidate == 1
