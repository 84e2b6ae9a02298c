"""How the end of a curve slopes, and what that says of twice as many epochs.

The slope is that of the loss's logarithm against the logarithm of the epoch: losses fall about as a power
of the epochs, and on such axes the same step to the right is a doubling everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.log_line import log_line
from epochsearch.analysis.loss_scale import LossScale, loss_scale
from epochsearch.analysis.traces import FloatArray

WINDOW = 0.4  # of the epochs, from the end
FEWEST = 5  # epochs in the window
MOST_CARRIED = 0.6  # of one epoch's deviation that is taken to be carried over to the next


@dataclass(frozen=True, slots=True)
class EndSlope:
    """The end of a curve as a straight line through the logarithms."""

    first: int  # epoch with which the window begins
    last: int
    slope: Interval  # change of the log loss (see LossScale) per unit of the log epoch
    level: float  # of the line after the last epoch, on the scale
    scale: LossScale

    @property
    def falls(self) -> bool:
        """Whether the whole interval lies below zero."""
        return self.slope.high < 0

    @property
    def rises(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.slope.low > 0

    def gain(self, times: float = 2.0) -> Interval:
        """Return by how much the loss would be lower after `times` as many epochs, if the line went on.

        In the loss's units; negative where the line rises. It is an upper estimate where a curve levels off.
        """
        now = self.scale.loss(self.level)
        estimate, low, high = (now - self.scale.loss(self.level + step) for step in self._steps(times))
        return Interval(estimate, low, high, self.slope.confidence)

    def gain_share(self, times: float = 2.0) -> Interval:
        """Return the same gain as a share of the loss."""
        estimate, low, high = (-self.scale.share(step) for step in self._steps(times))
        return Interval(estimate, low, high, self.slope.confidence)

    def _steps(self, times: float) -> tuple[float, float, float]:
        ends = (self.slope.estimate, self.slope.high, self.slope.low)  # the least gain before the most
        return ends[0] * math.log(times), ends[1] * math.log(times), ends[2] * math.log(times)


def end_slope(
    val: Sequence[float], window: float = WINDOW, confidence: float = 0.95, fewest: int = FEWEST
) -> EndSlope | None:
    """Return the slope of the last part of a curve by Theil and Sen, with its interval.

    val: finite losses of epochs 1 to n. window: share of the epochs looked at. None if there are fewer than
    `fewest` epochs. Sen's interval takes the epochs' deviations from the line as independent; it is widened
    by what is carried over from one epoch to the next.

    Source: the slope, see `log_line`; widening: Bayley, Hammersley 1946, "The effective number of independent
    observations in an autocorrelated time series", Suppl. J. R. Stat. Soc. 8(2).
    """
    epochs = len(val)
    if epochs < fewest:
        return None
    count = min(epochs, max(fewest, math.ceil(epochs * window)))
    scale = loss_scale(val)
    window_epochs = np.arange(epochs - count + 1, epochs + 1)
    heights = scale.of(val[-count:])
    line = log_line(window_epochs, heights, confidence)
    slope = _widened(line.slope, _widening(heights - line.at(window_epochs)))
    return EndSlope(epochs - count + 1, epochs, slope, float(line.at(epochs)), scale)


def _widened(slope: Interval, by: float) -> Interval:
    middle = slope.estimate
    low, high = middle - by * (middle - slope.low), middle + by * (slope.high - middle)
    return Interval(middle, low, high, slope.confidence)


def _widening(residuals: FloatArray) -> float:
    """Return by how much deviations that carry over (an autoregression of order 1) widen an interval."""
    total = float(residuals @ residuals)
    if total == 0:
        return 1.0
    carried = min(max(float(residuals[1:] @ residuals[:-1]) / total, 0.0), MOST_CARRIED)
    return math.sqrt((1 + carried) / (1 - carried))
