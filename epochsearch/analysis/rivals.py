"""Which configurations cannot be told apart from the best point: each at its own best epoch, against it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.pairs import holm
from epochsearch.analysis.recommendation import PointEstimate, Ranking, estimate, paired
from epochsearch.analysis.traces import FloatArray

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Rival:
    """One configuration at its best epoch, held against the best point."""

    estimate: PointEstimate
    difference: Interval  # its loss less the best's over the trainings of both, 95 % interval
    p: float  # two-sided, after Holm's correction over all configurations compared; 1 for the best itself

    @property
    def alike(self) -> bool:
        """Whether it cannot be told apart from the best."""
        return self.p > ALPHA


def rivals(ranking: Ranking) -> tuple[Rival, ...] | None:
    """Return every configuration that can be compared with the best point, the best first, then by loss.

    None where nothing tells noise from difference. A configuration that diverged in a training is left out.
    """
    if not ranking.noise.known:
        return None
    best = ranking.best
    found: list[tuple[PointEstimate, Interval, float]] = []
    for one in ranking.all:
        epochs = _best_epoch(one.epochs, one.means)
        both = paired(best, ranking.best_epochs, one)
        if one is best or epochs is None or both is None:
            continue
        at_best, losses = both
        differences = losses[:, one.epochs.index(epochs)] - at_best
        found.append((estimate(one, epochs), *corrected_difference(differences, best.candidate.folds)))
    corrected = holm([p for _, _, p in found])
    rest = [Rival(point, interval, p) for (point, interval, _), p in zip(found, corrected, strict=True)]
    first = Rival(estimate(best, ranking.best_epochs), Interval(0.0, 0.0, 0.0), 1.0)
    return (first, *sorted(rest, key=lambda one: (one.estimate.loss, one.estimate.trial)))


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


def _best_epoch(epochs: Sequence[int], means: FloatArray) -> int | None:
    if not len(means) or not np.isfinite(means).any():
        return None
    return epochs[int(np.nanargmin(means))]
