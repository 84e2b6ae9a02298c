"""Entries ranked against each other over seeds or tables, and which ranks differ by more than chance.

Rank 1 is the lowest loss; equal losses share the mean of their ranks. Over several tables each table is one
block (give the mean or median over its seeds): seeds of one table are not independent evidence about other
tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from epochsearch.analysis.traces import FloatArray
from epochsearch.core.errors import NotPairedError


@dataclass(frozen=True, slots=True)
class RankTest:
    """Friedman's test over blocks with Nemenyi's critical difference after it."""

    blocks: int
    average_ranks: Mapping[str, float]  # by entry, best first
    statistic: float  # Friedman's chi-squared, corrected for ties
    p: float
    critical_difference: float  # average ranks further apart than this differ
    nemenyi: Mapping[tuple[str, str], float]  # p of every pair, in the order of the average ranks
    groups: tuple[
        tuple[str, ...], ...
    ]  # entries that do not differ, best first; a group may overlap the next


def ranks(losses: ArrayLike) -> FloatArray:
    """Return the rank of each loss within its row, (blocks, entries) -> (blocks, entries).

    NaN (no completed trial) and infinity share the last ranks.
    """
    from scipy import stats

    values = np.asarray(losses, dtype=np.float64)
    ranked: FloatArray = stats.rankdata(np.where(np.isfinite(values), values, np.inf), axis=1)
    return ranked


def average_ranks(losses: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return each entry's mean rank over blocks, best first; from 1 to the number of entries.

    losses: by entry, one per block (seed or table) in the same order.

    Raises:
        NotPairedError: Entries with unequal numbers of blocks, or none.
    """
    means = ranks(_matrix(losses)).mean(axis=0)
    return dict(sorted(zip(losses, means.tolist(), strict=True), key=lambda item: item[1]))


def critical_difference(entries: int, blocks: int, alpha: float = 0.05) -> float:
    """Return Nemenyi's critical difference of average ranks: q_alpha * sqrt(k (k + 1) / (6 N)).

    q_alpha is the studentised range statistic for k entries and infinite degrees of freedom, divided by
    sqrt(2).

    Source: Demsar 2006, "Statistical comparisons of classifiers over multiple data sets", JMLR 7, section
    3.2.2.
    """
    from scipy import stats

    q = float(stats.studentized_range.ppf(1 - alpha, entries, np.inf)) / math.sqrt(2)
    return q * math.sqrt(entries * (entries + 1) / (6 * blocks))


def friedman(losses: Mapping[str, Sequence[float]], alpha: float = 0.05) -> RankTest:
    """Return Friedman's test over blocks, Nemenyi's test of every pair, and the groups that do not differ.

    losses: by entry, one per block (table) in the same order; at least 3 entries and 2 blocks. If
    Friedman's test does not reject at alpha, all entries are one group: the test after it is not looked at.

    Raises:
        NotPairedError: Fewer than 3 entries or 2 blocks, or unequal numbers of blocks.

    Source: Friedman 1937, JASA 32(200); Nemenyi 1963; Demsar 2006, as `critical_difference`.
    """
    matrix = _matrix(losses)
    blocks, entries = matrix.shape
    if entries < 3 or blocks < 2:
        raise NotPairedError(
            "ranks",
            f"{entries} entries on {blocks} tables",
            "the test needs 3 entries and 2 tables",
            "Add some.",
        )
    ranked = ranks(matrix)
    means = average_ranks(losses)
    statistic, p = _chi_squared(ranked)
    pairwise = _nemenyi(ranked, list(losses), list(means))
    groups = _groups(list(means), pairwise, alpha) if p < alpha else (tuple(means),)
    return RankTest(
        blocks, means, statistic, p, critical_difference(entries, blocks, alpha), pairwise, groups
    )


def _matrix(losses: Mapping[str, Sequence[float]]) -> FloatArray:
    lengths = {len(values) for values in losses.values()}
    if len(lengths) != 1 or 0 in lengths:
        given = ", ".join(f"{name}: {len(values)}" for name, values in losses.items()) or "no entries"
        raise NotPairedError("ranks", given, "every entry needs one value a block", "Run the missing ones.")
    return np.array(list(losses.values()), dtype=np.float64).T  # (blocks, entries)


def _chi_squared(ranked: FloatArray) -> tuple[float, float]:
    if (ranked == ranked[:, :1]).all():  # every row is tied: the statistic is 0 / 0
        return 0.0, 1.0
    from scipy import stats

    tested = stats.friedmanchisquare(*ranked.T)
    return float(tested.statistic), float(tested.pvalue)


def _nemenyi(ranked: FloatArray, names: list[str], ordered: list[str]) -> dict[tuple[str, str], float]:
    import scikit_posthocs

    ps = scikit_posthocs.posthoc_nemenyi_friedman(ranked).to_numpy()
    at = {name: column for column, name in enumerate(names)}
    return {
        (better, worse): float(ps[at[better], at[worse]])
        for place, better in enumerate(ordered)
        for worse in ordered[place + 1 :]
    }


def _groups(
    ordered: list[str], ps: Mapping[tuple[str, str], float], alpha: float
) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    reach = 0  # where the last group ended: one that ends no further lies inside it
    for start, first in enumerate(ordered):
        end = start + 1
        while end < len(ordered) and ps[first, ordered[end]] >= alpha:
            end += 1
        if end > reach:
            found.append(tuple(ordered[start:end]))
            reach = end
    return tuple(found)
