"""The noise that differences are held against."""

from __future__ import annotations

import math

import numpy as np
import pytest

from epochsearch.analysis.noise import epoch_spread, noise


def test_the_unrest_of_one_curve_is_found_beneath_its_fall() -> None:
    """An exponential fall with 2 % of noise: 2 %, not the fall."""
    rng, epochs = np.random.default_rng(0), np.arange(200)
    losses = (0.1 + 2 * np.exp(-epochs / 20)) * np.exp(rng.normal(0, 0.02, 200))

    found = noise(losses.tolist())

    assert (found.between, found.seeds) == ("epochs", 1)
    assert found.spread == pytest.approx(0.02, rel=0.3)


def test_other_seeds_replace_it() -> None:
    """Three seeds whose levels differ by 10 %: their standard deviation, pooled over the last epochs."""
    losses = [[level * 0.5**epoch for epoch in range(8)] for level in (1.0, 1.1, 0.9)]

    found = noise(losses[0], losses[1:])

    assert (found.between, found.seeds) == ("seeds", 3)
    assert found.spread == pytest.approx(np.std(np.log([1.0, 1.1, 0.9]), ddof=1))


def test_a_seed_that_diverged_or_is_shorter_lends_nothing() -> None:
    """It says nothing of these epochs."""
    found = noise([1.0, 0.5, 0.4], [[1.0, math.nan, 0.4], [1.0, 0.5]])

    assert found.between == "epochs"


def test_two_epochs_have_no_unrest() -> None:
    """There is no neighbour to compare with."""
    assert epoch_spread(np.array([1.0, 2.0])) == 0.0
