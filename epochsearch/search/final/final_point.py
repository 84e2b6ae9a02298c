"""Which point of a study is trained or tested for good: the one place where the two commands choose it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from epochsearch.analysis.recommendation import Recommendation
from epochsearch.core.curve import EpochReport, mean_report
from epochsearch.core.errors import NotFoundError, UsageError
from epochsearch.core.measure import AVERAGE, Measure, Metrics, Weights, averaged_metrics
from epochsearch.core.summary import go_on
from epochsearch.core.trial import TrialRecord
from epochsearch.search.answers.recommendation import recommended
from epochsearch.store.archive import studies_trials
from epochsearch.store.used_curves import UsedCurves, used_curves


class Score(NamedTuple):
    """What a state scores on a part of the data."""

    loss: float | None  # mean over examples; None: not a number
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class FinalPoint:
    """A state of a searched run: some curves, one a fold, after an epoch."""

    used: UsedCurves
    epoch: int
    measure: Measure  # what the study's objective reads
    chosen: str  # by which rule, as a person reads it

    @property
    def report(self) -> EpochReport:
        """The epoch that it stands at, the mean over folds."""
        return mean_report(tuple(curve.reports[self.epoch - 1] for curve in self.used.curves))

    @property
    def weights(self) -> Weights:
        """Whose result the objective reads there: raw or average."""
        return self.measure.weights_at(self.report)

    @property
    def validation(self) -> Score:
        """The loss and the metrics of these weights on the validation part, the mean over folds."""
        report = self.report
        if self.weights == "average":
            return Score(report.average_loss, averaged_metrics(report.metrics))
        own = tuple(metric for metric in report.metrics if not metric[0].startswith(AVERAGE))
        return Score(report.val_loss, own)

    @property
    def looked_at(self) -> tuple[str, ...]:
        """What a look at its test score is remembered under."""
        keys = self.used.keys
        return keys if self.weights == "raw" else (*keys, self.weights)


def final_point(storage: str, study: str, trial: int | None) -> FinalPoint:
    """Return the point that a study recommends, or that of a trial.

    Raises:
        NotFoundError: There is no such database, study or trial.
        SearchFailedError: There is no point to recommend.
        UsageError: The trial has no value.
    """
    ((spec, trials),) = studies_trials(storage, [study])
    if trial is not None:
        wanted = _asked_for(study, spec.task, trials, trial)
        used = _with_curves(storage, study, wanted.number, wanted.value_epoch or wanted.epochs_done)
        return FinalPoint(used, wanted.value_epoch or wanted.epochs_done, spec.measure, "asked for by number")
    found = recommended(storage, study)
    epochs = found.point.epochs
    used = _with_curves(storage, study, found.recommended.trial, epochs)
    epoch = epochs if spec.objective == "final" else _lowest(used, epochs, spec.measure)
    return FinalPoint(used, epoch, spec.measure, _rule(found))


def _rule(found: Recommendation) -> str:
    if not found.noise.known:
        return "recommended: the lowest objective"
    points = f"{found.within} points" if found.within > 1 else "1 point"
    return f"recommended: the cheapest of {points} within one standard error of the best"


def _lowest(used: UsedCurves, epochs: int, measure: Measure) -> int:
    """Return the epoch, of so many, after which the objective is the lowest."""
    folds = zip(*(curve.reports[:epochs] for curve in used.curves), strict=True)
    values = [measure.of(mean_report(reports)) for reports in folds]
    known = [math.inf if math.isnan(value) else value for value in values]
    return known.index(min(known)) + 1


def _asked_for(study: str, task: str, trials: Sequence[TrialRecord], number: int) -> TrialRecord:
    found = next((trial for trial in trials if trial.number == number), None)
    if found is None:
        action = f"Its trials are 0 to {len(trials) - 1}." if trials else go_on(study, task)
        raise NotFoundError("--trial", str(number), f"study {study} has no such trial", action)
    if found.value is None:
        rule = f"this trial is {found.outcome.value} and has no value"
        raise UsageError("--trial", str(number), rule, f"Choose another: epochsearch show {study}")
    return found


def _with_curves(storage: str, study: str, trial: int, epoch: int) -> UsedCurves:
    """Return the trial's curves, which reach the epoch.

    Raises:
        NotFoundError: They do not; the ledger is damaged.
    """
    (used,) = used_curves(storage, study, [trial])
    if not used.curves or any(len(curve.reports) < epoch for curve in used.curves):
        rule = f"the ledger has no curve of trial {trial} up to epoch {epoch}"
        raise NotFoundError("study", study, rule, f"See what is wrong: epochsearch verify {study}")
    return used
