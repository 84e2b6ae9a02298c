"""Bootstrap intervals, interquartile mean and probability of improvement."""

from __future__ import annotations

import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from epochsearch.analysis.intervals import (
    Interval,
    bca_interval,
    interquartile_mean,
    probability_of_improvement,
)

# Efron and Tibshirani 1993, "An introduction to the bootstrap", table 14.1: spatial test data, A.
SPATIAL = [
    48,
    36,
    20,
    29,
    42,
    42,
    20,
    42,
    22,
    41,
    45,
    14,
    6,
    0,
    33,
    28,
    34,
    4,
    32,
    24,
    47,
    41,
    24,
    26,
    30,
    41,
]


def textbook_bca(values: list[float], confidence: float) -> tuple[float, float]:
    """Efron 1987 word by word, over all n^n resamples of the mean."""
    n, mean = len(values), math.fsum(values) / len(values)
    resampled = sorted(math.fsum(drawn) / n for drawn in itertools.product(values, repeat=n))
    below = sum(r < mean - 1e-12 for r in resampled) + sum(abs(r - mean) <= 1e-12 for r in resampled) / 2
    normal = NormalDist()
    z0 = normal.inv_cdf(below / len(resampled))
    left_out = [(math.fsum(values) - value) / (n - 1) for value in values]
    centred = [math.fsum(left_out) / n - value for value in left_out]
    acceleration = sum(c**3 for c in centred) / (6 * sum(c**2 for c in centred) ** 1.5)
    ends = []
    for share in ((1 - confidence) / 2, (1 + confidence) / 2):
        z = z0 + normal.inv_cdf(share)
        at = normal.cdf(z0 + z / (1 - acceleration * z))
        ends.append(resampled[min(int(at * len(resampled)), len(resampled) - 1)])
    return ends[0], ends[1]


def test_the_bca_interval_of_a_variance_is_the_published_one() -> None:
    """Efron and Tibshirani 1993, table 14.2: 171.5, 90 % interval 115.8 to 259.6 (from 2,000 resamples)."""
    found = bca_interval(SPATIAL, np.var, confidence=0.9)

    assert found.estimate == pytest.approx(171.5, abs=0.05)
    assert found.low == pytest.approx(115.8, rel=0.03)
    assert found.high == pytest.approx(259.6, rel=0.03)


def test_the_bca_interval_of_a_mean_is_that_of_all_resamples() -> None:
    """Five skewed values have 3,125 resamples: the formulas applied to all of them give the ends."""
    values = [0.1, 0.4, 0.5, 0.9, 2.3]
    low, high = textbook_bca(values, 0.9)

    found = bca_interval(values, confidence=0.9)

    assert (found.low, found.high) == (pytest.approx(low, abs=0.03), pytest.approx(high, abs=0.03))


def test_the_same_values_give_the_same_interval() -> None:
    """A comparison that is continued gives the same verdict."""
    assert bca_interval(SPATIAL) == bca_interval(SPATIAL)


def test_the_interval_of_equal_values_is_a_point() -> None:
    """No warning, no NaN."""
    assert bca_interval([0.5, 0.5, 0.5]) == Interval(0.5, 0.5, 0.5)
    assert Interval(0.5, 0.5, 0.5).excludes(0.0)
    assert not Interval(0.5, 0.0, 1.0).excludes(0.0)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-1_000, 1_000), min_size=3, max_size=12))
def test_an_interval_lies_within_the_values(values: list[int]) -> None:
    """A mean of resamples cannot leave their range, and the interval is always finite."""
    found = bca_interval(values)

    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9


def test_the_interquartile_mean_is_the_published_one() -> None:
    """The example of Wikipedia's article: twelve values whose middle six have the mean 6.5."""
    found = interquartile_mean([[5, 8, 4, 38, 8, 6, 9, 7, 7, 3, 1, 6]])

    assert found.estimate == 6.5
    assert found.low <= 6.5 <= found.high


def test_the_interquartile_mean_is_over_all_tables_at_once() -> None:
    """As in the source: the middle half of all runs on all tasks, not a mean of means."""
    assert interquartile_mean([[1, 2, 3, 4], [5, 6, 7, 100]]).estimate == 4.5


def test_the_interval_is_resampled_within_each_table() -> None:
    """Two tables without spread leave nothing to resample, however far apart they are."""
    found = interquartile_mean([[1, 1, 1, 1], [9, 9, 9, 9]])

    assert (found.low, found.estimate, found.high) == (5, 5, 5)


def test_the_probability_of_improvement_is_mann_whitneys_u() -> None:
    """U / (n m) of scipy, whose ties count half; by hand 6.5 of 9 pairs."""
    a, b = [1.0, 3.0, 5.0], [3.0, 4.0, 6.0]

    found = probability_of_improvement([a], [b])

    assert found.estimate == pytest.approx(6.5 / 9)
    assert found.estimate == pytest.approx(stats.mannwhitneyu(b, a).statistic / 9)
    assert found.low <= found.estimate <= found.high


def test_the_probability_of_improvement_is_a_mean_over_tables() -> None:
    """Always lower on one table and never on the other: one half."""
    found = probability_of_improvement([[1, 2, 3], [7, 8, 9]], [[4, 5, 6], [4, 5, 6]])

    assert (found.low, found.estimate, found.high) == (0.5, 0.5, 0.5)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=8))
def test_the_two_sides_of_an_improvement_make_one(pairs: list[tuple[int, int]]) -> None:
    """P(A < B) + P(B < A) = 1, and the estimate lies in its interval."""
    a, b = zip(*pairs, strict=True)

    one, other = probability_of_improvement([a], [b]), probability_of_improvement([b], [a])

    assert one.estimate + other.estimate == pytest.approx(1)
    assert one.low - 1e-9 <= one.estimate <= one.high + 1e-9


def test_values_that_differ_by_the_last_bit_have_an_interval() -> None:
    """The correction is 0 / 0 there; no warning of that reaches a user."""
    found = bca_interval([0.7, 0.7, math.nextafter(0.7, 1)])

    assert (found.low, found.estimate, found.high) == pytest.approx((0.7, 0.7, 0.7), abs=1e-15)
