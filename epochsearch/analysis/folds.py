"""How far the folds of a cross-validated curve are apart, and how well that fixes their mean."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from epochsearch.core.curve import EpochReport, mean
from epochsearch.core.measure import Measure


@dataclass(frozen=True, slots=True)
class Spread:
    """One number of an epoch over the folds."""

    values: tuple[float, ...]  # one a fold
    mean: float
    standard_error: float  # of the mean; NaN with one fold

    @property
    def lowest(self) -> float:
        """The value of the fold with the lowest one."""
        return min(self.values)

    @property
    def highest(self) -> float:
        """The value of the fold with the highest one."""
        return max(self.values)


def standard_error(values: Sequence[float]) -> float:
    """Return the standard error of the mean of `values`, one a fold: NaN with fewer than two.

    The standard deviation with n - 1 over the root of n, as if folds were independent.
    """
    if len(values) < 2 or not all(map(math.isfinite, values)):
        return math.nan
    root = math.sqrt(len(values))
    try:
        return statistics.stdev(values) / root
    except OverflowError:  # a deviation beyond all floats, which its error need not be
        return statistics.stdev([value / root for value in values])


def spread(values: Sequence[float]) -> Spread:
    """Return how far the values of at least one fold are apart."""
    return Spread(tuple(values), mean(values), standard_error(values))


def spread_at(folds: Sequence[Sequence[EpochReport]], epoch: int, measure: Measure) -> Spread:
    """Return the spread of a measure, as a person is shown it, after an epoch of a trial's folds."""
    return spread([measure.shown(measure.of(reports[epoch - 1])) for reports in folds])
