"""What a pruner would have saved and lost on complete curves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsearch.analysis.pruning import audit, rank_correlation

CURVES = [[0.9, 0.8, 0.7, 0.6], [0.5, 0.4, 0.35, 0.3], [0.8, 0.5, 0.3, 0.2], [2.0, math.nan]]


def test_epochs_saved_and_regret_are_counted() -> None:
    """Two runs by hand: one stops the worst and keeps the best, one stops the late bloomer that wins."""
    found = audit(CURVES, [[2, None, None, 1], [1, None, 1, None]])

    assert (found.runs, found.epochs_complete) == (2, 14)
    assert found.share_saved == pytest.approx((3 / 14 + 6 / 14) / 2)
    assert found.stopped == 0.5
    assert found.lost_best.estimate == 0.5
    assert found.regret == pytest.approx(0.05)
    assert found.regret_max == pytest.approx(0.1)
    assert found.kept_nothing == 0


def test_the_interval_of_the_probability_is_wilsons() -> None:
    """Newcombe 1998, table I: 15 of 148 gives 0.0624 to 0.1605."""
    runs = [[None, 1]] * 133 + [[1, None]] * 15

    found = audit([[0.2, 0.1], [0.4, 0.3]], runs).lost_best

    assert (found.low, found.high) == (pytest.approx(0.0624, abs=5e-5), pytest.approx(0.1605, abs=5e-5))


def test_a_run_that_keeps_nothing_lost_the_best() -> None:
    """It has no regret in loss, and is counted apart; a diverged curve left to its end is nothing."""
    found = audit(CURVES, [[1, 1, 1, 1], [1, 1, 1, None]])

    assert (found.lost_best.estimate, found.kept_nothing, found.regret, found.regret_max) == (
        1,
        2,
        None,
        None,
    )


def test_no_pruning_saves_and_loses_nothing() -> None:
    """The yardstick."""
    found = audit(CURVES, [[None] * 4])

    assert (found.share_saved, found.stopped, found.lost_best.estimate, found.regret) == (0, 0, 0, 0)


def test_of_equally_good_curves_one_is_enough() -> None:
    """On a flat top nothing is lost until the last of the best is stopped."""
    assert audit([[0.2, 0.1], [0.3, 0.1]], [[1, None]]).lost_best.estimate == 0


def test_the_best_objective_looks_at_the_lowest_loss() -> None:
    """Where early stopping delivers the lowest, the first of these is the better curve."""
    curves = [[0.1, 0.5], [0.3, 0.2]]

    assert audit(curves, [[1, None]], "final").regret == 0
    assert audit(curves, [[1, None]], "best").regret == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("curves", "runs"), [([], [[]]), (CURVES, []), ([[]], [[None]]), ([[0.1, 0.2]], [[2]]), ([[0.1]], [[0]])]
)
def test_what_cannot_be_audited_is_refused(curves: list[list[float]], runs: list[list[int | None]]) -> None:
    """No curves, no runs, or a curve stopped after its last epoch."""
    with pytest.raises(ValueError):
        audit(curves, runs)


def test_the_rank_correlation_is_the_published_one() -> None:
    """Hours of television against IQ, the example of Wikipedia's article: rho = -29 / 165."""
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]

    found = rank_correlation([list(pair) for pair in zip(iq, hours, strict=True)])

    assert found[0] == pytest.approx(-29 / 165)
    assert found[1] == pytest.approx(1)


def test_the_rank_correlation_handles_ties_as_pearson_of_ranks_does() -> None:
    """scipy's spearmanr on the same columns."""
    from scipy import stats

    early, late = [1, 2, 2, 3, 5, 5], [2, 1, 3, 3, 5, 4]

    found = rank_correlation([list(pair) for pair in zip(early, late, strict=True)])

    assert found[0] == pytest.approx(stats.spearmanr(early, late).statistic)


def test_a_curve_that_diverged_ranks_last_to_the_end() -> None:
    """Short curves that are finite are left out past their end; too few or equal losses make NaN."""
    curves = [[0.3, 0.2, 0.1], [0.5, 0.4, 0.3], [0.4, math.inf], [0.1, 0.35]]

    found = rank_correlation(curves)

    assert found.shape == (3,)
    assert found[2] == pytest.approx(1)
    assert np.isnan(rank_correlation([[0.5, 0.1], [0.5, 0.2], [0.5, 0.3]])[0])
    assert np.isnan(rank_correlation([[0.5, 0.1], [0.4, 0.2]])).all()
    assert rank_correlation([]).shape == (0,)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_shares_are_shares_and_regret_is_never_negative(data: st.DataObject) -> None:
    """Whatever is stopped, the best that is kept is at best the best."""
    losses = st.floats(0, 10) | st.just(math.nan)
    curves = data.draw(st.lists(st.lists(losses, min_size=2, max_size=6), min_size=1, max_size=6))
    stops = [data.draw(st.none() | st.integers(1, len(curve) - 1)) for curve in curves]

    found = audit(curves, [stops])

    assert 0 <= found.share_saved < 1
    assert found.regret is None or found.regret >= 0
    assert (found.regret is None) == (found.kept_nothing == 1)
    correlation = rank_correlation(curves)
    assert (np.isnan(correlation) | (np.abs(correlation) <= 1 + 1e-9)).all()
