"""What is written down of a trained model: every figure from a record of the study or of its training."""

from __future__ import annotations

import math
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.model import ModelData, ModelRecord, ModelSearch, ModelTraining, SeenScore, WrittenModel
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import Outcome
from epochsearch.search.final.final_plan import FinalPlan
from epochsearch.search.final.final_point import FinalPoint
from epochsearch.store.database import Database
from epochsearch.store.looks import looks_at, seen_intervals, seen_score
from epochsearch.tasks.base import Task
from epochsearch.tasks.facts import TaskFacts
from epochsearch.tasks.fingerprint import code_fingerprint

LIBRARIES = ("epochsearch", "torch", "numpy", "scikit-learn")


class Made(NamedTuple):
    """A training that is over."""

    written: WrittenModel
    plan: FinalPlan
    keep: bool
    seconds: float
    identity: CurveIdentity


def model_record(
    database: Database,
    summary: StudySummary,
    task: Task,
    facts: TaskFacts,
    point: FinalPoint,
    made: Made,
    train_loss: float,
) -> ModelRecord:
    """Return the record of a model that was just made.

    train_loss: of its last epoch.
    """
    validation, plan = point.validation, made.plan
    return ModelRecord(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        task=task.reference,
        code=code_fingerprint(task),
        identity=made.identity,
        written=made.written,
        data=ModelData(
            fingerprint=summary.spec.fingerprint,
            train_rows=facts.train_rows,
            validation_rows=facts.validation_rows,
            test_rows=facts.test_rows,
            inputs=facts.inputs,
            classes=facts.classes,
        ),
        search=_search(summary, point),
        training=ModelTraining(
            rows=plan.rows,
            row_count=plan.row_count,
            epochs=plan.epochs,
            updates=plan.updates,
            searched_epochs=plan.searched_epochs,
            searched_updates=plan.searched_updates,
            kept=made.keep,
            weights=point.weights,
            train_loss=_number(train_loss),
            seconds=made.seconds,
        ),
        validation_loss=_number(validation.loss),
        validation_metrics=tuple((name, _number(value)) for name, value in validation.metrics),
        test=_seen(database, summary.study, point),
        versions=(*((name, version(name)) for name in LIBRARIES), ("python", platform.python_version())),
    )


def _search(summary: StudySummary, point: FinalPoint) -> ModelSearch:
    spec = summary.spec
    return ModelSearch(
        study=summary.study,
        trial=point.used.trial.number,
        chosen=point.chosen,
        sampler=str(spec.sampler),
        pruner=str(spec.pruner),
        objective=f"{spec.objective} {spec.measure.title}",
        space=tuple(spec.space.written().items()),
        trials=sum(summary.counts.values()),
        outcomes=tuple((outcome.value, summary.counts[outcome]) for outcome in Outcome),
        epochs_charged=summary.cost.epochs_charged,
        epochs_trained=summary.cost.epochs_trained,
        folds=spec.folds,
    )


def _seen(database: Database, study: str, point: FinalPoint) -> SeenScore | None:
    """Return what a look at the searched run saw, None if nobody has looked; nothing is looked at now."""
    score = seen_score(database, point.looked_at, point.epoch)
    if score is None:
        return None
    metrics = tuple((name, _number(value)) for name, value in score.metrics)
    intervals = seen_intervals(database, point.looked_at, point.epoch) or ()
    return SeenScore(_number(score.loss), metrics, intervals, len(looks_at(database, study)))


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
