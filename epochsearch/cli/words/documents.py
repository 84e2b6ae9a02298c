"""What `--json` prints: records in, plain JSON values out. Programs rely on these keys; none is renamed.

A number that JSON cannot say (NaN, an infinity) becomes null.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from epochsearch.core.curve import EpochReport, peak_memory
from epochsearch.core.stages import Stage, stage_at, stages_of
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import Cost, Outcome, TrialCurve, TrialRecord

if TYPE_CHECKING:
    from epochsearch.analysis.traces import Trace


def search_document(summary: StudySummary, why: str) -> dict[str, Any]:
    """Return the document of `run`; `why` says what ended the search."""
    return _study(summary) | {"ended_by": why}


def study_document(
    summary: StudySummary, curves: Sequence[TrialCurve], searched: Trace | None = None
) -> dict[str, Any]:
    """Return the document of `show`, with every trial and its curve, of a staged search with its stage.

    searched: the trace of the search; None: its trials ended one after the other.
    """
    from epochsearch.analysis.traces import trace

    by_trial = trace([curve.trial for curve in curves], study=summary.study, entry="", seed=summary.spec.seed)
    stages = stages_of(summary.spec)
    return _study(summary) | {
        "running": summary.running,
        "holder": summary.holder or None,
        "updated": summary.updated.isoformat(),
        "returns": _last_share(searched or by_trial),
        "trials": [trial_document(curve) | _stage(stages, curve.trial) for curve in curves],
    }


def _stage(stages: Sequence[Stage], trial: TrialRecord) -> dict[str, str]:
    stage = stage_at(stages, trial.number)
    return {"stage": stage.name} if stage else {}


def studies_document(summaries: Sequence[StudySummary]) -> list[dict[str, Any]]:
    """Return the document of `studies`."""
    return [
        {
            "study": summary.study,
            "task": summary.spec.task,
            "sampler": summary.spec.sampler.name,
            "pruner": summary.spec.pruner.name,
            "objective": summary.spec.objective,
            "metric": summary.spec.measure.name,
            "trials": summary.finished,
            "best": number(summary.best.value) if summary.best else None,
            "best_metric": _shown(summary),
            "epochs": _epochs(summary.cost),
            "running": summary.running,
            "updated": summary.updated.isoformat(),
        }
        for summary in summaries
    ]


def _shown(summary: StudySummary) -> float | None:
    """Return the best value as a person is shown it: of a metric that is maximised, the metric itself."""
    best = summary.best
    return None if best is None or best.value is None else number(summary.spec.measure.shown(best.value))


def error_document(kind: str, message: str, exit_code: int) -> dict[str, Any]:
    """Return the document that stands in place of a result."""
    return {"error": {"kind": kind, "message": message, "exit_code": exit_code}}


def number(value: float | None) -> float | None:
    """Return the number, or None where JSON has no word for it."""
    return value if value is not None and math.isfinite(value) else None


def _study(summary: StudySummary) -> dict[str, Any]:
    spec, cost = summary.spec, summary.cost
    return {
        "study": summary.study,
        "task": spec.task,
        "sampler": spec.sampler.name,
        "pruner": spec.pruner.name,
        "objective": spec.objective,
        "metric": spec.measure.name,
        "spec": spec.to_dict(),
        "best": _best(summary.best) if summary.best else None,
        "counts": {outcome.value: summary.counts.get(outcome, 0) for outcome in Outcome},
        "epochs": _epochs(cost),
        "seconds": {
            "charged": number(cost.seconds_charged),
            "trained": number(cost.seconds_trained),
            "wall": number(summary.wall_seconds),
        },
    }


def _best(trial: TrialRecord) -> dict[str, Any]:
    return {
        "trial": trial.number,
        **_point(trial),
        "value": number(trial.value),
        "value_epoch": trial.value_epoch,
        "metrics": {name: number(value) for name, value in trial.metrics},
        "seed": trial.seed,
    }


def trial_document(curve: TrialCurve) -> dict[str, Any]:
    """Return one trial with its curve."""
    trial = curve.trial
    return {
        "number": trial.number,
        "outcome": trial.outcome.value,
        **_point(trial),
        "value": number(trial.value),
        "value_epoch": trial.value_epoch,
        "metrics": {name: number(value) for name, value in trial.metrics},
        "seed": trial.seed,
        "reason": trial.reason,
        "epochs_done": trial.epochs_done,
        "epochs_charged": trial.cost.epochs_charged,
        "epochs_trained": trial.cost.epochs_trained,
        "epochs_repeated": trial.cost.epochs_repeated,
        "seconds_charged": number(trial.cost.seconds_charged),
        "seconds_trained": number(trial.cost.seconds_trained),
        "memory_bytes": peak_memory(curve.reports),
        "epoch_seconds": [number(report.seconds) for report in curve.reports],
        **_curve(curve.reports),
        "folds": [_curve(reports) for reports in curve.folds] if len(curve.folds) > 1 else [],
    }


def _curve(reports: Sequence[EpochReport]) -> dict[str, Any]:
    """Return a curve, epoch 1 first."""
    names = dict.fromkeys(name for report in reports for name, _ in report.metrics)
    columns = [dict(report.metrics) for report in reports]
    return {
        "train_loss": [number(report.train_loss) for report in reports],
        "val_loss": [number(report.val_loss) for report in reports],
        "val_metrics": {name: [number(column.get(name)) for column in columns] for name in names},
    }


def _last_share(searched: Trace) -> dict[str, Any] | None:
    """Return what the last part of the charged epochs bought, None if nothing was found or charged."""
    from epochsearch.analysis.returns import last_share

    found = last_share(searched)
    if found is None:
        return None
    return {
        "last_share": found.share,
        "epochs": found.spent,
        "before": number(found.before),
        "after": number(found.after),
        "bought": number(found.bought),
    }


def _point(trial: TrialRecord) -> dict[str, Any]:
    point = trial.point
    return {
        "epochs": point.epochs,
        "learning_rate": point.learning_rate,
        "batch_size": point.batch_size,
        "hyperparameters": dict(point.configuration.extras),
    }


def _epochs(cost: Cost) -> dict[str, int]:
    return {
        "charged": cost.epochs_charged,
        "trained": cost.epochs_trained,
        "repeated": cost.epochs_repeated,
    }
