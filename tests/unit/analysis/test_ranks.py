"""Average ranks, Friedman's test and the critical difference, on Demsar's published example."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsearch.analysis.ranks import average_ranks, critical_difference, friedman, ranks
from epochsearch.core.errors import NotPairedError

# Demsar 2006, table 6: ranks of four classifiers (C4.5 with and without m and cf) on 14 data sets.
DEMSAR = {
    "c45": [4, 1, 4, 4, 4, 1, 3, 2.5, 4, 2.5, 4, 3, 4, 3],
    "c45+m": [3, 2, 1, 1, 2, 2.5, 2, 2.5, 3, 2.5, 2.5, 2, 1, 1],
    "c45+cf": [2, 3, 2, 3, 3, 4, 4, 4, 2, 2.5, 1, 4, 2, 4],
    "c45+m+cf": [1, 4, 3, 2, 1, 2.5, 1, 1, 1, 2.5, 2.5, 1, 3, 2],
}
# Hollander and Wolfe 1973, p. 140: seconds to round first base in three ways (R's help of friedman.test).
ROUNDING = [
    [5.40, 5.50, 5.55], [5.85, 5.70, 5.75], [5.20, 5.60, 5.50], [5.55, 5.50, 5.40], [5.90, 5.85, 5.70],
    [5.45, 5.55, 5.60], [5.40, 5.40, 5.35], [5.45, 5.50, 5.35], [5.25, 5.15, 5.00], [5.85, 5.80, 5.70],
    [5.25, 5.20, 5.10], [5.65, 5.55, 5.45], [5.60, 5.35, 5.45], [5.05, 5.00, 4.95], [5.50, 5.50, 5.40],
    [5.45, 5.55, 5.50], [5.55, 5.55, 5.35], [5.45, 5.50, 5.55], [5.50, 5.45, 5.25], [5.65, 5.60, 5.40],
    [5.70, 5.65, 5.55], [6.30, 6.30, 6.25],
]  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "q"),
    [
        (2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (6, 2.850), (7, 2.949),
        (8, 3.031), (9, 3.102), (10, 3.164),
    ],
)  # fmt: skip
def test_the_critical_values_are_the_published_ones(entries: int, q: float) -> None:
    """Demsar 2006, table 5(a): q at 0.05 for 2 to 10 classifiers.

    Computed to more digits they differ from the table by up to 0.0007 (2.3437 at k = 3, 2.9483 at k = 7).
    """
    unit = math.sqrt(entries * (entries + 1) / 6)

    assert critical_difference(entries, blocks=1) / unit == pytest.approx(q, abs=0.0008)


def test_the_critical_difference_of_the_published_example() -> None:
    """Demsar 2006, section 3.2.4: four classifiers on 14 data sets, 1.25; at 0.10 it is 1.12."""
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)
    assert critical_difference(4, 14, alpha=0.10) == pytest.approx(1.12, abs=0.005)


def test_friedmans_test_on_the_published_example() -> None:
    """Demsar 2006: average ranks 3.143, 2.000, 2.893, 1.964 and chi-squared 9.28, there without ties.

    By hand the ties (one of four and three of two among 14 rows of four) divide it by 1 - 78 / 840.
    """
    found = friedman(DEMSAR)

    assert list(found.average_ranks) == ["c45+m+cf", "c45+m", "c45+cf", "c45"]
    assert list(found.average_ranks.values()) == pytest.approx([1.964, 2.000, 2.893, 3.143], abs=0.001)
    assert found.statistic * (1 - 78 / 840) == pytest.approx(9.28, abs=0.005)
    assert found.p < 0.05
    assert found.blocks == 14


def test_no_two_of_the_published_classifiers_differ_by_nemenyis_test() -> None:
    """Demsar 2006: at 0.05 the post-hoc test is not powerful enough (3.143 - 1.964 < 1.25): one group.

    At 0.10 the first and the last differ (1.18 > 1.12), so there are two groups that overlap.
    """
    at_five, at_ten = friedman(DEMSAR), friedman(DEMSAR, alpha=0.10)

    assert at_five.groups == (("c45+m+cf", "c45+m", "c45+cf", "c45"),)
    assert at_five.nemenyi["c45+m+cf", "c45"] > 0.05
    assert at_ten.groups[0] == ("c45+m+cf", "c45+m", "c45+cf")
    assert at_ten.groups[-1][-1] == "c45"


def test_friedmans_test_with_ties_is_rs() -> None:
    """Rounding first base: chi-squared 11.1429, p = 0.003805, rank sums 53, 47 and 32.

    Of these only 53 and 32 are further apart than 22 times the critical difference, 15.5.
    """
    round_out, narrow, wide = zip(*ROUNDING, strict=True)

    found = friedman({"round out": round_out, "narrow": narrow, "wide": wide})

    assert found.statistic == pytest.approx(11.1429, abs=0.0001)
    assert found.p == pytest.approx(0.003805, abs=0.000001)
    assert [22 * rank for rank in found.average_ranks.values()] == pytest.approx([32, 47, 53])
    assert 22 * found.critical_difference == pytest.approx(15.5, abs=0.05)
    assert found.groups == (("wide", "narrow"), ("narrow", "round out"))


def test_groups_follow_the_critical_difference() -> None:
    """Two ranks differ by Nemenyi's p exactly when they are further apart than the critical difference."""
    found = friedman({name: [place + 0.1 * (i % 3) for i in range(9)] for place, name in enumerate("abcd")})

    for (one, other), p in found.nemenyi.items():
        apart = found.average_ranks[other] - found.average_ranks[one]
        assert (apart > found.critical_difference) == (p < 0.05)
    assert found.groups == (("a", "b"), ("b", "c"), ("c", "d"))


def test_a_test_that_does_not_reject_leaves_one_group() -> None:
    """Equal results everywhere: chi-squared 0, p 1, and no warning."""
    found = friedman({"a": [1, 2, 3], "b": [1, 2, 3], "c": [1, 2, 3]})

    assert (found.statistic, found.p) == (0, 1)
    assert found.groups == (("a", "b", "c"),)


def test_what_found_nothing_ranks_last() -> None:
    """NaN and infinity share the last ranks; equal losses share theirs."""
    np.testing.assert_array_equal(
        ranks([[0.2, 0.1, np.nan, np.inf], [1, 1, 2, 3]]), [[2, 1, 3.5, 3.5], [1.5, 1.5, 3, 4]]
    )


@pytest.mark.parametrize(
    "losses",
    [{"a": [1, 2], "b": [1, 2]}, {"a": [1], "b": [1], "c": [1]}, {"a": [1, 2], "b": [1], "c": [1, 2]}, {}],
)
def test_too_little_to_rank_is_refused(losses: dict[str, list[float]]) -> None:
    """The test needs three entries on two tables, complete."""
    with pytest.raises(NotPairedError):
        friedman(losses)


@given(
    st.integers(1, 6).flatmap(
        lambda k: st.lists(st.lists(st.floats(0, 1), min_size=k, max_size=k), min_size=1)
    )
)
def test_ranks_of_a_row_add_up(rows: list[list[float]]) -> None:
    """Average ranks sum to k (k + 1) / 2, best first."""
    entries = len(rows[0])
    columns = dict(enumerate(zip(*rows, strict=True)))

    found = list(average_ranks({str(name): list(column) for name, column in columns.items()}).values())

    assert sum(found) == pytest.approx(entries * (entries + 1) / 2)
    assert found == sorted(found)
