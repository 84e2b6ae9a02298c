"""A straight line against the logarithm of the epoch, which a few odd epochs do not move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.traces import FloatArray


@dataclass(frozen=True, slots=True)
class LogLine:
    """height = intercept + slope x log epoch; in the unit of the heights."""

    slope: Interval
    intercept: float

    def at(self, epochs: NDArray[np.integer] | int) -> FloatArray:
        """Return the line's heights after these epochs."""
        return np.asarray(self.intercept + self.slope.estimate * np.log(epochs))


def log_line(epochs: NDArray[np.integer], heights: FloatArray, confidence: float = 0.95) -> LogLine:
    """Return the line by Theil and Sen: its slope is the median of those of all pairs of epochs.

    epochs: (n,), 1-based, n >= 2; heights: (n,), finite, as log losses. Sen's interval takes the deviations
    from the line for independent.

    Source: Theil 1950, "A rank-invariant method of linear and polynomial regression analysis", Indag. Math.
    12; Sen 1968, "Estimates of the regression coefficient based on Kendall's tau", JASA 63(324).
    """
    from scipy import stats

    found = stats.theilslopes(heights, np.log(epochs), confidence)
    slope, intercept, low, high = (float(value) for value in found)
    return LogLine(Interval(slope, low, high, confidence), intercept)
