"""Orders against their outcomes."""

import math

import pytest

from epochsearch.analysis.forecasts import calibration, last_orders, order_outcomes
from epochsearch.core.orders import Expected, Forecast, TrialOrder


def order(step: int, trial: int, upto: int, low: float, high: float) -> TrialOrder:
    expected = Expected((low + high) / 2, low, high)
    return TrialOrder(step, trial, upto, Forecast(expected, expected, 0.01))


def test_an_order_is_judged_by_the_best_value_at_its_end():
    """Inside, outside, and not known where the trial did not get so far."""
    orders = [
        order(2, 1, 4, 0.1, 0.3),
        order(0, 0, 2, 0.5, 0.9),
        order(1, 0, 4, 0.6, 0.7),
        TrialOrder(3, 2, 1),
    ]
    values = {0: [1.0, 0.8, 0.9, 0.75], 1: [0.2, math.nan], 2: [0.4]}

    found = order_outcomes(orders, values, last=4)

    assert [one.order.step for one in found] == [0, 1, 2, 3]
    assert [one.inside for one in found] == [True, False, None, None]
    assert [(one.first, one.done, one.seen) for one in found] == [
        (1, 2, 0.8),
        (3, 4, 0.75),
        (1, 2, 0.2),
        (1, 1, 0.4),
    ]
    assert [one.charged for one in found] == [0, 2, 4, 6]
    assert [one.seen_end for one in found] == [0.75, 0.75, None, None]
    assert [one.inside_end for one in found] == [True, False, None, None]


def test_what_is_left_stands_in_the_order_of_what_was_expected_of_it():
    """The last order of each; those of which nothing was expected come last, the best seen first."""
    orders = [
        order(0, 0, 2, 0.1, 0.2),
        order(1, 0, 4, 0.5, 0.7),
        order(2, 1, 2, 0.3, 0.5),
        order(3, 2, 2, 0.1, 0.2),
        TrialOrder(4, 3, 1),
        TrialOrder(5, 4, 1),
    ]
    values = {0: [0.9] * 4, 1: [0.9] * 2, 2: [0.1] * 2, 3: [0.2], 4: [0.1]}

    left = last_orders(order_outcomes(orders, values, last=4), {0, 1, 3, 4})

    assert [(one.order.trial, one.order.step) for one in left] == [(1, 2), (0, 1), (4, 5), (3, 4)]


@pytest.mark.parametrize(("hits", "share"), [([True, None, False, True], 2 / 3), ([None], None), ([], None)])
def test_calibration_counts_what_is_known(hits, share):
    """No outcome, no share."""
    assert calibration(hits).share == share


def test_an_order_is_kept_and_read_back():
    """With its forecast or without."""
    for one in (order(3, 5, 8, 0.1, 0.2), TrialOrder(0, 0, 2)):
        assert TrialOrder.from_dict(one.step, one.trial, one.to_dict()) == one
