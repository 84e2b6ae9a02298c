"""Which configurations cannot be told apart from the best point: each at its own best epoch, against it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.candidates import Measured
from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.recommendation import PointEstimate, Ranking, estimate, paired
from epochsearch.analysis.traces import FloatArray

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Rival:
    """One configuration at its best epoch, held against the best point."""

    estimate: PointEstimate
    difference: Interval  # its loss less the best's over the trainings of both
    p: float  # two-sided, corrected for the number of configurations compared; 1 for the best itself

    @property
    def alike(self) -> bool:
        """Whether it cannot be told apart from the best."""
        return self.p > ALPHA


def rivals(ranking: Ranking) -> tuple[Rival, ...] | None:
    """Return every configuration that can be compared with the best point, itself first, the nearest next.

    None where nothing tells noise from difference. A configuration without a finite mean is left out.
    Intervals and p values carry Bonferroni's correction: an interval excludes zero where p is at most 0.05.
    So the one that is truly best is among those alike with at least 95 %. That all intervals hold at once is
    less sure, for the best was chosen by the same losses.
    One that left a race early was compared on fewer seeds, at a looser level, and may still be among them.

    Source: Hsu 1984, "Constrained simultaneous confidence intervals for multiple comparisons with the best",
    Ann. Statist. 12(3), with Bonferroni's bound in place of Dunnett's.
    """
    if not ranking.noise.known:
        return None
    best, folds = ranking.best, ranking.best.candidate.folds
    compared = [(one, *found) for one in ranking.all if (found := _against_best(one, ranking)) is not None]
    confidence = 1 - ALPHA / max(1, len(compared))
    rest = []
    for one, epochs, at_best, at_other in compared:
        difference, p = corrected_difference(at_other - at_best, folds, confidence)
        rest.append(Rival(estimate(one, epochs), difference, min(1.0, p * len(compared))))
    first = Rival(estimate(best, ranking.best_epochs), Interval(0.0, 0.0, 0.0), 1.0)
    return (first, *sorted(rest, key=lambda one: (one.difference.estimate, one.estimate.trial)))


def _against_best(one: Measured, ranking: Ranking) -> tuple[int, FloatArray, FloatArray] | None:
    """Return a candidate's best epoch, and the best point's losses and its own over the units of both."""
    both = None if one is ranking.best else paired(ranking.best, ranking.best_epochs, one)
    means = one.means
    if both is None or not np.isfinite(means).any():
        return None
    place = int(np.nanargmin(means))
    at_best, losses = both
    return one.epochs[place], at_best, losses[:, place]


def corrected_difference(
    differences: FloatArray, folds: int, confidence: float = 0.95
) -> tuple[Interval, float]:
    """Return the mean of paired differences with its interval and the two-sided p of their t test.

    differences: one a training, at least two; folds: of the cross-validation they come from, 1: none. Folds
    share most of their training rows, so that their differences are correlated: the variance of the mean is
    s^2 (1 / n + 1 / (folds - 1)), 1 / (folds - 1) being test rows over training rows.

    Source: Nadeau, Bengio 2003, "Inference for the generalization error", Machine Learning 52; for several
    seeds on the same folds Bouckaert, Frank 2004, PAKDD.
    """
    from scipy.special import stdtr, stdtrit

    n = len(differences)
    mean, deviation = float(np.mean(differences)), float(np.std(differences, ddof=1))
    error = deviation * math.sqrt(1 / n + (1 / (folds - 1) if folds > 1 else 0.0))
    if error == 0:
        return Interval(mean, mean, mean, confidence), 1.0 if mean == 0 else 0.0
    reach = float(stdtrit(n - 1, (1 + confidence) / 2)) * error
    p = 2 * float(stdtr(n - 1, -abs(mean) / error))
    return Interval(mean, mean - reach, mean + reach, confidence), p
