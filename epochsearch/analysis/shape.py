"""The shape of a curve with its unrest taken out: levels, the lowest of them, how long it has been above.

A level is the median of a few neighbouring epochs. The lowest of many single epochs is mostly luck; the
lowest of many levels is so much less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.loss_scale import LossScale
from epochsearch.analysis.traces import FloatArray


@dataclass(frozen=True, slots=True)
class Shape:
    """A curve's levels, all on one scale (see LossScale)."""

    width: int  # epochs of a level
    levels: FloatArray  # (epochs - width + 1,), each around the middle of its epochs

    @property
    def start(self) -> float:
        """The first level."""
        return float(self.levels[0])

    @property
    def end(self) -> float:
        """The last level."""
        return float(self.levels[-1])

    @property
    def lowest(self) -> float:
        """The lowest level."""
        return float(self.levels.min())

    @property
    def rise(self) -> float:
        """How far the end lies above the lowest level."""
        return self.end - self.lowest

    @property
    def highest_rise(self) -> float:
        """How far any level lies above the lowest one before it."""
        return float((self.levels - np.minimum.accumulate(self.levels)).max())

    def epochs_above(self, margin: float) -> int:
        """Return for how many epochs up to the end the levels have lain above the lowest by a margin."""
        below = np.flatnonzero(self.levels <= self.lowest + margin)
        return len(self.levels) - 1 - int(below[-1])

    def late_share(self) -> float:
        """Return how much of the whole fall came in the second half of the epochs (no fall: 0.0)."""
        fall = self.start - self.end
        if fall <= 0:
            return 0.0
        return max(0.0, float(self.levels[len(self.levels) // 2] - self.end)) / fall


def shape(losses: Sequence[float], scale: LossScale) -> Shape:
    """Return the shape of a curve of finite losses, at least 3 epochs."""
    width = 5 if len(losses) >= 20 else 3
    windows = np.lib.stride_tricks.sliding_window_view(scale.of(losses), width)
    return Shape(width, np.median(windows, axis=1))
