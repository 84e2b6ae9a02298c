"""From a space to Optuna's distributions and from its parameters to points, and back.

In the database every axis is as the user wrote it: a list is categorical. A sampler that cannot handle
categories (cmaes) proposes on `ordered` distributions instead, where a list of numbers is the index into it.
"""

from __future__ import annotations

from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from epochsearch.core.axis import Axis, Choices, Range
from epochsearch.core.point import Point
from epochsearch.core.space import Space


class Encoding:
    """How one study's space is told to its sampler."""

    def __init__(self, space: Space, *, ordered: bool) -> None:
        """ordered: lists of numbers become indexes of their sorted values."""
        self.stored = {name: _distribution(axis) for name, axis in space.axes.items()}
        self._indexed = {
            name: _sorted(axis) for name, axis in space.axes.items() if ordered and _orderable(axis)
        }
        self.proposed: dict[str, BaseDistribution] = {
            name: IntDistribution(0, len(self._indexed[name]) - 1) if name in self._indexed else distribution
            for name, distribution in self.stored.items()
        }

    def point(self, params: dict[str, Any]) -> Point:
        """Return the point that the sampler's parameters mean."""
        return Point.from_parameters(
            {
                name: self._indexed[name][value] if name in self._indexed else value
                for name, value in params.items()
            }
        )

    def params(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return a point's parameters as the sampler's."""
        return {
            name: self._indexed[name].index(value) if name in self._indexed else value
            for name, value in parameters.items()
        }


def _distribution(axis: Axis) -> BaseDistribution:
    if isinstance(axis, Choices):
        return CategoricalDistribution(axis.values)
    if axis.integer:
        return IntDistribution(int(axis.low), int(axis.high), log=axis.log)
    return FloatDistribution(axis.low, axis.high, log=axis.log)


def _orderable(axis: Axis) -> bool:
    return isinstance(axis, Choices) and all(
        isinstance(value, (int, float)) and not isinstance(value, bool) for value in axis.values
    )


def _sorted(axis: Axis) -> list[Any]:
    assert not isinstance(axis, Range)
    return sorted(axis.values)
