"""Two entries seed by seed: the difference of their final losses, how sure it is, and who wins how often.

Losses: lower is better everywhere, so a difference a - b below 0 is in favour of a. Seeds are paired: value
i of every entry is of the same seed. The same functions serve over tables, with one value a table in place
of one a seed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from epochsearch.analysis.intervals import Interval, bca_interval, probability_of_improvement
from epochsearch.analysis.power import further_seeds
from epochsearch.analysis.traces import FloatArray
from epochsearch.core.errors import NotPairedError

ALPHA = 0.05
FEWEST_PAIRS = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries compared over paired seeds; `wins` are a's."""

    a: str
    b: str
    seeds: int
    mean_a: float
    mean_b: float
    difference: float  # mean of a - b
    low: float  # 95 % BCa interval of the difference
    high: float
    p: float  # Wilcoxon signed-rank, two-sided
    p_holm: float  # the same after Holm over all pairs of the comparison
    wins: int
    ties: int
    losses: int
    improvement: Interval  # P(a search of a ends lower than one of b)
    further_seeds: int | None  # about how many would show a difference of this size; None: no number would

    def better(self, alpha: float = ALPHA) -> str | None:
        """Return the entry that is better beyond doubt, None where the evidence does not carry that.

        Three things must agree: Holm's p is below alpha, the interval excludes 0, and the entry with the
        lower mean wins more seeds than it loses.
        """
        if not (self.p_holm < alpha and Interval(self.difference, self.low, self.high).excludes(0.0)):
            return None
        if self.difference < 0:
            return self.a if self.wins > self.losses else None
        return self.b if self.losses > self.wins else None

    def swapped(self) -> Pair:
        """Return the same comparison seen from b."""
        chance = self.improvement
        return replace(
            self,
            a=self.b,
            b=self.a,
            mean_a=self.mean_b,
            mean_b=self.mean_a,
            difference=-self.difference,
            low=-self.high,
            high=-self.low,
            wins=self.losses,
            losses=self.wins,
            improvement=Interval(1 - chance.estimate, 1 - chance.high, 1 - chance.low, chance.confidence),
        )


def all_pairs(finals: Mapping[str, Sequence[float]], alpha: float = ALPHA) -> tuple[Pair, ...]:
    """Return every pair of entries, in their order, with Holm's correction over all of them.

    finals: final losses by entry, one per seed in the same order of seeds, at least 3 and finite.

    Raises:
        NotPairedError: Unequal numbers of seeds, fewer than 3, or a seed without a loss.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6(2).
    """
    names = list(combinations(finals, 2))
    ps = [signed_rank(finals[a], finals[b], names=(a, b)) for a, b in names]
    return tuple(
        _pair(a, b, finals, p, p_holm, len(names), alpha)
        for (a, b), p, p_holm in zip(names, ps, holm(ps), strict=True)
    )


def paired_difference(
    a: Sequence[float], b: Sequence[float], confidence: float = 0.95, names: tuple[str, str] = ("a", "b")
) -> Interval:
    """Return the mean of a - b over paired seeds with a BCa bootstrap interval, in the unit of the losses.

    a, b: final losses, one per seed, in the same order of seeds.

    Raises:
        NotPairedError: The two have different lengths, fewer than 3 pairs, or a loss that is not finite.

    Source: Efron 1987, "Better bootstrap confidence intervals", JASA 82(397).
    """
    return bca_interval(_differences(a, b, names), confidence=confidence)


def signed_rank(a: Sequence[float], b: Sequence[float], names: tuple[str, str] = ("a", "b")) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test on a - b; 1 if all pairs are equal.

    Ranks of zero differences are split evenly between the signs ("zsplit", as Demsar does): on shared
    curves two entries often find the same point, and dropping those seeds would overstate what remains.
    Exact without ties and zeros up to 50 pairs and with them up to 13, the normal approximation beyond.

    Raises:
        NotPairedError: As `paired_difference`.

    Source: Wilcoxon 1945, Biometrics Bulletin 1(6); Demsar 2006, "Statistical comparisons of classifiers
    over multiple data sets", JMLR 7, section 3.1.3.
    """
    differences = _differences(a, b, names)
    if not differences.any():
        return 1.0
    from scipy import stats

    return float(stats.wilcoxon(differences, zero_method="zsplit", alternative="two-sided").pvalue)


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Return the p values after Holm's correction over all of them, in the order given.

    Source: Holm 1979, as `all_pairs`.
    """
    if not ps:
        return ()
    from statsmodels.stats.multitest import multipletests

    return tuple(float(p) for p in multipletests(ps, method="holm")[1])


def wins_ties_losses(a: Sequence[float], b: Sequence[float]) -> tuple[int, int, int]:
    """Return in how many pairs a is lower than b, equal to it, and higher."""
    differences = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    return int((differences < 0).sum()), int((differences == 0).sum()), int((differences > 0).sum())


def _pair(
    a: str,
    b: str,
    finals: Mapping[str, Sequence[float]],
    p: float,
    p_holm: float,
    comparisons: int,
    alpha: float,
) -> Pair:
    of_a, of_b = finals[a], finals[b]
    difference = paired_difference(of_a, of_b, names=(a, b))
    wins, ties, losses = wins_ties_losses(of_a, of_b)
    return Pair(
        a=a,
        b=b,
        seeds=len(of_a),
        mean_a=float(np.mean(of_a)),
        mean_b=float(np.mean(of_b)),
        difference=difference.estimate,
        low=difference.low,
        high=difference.high,
        p=p,
        p_holm=p_holm,
        wins=wins,
        ties=ties,
        losses=losses,
        improvement=probability_of_improvement([of_a], [of_b]),
        further_seeds=further_seeds(_differences(of_a, of_b, (a, b)).tolist(), comparisons, alpha),
    )


def _differences(a: Sequence[float], b: Sequence[float], names: tuple[str, str]) -> FloatArray:
    where = f"{names[0]} against {names[1]}"
    if len(a) != len(b):
        given = f"{len(a)} and {len(b)} seeds"
        raise NotPairedError(where, given, "both need the same seeds", "Run the missing ones.")
    if len(a) < FEWEST_PAIRS:
        given = f"{len(a)} paired seed{'' if len(a) == 1 else 's'}"
        rule = f"a comparison needs at least {FEWEST_PAIRS}, and 6 before a difference can be significant"
        raise NotPairedError(where, given, rule, "Use more seeds: --seeds 10")
    for name, losses in zip(names, (a, b), strict=True):
        missing = [number for number, loss in enumerate(losses, 1) if not math.isfinite(loss)]
        if missing:
            given = f"search {missing[0]} of {len(losses)} of {name} has no finite loss"
            raise NotPairedError(where, given, "every search needs a completed trial", "Raise the budget.")
    return np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
