"""The further hyperparameters of a recorded table: their values, their axes, and how far two are apart."""

from __future__ import annotations

from collections.abc import Iterable

from epochsearch.core.axis import Axis, Choices, Range
from epochsearch.core.choice import Scalar
from epochsearch.core.point import Configuration

FEW = 12
"""So many distinct numbers are a list of choices, more are a range."""


def recorded_values(cells: Iterable[Configuration]) -> dict[str, tuple[Scalar, ...]]:
    """Return the distinct values of each further hyperparameter, numbers rising before words."""
    found: dict[str, dict[Scalar, None]] = {}
    for cell in cells:
        for name, value in cell.extras:
            found.setdefault(name, {})[value] = None
    return {name: tuple(sorted(values, key=_order)) for name, values in found.items()}


def axis_of(values: tuple[Scalar, ...]) -> Axis:
    """Return the axis that a search of these values has."""
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if len(values) <= FEW or len(numbers) < len(values):
        return Choices(values)
    return Range(min(numbers), max(numbers), integer=all(isinstance(value, int) for value in numbers))


def span(values: tuple[Scalar, ...]) -> float:
    """Return how wide the numbers among the values spread, 1 if they do not."""
    numbers = [float(value) for value in values if isinstance(value, (int, float))]
    return (max(numbers) - min(numbers) if numbers else 0.0) or 1.0


def apart(a: Scalar, b: Scalar, width: float) -> float:
    """Return how far two values are apart in parts of `width`; two words, or a word and a number, are 1."""
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) / width
    return 0.0 if a == b else 1.0


def _order(value: Scalar) -> tuple[bool, float, str]:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return (not number, float(value) if isinstance(value, (int, float)) else 0.0, str(value))
