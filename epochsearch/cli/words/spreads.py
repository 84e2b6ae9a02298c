"""How far the folds of the best trials are apart, read for a person to see."""

from __future__ import annotations

from collections.abc import Sequence

from epochsearch.analysis.folds import Spread, spread_at
from epochsearch.core.measure import Measure
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import TrialRecord


def best_spread(url: str, summary: StudySummary) -> Spread | None:
    """Return the spread of a study's best trial over its folds; None without one, or with one fold."""
    if summary.best is None or summary.spec.folds < 2:
        return None
    return spreads(url, summary.study, [summary.best], summary.spec.measure).get(summary.best.number)


def spreads(url: str, study: str, trials: Sequence[TrialRecord], measure: Measure) -> dict[int, Spread]:
    """Return by trial the spread over folds of what its objective is of, after the epoch it is of.

    A trial without a value, or whose epochs are no longer all there, is left out.
    """
    from epochsearch.store.archive import study_curves

    numbers = [trial.number for trial in trials]
    return {
        curve.trial.number: spread_at(curve.folds, curve.trial.value_epoch, measure)
        for curve in study_curves(url, study, numbers)
        if curve.trial.value_epoch is not None and len(curve.reports) >= curve.trial.value_epoch
    }
