"""Whether the best point lies at an end of what was searched: then something better may lie beyond."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from epochsearch.core.axis import Axis, Range
from epochsearch.core.choice import Scalar
from epochsearch.core.point import Point
from epochsearch.core.space import Space
from epochsearch.core.stages import ROWS

NEAR = 0.05
"""Share of a range, in its own measure, that counts as its end."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One axis on which a point lies at an end."""

    axis: str
    value: int | float
    end: Literal["low", "high"]
    limit: int | float  # the end of the searched range, or of the curve
    curve: bool = False  # of epochs only: the curve ends there, the searched range goes on


def edges(point: Point, space: Space, curve_end: int | None) -> tuple[Edge, ...]:
    """Return the axes of `space`, in its order, on which `point` lies at an end.

    curve_end: the last epoch of the point's curve; None: it was made for this length. A range's end is its
    outer twentieth, on a logarithmic axis of its logarithm; a list's are its lowest and its highest number.
    An axis with a single value, and one of words, has no end; nor have training rows, of which 0 are all.
    Where a point lies at no end of the epochs searched it may yet lie at that of its curve.
    """
    found = []
    for name, axis in space.axes.items():
        edge = None if name == ROWS else _edge(name, axis, point.parameters.get(name))
        if edge is None and name == "epochs" and curve_end == point.epochs < space.max_epochs:
            edge = Edge(name, point.epochs, "high", curve_end, curve=True)
        if edge is not None:
            found.append(edge)
    return tuple(found)


def _edge(name: str, axis: Axis, value: Scalar) -> Edge | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(axis, Range):
        low, high, near = axis.low, axis.high, NEAR
    else:
        numbers = [one for one in axis.values if isinstance(one, (int, float)) and not isinstance(one, bool)]
        if len(numbers) != len(axis.values):
            return None
        low, high, near = min(numbers), max(numbers), 0.0
    if low == high:
        return None
    share = _share(value, low, high, log=isinstance(axis, Range) and axis.log)
    if share <= near:
        return Edge(name, value, "low", low)
    return Edge(name, value, "high", high) if share >= 1 - near else None


def _share(value: float, low: float, high: float, *, log: bool) -> float:
    """Return where `value` lies between low (0) and high (1)."""
    if log:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return (value - low) / (high - low)
