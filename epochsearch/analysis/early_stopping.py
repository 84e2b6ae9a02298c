"""Prechelt's three stopping criteria at every epoch of a curve.

Each looks back only: the value at an epoch is what a search would have known there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.traces import FloatArray

STRIP = 5  # epochs of a training strip, Prechelt's k
FINEST = 1e-12  # of the first training loss: progress below it is not told apart


@dataclass(frozen=True, slots=True)
class StoppingCriteria:
    """The criteria at each epoch, epoch 1 first; NaN where one is not defined yet."""

    strip: int  # epochs
    generalisation_loss: FloatArray  # GL, in percent of the lowest validation loss so far
    progress: FloatArray  # P_k of the training loss, in per mille
    quotient: FloatArray  # PQ: GL over P_k
    strips_up: (
        FloatArray  # UP: successive strips, up to this epoch, at whose ends the validation loss had risen
    )

    def at(self, epoch: int) -> tuple[float, float, float]:
        """Return GL, PQ and UP after an epoch (1-based)."""
        i = epoch - 1
        return float(self.generalisation_loss[i]), float(self.quotient[i]), float(self.strips_up[i])


def stopping_criteria(train: Sequence[float], val: Sequence[float], strip: int = STRIP) -> StoppingCriteria:
    """Return GL, P_k, PQ and UP of a curve.

    train, val: losses of epochs 1 to n, (n,), finite. GL is relative to the size of the lowest loss, NaN
    where that is 0. P_k and PQ begin with epoch k and are NaN where a training loss is below 0; one that no
    longer moves makes PQ large, not infinite. UP counts at every epoch, against the loss one strip earlier.

    Source: Prechelt 1998, "Early stopping - but when?", Neural Networks: Tricks of the Trade, LNCS 1524.
    """
    seen, losses = np.asarray(val, dtype=np.float64), np.asarray(train, dtype=np.float64)
    lowest = np.minimum.accumulate(seen)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        lost = np.where(lowest != 0, 100 * (seen - lowest) / np.abs(lowest), np.nan)
    progress = _progress(losses, strip)
    least = 1000 * FINEST
    return StoppingCriteria(
        strip, lost, progress, lost / np.maximum(progress, least), _strips_up(seen, strip)
    )


def _progress(train: FloatArray, strip: int) -> FloatArray:
    """Return 1000 (mean over the strip / lowest in the strip - 1) at each epoch."""
    found = np.full(len(train), np.nan)
    if len(train) < strip:
        return found
    strips = np.lib.stride_tricks.sliding_window_view(train, strip)  # (epochs - strip + 1, strip)
    lowest = np.maximum(strips.min(axis=1), FINEST * np.abs(train).max())
    with np.errstate(divide="ignore", invalid="ignore"):
        found[strip - 1 :] = 1000 * (strips.mean(axis=1) / lowest - 1)
    found[strip - 1 :][strips.min(axis=1) < 0] = np.nan
    return found


def _strips_up(val: FloatArray, strip: int) -> FloatArray:
    counts = np.zeros(len(val))
    for i in range(strip, len(val)):
        if val[i] > val[i - strip]:
            counts[i] = counts[i - strip] + 1
    return counts
