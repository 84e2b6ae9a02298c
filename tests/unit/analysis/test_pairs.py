"""Two entries seed by seed: difference, signed ranks, Holm, wins, and when one is better."""

from __future__ import annotations

import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsearch.analysis.pairs import (
    all_pairs,
    holm,
    paired_difference,
    signed_rank,
    wins_ties_losses,
)
from epochsearch.core.errors import NotPairedError, UsageError

# Demsar 2006, table 2: AUC of C4.5 and of C4.5+m on 14 data sets, in thousandths.
C45 = [763, 599, 954, 628, 882, 936, 661, 583, 775, 1000, 940, 619, 972, 957]
C45_M = [768, 591, 971, 661, 888, 931, 668, 583, 838, 1000, 962, 666, 981, 978]

TEN = [0.071, 0.068, 0.075, 0.070, 0.069, 0.074, 0.072, 0.066, 0.073, 0.077]
WORSE = [0.079, 0.077, 0.080, 0.081, 0.076, 0.079, 0.083, 0.078, 0.081, 0.076]


def test_the_signed_ranks_are_the_published_ones() -> None:
    """Demsar 2006, section 3.1.3: R+ = 93, R- = 12, two zeros split; z = (12 - 52.5) / sqrt(253.75) = -2.54.

    By hand, the two pairs of ties take 2 * (2^3 - 2) / 48 off the variance.
    """
    z = (12 - 52.5) / math.sqrt(253.75 - 0.25)

    assert z == pytest.approx(-2.54, abs=0.005)
    assert signed_rank(C45, C45_M) == pytest.approx(2 * NormalDist().cdf(z))


def test_the_signed_rank_p_is_exact_for_few_pairs() -> None:
    """Every sign pattern by hand, zeros split: a shared lattice makes ties and zeros common."""
    differences = [-3, -2, -2, -1, 0, 1, -4]
    ranks = [6, 4.5, 4.5, 2.5, 1, 2.5, 7]
    plus = sum(r for d, r in zip(differences, ranks, strict=True) if d > 0) + 0.5
    patterns = [
        sum(r for r, sign in zip(ranks, signs, strict=True) if sign > 0 and r != 1) + 0.5
        for signs in itertools.product((1, -1), repeat=len(ranks))
    ]
    exact = 2 * np.mean([p <= plus for p in patterns])

    assert signed_rank(differences, [0] * 7) == pytest.approx(exact)


@pytest.mark.parametrize(("seeds", "p"), [(3, 0.25), (5, 0.0625), (6, 0.03125), (10, 0.001953125)])
def test_one_that_always_wins_has_the_smallest_p_there_is(seeds: int, p: float) -> None:
    """2 / 2^n, in Wilcoxon's tables: five seeds cannot be significant at 0.05, six can."""
    assert signed_rank([1.0 * i for i in range(seeds)], [2.0 * i + 1 for i in range(seeds)]) == p


@pytest.mark.parametrize("seeds", [3, 10, 20])
def test_equal_results_are_no_evidence(seeds: int) -> None:
    """All differences zero: p is 1 and the interval is the point 0, without a warning."""
    results = [0.1 * i for i in range(seeds)]

    (pair,) = all_pairs({"grid": results, "random": results})

    assert (pair.p, pair.p_holm, pair.difference, pair.low, pair.high) == (1, 1, 0, 0, 0)
    assert (pair.wins, pair.ties, pair.losses, pair.further_seeds) == (0, seeds, 0, None)
    assert pair.better() is None


def test_holms_correction_is_the_published_one() -> None:
    """The worked example of the method: 0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()


def test_wins_ties_and_losses_are_counted() -> None:
    """Lower is better."""
    assert wins_ties_losses([1, 2, 3, 4], [2, 2, 2, 5]) == (2, 1, 1)


def test_the_mean_of_paired_differences_has_an_interval() -> None:
    """By hand: the differences' mean; the interval holds it and is finite."""
    found = paired_difference(TEN, WORSE)

    assert found.estimate == pytest.approx(-0.0075)
    assert found.low < found.estimate < found.high < 0


def test_an_entry_is_better_when_all_three_agree() -> None:
    """Holm's p, the interval and the wins: seen from either side it is the same entry."""
    (pair,) = all_pairs({"tpe": TEN, "random": WORSE})

    assert (pair.wins, pair.ties, pair.losses) == (9, 0, 1)
    assert pair.better() == "tpe"
    assert pair.swapped().better() == "tpe"
    assert pair.swapped().difference == pytest.approx(0.0075)
    assert pair.swapped().swapped().low == pair.low


def test_holm_is_over_all_pairs_of_the_comparison() -> None:
    """A third entry that equals the second makes three pairs, in the order of the entries."""
    pairs = all_pairs({"tpe": TEN, "random": WORSE, "grid": WORSE})

    assert [(pair.a, pair.b) for pair in pairs] == [("tpe", "random"), ("tpe", "grid"), ("random", "grid")]
    assert pairs[0].p_holm == pytest.approx(3 * pairs[0].p)
    assert pairs[2].p_holm == 1


def test_five_seeds_that_all_agree_are_not_enough() -> None:
    """The interval excludes 0, but no p of five pairs is below 0.0625; one more seed may do."""
    (pair,) = all_pairs({"tpe": TEN[:5], "random": WORSE[:5]})

    assert pair.high < 0
    assert pair.better() is None
    assert pair.further_seeds == 1


def test_one_seed_of_great_loss_is_not_hidden_by_the_ranks() -> None:
    """Better in nine of ten seeds and far worse in one: the interval holds 0, so neither is better."""
    a, b = [0.1] * 9 + [9.0], [0.2 + 0.01 * i for i in range(10)]

    (pair,) = all_pairs({"a": a, "b": b})

    assert pair.wins == 9
    assert pair.low < 0 < pair.high
    assert pair.better() is None


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ([1.0] * 3, [1.0] * 4, "tpe against random 3 and 4 seeds: both need the same seeds. "),
        ([1.0], [1.0], "tpe against random 1 paired seed: a comparison needs at least 3, "),
        ([], [], "tpe against random 0 paired seeds: a comparison needs at least 3, "),
        ([1.0] * 3, [1.0, math.nan, 1.0], "tpe against random search 2 of 3 of random has no finite loss: "),
    ],
)
def test_what_cannot_be_paired_is_refused(a: list[float], b: list[float], told: str) -> None:
    """With the entries, what is wrong and what to do; as a mistake of usage."""
    with pytest.raises(NotPairedError) as caught:
        all_pairs({"tpe": a, "random": b})

    assert caught.value.message.startswith(told)
    assert isinstance(caught.value, UsageError)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=3, max_size=8))
def test_a_pair_and_its_mirror_agree(found: list[tuple[int, int]]) -> None:
    """Swapping the entries changes signs and sides, nothing else; the corrected p is never smaller."""
    a, b = ([float(value) for value in side] for side in zip(*found, strict=True))

    (one,), (other,) = all_pairs({"a": a, "b": b}), all_pairs({"b": b, "a": a})

    assert other.difference == pytest.approx(-one.difference)
    assert other.p == pytest.approx(one.p)
    assert (other.wins, other.ties, other.losses) == (one.losses, one.ties, one.wins)
    assert one.p <= one.p_holm <= 1
    assert one.low <= one.difference + 1e-9
    assert one.difference <= one.high + 1e-9
