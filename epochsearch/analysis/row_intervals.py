"""How sure a score on some rows is: bootstrap intervals over the rows that happened to be there.

The model is taken as it is; what another training would give is not in these intervals. Every resample is
drawn from a generator seeded with 0, so the same rows always give the same interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from epochsearch.analysis.intervals import BATCH, RESAMPLES, Interval, bca_interval
from epochsearch.analysis.traces import FloatArray

FEWEST_ROWS = 2
MOST_CORRECTED = 5_000
"""Rows up to which an interval of a mean is corrected: the correction takes every row out once."""
METRIC_RESAMPLES = 999
"""Of metrics that are no means over rows and are computed anew for each resample."""
MOST_UNDEFINED = 0.05
"""Share of resamples in which a metric may have no value, as ROC AUC without a class; the others stand in."""

Rows = NDArray[np.intp]


def mean_interval(values: FloatArray, confidence: float = 0.95) -> Interval | None:
    """Return the mean of a value a row with its interval; None for one row, or where one has no value.

    Source: see `bca_interval`; beyond MOST_CORRECTED rows the percentile interval, where the two agree.
    """
    if len(values) < FEWEST_ROWS or not np.isfinite(values).all():
        return None
    if len(values) <= MOST_CORRECTED:
        return bca_interval(values, confidence=confidence)
    from scipy import stats

    found = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=max(METRIC_RESAMPLES, RESAMPLES * MOST_CORRECTED // len(values)),
        batch=max(1, BATCH * MOST_CORRECTED // len(values)),
        confidence_level=confidence,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Interval(float(values.mean()), float(found.low), float(found.high), confidence)


def metric_intervals(
    metrics: Callable[[Rows], Mapping[str, float]], rows: int, confidence: float = 0.95
) -> dict[str, Interval]:
    """Return the percentile interval of each metric that has one.

    metrics: returns every metric of the rows with these numbers, which may stand there several times. One
    without a value for more than MOST_UNDEFINED of the resamples has no interval.

    Source: Efron, Tibshirani 1993, "An introduction to the bootstrap", chapter 13.
    """
    if rows < FEWEST_ROWS:
        return {}
    random = np.random.default_rng(0)
    estimates = metrics(np.arange(rows))
    drawn = [metrics(random.integers(0, rows, rows)) for _ in range(METRIC_RESAMPLES)]
    found = {}
    for name, estimate in estimates.items():
        values = np.array([one[name] for one in drawn])
        defined = values[np.isfinite(values)]
        if not math.isfinite(estimate) or len(defined) < (1 - MOST_UNDEFINED) * len(values):
            continue
        low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
        found[name] = Interval(estimate, float(low), float(high), confidence)
    return found
