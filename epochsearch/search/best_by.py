"""The best of a study for each value of one of its axes, read off the ledger: nothing is trained."""

from __future__ import annotations

import math
from dataclasses import dataclass

from epochsearch.analysis.best_by import BestOf, best_by, values_of
from epochsearch.core.errors import SearchFailedError, UsageError, nearest
from epochsearch.core.spec import StudySpec
from epochsearch.search.recommendation import study_candidates
from epochsearch.store.archive import study_curves
from epochsearch.store.replicates import tried_configurations

MOST_VALUES = 40


@dataclass(frozen=True, slots=True)
class AxisReading:
    """What a study says of one of its axes."""

    study: str
    spec: StudySpec
    axis: str
    best: tuple[BestOf, ...]  # in the order of the axis
    train_loss: tuple[float, ...]  # of each, after the same epoch, mean over folds; NaN: not recorded


def read_axis(storage: str, study: str, axis: str) -> AxisReading:
    """Return the best point of a study for each value of one of its axes.

    axis: its name, in the words of the command line or of the code (batch-size, batch_size).

    Raises:
        NotFoundError: There is no such database or study.
        UsageError: The study has no such axis, or tried more than MOST_VALUES values of it.
        SearchFailedError: No curve has a finite loss.
    """
    spec, tried = tried_configurations(storage, study)
    name, axes = axis.strip().replace("-", "_"), spec.space.axes
    if name not in axes:
        raise UsageError("--by", axis, f"{study} has no such axis", nearest(name, tuple(axes)))
    candidates = study_candidates(spec, tried)
    values = values_of(candidates, name, axes[name])
    if len(values) > MOST_VALUES:
        rule = f"{study} tried {len(values)} values of it; at most {MOST_VALUES} can be told one by one"
        raise UsageError("--by", axis, rule, "Search it in steps: LOW:HIGH:STEPS, or --resolution 3.")
    found = best_by(candidates, name, values, spec.training_seed, spec.objective)
    if not found:
        rule = "no trial has a finite loss at an epoch that can be read"
        raise SearchFailedError("study", study, rule, "Go on with it: epochsearch run")
    return AxisReading(study, spec, name, found, _train_losses(storage, study, found))


def _train_losses(storage: str, study: str, found: tuple[BestOf, ...]) -> tuple[float, ...]:
    numbers = {one.estimate.trial for one in found}
    curves = {curve.trial.number: curve.reports for curve in study_curves(storage, study, numbers)}
    losses = []
    for one in found:
        reports, epochs = curves.get(one.estimate.trial, ()), one.estimate.point.epochs
        losses.append(reports[epochs - 1].train_loss if len(reports) >= epochs else math.nan)
    return tuple(losses)
