"""Searches of one entry taken together along their cost: median and band, area, normalised regret.

A search without a completed trial yet counts as worse than any loss, never as absent: leaving it out would
flatter the entry whose first trials are the longest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from epochsearch.analysis.traces import CostKind, FloatArray, Step, Trace, anytime, best_at


@dataclass(frozen=True, slots=True)
class Band:
    """Median and quantiles over searches at each cost; arrays of shape (costs,), NaN where undefined."""

    costs: FloatArray  # charged epochs or charged seconds
    median: FloatArray
    low: FloatArray
    high: FloatArray
    reached: FloatArray  # share of the searches that have a completed trial


@dataclass(frozen=True, slots=True)
class RegretScale:
    """What 0 and 1 mean in normalised regret."""

    optimum: float  # the lowest loss of the lattice or table: regret 0
    reference: float  # the median over all its configurations, diverged ones included: regret 1


def cost_grid(traces: Sequence[Trace], by: CostKind = "epochs", points: int | None = None) -> FloatArray:
    """Return rising costs that suit all of `traces`, from the first completed trial to the largest end.

    points: that many, evenly spaced; None: exactly the costs at which something changes, so that a band
    drawn in steps is exact. Empty if no search has a completed trial.
    """
    changes = [step.cost for searched in traces for step in anytime(searched, by)]
    if not changes:
        return np.empty(0)
    end = max(searched.charged(by) for searched in traces)
    if points is not None:
        return np.linspace(min(changes), end, points)
    return np.unique(np.array([*changes, end], dtype=np.float64))


def best_so_far(traces: Sequence[Trace], costs: ArrayLike, by: CostKind = "epochs") -> FloatArray:
    """Return the best value so far of each search at each cost, (searches, costs); NaN before the first."""
    at = np.asarray(costs, dtype=np.float64)
    return np.array([best_at(anytime(searched, by), at) for searched in traces]).reshape(len(traces), at.size)


def band(values: FloatArray, costs: ArrayLike, quantiles: tuple[float, float] = (0.25, 0.75)) -> Band:
    """Return the median and two quantiles over searches, interpolated linearly (Hyndman and Fan's type 7).

    values: (searches, costs), as `best_so_far` or `normalised_regret` gives them; NaN ranks last. A
    quantile that would lean on a NaN is NaN, so the median appears once more than half of the searches have
    a value.

    Source: Hyndman, Fan 1996, "Sample quantiles in statistical packages", The American Statistician 50(4).
    """
    present = np.isfinite(values)
    low, median, high = (_quantile(values, present, q) for q in (quantiles[0], 0.5, quantiles[1]))
    return Band(np.asarray(costs, dtype=np.float64), median, low, high, present.mean(axis=0))


def area(
    steps: Sequence[Step],
    end: float,
    *,
    before: float,
    start: float = 0.0,
    scale: Literal["linear", "log"] = "linear",
) -> float:
    """Return the mean of the best value so far from cost `start` to `end`: the normalised area, exactly.

    before: the value that counts until the first completed trial (1 for regret, the reference loss for
    losses).
    scale: "log" takes the mean over the logarithm of the cost, so that each doubling weighs the same; start
    above 0. The lower the better; in units of the values, and from 0 to 1 for regret that starts at 1.

    Raises:
        ValueError: `end` is not above `start`, or `start` is not above 0 on a logarithmic scale.

    Source: Liu et al. 2021, "Winning solutions and post-challenge analyses of the ChaLearn AutoDL challenge
    2019", IEEE TPAMI 43(9), section 3 (area under the learning curve, both scales).
    """
    if end <= start or (scale == "log" and start <= 0):
        raise ValueError("the area needs start < end, and start > 0 on a logarithmic scale")
    inside = [step for step in steps if start < step.cost < end]
    first = [step.best for step in steps if step.cost <= start]
    edges = np.array([start, *(step.cost for step in inside), end])
    values = np.array([first[-1] if first else before, *(step.best for step in inside)])
    positions = np.log(edges) if scale == "log" else edges
    return float(np.average(values, weights=np.diff(positions)))


def regret_scale(losses: Sequence[float | None]) -> RegretScale:
    """Return the scale of regret on a complete lattice or table.

    losses: the objective of every configuration; None, NaN and infinity are diverged ones and rank last.
    Where more than half have diverged the reference is the largest finite loss.

    Raises:
        ValueError: No loss is finite.
    """
    ranked = np.sort([math.inf if loss is None or not math.isfinite(loss) else loss for loss in losses])
    finite = ranked[np.isfinite(ranked)]
    if not finite.size:
        raise ValueError("no configuration has a finite loss")
    upper = ranked[len(ranked) // 2]
    middle = float(np.median(ranked)) if math.isfinite(upper) else float(finite[-1])
    return RegretScale(float(finite[0]), middle)


def normalised_regret(best: ArrayLike, scale: RegretScale) -> FloatArray:
    """Return (best - optimum) / (reference - optimum), an array of the shape of `best`; NaN stays NaN.

    0 is the best configuration there is, 1 what a random configuration gives in the median; above 1 is
    worse than that. On a flat landscape (reference = optimum) it is 0 at the optimum and infinite above it.

    Source: Wistuba, Schilling, Schmidt-Thieme 2018, "Scalable Gaussian process-based transfer surrogates
    for hyperparameter optimization", Machine Learning 107 (distance to the minimum; there with the worst as
    reference, which one diverging configuration would make meaningless here).
    """
    excess = np.asarray(best, dtype=np.float64) - scale.optimum
    span = scale.reference - scale.optimum
    if span > 0:
        with np.errstate(over="ignore"):  # a span of almost nothing: anything above the optimum is infinite
            return excess / span
    return np.where(np.isnan(excess), np.nan, np.where(excess <= 0, 0.0, np.inf))


def _quantile(values: FloatArray, present: NDArray[np.bool_], q: float) -> FloatArray:
    searches, costs = values.shape
    if not present.any():
        return np.full(costs, np.nan)
    ranked_last = np.where(present, values, values[present].max())
    known = math.ceil(round(q * (searches - 1), 9)) < present.sum(axis=0)
    return np.where(known, np.quantile(ranked_last, q, axis=0), np.nan)
