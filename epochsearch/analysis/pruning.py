"""What a pruner would have saved and lost on curves that are known to their end.

The pruner's decisions come in as data: for every run (a seed, or an order in which the curves came) the
epoch at which it stopped each curve. Who asked the pruner, and in which order, is the business of `search`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.traces import FloatArray
from epochsearch.core.spec import Objective

Losses = Sequence[float]  # of one curve, epoch 1 first
Stops = Sequence[int | None]  # one a curve: the epoch it was stopped after; None: it was trained to its end


@dataclass(frozen=True, slots=True)
class PrunerAudit:
    """One pruner on one set of curves, over several runs."""

    runs: int
    epochs_complete: int  # of all curves to their end: what one run costs without pruning
    share_saved: float  # of those epochs, mean over runs
    stopped: float  # share of the curves that were stopped, mean over runs
    lost_best: Interval  # probability that the eventual best was stopped (Wilson's interval over runs)
    regret: (
        float | None
    )  # best kept minus best overall, mean over the runs that kept a finite one; None if none did
    regret_max: float | None
    kept_nothing: int  # runs in which no curve with a finite objective was left to its end


def audit(curves: Sequence[Losses], runs: Sequence[Stops], objective: Objective = "final") -> PrunerAudit:
    """Return what the pruner saved and lost.

    curves: validation losses of each configuration's complete curve (lengths may differ); a curve that
    diverged ends with a loss that is not finite and ranks last. runs: per run one entry a curve, in the
    order of `curves`. With several curves equally best, the best is lost only when all of them were
    stopped.

    Raises:
        ValueError: No curves or runs, an empty curve, or a stop outside 1 .. length - 1 (a curve stopped
        after its
            last epoch was not stopped).

    Source of the interval: Wilson 1927, JASA 22(158).
    """
    _check(curves, runs)
    from statsmodels.stats.proportion import proportion_confint

    values = np.array([_objective(losses, objective) for losses in curves])
    complete = sum(len(losses) for losses in curves)
    best = values.min()
    saved, stopped, regrets = [], [], []
    lost = nothing = 0
    for stops in runs:
        trained = sum(
            len(losses) if stop is None else stop for losses, stop in zip(curves, stops, strict=True)
        )
        kept = min(
            (value for value, stop in zip(values, stops, strict=True) if stop is None), default=math.inf
        )
        saved.append(1 - trained / complete)
        stopped.append(sum(stop is not None for stop in stops) / len(curves))
        lost += bool(kept > best)
        if math.isfinite(kept):
            regrets.append(float(kept - best))
        else:
            nothing += 1
    low, high = proportion_confint(lost, len(runs), method="wilson")
    return PrunerAudit(
        runs=len(runs),
        epochs_complete=complete,
        share_saved=float(np.mean(saved)),
        stopped=float(np.mean(stopped)),
        lost_best=Interval(lost / len(runs), float(low), float(high)),
        regret=float(np.mean(regrets)) if regrets else None,
        regret_max=max(regrets, default=None),
        kept_nothing=nothing,
    )


def rank_correlation(curves: Sequence[Losses], objective: Objective = "final") -> FloatArray:
    """Return Spearman's correlation between the loss at each epoch and the objective at the end.

    Shape (epochs of the longest curve,); element e - 1 is over the curves that have an epoch e; one that
    diverged ranks last from there to the longest length. NaN where fewer than 3 curves are left, or where all
    have the same loss or the same objective.

    Source: Spearman 1904, "The proof and measurement of association between two things", Am. J. Psychol.
    15(1).
    """
    from scipy import stats

    longest = max((len(losses) for losses in curves), default=0)
    at = np.full((len(curves), longest), np.nan)  # (curves, epochs)
    for row, losses in zip(at, curves, strict=True):
        row[: len(losses)] = np.where(np.isfinite(losses), losses, np.inf)
        if len(losses) and not math.isfinite(losses[-1]):
            row[len(losses) :] = np.inf
    ends = np.array([_objective(losses, objective) if len(losses) else np.nan for losses in curves])
    correlations = np.full(longest, np.nan)
    for epoch, column in enumerate(at.T):
        there = ~np.isnan(column)
        early, late = stats.rankdata(column[there]), stats.rankdata(ends[there])
        if there.sum() >= 3 and np.ptp(early) > 0 and np.ptp(late) > 0:
            correlations[epoch] = float(np.corrcoef(early, late)[0, 1])
    return correlations


def _objective(losses: Losses, objective: Objective) -> float:
    if objective == "final" or not math.isfinite(losses[-1]):
        return losses[-1] if math.isfinite(losses[-1]) else math.inf
    return min(loss for loss in losses if math.isfinite(loss))


def _check(curves: Sequence[Losses], runs: Sequence[Stops]) -> None:
    if not curves or not runs or not all(len(losses) for losses in curves):
        raise ValueError("an audit needs at least one curve with an epoch, and one run")
    for stops in runs:
        for losses, stop in zip(curves, stops, strict=True):
            if stop is not None and not 1 <= stop < len(losses):
                raise ValueError(f"a curve of {len(losses)} epochs cannot be stopped after epoch {stop}")
