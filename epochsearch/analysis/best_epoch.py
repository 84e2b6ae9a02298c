"""How sure the number of epochs is: the epoch at which a configuration's mean loss is lowest, resampled."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.traces import FloatArray

RESAMPLES = 1_000
FEWEST_UNITS = 3
"""Intervals from two curves cover the true epoch in 70 to 90 % of simulations at nominal 95 %."""


def best_epoch_interval(
    losses: FloatArray, epochs: Sequence[int], confidence: float = 0.95
) -> Interval | None:
    """Return the epoch of the lowest mean loss with its bootstrap interval; None from fewer than three units.

    losses: (units, epochs), whole curves, one a seed and fold; epochs: what the columns are. Curves are
    resampled whole, so that what neighbouring epochs share stays together. The deviation of each resampled
    mean curve is widened by sqrt(n / (n - 1)) t / z, which is what a mean of n values needs for its interval
    to hold (for a mean this is the expanded percentile interval); the epoch is read on the widened curve.
    Epochs that are not finite in a unit are left out.

    Source: Efron 1979, "Bootstrap methods: another look at the jackknife", Ann. Statist. 7(1); Hesterberg
    2015, "What teachers should know about the bootstrap", The American Statistician 69(4), section 4.2.
    """
    units = len(losses)
    finite = np.isfinite(losses).all(axis=0)
    if units < FEWEST_UNITS or not finite.any():
        return None
    curves, at = losses[:, finite], np.asarray(epochs)[finite]
    mean = curves.mean(axis=0)
    random = np.random.default_rng(0)
    counts = random.multinomial(units, np.full(units, 1 / units), size=RESAMPLES)  # (resamples, units)
    deviations = (counts / units) @ (curves - mean)  # (resamples, epochs)
    found = at[np.argmin(mean + _widening(units, confidence) * deviations, axis=1)]
    tail = (1 - confidence) / 2
    low = np.quantile(found, tail, method="inverted_cdf")
    high = np.quantile(found, 1 - tail, method="inverted_cdf")
    estimate = float(at[np.argmin(mean)])
    return Interval(estimate, min(estimate, float(low)), max(estimate, float(high)), confidence)


def _widening(units: int, confidence: float) -> float:
    from scipy.special import ndtri, stdtrit  # scipy.stats takes half a second to import

    level = (1 + confidence) / 2
    return math.sqrt(units / (units - 1)) * float(stdtrit(units - 1, level) / ndtri(level))
