"""A search that freezes and thaws against what it is charged."""

import math

from epochsearch.analysis.stretches import traced_orders
from epochsearch.analysis.traces import TracedTrial
from epochsearch.core.orders import TrialOrder

ORDERS = [TrialOrder(0, 0, 2), TrialOrder(1, 1, 2), TrialOrder(2, 0, 4), TrialOrder(3, 1, 4)]
EPOCHS = {
    0: [(1.0, 0.5), (0.8, 0.5), (0.7, 0.5), (0.9, 0.5)],
    1: [(0.9, 2.0), (0.85, 2.0), (math.nan, 2.0)],
}


def test_each_order_is_a_step_of_what_it_found_and_of_all_that_was_charged_by_then():
    """A trial's later epochs count when they were trained, not when the trial was begun."""
    found = traced_orders(ORDERS, EPOCHS, least=1)

    assert found == (
        TracedTrial(0.8, 2, 1.0),
        TracedTrial(0.85, 4, 5.0),
        TracedTrial(0.7, 6, 6.0),
        TracedTrial(None, 7, 8.0),
    )


def test_epochs_below_the_least_are_charged_and_not_read():
    """They cannot be chosen."""
    found = traced_orders(ORDERS[:3], EPOCHS, least=3)

    assert [step.value for step in found] == [None, None, 0.7]
    assert [step.epochs for step in found] == [2, 4, 6]
