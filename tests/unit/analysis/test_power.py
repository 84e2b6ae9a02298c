"""How many seeds a comparison needs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsearch.analysis.power import EFFICIENCY, fewest_seeds, further_seeds, seeds_needed, smallest_p


def differences(effect: float) -> list[float]:
    """Ten differences whose mean over standard deviation is `effect`."""
    spread = [-1.0, 1.0] * 5
    deviation = math.sqrt(10 / 9)
    return [effect * deviation + value for value in spread]


@pytest.mark.parametrize(("effect", "pairs"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_the_t_test_inside_is_the_published_one(effect: float, pairs: int) -> None:
    """Faul et al. 2007 (G*Power): a paired t test at 80 % power, 0.05 two-sided, needs 199, 34 and 15 pairs.

    The signed-rank test needs those divided by its efficiency, 3 / pi.
    """
    needed = seeds_needed(differences(effect))

    assert needed is not None
    assert math.ceil(needed * EFFICIENCY) in (pairs, pairs + 1)
    assert (needed - 1) * EFFICIENCY < pairs


@pytest.mark.parametrize(("effect", "comparisons"), [(0.3, 1), (0.5, 3), (0.25, 6)])
def test_it_agrees_with_statsmodels(effect: float, comparisons: int) -> None:
    """Guenther's formula is within a pair of the noncentral t distribution solved for n."""
    from statsmodels.stats.power import TTestPower

    solved = TTestPower().solve_power(effect, alpha=0.05 / comparisons, power=0.8)

    needed = seeds_needed(differences(effect), comparisons)

    assert needed == pytest.approx(solved / EFFICIENCY, abs=2)


@pytest.mark.parametrize(("comparisons", "fewest"), [(1, 6), (3, 7), (15, 10)])
def test_never_fewer_than_the_test_can_use(comparisons: int, fewest: int) -> None:
    """However large the difference, 2 / 2^n must reach Holm's first step."""
    assert seeds_needed([-1.0, -1.0, -1.0], comparisons) == fewest
    assert seeds_needed([-1.0, -1.001, -0.999], comparisons) == fewest
    assert smallest_p(fewest) <= 0.05 / comparisons < smallest_p(fewest - 1)


def test_what_is_there_is_taken_off() -> None:
    """At least one more seed, and no number for no difference."""
    assert further_seeds(differences(0.5)) == seeds_needed(differences(0.5)) - 10  # type: ignore[operator]
    assert further_seeds(differences(5.0)) == 1
    assert further_seeds([0.0, 0.0, 0.0]) is None
    assert further_seeds([-1.0, 0.0, 1.0]) is None


def test_a_spread_that_no_number_of_seeds_overcomes_has_none() -> None:
    """Losses of which one search has all but run away."""
    assert seeds_needed([1e200, -1e200, 1.0]) is None


@settings(deadline=None)
@given(st.floats(0.05, 3), st.integers(1, 20))
def test_smaller_differences_and_more_comparisons_need_more_seeds(effect: float, comparisons: int) -> None:
    """The estimate never falls with either."""
    needed = seeds_needed(differences(effect), comparisons)

    assert needed is not None
    assert needed <= (seeds_needed(differences(effect / 2), comparisons) or 0)
    assert needed <= (seeds_needed(differences(effect), comparisons + 1) or 0)


@pytest.mark.parametrize(("comparisons", "seeds"), [(1, 6), (3, 7), (6, 8), (45, 11)])
def test_the_fewest_seeds_are_those_of_the_smallest_p(comparisons: int, seeds: int) -> None:
    """2 / 2^n times the number of comparisons is then no longer above alpha."""
    assert fewest_seeds(comparisons) == seeds
