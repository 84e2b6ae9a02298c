"""The line by Theil and Sen against the logarithm of the epoch."""

from __future__ import annotations

import numpy as np
import pytest

from epochsearch.analysis.log_line import log_line

EPOCHS = np.arange(11, 31)


def test_a_power_law_is_a_straight_line() -> None:
    """loss = 2 e^-0.7: its logarithm falls by 0.7 a unit, from log 2 at epoch 1."""
    line = log_line(EPOCHS, np.log(2.0) - 0.7 * np.log(EPOCHS))

    assert (line.slope.estimate, line.intercept) == pytest.approx((-0.7, np.log(2.0)))
    assert line.at(EPOCHS[:2]) == pytest.approx(np.log(2.0 * EPOCHS[:2] ** -0.7))


def test_a_few_odd_epochs_do_not_move_it() -> None:
    """Three of twenty that are far off leave the slope where it was, within its interval."""
    heights = -0.7 * np.log(EPOCHS)
    heights[[3, 9, 15]] += 5.0

    slope = log_line(EPOCHS, heights).slope

    assert slope.estimate == pytest.approx(-0.7, abs=0.02)
    assert not slope.excludes(-0.7)
