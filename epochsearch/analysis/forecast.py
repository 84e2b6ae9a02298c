"""What the next epochs of a curve are predicted to give, read off the curve's own end.

The last third of the epochs is taken for a piece of a power law, loss ~ epoch^-b: what training curves are
nearest to, and what makes the gain of an epoch shrink as they get longer. b is the Theil-Sen slope of the log
loss against the log epoch, which a few odd epochs do not move.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.log_line import log_line
from epochsearch.analysis.traces import FloatArray

FEWEST = 6
"""Epochs without which nothing is predicted."""
WINDOW = 1 / 3
"""Share of a curve's epochs, its last ones, that the forecast is read off."""
_HOPELESS = 100.0  # in the exponent of e: an exponent so small gains nothing after any epoch
_MOST = 400  # epochs that are looked at: the slopes of all their pairs are


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a curve is predicted to do after its last epoch."""

    epoch: int  # the curve's last one, 1-based
    exponent: Interval  # b in loss ~ epoch^-b at the curve's end; below 0: the loss is rising

    @property
    def gain(self) -> Interval:
        """The share of its loss that the curve is predicted to lose in its next epoch; below 0: to gain."""
        return self.gain_after(self.epoch)

    def gain_after(self, epoch: int) -> Interval:
        """Return the predicted gain of the epoch after `epoch`, which is not before the curve's last one."""
        step = math.log(epoch / (epoch + 1))
        b = self.exponent
        estimate, low, high = (-math.expm1(one * step) for one in (b.estimate, b.low, b.high))
        return Interval(estimate, low, high, b.confidence)

    def reach(self, gain: float) -> int:
        """Return the first epoch after which the next is predicted to gain no more than `gain` (above 0).

        Solves 1 - (e / (e + 1))^b = gain for e; the curve's last epoch at least.
        """
        b = self.exponent.estimate
        if b <= 0 or -math.log1p(-gain) / b > _HOPELESS:
            return self.epoch
        return max(self.epoch, math.ceil(1 / math.expm1(-math.log1p(-gain) / b) - 1e-9))


def forecast(losses: Sequence[float], confidence: float = 0.95) -> Forecast | None:
    """Return what a curve is predicted to do next; None if it is shorter than FEWEST epochs.

    losses: by epoch, epoch 1 first, all finite. Losses that are not all above 0 have no logarithm: there the
    slope of the loss itself is taken, in units of its median's size. The interval takes the deviations of the
    epochs from the law for independent; it does not know what a schedule will do.

    Source: the slope, see `log_line`; on power laws in training curves: Viering and Loog 2023, "The Shape of
    Learning Curves: A Review", IEEE TPAMI 45(6).
    """
    if len(losses) < FEWEST:
        return None
    last = len(losses)
    count = max(FEWEST, round(last * WINDOW))
    epochs = np.unique(np.linspace(last - count + 1, last, min(count, _MOST)).round().astype(int))
    values = np.asarray(losses, dtype=np.float64)[epochs - 1]
    slope = log_line(epochs, _heights(values), confidence).slope
    return Forecast(last, Interval(-slope.estimate, -slope.high, -slope.low, confidence))


def _heights(values: FloatArray) -> FloatArray:
    """Return the log losses, or the losses in units of their size where there is no logarithm."""
    if (values > 0).all():
        return np.asarray(np.log(values))
    size = float(np.median(np.abs(values)))
    return values / size if size > 0 else values
