"""What is said of an order: quantiles of the best loss, wider where the scales themselves are in doubt."""

from __future__ import annotations

import math

import numpy as np
import pytest

from epochsearch.core.orders import Forecast
from epochsearch.search.freeze_thaw.curves import Yardstick
from epochsearch.search.freeze_thaw.forecasting import forecast, future

YARDSTICK = Yardstick(floor=0.0, most=10.0)
ONE = (np.log([0.5, 0.4]), 1e-6 * np.eye(2))  # sure of 0.5 at epoch 4, and of 0.4 at epoch 8
OTHER = (np.log([0.7, 0.6]), 1e-6 * np.eye(2))


def said(*ways: tuple[np.ndarray, np.ndarray], losses: tuple[float, ...] = (0.9, 0.8)) -> Forecast:
    """Return what is expected of a curve of two epochs that is trained to its fourth of eight."""
    return forecast(ways, losses, 4, 8, YARDSTICK, 0.1, np.random.default_rng(0))


def test_the_ways_epochs_are_the_levels_to_come_and_the_orders_end() -> None:
    """From the first level after what is done."""
    assert future(2, 3, 8).tolist() == [3.0, 4.0, 8.0]
    assert future(0, 2, 5).tolist() == [1.0, 2.0, 4.0, 5.0]


def test_under_one_set_of_scales_it_is_as_sure_as_that() -> None:
    """At the order's end and at the curve's."""
    found = said(ONE)

    assert found.upto.median == pytest.approx(0.5, rel=0.01)
    assert found.end.median == pytest.approx(0.4, rel=0.01)
    assert found.end.high - found.end.low < 0.01


def test_scales_that_disagree_widen_the_interval() -> None:
    """It reaches from what the one says to what the other says."""
    found = said(ONE, OTHER)

    assert found.upto.low == pytest.approx(0.5, rel=0.01)
    assert found.upto.high == pytest.approx(0.7, rel=0.01)
    assert found.end.low == pytest.approx(0.4, rel=0.01)
    assert found.end.high == pytest.approx(0.6, rel=0.01)


def test_what_has_been_seen_is_not_lost() -> None:
    """The best loss so far is never above the lowest of the curve."""
    found = said(OTHER, losses=(0.9, 0.3))

    assert math.isclose(found.end.high, 0.3)
