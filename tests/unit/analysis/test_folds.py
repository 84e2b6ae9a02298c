"""How far folds are apart."""

from __future__ import annotations

import math

import pytest

from epochsearch.analysis.folds import spread, spread_at, standard_error
from epochsearch.core.curve import EpochReport
from epochsearch.core.measure import Measure


def test_the_standard_error_is_that_of_a_mean() -> None:
    """Of 1, 2, 3, 4 the deviation with n - 1 is 1.291; over the root of 4."""
    assert standard_error([1.0, 2.0, 3.0, 4.0]) == pytest.approx(1.2909944 / 2)
    assert standard_error([2.0, 2.0]) == 0.0


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.inf], [1.0, math.nan]])
def test_without_two_finite_folds_there_is_none(values: list[float]) -> None:
    """One fold says nothing of the spread."""
    assert math.isnan(standard_error(values))


def test_a_spread_has_its_ends() -> None:
    """Values stay in the order of the folds."""
    found = spread([0.3, 0.1, 0.2])

    assert (found.values, found.lowest, found.highest) == ((0.3, 0.1, 0.2), 0.1, 0.3)
    assert found.mean == pytest.approx(0.2)


def test_folds_whose_losses_add_up_beyond_all_floats_have_a_spread() -> None:
    """Of a model that runs away on each of them: its mean is infinite, as that of its curve."""
    found = spread([1.2e308, 1.0e308, 1.4e308])
    opposed = spread([1.7e308, -1.7e308])

    assert found.mean == math.inf
    assert found.standard_error == pytest.approx(0.2e308 / math.sqrt(3))
    assert (opposed.mean, opposed.standard_error) == (0.0, pytest.approx(1.7e308))


def test_a_metric_is_spread_as_it_is_shown() -> None:
    """Accuracies, not what they lack to 1."""
    folds = [[EpochReport(1, 1.0, 1.0, 0.1, (("accuracy", value),))] for value in (0.9, 0.7)]

    assert spread_at(folds, 1, Measure("accuracy", maximise=True)).values == pytest.approx((0.9, 0.7))
