"""How many seeds a comparison needs: what keeps "no evidence of a difference" from being the last word."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

EFFICIENCY = 3 / math.pi
"""Of Wilcoxon's signed-rank test against the t test where differences are normal (Pitman 1948)."""


def smallest_p(seeds: int) -> float:
    """Return the smallest two-sided p that Wilcoxon's signed-rank test can give: 2 / 2^seeds, at most 1."""
    return min(1.0, 2.0 ** (1 - seeds))


def fewest_seeds(comparisons: int = 1, alpha: float = 0.05) -> int:
    """Return with how many seeds the smallest p reaches alpha after Holm's first step over so many pairs."""
    return 1 + math.ceil(-math.log2(alpha / comparisons))


def seeds_needed(
    differences: Sequence[float], comparisons: int = 1, alpha: float = 0.05, power: float = 0.8
) -> int | None:
    """Return how many paired seeds would show a difference of the observed size, None if no number would.

    n = ((z_{1-alpha'/2} + z_power)^2 / d^2 + z_{1-alpha'/2}^2 / 2) / (3 / pi), rounded up, where d is the
    mean of the differences over their standard deviation (n - 1) and alpha' = alpha / comparisons, Holm's
    first step; and at least as many as make 2 / 2^n reach alpha'. An estimate from an estimate: d is itself
    known only to its own interval.

    differences: a - b over paired seeds, at least 2, finite; comparisons: pairs that Holm corrects over.

    Source: Guenther 1981, "Sample size formulas for normal theory t tests", The American Statistician
    35(4), divided by the efficiency of the signed-rank test (Noether 1987, JASA 82(398)).
    """
    from scipy import stats

    values = np.asarray(differences, dtype=np.float64)
    with np.errstate(over="ignore"):
        mean, deviation = abs(float(values.mean())), float(values.std(ddof=1))
    if mean == 0 or not math.isfinite(deviation / mean):
        return None
    level, fewest = alpha / comparisons, fewest_seeds(comparisons, alpha)
    z = float(stats.norm.isf(level / 2))
    by_size = (z + float(stats.norm.ppf(power))) ** 2 * (deviation / mean) ** 2 + z**2 / 2
    return max(fewest, math.ceil(by_size / EFFICIENCY)) if deviation > 0 else fewest


def further_seeds(
    differences: Sequence[float], comparisons: int = 1, alpha: float = 0.05, power: float = 0.8
) -> int | None:
    """Return `seeds_needed` less the seeds there are, at least 1; None if no number would do."""
    needed = seeds_needed(differences, comparisons, alpha, power)
    return None if needed is None else max(1, needed - len(differences))
