"""Configurations as numbers: what is near, and back again."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsearch.core.point import Configuration, Point
from epochsearch.core.space import Space, parse_space
from epochsearch.search.freeze_thaw.coordinates import Coordinates
from tests.property.spaces import spaces

PLAIN = parse_space({"epochs": "50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32,64,128"})


def test_a_learning_rate_is_measured_in_decades_and_a_batch_size_in_doublings():
    """However wide the search is: three doublings are as far as a decade."""
    places = Coordinates(PLAIN).places([Configuration(1e-3, 16), Configuration(1e-2, 128)])

    apart = places[1] - places[0]
    assert sorted(apart) == pytest.approx([1.0, 1.0])


def test_two_different_words_are_one_unit_apart():
    """So is every pair of them."""
    space = parse_space({"epochs": "5", "learning_rate": "0.1", "batch_size": "8", "kind": "a,b,c"})
    cells = [Configuration(0.1, 8, (("kind", word),)) for word in "abc"]

    places = Coordinates(space).places(cells)

    assert [math.dist(places[i], places[j]) for i, j in ((0, 1), (0, 2), (1, 2))] == pytest.approx([1, 1, 1])


@settings(max_examples=60)
@given(spaces(), st.integers(0, 2**31))
def test_every_share_and_every_neighbour_is_in_the_space(space: Space, seed: int):
    """Of ranges, steps, lists and words; and a configuration's shares lead back to it."""
    coordinates, random = Coordinates(space), np.random.default_rng(seed)

    configuration = coordinates.configuration(random.random(coordinates.axes))
    beside = coordinates.neighbour(configuration, random)

    for one in (configuration, beside):
        assert space.contains(Point(space.max_epochs, one))
    again = coordinates.configuration(coordinates.shares(configuration))
    before, after = coordinates.places([configuration, again])
    assert after == pytest.approx(before, rel=1e-6, abs=1e-6)


def test_a_space_of_one_configuration_has_no_axes():
    """It is that one."""
    space = parse_space({"epochs": "5", "learning_rate": "0.1", "batch_size": "8"})

    coordinates = Coordinates(space)

    assert coordinates.axes == 0
    assert coordinates.configuration([]) == Configuration(0.1, 8)
    assert coordinates.places([Configuration(0.1, 8)]).shape == (1, 0)
