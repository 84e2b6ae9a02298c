"""Curves as points of the model."""

import math

import numpy as np
import pytest

from epochsearch.core.point import Configuration
from epochsearch.core.space import parse_space
from epochsearch.search.freeze_thaw.coordinates import Coordinates
from epochsearch.search.freeze_thaw.curves import (
    SeenCurve,
    Standing,
    Yardstick,
    levels,
    next_level,
    seen_points,
)

SPACE = parse_space({"epochs": "10", "learning_rate": "1e-4:1e-1", "batch_size": "8"})


def curve(losses: list[float], number: int = 0, standing: Standing = Standing.FROZEN) -> SeenCurve:
    cell = Configuration(10.0 ** -(1 + number % 3) / (1 + number // 3), 8)
    return SeenCurve(number, cell, standing, tuple(losses), len(losses), ((number, len(losses)),))


def points(curves: list[SeenCurve], most: int = 1000):
    return seen_points(curves, Yardstick.of(curves), Coordinates(SPACE), 10, most)


@pytest.mark.parametrize(
    ("last", "expected"), [(1, (1,)), (2, (1, 2)), (10, (1, 2, 4, 8, 10)), (8, (1, 2, 4, 8))]
)
def test_levels_double_up_to_the_last_epoch(last, expected):
    """The last one is a level, whatever it is."""
    assert levels(last) == expected
    assert next_level(0, last) == 1
    assert next_level(last - 1, last) == last


def test_a_point_is_the_lowest_loss_since_the_level_before():
    """So a curve that over-fits rises."""
    found = points([curve([1.0, 0.5, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9])])

    assert found.epochs.tolist() == [1, 2, 4, 8]
    assert np.exp(found.values) == pytest.approx([1.0, 0.5, 0.2, 0.5])


def test_losses_that_are_not_finite_are_no_points():
    """And others are cut at three times the usual first one."""
    found = points([curve([1.0, 0.9, math.nan], 0, Standing.ENDED), curve([1.0, 1e30], 1)])

    assert found.epochs.tolist() == [1, 2, 1, 2]
    assert np.exp(found.values) == pytest.approx([1.0, 0.9, 1.0, 3.0])


@pytest.mark.parametrize("losses", [[0.2, 0.0, 0.1], [-1.0, -3.0, -2.0], [0.0, 0.0], [5.0, 5.0, 5.0]])
def test_losses_of_any_sign_have_a_value_and_come_back(losses):
    """A likelihood may be negative, an accuracy may be 1; order is kept."""
    yardstick = Yardstick.of([curve(losses)])

    values = yardstick.values(losses)

    assert np.isfinite(values).all()
    assert [yardstick.loss(value) for value in values] == pytest.approx(losses)
    assert (np.argsort(values, kind="stable") == np.argsort(losses, kind="stable")).all()


def test_of_many_points_those_of_the_best_curves_are_kept():
    """At most so many, the best curve's all among them."""
    many = [curve([1.0, 0.9 - i / 1000, 0.8 - i / 1000], i) for i in range(60)]

    found = points(many, most=50)

    assert 30 <= len(found.values) <= 50
    assert found.values.min() == pytest.approx(math.log(0.8 - 59 / 1000))
    assert (found.curve == 59).sum() == 3


def test_a_curve_is_known_as_it_was_before_an_order():
    """With the epochs of the orders before it, and able to go on."""
    whole = SeenCurve(0, Configuration(0.1, 8), Standing.ENDED, (3.0, 2.0, math.nan), 4, ((2, 2), (7, 4)))

    assert whole.before(7).losses == (3.0, 2.0)
    assert whole.before(7).standing is Standing.FROZEN
    assert whole.before(2).losses == ()
    assert whole.before(8) == whole
