"""How the best learning rate moves with the batch size: a power of it, fitted to what a search found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.traces import FloatArray

RESAMPLES = 2_000
FEWEST_SIZES = 3
"""A line through two batch sizes always fits."""
FEWEST_RATES = 3
"""Learning rates that must have been tried at a batch size before one of them is called its best."""


class Tried(NamedTuple):
    """One configuration of a search."""

    learning_rate: float
    batch_size: int
    loss: float  # the lowest objective on its curve


class BestRate(NamedTuple):
    """The best learning rate at a batch size."""

    batch_size: int
    learning_rate: float
    loss: float
    rates: int  # how many were tried there


@dataclass(frozen=True, slots=True)
class RateScaling:
    """best learning rate = factor x batch size ^ exponent."""

    exponent: Interval
    factor: float
    best: tuple[BestRate, ...]  # one a batch size, rising


def rate_scaling(
    tried: Sequence[Tried], *, octaves: bool = False, confidence: float = 0.95
) -> RateScaling | None:
    """Return the exponent with its bootstrap interval: the slope of log best rate on log batch size.

    octaves: whether batch sizes come from a range: they are then taken together by powers of two, each at
    the size of its best. The interval is of what the search happened to try: the configurations of each
    batch size are resampled, and the best rate of each is taken anew. None with fewer than three batch
    sizes at which at least three learning rates were tried.

    Source: least squares; percentile bootstrap, Efron 1979, Ann. Statist. 7(1). 1/2 is what keeps the noise
    of Adam's updates alike (Malladi et al. 2022, NeurIPS 35), 1 that of SGD's (Goyal et al. 2017,
    arXiv:1706.02677), both for batches that are small beside the gradient noise.
    """
    groups = _by_size([one for one in tried if math.isfinite(one.loss)], octaves=octaves)
    if len(groups) < FEWEST_SIZES:
        return None
    random = np.random.default_rng(0)
    rates, sizes = [], []
    for group in groups:
        drawn = random.integers(len(group), size=(RESAMPLES, len(group)))
        drawn[0] = np.arange(len(group))  # the first one is the sample itself
        losses = np.asarray([one.loss for one in group])
        best = np.take_along_axis(drawn, np.argmin(losses[drawn], axis=1)[:, np.newaxis], axis=1)[:, 0]
        rates.append(np.log([one.learning_rate for one in group])[best])
        sizes.append(np.log([one.batch_size for one in group])[best])
    slopes, offsets = _lines(np.stack(sizes, axis=1), np.stack(rates, axis=1))
    tail = (1 - confidence) / 2
    low, high = (float(end) for end in np.quantile(slopes, [tail, 1 - tail]))
    slope = float(slopes[0])
    exponent = Interval(slope, min(slope, low), max(slope, high), confidence)
    return RateScaling(exponent, math.exp(float(offsets[0])), tuple(_best(group) for group in groups))


def _by_size(tried: Sequence[Tried], *, octaves: bool) -> list[list[Tried]]:
    groups: dict[int, list[Tried]] = {}
    for one in tried:
        place = round(math.log2(one.batch_size)) if octaves else one.batch_size
        groups.setdefault(place, []).append(one)
    enough = [groups[place] for place in sorted(groups)]
    return [group for group in enough if len({one.learning_rate for one in group}) >= FEWEST_RATES]


def _best(group: Sequence[Tried]) -> BestRate:
    best = min(group, key=lambda one: one.loss)
    return BestRate(best.batch_size, best.learning_rate, best.loss, len({one.learning_rate for one in group}))


def _lines(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return slope and offset of the least-squares line of each row; x, y: (lines, points)."""
    centred = x - x.mean(axis=1, keepdims=True)
    slopes = (centred * y).sum(axis=1) / (centred**2).sum(axis=1)
    return slopes, y.mean(axis=1) - slopes * x.mean(axis=1)
