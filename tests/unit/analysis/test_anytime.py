"""Median and band over searches, area under the anytime curve, normalised regret."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsearch.analysis.anytime import (
    RegretScale,
    area,
    band,
    best_so_far,
    cost_grid,
    normalised_regret,
    regret_scale,
)
from epochsearch.analysis.traces import Step, Trace, TracedTrial

losses = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


def search(*found: tuple[int, float | None]) -> Trace:
    """A search whose trials ended at these charged epochs with these values."""
    return Trace("s", "e", 0, tuple(TracedTrial(value, epochs, 0.1 * epochs) for epochs, value in found))


THREE = [
    search((10, 0.9), (20, 0.5)),
    search((5, 0.8), (20, 0.8)),
    search((15, 0.7), (25, 0.6)),
]


def test_a_grid_is_where_something_changes() -> None:
    """From the first completed trial to the largest end; a number of points makes it even."""
    np.testing.assert_array_equal(cost_grid(THREE), [5, 10, 15, 20, 25])
    np.testing.assert_array_equal(cost_grid(THREE, points=3), [5, 15, 25])
    np.testing.assert_allclose(cost_grid(THREE, "seconds"), [0.5, 1.0, 1.5, 2.0, 2.5])
    assert cost_grid([search((5, None))]).size == 0


def test_the_median_of_three_searches_is_what_one_reads_off() -> None:
    """By hand at 5, 10, 15, 20 and 25 charged epochs; one search of three with a value is no median yet."""
    costs = cost_grid(THREE)

    found = band(best_so_far(THREE, costs), costs, quantiles=(0.0, 1.0))

    np.testing.assert_array_equal(found.median, [np.nan, 0.9, 0.8, 0.7, 0.6])
    np.testing.assert_array_equal(found.low, [0.8, 0.8, 0.7, 0.5, 0.5])
    np.testing.assert_array_equal(found.high, [np.nan, np.nan, 0.9, 0.8, 0.8])
    np.testing.assert_allclose(found.reached, [1 / 3, 2 / 3, 1, 1, 1])


def test_quantiles_are_interpolated_as_in_the_source() -> None:
    """Hyndman and Fan's type 7, R's default: the quartiles of 1, 2, 3, 4 are 1.75 and 3.25."""
    found = band(np.array([[1.0], [2.0], [3.0], [4.0]]), [10])

    assert (found.low[0], found.median[0], found.high[0]) == (1.75, 2.5, 3.25)


def test_a_band_without_any_completed_trial_is_undefined() -> None:
    """Nothing was found: NaN, and no warning."""
    found = band(np.full((3, 2), np.nan), [1, 2])

    assert np.isnan(found.median).all()
    assert (found.reached == 0).all()


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 20), st.floats(0, 10)), min_size=1), min_size=1, max_size=6)
)
def test_a_band_never_rises_and_keeps_its_order(found: list[list[tuple[int, float]]]) -> None:
    """Low, median and high fall with the cost, and low <= median <= high wherever they are defined."""
    searches = []
    for trials in found:
        epochs = np.cumsum([cost for cost, _ in trials]).tolist()
        searches.append(search(*zip(epochs, (value for _, value in trials), strict=True)))
    costs = cost_grid(searches)

    drawn = band(best_so_far(searches, costs), costs)

    for line in (drawn.low, drawn.median, drawn.high):
        defined = line[~np.isnan(line)]
        assert (np.diff(defined) <= 1e-9).all()
    both = ~np.isnan(drawn.high)
    assert (drawn.low[both] <= drawn.median[both]).all()
    assert (drawn.median[both] <= drawn.high[both]).all()


def test_the_area_is_the_sum_of_its_rectangles() -> None:
    """10 epochs at 1, then 20 at 0.5, then 70 at 0.2: (10 + 10 + 14) / 100."""
    steps = (Step(10, 0.5), Step(30, 0.2))

    assert area(steps, 100, before=1.0) == pytest.approx(0.34)
    assert area(steps, 20, before=1.0) == pytest.approx(0.75)
    assert area(steps, 100, before=1.0, start=20) == pytest.approx((5 + 14) / 80)
    assert area((), 100, before=1.0) == 1.0


def test_on_a_logarithmic_scale_every_decade_weighs_the_same() -> None:
    """1 from 1 to 10 epochs and 0.2 from 10 to 100 make 0.6."""
    assert area((Step(10, 0.2),), 100, before=1.0, start=1, scale="log") == pytest.approx(0.6)


@pytest.mark.parametrize(("start", "end", "scale"), [(5, 5, "linear"), (0, 5, "log")])
def test_an_area_without_width_is_refused(start: float, end: float, scale: str) -> None:
    """There is nothing to take a mean over."""
    with pytest.raises(ValueError, match="start < end"):
        area((), end, before=1.0, start=start, scale=scale)  # type: ignore[arg-type]


def test_regret_is_0_at_the_optimum_and_1_at_the_median_configuration() -> None:
    """By hand on five configurations, one of which diverged and ranks last."""
    scale = regret_scale([0.2, None, 0.6, 0.4, 1.0])

    assert scale == RegretScale(optimum=0.2, reference=0.6)
    np.testing.assert_allclose(normalised_regret([0.2, 0.4, 0.6, 1.0, np.nan], scale), [0, 0.5, 1, 2, np.nan])


def test_where_most_diverge_the_worst_finite_loss_is_the_reference() -> None:
    """A median that is no number would make no scale."""
    assert regret_scale([0.2, 0.3, math.inf, math.nan, None]) == RegretScale(0.2, 0.3)
    assert regret_scale([0.2, 0.3, None, None]) == RegretScale(0.2, 0.3)


def test_on_a_flat_landscape_every_configuration_is_the_optimum() -> None:
    """Regret is 0 there and infinite above, never 0 / 0."""
    np.testing.assert_array_equal(
        normalised_regret([0.5, 0.6, np.nan], regret_scale([0.5, 0.5])), [0, np.inf, np.nan]
    )


def test_a_lattice_without_a_finite_loss_has_no_scale() -> None:
    """It is refused."""
    with pytest.raises(ValueError, match="no configuration"):
        regret_scale([None, math.nan])


@given(losses)
def test_regret_on_its_own_lattice_is_never_negative(lattice: list[float]) -> None:
    """Half of the configurations or more have at most 1."""
    regret = normalised_regret(lattice, regret_scale(lattice))

    assert (regret >= 0).all()
    assert regret.min() == 0
