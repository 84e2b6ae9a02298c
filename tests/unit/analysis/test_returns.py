"""What a further epoch buys."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsearch.analysis.returns import curve_returns, last_share, marginal_gains, worth_until
from epochsearch.analysis.traces import Trace, TracedTrial

LOSSES = [1.0, 0.6, 0.4, 0.3, 0.29, 0.289]


def test_gains_of_a_curve_that_bends_one_way_are_its_steps() -> None:
    """The first epoch has none: there is nothing before it."""
    found = marginal_gains(LOSSES)

    assert math.isnan(found[0])
    assert found[1:].tolist() == pytest.approx([0.4, 0.2, 0.1, 0.01, 0.001])


def test_a_plateau_is_spread_over_the_fall_that_it_led_to() -> None:
    """Three idle epochs and a fall of 0.4: a tenth each. The convex curve below has no step in it."""
    assert marginal_gains([1.0, 1.0, 1.0, 1.0, 0.6])[1:].tolist() == pytest.approx([0.1] * 4)


def test_gains_per_second_weigh_long_epochs() -> None:
    """The same fall in an epoch twice as long is half as much a second."""
    found = curve_returns([1.0, 0.6, 0.4], [1, 1, 2], memory=[10**9, 10**9, 2 * 10**9], price=3600.0)

    assert found is not None
    assert found.per_second is not None
    assert found.per_second[1:].tolist() == pytest.approx([0.4, 0.1])
    assert found.per_gigabyte_second is not None
    assert found.per_gigabyte_second[1:].tolist() == pytest.approx([0.4, 0.05])
    assert found.per_money is not None
    assert found.per_money[1:].tolist() == pytest.approx([0.4, 0.1])  # one unit of money a second
    assert found.money is not None
    assert found.money.tolist() == pytest.approx([1, 2, 4])


def test_what_is_not_known_is_not_priced() -> None:
    """A table without seconds, an epoch without memory, a curve that is no number."""
    timeless = curve_returns(LOSSES, [0.0] * 6, price=2.1)
    partly = curve_returns([1.0, 0.5], [1, 1], memory=[10**9, None])

    assert timeless is not None
    assert (timeless.per_second, timeless.per_money) == (None, None)
    assert partly is not None
    assert partly.per_gigabyte_second is None
    assert curve_returns([1.0, math.nan], [1, 1]) is None
    assert curve_returns([], []) is None


def test_worth_ends_where_no_further_epoch_buys_the_set_gain() -> None:
    """Shares of the loss before the epoch: 40, 33, 25, 3.3 and 0.3 %."""
    assert [worth_until(LOSSES, least) for least in (0.5, 0.3, 0.1, 0.01, 0.001)] == [1, 3, 4, 5, 6]
    assert worth_until([1.0, 0.5, 0.6, 0.7]) == 2
    assert worth_until([0.5]) == 1


def test_what_the_last_tenth_of_a_budget_bought() -> None:
    """Ten trials of 10 epochs; the best falls from 0.5 to 0.4 in the last of them."""
    values = [0.9, 0.5, 0.6, 0.7, 0.8, None, 0.6, 0.5, 0.9, 0.4]
    trials = tuple(TracedTrial(value, 10 * (i + 1), 1.0 * (i + 1)) for i, value in enumerate(values))

    found = last_share(Trace("s", "tpe", 0, trials))
    first = last_share(Trace("s", "tpe", 0, (TracedTrial(0.5, 10, 1.0),)))

    assert found is not None
    assert (found.spent, found.before, found.after) == (pytest.approx(10), 0.5, 0.4)
    assert found.bought == pytest.approx(0.2)
    assert first is not None
    assert (first.before, first.bought) == (None, None)
    assert last_share(Trace("s", "tpe", 0, ())) is None


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.1, 10)), min_size=2, max_size=20))
def test_gains_never_rise_and_sum_up_to_the_whole_fall(epochs: list[tuple[float, float]]) -> None:
    """Weighted with what each epoch cost."""
    losses, costs = map(np.array, zip(*epochs, strict=True))

    found = marginal_gains(losses.tolist(), costs.tolist())

    assert (np.diff(found[1:]) <= 1e-9).all()
    assert float(found[1:] @ costs[1:]) == pytest.approx(losses[0] - losses[-1], abs=1e-6)
