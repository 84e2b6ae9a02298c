"""Bootstrap intervals, and the estimates over several tables that rest on them.

Every resample is drawn from a generator seeded with 0, so the same results always give the same interval.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from epochsearch.analysis.traces import FloatArray

RESAMPLES = 9_999
BATCH = 500  # resamples worked on at once: bounds memory to some MB for 100 seeds


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval, all in the unit of the estimate."""

    estimate: float
    low: float
    high: float
    confidence: float = 0.95

    def excludes(self, value: float) -> bool:
        """Return whether `value` lies outside."""
        return not self.low <= value <= self.high


def bca_interval(
    values: ArrayLike, statistic: Callable[..., Any] = np.mean, confidence: float = 0.95
) -> Interval:
    """Return `statistic` of the values with its bias-corrected and accelerated bootstrap interval.

    values: (n,), n >= 2, finite; statistic: takes an array and `axis`. Of equal values the interval is a
    point. Where the correction is not defined (all resamples on one side of the estimate) the percentile
    interval is returned.

    Source: Efron 1987, "Better bootstrap confidence intervals", JASA 82(397).
    """
    sample = np.asarray(values, dtype=np.float64)
    estimate = float(statistic(sample, axis=-1))
    if np.ptp(sample) == 0:
        return Interval(estimate, estimate, estimate, confidence)
    from scipy import stats

    def interval(method: str) -> Interval:
        bootstrap = stats.bootstrap(
            (sample,),
            statistic,
            n_resamples=RESAMPLES,
            batch=BATCH,
            confidence_level=confidence,
            method=method,
            vectorized=True,
            rng=np.random.default_rng(0),
        )
        found = bootstrap.confidence_interval
        return Interval(estimate, float(found.low), float(found.high), confidence)

    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # the ends say it
        corrected = interval("BCa")
    return corrected if math.isfinite(corrected.low + corrected.high) else interval("percentile")


def stratified_interval(
    strata: Sequence[FloatArray],
    statistic: Callable[[list[FloatArray]], FloatArray],
    confidence: float = 0.95,
) -> Interval:
    """Return `statistic` with its percentile interval, seeds being resampled within each table.

    strata: one array a table, (seeds, ...), at least 2 seeds; rows are kept whole, so what stands in a row
    stays paired. statistic: takes a list of arrays (resamples, seeds, ...) and returns (resamples,).

    Source: Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical precipice",
    NeurIPS 34.
    """
    from scipy import stats

    def of_rows(*rows: FloatArray, axis: int = -1) -> FloatArray:
        drawn = [np.atleast_2d(numbers).astype(np.intp) for numbers in rows]  # (resamples, seeds) a table
        return statistic([stratum[numbers] for stratum, numbers in zip(strata, drawn, strict=True)])

    bootstrap = stats.bootstrap(
        tuple(np.arange(len(stratum)) for stratum in strata),
        of_rows,
        n_resamples=RESAMPLES,
        batch=BATCH,
        confidence_level=confidence,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(0),
    )
    estimate = float(statistic([stratum[np.newaxis] for stratum in strata])[0])
    found = bootstrap.confidence_interval
    return Interval(estimate, float(found.low), float(found.high), confidence)


def interquartile_mean(tables: Sequence[ArrayLike], confidence: float = 0.95) -> Interval:
    """Return the mean of the middle half of all values, with its stratified bootstrap interval.

    tables: per table the values of one entry, one a seed, at least 2 and finite; over several tables they
    must be comparable (normalised regret). A quarter of the values, rounded down, is cut off at either end.

    Source: Agarwal et al. 2021, as `stratified_interval`.
    """
    from scipy import stats

    def trimmed(drawn: list[FloatArray]) -> FloatArray:
        values: FloatArray = stats.trim_mean(np.concatenate(drawn, axis=-1), 0.25, axis=-1)
        return values

    return stratified_interval([np.asarray(table, dtype=np.float64) for table in tables], trimmed, confidence)


def probability_of_improvement(
    a: Sequence[ArrayLike], b: Sequence[ArrayLike], confidence: float = 0.95
) -> Interval:
    """Return P(A < B) + P(A = B) / 2 with its interval: the mean over tables of Mann-Whitney's U / seeds^2.

    That a search of entry a ends lower than one of entry b, whichever their seeds; ties count half.
    a, b: per table the final losses, one a seed, at least 2 each; they may be infinite, not NaN.
    The two are resampled independently, as in the source; where seeds are paired that makes the interval
    wider, not narrower (resampling pairs would shift it: a pair drawn twice meets itself too often).

    Source: Agarwal et al. 2021, as `stratified_interval`; Mann, Whitney 1947, Ann. Math. Stat. 18(1).
    """
    tables = len(a)

    def share(drawn: list[FloatArray]) -> FloatArray:
        per_table = [_share_below(x, y) for x, y in zip(drawn[:tables], drawn[tables:], strict=True)]
        return np.asarray(np.mean(per_table, axis=0))  # (resamples,)

    strata = [np.asarray(values, dtype=np.float64) for values in (*a, *b)]
    return stratified_interval(strata, share, confidence)


def _share_below(a: FloatArray, b: FloatArray) -> FloatArray:
    below = (a[..., :, np.newaxis] < b[..., np.newaxis, :]).mean(axis=(-2, -1))
    at_most = (a[..., :, np.newaxis] <= b[..., np.newaxis, :]).mean(axis=(-2, -1))
    return np.asarray((below + at_most) / 2)
