"""The cost of reaching a target, with searches that never did."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsearch.analysis.targets import Arrival, Target, arrival, best_shares, cost_ratio, summarise
from epochsearch.analysis.traces import Trace, TracedTrial

# Freireich et al. 1963, Blood 21: weeks of remission, treated (censored ones negative) and placebo.
TREATED = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def arrivals(weeks: list[int]) -> list[Arrival]:
    return [Arrival(abs(week), reached=week > 0) for week in weeks]


def search(*found: tuple[int, float | None]) -> Trace:
    """A search whose trials ended at these charged epochs with these values."""
    return Trace("s", "e", 0, tuple(TracedTrial(value, epochs, 2.0 * epochs) for epochs, value in found))


def test_the_median_with_censoring_is_the_published_one() -> None:
    """Freireich's remissions, as in every textbook: median 23 weeks treated (9 of 21 ended), 8 untreated.

    Restricted to 35 weeks, R's survfit prints a mean of 23.29 and of 8.67; the intervals are SAS's (log-log).
    """
    treated, placebo = summarise(arrivals(TREATED)), summarise(arrivals(PLACEBO))

    assert (treated.median, treated.reached, treated.searches) == (23, 9, 21)
    assert treated.restricted_mean == pytest.approx(23.29, abs=0.005)
    assert treated.horizon == 35
    assert (treated.low, treated.high) == (13, None)
    assert (placebo.median, placebo.reached) == (8, 21)
    assert placebo.restricted_mean == pytest.approx(8.667, abs=0.001)
    assert (placebo.low, placebo.high) == (4, 11)


def test_without_censoring_the_restricted_mean_is_the_mean() -> None:
    """And with a shorter horizon every search counts at most that."""
    assert summarise(arrivals([2, 4, 6])).restricted_mean == pytest.approx(4)
    assert summarise(arrivals([2, 4, 6]), horizon=5).restricted_mean == pytest.approx(11 / 3)


def test_exactly_half_arriving_is_a_median() -> None:
    """S(t) = 1/2 counts: of four searches the second to arrive."""
    assert summarise(arrivals([3, 5, -9, -9])).median == 5


def test_when_fewer_than_half_arrive_there_is_no_median() -> None:
    """Only how many arrived, and the mean as far as the budget goes."""
    found = summarise(arrivals([3, -9, -9]))

    assert (found.median, found.high, found.reached) == (None, None, 1)
    assert found.restricted_mean == pytest.approx((3 + 9 + 9) / 3)


def test_when_none_arrives_all_that_is_known_is_the_budget() -> None:
    """No division by nothing."""
    found = summarise(arrivals([-9, -9]))

    assert (found.reached, found.median, found.low, found.restricted_mean) == (0, None, None, 9)


def test_nothing_cannot_be_summarised() -> None:
    """No searches, no number."""
    with pytest.raises(ValueError, match="no searches"):
        summarise([])


def test_the_best_share_of_a_lattice_is_a_loss() -> None:
    """Of 50 configurations the best 10, 5 and 2 % are 5, 3 (rounded up) and 1."""
    lattice = [float(loss) for loss in range(50, 0, -1)]

    assert best_shares(lattice) == (
        Target("best 10 %", 5.0),
        Target("best 5 %", 3.0),
        Target("best 2 %", 1.0),
    )


def test_a_share_that_only_diverged_configurations_fill_is_no_target() -> None:
    """Two of ten are finite: the best fifth is a target, the best half is not."""
    lattice = [0.1, 0.2, *[None] * 4, *[math.nan] * 4]

    assert best_shares(lattice, shares=(0.2, 0.5)) == (Target("best 20 %", 0.2),)


def test_a_search_arrives_when_its_best_is_at_most_the_target() -> None:
    """And one that never does is censored at all it was charged."""
    searched = search((10, 0.9), (20, 0.5), (30, None))

    assert arrival(searched, 0.9) == Arrival(10, reached=True)
    assert arrival(searched, 0.5, "seconds") == Arrival(40.0, reached=True)
    assert arrival(searched, 0.49) == Arrival(30, reached=False)


def test_the_cost_ratio_is_read_at_the_others_final_loss() -> None:
    """B's middle search ends at 0.5, which half of B reach by 100 epochs and half of A by 40."""
    a = [search((40, 0.4), (200, 0.3)), search((30, 0.5)), search((60, 0.45))]
    b = [search((100, 0.5)), search((80, 0.4)), search((90, 0.7))]

    assert cost_ratio(a, b) == pytest.approx(0.4)
    assert cost_ratio(b, b) == 1


def test_there_is_no_cost_ratio_where_it_is_not_known() -> None:
    """When most of A never get there, or most of B found nothing."""
    good, bad, nothing = search((10, 0.1)), search((10, 0.9)), search((10, None))

    assert cost_ratio([bad, bad, good], [good, good, good]) is None
    assert cost_ratio([good], [nothing, nothing, good]) is None
    assert cost_ratio([], [good]) is None


@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), min_size=1, max_size=20))
def test_the_restricted_mean_lies_between_the_earliest_cost_and_the_horizon(
    found: list[tuple[int, bool]],
) -> None:
    """A median, where there is one, is a cost at which some search arrived."""
    summary = summarise([Arrival(cost, reached=reached) for cost, reached in found])

    assert min(cost for cost, _ in found) <= summary.restricted_mean <= summary.horizon + 1e-9
    assert summary.median is None or (summary.median, True) in found
