"""Intervals over the rows of a test part: they cover what a larger part would say, or there are none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from epochsearch.analysis.intervals import bca_interval
from epochsearch.analysis.row_intervals import MOST_CORRECTED, Rows, mean_interval, metric_intervals


def skewed(rows: int, seed: int = 0) -> np.ndarray:
    """Losses as rows have them: few are large. Their mean in the long run is 1."""
    return np.random.default_rng(seed).exponential(size=rows)


@pytest.mark.parametrize("values", [[1.0], [1.0, math.nan, 2.0], [1.0, math.inf]], ids=str)
def test_without_two_finite_rows_a_mean_has_no_interval(values: list[float]) -> None:
    """One row says nothing of the others; a loss that is no number has no mean."""
    assert mean_interval(np.array(values)) is None


def test_rows_that_are_all_the_same_leave_no_doubt() -> None:
    """The interval is a point."""
    found = mean_interval(np.full(50, 0.25))

    assert found is not None
    assert (found.estimate, found.low, found.high) == (0.25, 0.25, 0.25)


def test_a_mean_of_few_rows_has_the_corrected_interval() -> None:
    """BCa, drawn from a generator of its own: the same rows always give the same."""
    values = skewed(80)

    assert mean_interval(values) == mean_interval(values.copy()) == bca_interval(values)


def test_beyond_some_thousand_rows_the_interval_is_that_of_the_normal_law() -> None:
    """Where the correction would cost much and change nothing."""
    values = skewed(4 * MOST_CORRECTED)

    found = mean_interval(values)

    assert found is not None
    half = 1.96 * values.std() / math.sqrt(len(values))
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=half / 8
    )


def test_a_mean_is_covered_about_as_often_as_promised() -> None:
    """Of skewed losses, 60 rows each: at least nine in ten intervals of nominally 95 % hold the true mean."""
    found = [mean_interval(skewed(60, seed)) for seed in range(200)]

    assert np.mean([one is not None and not one.excludes(1.0) for one in found]) >= 0.90


def test_a_metric_is_covered_about_as_often_as_promised() -> None:
    """Accuracy on 60 rows each, of a model that is right in 80 % of all rows."""
    covered = []
    for seed in range(200):
        right = np.random.default_rng(seed).random(60) < 0.8
        found = metric_intervals(lambda rows, right=right: {"accuracy": float(right[rows].mean())}, 60)
        covered.append(not found["accuracy"].excludes(0.8))

    assert np.mean(covered) >= 0.90


def test_all_metrics_are_taken_of_the_same_resamples() -> None:
    """So two that mirror each other have intervals that do."""
    values = skewed(40)

    def metrics(rows: Rows) -> dict[str, float]:
        mean = float(values[rows].mean())
        return {"gain": mean, "loss": -mean}

    found = metric_intervals(metrics, 40)

    assert found["gain"].estimate == values.mean()
    assert (found["gain"].low, found["gain"].high) == pytest.approx((-found["loss"].high, -found["loss"].low))


def rare(positives: int, rows: int = 60) -> dict[str, object]:
    """Return the intervals of a metric that has no value without a positive row."""
    positive = np.arange(rows) < positives

    def metrics(drawn: Rows) -> dict[str, float]:
        hits = positive[drawn]
        return {"recall": float(hits.mean() / hits.any()) if hits.any() else math.nan}

    return dict(metric_intervals(metrics, rows))


def test_a_metric_that_often_has_no_value_has_no_interval() -> None:
    """One positive row of 60 is missing from every third resample, five from one in 160, none from all."""
    assert rare(1) == {}
    assert rare(0) == {}
    assert rare(5).keys() == {"recall"}


def test_one_row_has_no_metric_intervals() -> None:
    """Every resample of it is itself."""
    assert metric_intervals(lambda rows: {"accuracy": 1.0}, 1) == {}
