"""The one-standard-error rule against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from epochsearch.analysis.one_error import standard_error, within_one_error

BEST = np.array([1.0, 3.0, 2.0])  # mean 2, standard deviation 1, error 1 / sqrt(3)


def test_the_standard_error_is_scipys() -> None:
    """The deviation with n - 1, over the root of n; one value has none."""
    assert standard_error(BEST) == pytest.approx(float(stats.sem(BEST)))
    assert standard_error(BEST) == pytest.approx(1 / math.sqrt(3))
    assert standard_error(BEST[:1]) is None


@pytest.mark.parametrize(
    ("other", "within"),
    [
        ([1.0, 3.0, 2.0], True),  # the best itself
        ([0.9, 2.9, 1.9], True),  # better everywhere
        ([1.1, 3.1, 2.1], False),  # worse everywhere by the same: no noise in the difference
        ([1.4, 3.0, 2.1], False),  # differences 0.4, 0, 0.1: mean 0.167, error 0.120
        ([1.4, 2.9, 2.1], True),  # differences 0.4, -0.1, 0.1: mean 0.133, error 0.145
        ([1.0, 3.0, 5.0], False),  # differences 0, 0, 3: mean 1 = their own error, above the best's 0.577
    ],
)
def test_a_point_must_hold_against_both_errors(other: list[float], within: bool) -> None:
    """That of the paired difference, and that of the best's own mean."""
    found = within_one_error(BEST, np.array(other)[:, np.newaxis])

    assert found.tolist() == [within]


def test_a_point_that_diverged_somewhere_is_never_within() -> None:
    """Its mean is infinite."""
    assert within_one_error(BEST, np.array([[1.0], [math.inf], [2.0]])).tolist() == [False]


def test_losses_whose_squares_overflow_have_an_error() -> None:
    """Of 1e200, 3e200 and 2e200 it is 1e200 times that of 1, 3 and 2; who is within stays the same."""
    assert standard_error(BEST * 1e200) == pytest.approx(1e200 / math.sqrt(3))

    others = np.array([[1.4, 1.4], [3.0, 2.9], [2.1, 2.1]])
    assert within_one_error(BEST * 1e200, others * 1e200).tolist() == [False, True]


def test_a_huge_point_changes_nothing_for_the_others() -> None:
    """Each point is measured in its own unit."""
    others = np.array([[1.4, 1e200], [2.9, 1e201], [2.1, 1e200]])

    assert within_one_error(BEST, others).tolist() == [True, False]
