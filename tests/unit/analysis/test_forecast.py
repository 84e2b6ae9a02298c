"""What the next epochs of a curve are predicted to give."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsearch.analysis.forecast import FEWEST, Forecast, forecast
from epochsearch.analysis.intervals import Interval


def power_law(exponent: float, epochs: int) -> list[float]:
    return [2.0 * epoch**-exponent for epoch in range(1, epochs + 1)]


def certain(losses: list[float]) -> Forecast:
    found = forecast(losses)
    assert found is not None
    return found


@pytest.mark.parametrize("epochs", [FEWEST, 20, 3000])
@pytest.mark.parametrize("exponent", [0.1, 0.7, 2.0])
def test_a_power_law_is_continued_exactly(exponent: float, epochs: int) -> None:
    """The gain of the next epoch, and of one later on, is the curve's own, and the interval is a point."""
    curve = power_law(exponent, 2 * epochs)

    found = certain(curve[:epochs])

    assert found.gain.estimate == pytest.approx(1 - curve[epochs] / curve[epochs - 1], rel=1e-6)
    assert found.gain_after(2 * epochs - 1).estimate == pytest.approx(1 - curve[-1] / curve[-2], rel=1e-6)
    assert found.gain.high - found.gain.low == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("epochs", [12, 30, 60])
def test_the_interval_covers_the_truth_of_a_noisy_power_law(epochs: int) -> None:
    """At nominal 95 % in at least 90 % of 200 curves with 3 % of noise on every epoch."""
    random = np.random.default_rng(0)
    law = np.array(power_law(0.7, epochs + 1))
    truth = 1 - law[-1] / law[-2]

    found = [certain(list(law[:-1] * np.exp(random.normal(0, 0.03, epochs)))).gain for _ in range(200)]

    assert sum(interval.low <= truth <= interval.high for interval in found) >= 180


def test_one_odd_epoch_changes_little() -> None:
    """The last loss three times too high: least squares would say that the curve rises."""
    curve = power_law(0.7, 30)
    odd = [*curve[:-1], 3 * curve[-1]]

    assert np.polyfit(np.log(range(21, 31)), np.log(odd[20:]), 1)[0] > 0
    assert certain(odd).gain.estimate == pytest.approx(certain(curve).gain.estimate, rel=0.05)


def test_a_rising_curve_is_predicted_to_rise() -> None:
    """A negative gain."""
    found = certain([0.1 + 0.01 * epoch for epoch in range(20)])

    assert found.gain.high < 0
    assert found.reach(0.001) == 20


def test_what_was_long_ago_does_not_count() -> None:
    """Two thirds of the curve may fall however they like; the rest is flat."""
    found = certain([float(40 - epoch) for epoch in range(40)][:40] + [0.5] * 20)

    assert found.gain.estimate == pytest.approx(0, abs=1e-9)


def test_losses_below_zero_are_forecast_too() -> None:
    """A log likelihood of continuous data may be anything: the gain is told in units of its size."""
    falling = certain([-1.0 - math.log(epoch) for epoch in range(1, 31)])
    still = certain([0.0] * 30)

    assert falling.gain.low > 0
    assert still.gain.estimate == 0


def test_a_curve_too_short_is_not_forecast() -> None:
    """Five epochs tell nothing."""
    assert forecast(power_law(0.5, FEWEST - 1)) is None


@given(st.floats(1e-4, 5), st.floats(1e-5, 0.5), st.integers(6, 500))
def test_reach_is_where_the_gain_falls_to_the_threshold(exponent: float, gain: float, epoch: int) -> None:
    """After the epoch it names the gain is no more than asked for; before that epoch it is more."""
    found = Forecast(epoch, Interval(exponent, exponent, exponent))

    reach = found.reach(gain)

    if reach < 10**9:
        assert found.gain_after(reach).estimate <= gain * (1 + 1e-6)
    if reach > epoch:
        assert found.gain_after(reach - 1).estimate >= gain * (1 - 1e-6)
