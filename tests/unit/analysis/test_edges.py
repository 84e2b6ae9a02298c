"""A best point at an end of what was searched."""

from __future__ import annotations

import pytest

from epochsearch.analysis.edges import Edge, edges
from epochsearch.core.point import Configuration, Point
from epochsearch.core.space import parse_space

SPACE = parse_space(
    {
        "epochs": "10:50",
        "learning_rate": "1e-5:1e-1",
        "batch_size": "16,32,64",
        "dropout": "0.0:0.5",
        "act": "relu,tanh",
        "width": "8",
    }
)


def point(
    epochs: int = 30, rate: float = 1e-3, size: int = 32, dropout: float = 0.2, act: str = "relu"
) -> Point:
    return Point(epochs, Configuration(rate, size, (("dropout", dropout), ("act", act), ("width", 8))))


def test_a_point_in_the_middle_lies_at_no_end() -> None:
    """Words and single values have no ends."""
    assert edges(point(), SPACE, 50) == ()


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (point(epochs=48), Edge("epochs", 48, "high", 50)),  # 38 of 40: the outer twentieth
        (point(epochs=12), Edge("epochs", 12, "low", 10)),
        (point(rate=0.0631), Edge("learning_rate", 0.0631, "high", 0.1)),  # 3.8 of 4 decades
        (point(rate=1.58e-5), Edge("learning_rate", 1.58e-5, "low", 1e-5)),
        (point(size=16), Edge("batch_size", 16, "low", 16)),
        (point(size=64), Edge("batch_size", 64, "high", 64)),
        (point(dropout=0.48), Edge("dropout", 0.48, "high", 0.5)),
    ],
)
def test_each_end_of_each_axis_is_told(at: Point, expected: Edge) -> None:
    """The learning rate is measured in decades, the others as they are."""
    assert edges(at, SPACE, 50) == (expected,)


@pytest.mark.parametrize("at", [point(epochs=47), point(epochs=13), point(rate=0.062), point(dropout=0.47)])
def test_just_inside_is_no_end(at: Point) -> None:
    """One step further in than the outer twentieth."""
    assert edges(at, SPACE, 50) == ()


def test_the_end_of_the_curve_is_told_where_the_range_goes_on() -> None:
    """Nothing longer was trained at this configuration."""
    assert edges(point(epochs=30), SPACE, 30) == (Edge("epochs", 30, "high", 30, curve=True),)
    assert edges(point(epochs=29), SPACE, 30) == ()


def test_several_axes_may_end_at_once() -> None:
    """They come in the order of the space."""
    found = edges(point(epochs=50, rate=0.1, size=64), SPACE, 50)

    assert [edge.axis for edge in found] == ["epochs", "learning_rate", "batch_size"]
