"""The one-standard-error rule: of the points not worse than the best beyond the noise, any will do."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from epochsearch.analysis.traces import FloatArray

_HUGE = 1e100  # above it squares come near the largest number there is


def standard_error(values: FloatArray) -> float | None:
    """Return the standard error of the mean of `values`, one a unit; None for fewer than two."""
    if len(values) < 2:
        return None
    return float(_deviation(values) / math.sqrt(len(values)))


def within_one_error(best: FloatArray, others: FloatArray) -> NDArray[np.bool_]:
    """Return which points are not worse than the best by more than one standard error: (points,).

    best: (units,), others: (units, points), losses in the same order of at least two units. A point must
    hold against two errors at once: that of the best's own mean, as the rule has it, and that of the paired
    difference, which leaves out what all points share. Against the second alone a point that is wild in a
    single unit would pass: its error is then as large as its difference.

    Source: Breiman, Friedman, Olshen, Stone 1984, "Classification and regression trees", section 3.4.3;
    paired: Yates, Richards, Brook 2021, "Parsimonious model selection using information theory: a modified
    selection rule", Ecology 102(10).
    """
    units = len(best)
    with np.errstate(invalid="ignore"):  # a diverged unit: infinitely worse
        differences = others - best[:, np.newaxis]  # (units, points)
        paired = _deviation(differences) / math.sqrt(units)
        error = np.minimum(paired, _deviation(best) / math.sqrt(units))
        return np.asarray(differences.mean(axis=0) <= error)


def _deviation(values: FloatArray) -> FloatArray:
    """Return the standard deviation with n - 1 over the first axis; huge losses are squared in a unit."""
    sizes = np.abs(values).max(axis=0, initial=0.0, where=np.isfinite(values))
    unit = np.where(sizes > _HUGE, sizes, 1.0)
    return np.asarray((values / unit).std(axis=0, ddof=1) * unit)
