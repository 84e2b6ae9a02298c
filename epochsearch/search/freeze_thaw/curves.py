"""Curves as a policy sees them, and the points of the model that they become.

A curve is frozen at epochs 1, 2, 4, ... and its last one. Each of these levels is one point: the logarithm of
the lowest loss since the level before. It follows a falling curve, smooths a noisy one, and rises where a
curve over-fits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

import numpy as np

from epochsearch.core.point import Configuration
from epochsearch.search.freeze_thaw.coordinates import Coordinates, FloatArray
from epochsearch.search.freeze_thaw.process import Points

CUT = 3.0  # times the median loss after the first epoch: no loss counts as worse
FLOOR = 0.05  # of the spread of losses: what the lowest keeps above zero, where some are not positive
LEAST = 1e-300  # no number below it has a logarithm
MOST = 700.0  # no logarithm above it is one of a number


class Standing(Enum):
    """Where a curve stands."""

    FROZEN = "frozen"  # it can go on
    RUNNING = "running"  # to the end of its last order
    ENDED = "ended"  # at its last epoch, diverged or failed


@dataclass(frozen=True, slots=True)
class SeenCurve:
    """One trial's curve so far."""

    number: int  # of the trial
    configuration: Configuration  # that is trained
    standing: Standing
    losses: tuple[float, ...]  # what the objective reads, by epoch
    upto: int  # epochs that have been ordered for it
    orders: tuple[tuple[int, int], ...]  # (step, epochs) of each order, rising
    seconds: float = 0.0  # an epoch, on average

    @property
    def best(self) -> float:
        """The lowest loss seen; infinite if none is finite."""
        return min((loss for loss in self.losses if math.isfinite(loss)), default=math.inf)

    @property
    def diverged(self) -> bool:
        """Whether its last loss is not a number."""
        return bool(self.losses) and not math.isfinite(self.losses[-1])

    def before(self, step: int) -> SeenCurve:
        """Return the curve as it was before an order was given."""
        upto = max((epochs for made, epochs in self.orders if made < step), default=0)
        standing = self.standing if upto == self.upto else Standing.FROZEN
        return replace(self, standing=standing, losses=self.losses[:upto], upto=upto)


@lru_cache
def levels(last: int) -> tuple[int, ...]:
    """Return the epochs at which curves are frozen and compared: 1, 2, 4, ... and the last."""
    return (*(2**i for i in range(last.bit_length()) if 2**i < last), last)


def next_level(done: int, last: int) -> int:
    """Return the first level after `done` epochs."""
    return next(level for level in levels(last) if level > done)


@dataclass(frozen=True, slots=True)
class Yardstick:
    """How losses become the model's values."""

    floor: float  # what is taken off a loss before its logarithm
    most: float  # no loss counts as more

    @classmethod
    def of(cls, curves: Sequence[SeenCurve]) -> Yardstick:
        """Return the yardstick that suits all losses seen; losses of any sign have one."""
        first = [curve.losses[0] for curve in curves if curve.losses and math.isfinite(curve.losses[0])]
        if not first:
            return cls(0.0, 1.0)
        usual, lowest = float(np.median(first)), min(curve.best for curve in curves)
        if lowest > 0:
            return cls(0.0, CUT * usual)
        floor = lowest - (FLOOR * (usual - lowest) or 1.0)
        return cls(floor, floor + CUT * (usual - floor))

    @property
    def most_value(self) -> float:
        """The value of the most that a loss counts as."""
        return math.log(self.most - self.floor)

    def values(self, losses: Sequence[float]) -> FloatArray:
        """Return the logarithms of losses, (epochs,)."""
        numbers = np.array(losses, dtype=np.float64)
        known = np.where(np.isfinite(numbers), numbers, self.most)
        return np.asarray(np.log(np.maximum(np.minimum(known, self.most) - self.floor, LEAST)))

    def loss(self, value: float) -> float:
        """Return the loss that a value stands for."""
        return math.exp(min(value, MOST)) + self.floor


def seen_points(
    curves: Sequence[SeenCurve], yardstick: Yardstick, coordinates: Coordinates, last: int, most: int
) -> Points:
    """Return the points of the curves that have losses; a curve's index is its place among those.

    Losses that are not finite are no points. most: so many points are kept, all those of the best curves, of
    some others the last one.
    """
    seen = [curve for curve in curves if curve.losses]
    kept = _kept([_points(curve, yardstick, last) for curve in seen], most)
    pairs = [pair for some in kept for pair in some]
    return Points(
        coordinates.places([curve.configuration for curve in seen]),
        np.array([i for i, some in enumerate(kept) for _ in some], dtype=np.intp),
        np.array([epoch for epoch, _ in pairs], dtype=np.float64),
        np.array([value for _, value in pairs]),
        last,
    )


def _points(curve: SeenCurve, yardstick: Yardstick, last: int) -> list[tuple[int, float]]:
    losses = [loss for loss in curve.losses if math.isfinite(loss)]
    ends = [level for level in levels(last) if level < len(losses)] + [len(losses)] * bool(losses)
    lowest = [min(losses[begin:end]) for begin, end in zip([0, *ends], ends, strict=False)]
    return list(zip(ends, yardstick.values(lowest).tolist(), strict=True))


def _kept(found: list[list[tuple[int, float]]], most: int) -> list[list[tuple[int, float]]]:
    """Return the points that are kept: best curves first, of the rest the last points of every so many."""
    if sum(len(points) for points in found) <= most:
        return found
    ranked = sorted(range(len(found)), key=lambda i: min((value for _, value in found[i]), default=math.inf))
    kept: list[list[tuple[int, float]]] = [[] for _ in found]
    room = most
    while ranked and room - len(found[ranked[0]]) >= most // 3:
        kept[ranked[0]] = found[ranked[0]]
        room -= len(found[ranked.pop(0)])
    for i in ranked[:: max(1, math.ceil(len(ranked) / max(room, 1)))]:
        kept[i] = found[i][-1:]
    return kept
