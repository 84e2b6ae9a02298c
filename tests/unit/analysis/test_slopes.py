"""The slope of a curve's end."""

from __future__ import annotations

import math

import numpy as np
import pytest

from epochsearch.analysis.slopes import end_slope


def test_a_power_law_has_its_power_for_a_slope() -> None:
    """2 epoch^-0.5 falls by 1 - 2^-0.5 with every doubling, exactly."""
    found = end_slope([2 * epoch**-0.5 for epoch in range(1, 41)])

    assert found is not None
    assert found.slope.estimate == pytest.approx(-0.5)
    assert (found.first, found.last, found.falls, found.rises) == (25, 40, True, False)
    assert found.gain_share().estimate == pytest.approx(1 - 2**-0.5)
    assert found.gain().estimate == pytest.approx(2 * (40**-0.5 - 80**-0.5))


def test_one_wild_epoch_does_not_move_it() -> None:
    """That is what Theil's median of slopes is for."""
    losses = [2 * epoch**-0.5 for epoch in range(1, 41)]
    losses[35] *= 5

    found = end_slope(losses)

    assert found is not None
    assert found.slope.estimate == pytest.approx(-0.5, abs=0.02)


def test_the_interval_covers_flat_about_as_often_as_it_says() -> None:
    """200 flat curves with noise, independent or half carried over: at most 10 % seem to slope."""
    rng, sloped = np.random.default_rng(0), 0
    for i in range(200):
        carried, noise = (i % 2) * 0.5, [0.0]
        for step in rng.normal(0, 0.02, 50):
            noise.append(carried * noise[-1] + step)
        found = end_slope(np.exp(noise[1:]).tolist())
        assert found is not None
        sloped += found.falls or found.rises

    assert sloped <= 20


def test_losses_below_zero_are_measured_in_their_usual_size() -> None:
    """A density's loss has no logarithm: a slope of -1 is one median per unit of the log epoch."""
    found = end_slope([-10 - math.log(epoch) for epoch in range(1, 21)])

    assert found is not None
    assert not found.scale.logarithmic
    assert found.gain().estimate == pytest.approx(math.log(2))


def test_too_few_epochs_have_no_slope() -> None:
    """Four points carry no interval worth the name."""
    assert end_slope([4, 3, 2, 1]) is None
