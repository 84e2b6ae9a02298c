"""Orders against their outcomes."""

import math

import pytest

from epochsearch.analysis.forecasts import calibration, order_outcomes
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
    assert [one.seen_end for one in found] == [0.75, 0.75, None, None]
    assert [one.inside_end for one in found] == [True, False, None, None]


@pytest.mark.parametrize(("hits", "share"), [([True, None, False, True], 2 / 3), ([None], None), ([], None)])
def test_calibration_counts_what_is_known(hits, share):
    """No outcome, no share."""
    assert calibration(hits).share == share


def test_an_order_is_kept_and_read_back():
    """With its forecast or without."""
    for one in (order(3, 5, 8, 0.1, 0.2), TrialOrder(0, 0, 2)):
        assert TrialOrder.from_dict(one.step, one.trial, one.to_dict()) == one
