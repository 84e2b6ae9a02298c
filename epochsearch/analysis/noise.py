"""The noise that every difference between losses is held against.

Between seeds if the ledger knows the same configuration under others; else the curve's own unrest from
epoch to epoch, which is less than what another seed would bring.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from epochsearch.analysis.loss_scale import loss_scale
from epochsearch.analysis.traces import FloatArray

TAIL = 5  # epochs at the end over which the spread between seeds is pooled
NORMAL = 1.4826  # standard deviation of a normal variable over its median absolute deviation


@dataclass(frozen=True, slots=True)
class Noise:
    """The standard deviation of one epoch's loss."""

    between: Literal["seeds", "epochs"]
    spread: float  # on the scale of the curve (see LossScale): 0.01 is about 1 % of the loss
    seeds: int = 1  # curves it was measured on


def noise(val: Sequence[float], siblings: Sequence[Sequence[float]] = ()) -> Noise:
    """Return the noise of a curve.

    val: finite losses of epochs 1 to n. siblings: losses of the same configuration under other seeds; those
    that are not finite or shorter than n are left out.
    """
    others = [other[: len(val)] for other in siblings if len(other) >= len(val)]
    others = [other for other in others if all(map(math.isfinite, other))]
    if others:
        return Noise("seeds", _between_seeds([val, *others]), 1 + len(others))
    return Noise("epochs", epoch_spread(loss_scale(val).of(val)))


def epoch_spread(levels: FloatArray) -> float:
    """Return how far an epoch typically lies from the middle of its neighbours, as a standard deviation.

    levels: (epochs,), on the scale. Only the second half counts where it has at least 6 epochs: the fall at
    the beginning bends. 0.0 for fewer than 3 epochs.
    """
    if len(levels) < 3:
        return 0.0
    half = levels[len(levels) // 2 - 1 :] if len(levels) >= 12 else levels
    bends = half[1:-1] - (half[:-2] + half[2:]) / 2
    return float(NORMAL * np.median(np.abs(bends)) / math.sqrt(1.5))


def _between_seeds(curves: Sequence[Sequence[float]]) -> float:
    """Return the standard deviation between seeds at one epoch, pooled over the last epochs."""
    scale = loss_scale([loss for curve in curves for loss in curve])
    tails = np.array([scale.of(curve[-TAIL:]) for curve in curves])  # (seeds, epochs)
    return float(np.sqrt(tails.var(axis=0, ddof=1).mean()))
