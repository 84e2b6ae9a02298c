"""The scale on which losses are compared: logarithmic where it can be, so that a step is a share of the loss.

A loss that may be negative (a density's) has no logarithm; there a step is a share of its usual size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.traces import FloatArray

FLOOR = 1e-6  # of the largest loss: what lies below is as good as zero


@dataclass(frozen=True, slots=True)
class LossScale:
    """A step of 0.01 is about 1 % of the loss."""

    logarithmic: bool
    unit: float  # of a linear scale: the usual size of the loss; of a logarithmic one: the floor

    def of(self, losses: Sequence[float] | FloatArray) -> FloatArray:
        """Return finite losses on the scale, as an array of their shape."""
        values = np.asarray(losses, dtype=np.float64)
        return np.log(np.maximum(values, self.unit)) if self.logarithmic else values / self.unit

    def loss(self, level: float) -> float:
        """Return the loss at a level of the scale."""
        return math.exp(min(level, 700.0)) if self.logarithmic else level * self.unit

    def share(self, step: float) -> float:
        """Return what a step up is of the loss it starts from: 0.05 for 5 % more."""
        return math.expm1(min(step, 700.0)) if self.logarithmic else step


def loss_scale(losses: Sequence[float] | FloatArray) -> LossScale:
    """Return the scale for a curve's finite losses; at least one."""
    values = np.abs(np.asarray(losses, dtype=np.float64))
    least = FLOOR * float(values.max())
    if min(losses) < 0:
        return LossScale(False, max(float(np.median(values)), least) or 1.0)
    return LossScale(True, least or 1.0)
