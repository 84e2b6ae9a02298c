"""Configurations as numbers: where each lies on the axes of a space, in units of how far losses stay alike.

A learning rate is measured in decades and a batch size in doublings, however wide the search: what is near is
near in itself, not as a share of the range. Words are all one unit apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from epochsearch.core.axis import Axis, Range
from epochsearch.core.choice import Scalar
from epochsearch.core.point import Configuration, Point
from epochsearch.core.space import Space

FloatArray: TypeAlias = NDArray[np.float64]

DECADE = 1.0  # of a learning rate: one unit
DOUBLINGS = 3.0  # of a batch size: one unit
SHARE = 0.4  # of the width of any other axis: one unit
NEARBY = 0.3  # standard deviation of a step to a neighbour, in units
OTHER_WORD = 0.3  # probability that a neighbour has another word


@dataclass(frozen=True, slots=True)
class _Scale:
    """One axis that has more than one value; `shares` run from 0 to 1 along it."""

    name: str
    axis: Axis
    values: tuple[Scalar, ...]  # of a list, numbers rising; () for a range
    words: bool
    log: bool
    unit: float  # what one unit is on the (logarithmic) axis

    def value(self, share: float) -> Scalar:
        """Return the value at a share of the axis."""
        if isinstance(self.axis, Range):
            return self._on_range(self.axis, share)
        return self.values[min(int(share * len(self.values)), len(self.values) - 1)]

    def share(self, value: Scalar) -> float:
        """Return the share at which a value lies; the middle of its part for one of a list."""
        if isinstance(self.axis, Range):
            low, high = self.measure(self.axis.low), self.measure(self.axis.high)
            return min(max((self.measure(value) - low) / (high - low), 0.0), 1.0)
        if value in self.values:
            return (self.values.index(value) + 0.5) / len(self.values)
        nearest = min(range(len(self.values)), key=lambda i: self._apart(self.values[i], value))
        return (nearest + 0.5) / len(self.values)

    def measure(self, value: Scalar) -> float:
        """Return a number's place on the axis."""
        number = float(value or 0.0) if not isinstance(value, str) else 0.0
        return math.log10(number) if self.log else number

    @property
    def step(self) -> float:
        """Standard deviation of a step to a neighbour, as a share of the axis."""
        if isinstance(self.axis, Range):
            return min(
                0.25, NEARBY * self.unit / (self.measure(self.axis.high) - self.measure(self.axis.low))
            )
        return 0.8 / len(self.values)

    def _on_range(self, axis: Range, share: float) -> int | float:
        low, high = self.measure(axis.low), self.measure(axis.high)
        place = low + share * (high - low)
        number = min(max(10.0**place if self.log else place, axis.low), axis.high)
        return round(number) if axis.integer else number

    def _apart(self, a: Scalar, b: Scalar) -> float:
        return float(a != b) if self.words else abs(self.measure(a) - self.measure(b))


class Coordinates:
    """The axes of a space without its epochs; `columns` tells which axis each coordinate is of."""

    def __init__(self, space: Space) -> None:
        axes = {name: axis for name, axis in space.axes.items() if name != "epochs"}
        self._fixed = {name: value for name, axis in axes.items() if (value := _only(axis)) is not None}
        self._scales = [_scale(name, axis) for name, axis in axes.items() if name not in self._fixed]
        widths = [len(scale.values) if scale.words else 1 for scale in self._scales]
        self.columns = np.repeat(np.arange(len(widths)), widths)  # (coordinates,)

    @property
    def axes(self) -> int:
        """How many axes have more than one value."""
        return len(self._scales)

    def configuration(self, shares: Sequence[float] | FloatArray) -> Configuration:
        """Return the configuration at `shares` (axes,) of the axes, each from 0 to 1."""
        values = {s.name: s.value(float(u)) for s, u in zip(self._scales, shares, strict=True)}
        return Point.from_parameters({"epochs": 1, **self._fixed, **values}).configuration

    def shares(self, configuration: Configuration) -> FloatArray:
        """Return where a configuration lies, the reverse of `configuration`, (axes,)."""
        parameters = Point(1, configuration).parameters
        return np.array([scale.share(parameters[scale.name]) for scale in self._scales])

    def places(self, configurations: Sequence[Configuration]) -> FloatArray:
        """Return the coordinates of configurations in units, (configurations, coordinates)."""
        rows = [self._place(configuration) for configuration in configurations]
        return np.array(rows).reshape(len(rows), len(self.columns))

    def neighbour(self, configuration: Configuration, random: np.random.Generator) -> Configuration:
        """Return a configuration a small random step away; ends of axes reflect."""
        moved = []
        for scale, share in zip(self._scales, self.shares(configuration), strict=True):
            if scale.words:
                moved.append(random.random() if random.random() < OTHER_WORD else share)
            else:
                moved.append(_reflected(share + scale.step * random.standard_normal()))
        return self.configuration(moved)

    def _place(self, configuration: Configuration) -> list[float]:
        parameters, row = Point(1, configuration).parameters, []
        for scale in self._scales:
            value = parameters[scale.name]
            if scale.words:  # two different words are one unit apart
                row += [math.sqrt(0.5) * (value == word) for word in scale.values]
            else:
                row.append(scale.measure(value) / scale.unit)
        return row


def _scale(name: str, axis: Axis) -> _Scale:
    if isinstance(axis, Range):
        log = axis.log or (name == "batch_size" and axis.low > 0)
        return _Scale(name, axis, (), words=False, log=log, unit=_unit(name, axis.low, axis.high, log))
    numbers = [v for v in axis.values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if len(numbers) < len(axis.values):
        return _Scale(name, axis, axis.values, words=True, log=False, unit=1.0)
    low, high = min(numbers), max(numbers)
    log = name in ("learning_rate", "batch_size") or (low > 0 and high / low >= 10)
    return _Scale(name, axis, tuple(sorted(numbers)), words=False, log=log, unit=_unit(name, low, high, log))


def _unit(name: str, low: float, high: float, log: bool) -> float:
    if name == "learning_rate":
        return DECADE
    if name == "batch_size":
        return DOUBLINGS * math.log10(2)
    return SHARE * (math.log10(high / low) if log else high - low)


def _only(axis: Axis) -> Scalar:
    """Return the value of an axis that has just one; None if it has more."""
    if isinstance(axis, Range):
        return (int(axis.low) if axis.integer else axis.low) if axis.low == axis.high else None
    return axis.values[0] if len(axis.values) == 1 else None


def _reflected(share: float) -> float:
    share = abs(share) % 2.0
    return 2.0 - share if share > 1.0 else share
