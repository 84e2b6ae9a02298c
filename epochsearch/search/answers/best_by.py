"""The best of a study for each value of one axis or several, read off the ledger: nothing is trained."""

from __future__ import annotations

import math
from dataclasses import dataclass

from epochsearch.analysis.best_by import BestOf, best_by, values_of
from epochsearch.core.axis import Axis
from epochsearch.core.errors import SearchFailedError, UsageError, nearest
from epochsearch.core.spec import StudySpec
from epochsearch.core.summary import go_on
from epochsearch.search.answers.recommendation import study_candidates
from epochsearch.store.archive import study_curves
from epochsearch.store.replicates import tried_configurations

MOST_VALUES = 40


@dataclass(frozen=True, slots=True)
class AxisReading:
    """What a study says of one of its axes, or of several together."""

    study: str
    spec: StudySpec
    axes: tuple[str, ...]
    best: tuple[BestOf, ...]  # in the order of the axes, the last one changing first
    train_loss: tuple[float, ...]  # of each, after the same epoch, mean over folds; NaN: not recorded


def read_axes(storage: str, study: str, asked: str) -> AxisReading:
    """Return the best point of a study for each value of one of its axes, or each combination of several.

    asked: their names joined by commas, in the words of the command line or of the code (batch-size,
    batch_size).

    Raises:
        NotFoundError: There is no such database or study.
        UsageError: The study has no such axis, or tried more than MOST_VALUES values or combinations.
        SearchFailedError: No curve has a finite loss.
    """
    spec, tried = tried_configurations(storage, study)
    searched = _named(asked, spec, study)
    candidates = study_candidates(spec, tried)
    values = values_of(candidates, searched)
    if len(values) > MOST_VALUES:
        rule = f"{study} tried {len(values)} values; at most {MOST_VALUES} can be told one by one"
        raise UsageError("--by", asked, rule, "Search in steps: LOW:HIGH:STEPS, or --resolution 3.")
    found = best_by(candidates, tuple(searched), values, spec.training_seed, spec.objective)
    if not found:
        rule = "no trial has a finite loss at an epoch that can be read"
        raise SearchFailedError("study", study, rule, go_on(study, spec.task))
    return AxisReading(study, spec, tuple(searched), found, _train_losses(storage, study, found))


def _named(asked: str, spec: StudySpec, study: str) -> dict[str, Axis]:
    axes, names = spec.space.axes, [part.strip().replace("-", "_") for part in asked.split(",")]
    for name in names:
        if name not in axes:
            raise UsageError("--by", name, f"{study} has no such axis", nearest(name, tuple(axes)))
    return {name: axes[name] for name in names}


def _train_losses(storage: str, study: str, found: tuple[BestOf, ...]) -> tuple[float, ...]:
    numbers = {one.estimate.trial for one in found}
    curves = {curve.trial.number: curve.reports for curve in study_curves(storage, study, numbers)}
    losses = []
    for one in found:
        reports, epochs = curves.get(one.estimate.trial, ()), one.estimate.point.epochs
        losses.append(reports[epochs - 1].train_loss if len(reports) >= epochs else math.nan)
    return tuple(losses)
