"""Which point a staged search tries next: a pure function of the stage, the trials that ended, and the seed.

explore: learning rates, batch sizes and all else that is searched, spread evenly over their axes.
carry: the best of those, with more rows and epochs.
refine: the best three of those as they are, then points near the best, each anew from what is known by then.
schedules: the best as they are, but with each of the schedules that are tried. One that depends on the length
gets twice the epochs at which the point was best: as it comes down to 0, its rates add up to about as much.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from epochsearch.core.axis import Axis, Range
from epochsearch.core.choice import Scalar, parse_choice
from epochsearch.core.point import Configuration, Point
from epochsearch.core.recipe import LENGTH_BOUND_SCHEDULES
from epochsearch.core.space import Space
from epochsearch.core.stages import ROWS, SCHEDULE, Stage

PARENTS = 3
"""So many of the best are refined around."""
REACH = 1 / 8
"""How far a point near another may lie from it, of the axis from end to end (in the logarithm on such)."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial that was completed."""

    number: int
    point: Point  # its epochs are those that were read off
    value: float


class Points:
    """The points of one study."""

    def __init__(self, space: Space, stages: Sequence[Stage], seed: int, schedules: Sequence[Scalar]) -> None:
        """space: with what the stages vary; schedules: of all stages, then those that are tried."""
        self._axes = {
            name: axis for name, axis in space.axes.items() if name not in ("epochs", ROWS, SCHEDULE)
        }
        self._stages, self._seed, self._fewest = stages, seed, space.min_epochs
        self._base, *self._tried_schedules = schedules
        self._spread: list[dict[str, Scalar]] = []

    def next(self, stage: Stage, number: int, tried: Sequence[Tried]) -> Point:
        """Return the point of trial `number`, which is one of the stage's.

        tried: the trials that were completed before.
        """
        place = number - stage.first
        match stage.name:
            case "carry":
                return self._carried(stage, place, number, self._best(tried, "explore"))
            case "refine":
                return self._refined(stage, place, number, tried)
            case "schedules":
                return self._scheduled(stage, place, number, tried)
        return self._explored(stage, place)

    def _explored(self, stage: Stage, place: int) -> Point:
        if not self._spread:
            from scipy.stats import qmc

            drawn = qmc.LatinHypercube(len(self._axes), rng=np.random.default_rng([self._seed, 0]))
            self._spread = [self._at(row) for row in drawn.random(stage.trials)]
        return self._point(stage, self._spread[place], self._base)

    def _carried(self, stage: Stage, place: int, number: int, best: Sequence[Tried]) -> Point:
        if place < len(best):
            return self._point(stage, best[place].point.parameters, self._base)
        return self._point(stage, self._at(self._random(number).random(len(self._axes))), self._base)

    def _refined(self, stage: Stage, place: int, number: int, tried: Sequence[Tried]) -> Point:
        before = self._best(tried, "carry") or self._best(tried, "explore")
        known = self._best(tried, "refine")
        parents = before[:PARENTS] if place < PARENTS else known[:PARENTS] or before[:PARENTS]
        if not parents or place < PARENTS:
            return self._carried(stage, place, number, parents)
        parent, random = parents[place % len(parents)].point.parameters, self._random(number)
        near = {name: _near(axis, parent[name], random) for name, axis in self._axes.items()}
        return self._point(stage, near, self._base)

    def _scheduled(self, stage: Stage, place: int, number: int, tried: Sequence[Tried]) -> Point:
        best = self._best(tried, "refine") or self._best(tried, "carry") or self._best(tried, "explore")
        rank, which = divmod(place, max(1, len(self._tried_schedules)))
        if rank >= len(best) or not self._tried_schedules:
            return self._carried(stage, rank, number, best)
        schedule, parent = self._tried_schedules[which], best[rank].point
        point = self._point(stage, parent.parameters, schedule)
        if not is_length_bound(schedule):
            return point
        return replace(point, epochs=min(stage.epochs, max(self._fewest, 2 * parent.epochs)))

    def _best(self, tried: Sequence[Tried], name: str) -> list[Tried]:
        """Return the completed trials of a stage, the best first, each configuration once."""
        numbers = next((stage.numbers for stage in self._stages if stage.name == name), range(0))
        ranked = sorted(
            (one for one in tried if one.number in numbers), key=lambda one: (one.value, one.number)
        )
        found: dict[Configuration, Tried] = {}
        for one in ranked:
            found.setdefault(one.point.configuration, one)
        return list(found.values())

    def _at(self, shares: Iterable[float]) -> dict[str, Scalar]:
        return {
            name: _at(axis, share) for (name, axis), share in zip(self._axes.items(), shares, strict=True)
        }

    def _point(self, stage: Stage, parameters: dict[str, Scalar], schedule: Scalar) -> Point:
        kept = {name: parameters[name] for name in self._axes}
        return Point.from_parameters({**kept, "epochs": stage.epochs, ROWS: stage.rows, SCHEDULE: schedule})

    def _random(self, number: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, 1, number])


def is_length_bound(schedule: Scalar) -> bool:
    """Return whether a curve under this schedule depends on how many epochs were planned."""
    return parse_choice(str(schedule), SCHEDULE).name in LENGTH_BOUND_SCHEDULES


def _at(axis: Axis, share: float) -> Scalar:
    """Return the value that lies at a share, from 0 up to but not 1, of an axis."""
    if not isinstance(axis, Range):
        return axis.values[int(share * len(axis.values))]
    if axis.integer and not axis.log:
        return int(axis.low) + int(share * (int(axis.high) - int(axis.low) + 1))
    return _held(axis, _from(axis, _to(axis, axis.low) + share * _span(axis)))


def _near(axis: Axis, value: Scalar, random: np.random.Generator) -> Scalar:
    """Return a value near another one: within REACH of it, or the same or a neighbour of a list."""
    if isinstance(axis, Range):
        assert isinstance(value, (int, float))
        return _held(axis, _from(axis, _to(axis, value) + random.uniform(-REACH, REACH) * _span(axis)))
    step = int(random.integers(-1, 2))
    numbers = all(isinstance(one, (int, float)) for one in axis.values)
    values = sorted(axis.values, key=float) if numbers else list(axis.values)  # type: ignore[arg-type]
    return values[min(max(0, values.index(value) + step), len(values) - 1)]


def _to(axis: Range, value: float) -> float:
    return math.log(value) if axis.log else value


def _from(axis: Range, place: float) -> float:
    return float(f"{math.exp(place) if axis.log else place:.6g}")


def _span(axis: Range) -> float:
    return _to(axis, axis.high) - _to(axis, axis.low)


def _held(axis: Range, value: float) -> int | float:
    """Return the value within the axis, whole where it must be."""
    inside = min(max(value, axis.low), axis.high)
    return round(inside) if axis.integer else inside
