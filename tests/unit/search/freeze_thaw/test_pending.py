"""Curves under way: one point more for each, on the curve's own place if it has one."""

from __future__ import annotations

import numpy as np

from epochsearch.core.point import Configuration
from epochsearch.core.space import parse_space
from epochsearch.search.freeze_thaw.coordinates import Coordinates
from epochsearch.search.freeze_thaw.curves import SeenCurve, Standing, Yardstick, seen_points
from epochsearch.search.freeze_thaw.pending import pending_points
from epochsearch.search.freeze_thaw.process import Points, Posterior
from epochsearch.search.freeze_thaw.scales import Chain

LAST = 32
COORDINATES = Coordinates(
    parse_space({"epochs": str(LAST), "learning_rate": "1e-4:1e-1", "batch_size": "16,64"})
)


def curve(number: int, rate: float, losses: tuple[float, ...], upto: int) -> SeenCurve:
    standing = Standing.RUNNING if upto > len(losses) else Standing.FROZEN
    return SeenCurve(number, Configuration(rate, 16), standing, losses, upto, ((number, upto),))


FROZEN = curve(0, 1e-3, (0.9, 0.8), 2)
THAWED = curve(1, 1e-2, (0.7, 0.5), 4)
BEGUN = curve(2, 5e-2, (), 2)


def posterior_of(points: Points) -> Posterior:
    return Chain(COORDINATES.columns, COORDINATES.axes, seed=0).posterior(points)


def points_of(*curves: SeenCurve) -> tuple[Points, Points]:
    """Return the points without and with what is under way."""
    points = seen_points(curves, Yardstick.of(curves), COORDINATES, LAST, 200)
    return points, pending_points(curves, points, posterior_of(points), COORDINATES)


def test_where_nothing_runs_there_are_no_more_points() -> None:
    """The very points that were seen."""
    points, pending = points_of(FROZEN)

    assert pending is points


def test_a_thawed_curve_keeps_its_place_and_a_new_one_gets_the_next() -> None:
    """In the order of the running curves, at the ends of their orders."""
    points, pending = points_of(FROZEN, THAWED, BEGUN)

    assert len(pending.places) == len(points.places) + 1
    assert pending.curve[-2:].tolist() == [1, 2]
    assert pending.epochs[-2:].tolist() == [4.0, 2.0]


def test_what_is_expected_is_the_mean_and_is_then_as_good_as_seen() -> None:
    """A thawed curve's own prediction at the end of its order does not move, and is no longer open."""
    points, pending = points_of(FROZEN, THAWED)
    before, after = posterior_of(points), posterior_of(pending)
    end = np.array([4.0])

    mean, deviation = before.at(before.known([1]), end)
    same, certain = after.at(after.known([1]), end)

    np.testing.assert_allclose(same, mean, atol=1e-6)
    assert certain[0, 0] < 0.03 < deviation[0, 0]
