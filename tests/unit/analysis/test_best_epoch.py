"""The interval of the best epoch: against every resample there is, and against a known truth."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from epochsearch.analysis.best_epoch import best_epoch_interval

EPOCHS = np.arange(1, 51)
REPETITIONS = 200


def test_it_is_what_all_resamples_of_four_curves_give() -> None:
    """4^4 resamples can be counted out; the deviations are widened by sqrt(4 / 3) t(3) / z by hand."""
    curves = np.random.default_rng(3).normal(size=(4, 6)) + np.abs(np.arange(6) - 3)
    mean = curves.mean(axis=0)
    widening = math.sqrt(4 / 3) * 3.182446 / 1.959964
    found = sorted(
        int(np.argmin(mean + widening * (curves[list(drawn)].mean(axis=0) - mean))) + 10
        for drawn in itertools.product(range(4), repeat=4)
    )

    interval = best_epoch_interval(curves, range(10, 16))

    assert interval is not None
    assert interval.estimate == int(np.argmin(mean)) + 10
    assert (interval.low, interval.high) == (
        found[math.ceil(0.025 * 256) - 1],
        found[math.ceil(0.975 * 256) - 1],
    )


def test_the_widening_is_that_of_the_t_interval() -> None:
    """Of two epochs, the choice between which hangs on a mean alone, as sure as a t test is.

    Seven differences with a mean of t(0.975) standard errors: the interval just begins to hold both.
    """
    noise = np.random.default_rng(0).normal(size=200)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    error = 1 / math.sqrt(200)
    sure, unsure = (stats.t.ppf(0.975, 199) * error * share for share in (1.25, 0.8))

    def interval(difference: float) -> tuple[float, float]:
        found = best_epoch_interval(np.stack([np.zeros(200), noise + difference], axis=1), (1, 2))
        assert found is not None
        return found.low, found.high

    assert interval(sure) == (1, 1)
    assert interval(unsure) == (1, 2)


@pytest.mark.parametrize(("kind", "seeds"), [("white", 3), ("walk", 5), ("slope", 10)])
def test_it_covers_the_truth(kind: str, seeds: int) -> None:
    """In at least 90 % of 200 simulated repetitions at nominal 95 %, from three seeds on.

    The mean curve falls as a power of the epoch and rises linearly; its lowest epoch is known. Seeds differ
    by a shift and by noise that is independent between epochs, adds up over them, or tilts the curve.
    """
    random = np.random.default_rng(7)
    covered = 0
    for _ in range(REPETITIONS):
        mean = 1 / EPOCHS ** random.uniform(0.4, 1.2) + random.uniform(0.0005, 0.006) * EPOCHS
        losses = mean + random.normal(0, 0.05, (seeds, 1)) + _noise(kind, seeds, random)
        interval = best_epoch_interval(losses, EPOCHS)
        assert interval is not None
        covered += interval.low <= EPOCHS[np.argmin(mean)] <= interval.high

    assert covered / REPETITIONS >= 0.9


def test_curves_that_agree_leave_no_doubt() -> None:
    """A shift between seeds moves no minimum."""
    curve = (EPOCHS - 20.0) ** 2
    losses = np.stack([curve, curve + 5, curve - 3])

    interval = best_epoch_interval(losses, EPOCHS)

    assert interval is not None
    assert (interval.low, interval.estimate, interval.high) == (20, 20, 20)


def test_fewer_than_three_curves_give_none() -> None:
    """Nothing is made up from one curve, and two say too little."""
    assert best_epoch_interval(np.ones((1, 5)), range(1, 6)) is None
    assert best_epoch_interval(np.ones((2, 5)), range(1, 6)) is None


def test_epochs_after_one_curve_diverged_are_left_out() -> None:
    """The lowest epoch is sought where every curve has a loss."""
    losses = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, math.inf], [3.0, 2.0, 1.0]])

    interval = best_epoch_interval(losses, (1, 2, 3))

    assert interval is not None
    assert interval.estimate == 2


def _noise(kind: str, seeds: int, random: np.random.Generator) -> np.ndarray:
    size = random.uniform(0.003, 0.03)
    white = random.normal(0, size, (seeds, len(EPOCHS)))
    if kind == "white":
        return white
    if kind == "walk":
        return white.cumsum(axis=1) / 4
    return white / 5 + random.normal(0, 0.001, (seeds, 1)) * EPOCHS
