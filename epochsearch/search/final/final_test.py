"""`test` as a service: a study's point scored once on the sealed test part, next to its validation score.

Each look is written down before anybody sees it (law 7). A second look at the same curve after the same epoch
is answered from the record: it evaluates nothing, and counts as a look all the same.
"""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import dataclass

from epochsearch.core.curve import SealedScore
from epochsearch.core.errors import UsageError
from epochsearch.core.model import Intervals
from epochsearch.core.settings import TABLE_PREFIX
from epochsearch.core.spec import StudySpec
from epochsearch.engines.fork_server import warm_up
from epochsearch.engines.job import Job
from epochsearch.search.final.chosen import mean_score
from epochsearch.search.final.final_point import FinalPoint, Score, final_point
from epochsearch.search.running.conditions import check_conditions
from epochsearch.search.running.curves import CurveReader
from epochsearch.search.running.retraining import fresh_engine, run_jobs
from epochsearch.store.archive import study_summary
from epochsearch.store.database import Database, open_database
from epochsearch.store.ledger import Ledger
from epochsearch.store.looks import (
    Look,
    looks_at,
    record_intervals,
    record_looks,
    seen_intervals,
    seen_score,
)
from epochsearch.tasks.base import Task
from epochsearch.tasks.facts import TaskFacts, examine
from epochsearch.tasks.loading import load_task


@dataclass(frozen=True, slots=True)
class FinalTest:
    """What a look saw."""

    study: str
    point: FinalPoint
    facts: TaskFacts
    test: Score  # the mean over folds
    intervals: Intervals
    validation: Score  # of the same state
    trials: int  # that the point was chosen among
    looks: int  # at this study's test part, this one included
    looks_here: int  # of these, at this point
    from_record: bool  # whether an earlier look had seen it

    @property
    def optimism(self) -> float | None:
        """By how much the objective is worse on the test part than on validation, where it chose the point.

        The difference of two losses, or of two metrics with its sign turned where higher is better; below 0
        if the test part is kinder. None where one of them is no number.
        """
        measure = self.point.measure
        test, validation = (
            measure.read(math.nan if score.loss is None else score.loss, score.metrics)
            for score in (self.test, self.validation)
        )
        return test - validation if math.isfinite(test - validation) else None


def final_test(storage: str, study: str, trial: int | None = None, workers: int = 1) -> FinalTest:
    """Return the test score of the recommended point, or of a trial's, and record the look.

    Raises:
        NotFoundError: There is no such study or trial, or its task is gone.
        UsageError: The task leaves no rows for the test, or its table recorded no test loss.
        SpecDiffersError: The curve cannot be trained again: task, torch or arithmetic are others.
        EpochsearchError: The task fails.
    """
    summary = study_summary(storage, study)
    spec = summary.spec
    if not spec.task.startswith(TABLE_PREFIX):
        warm_up()
    point = final_point(storage, study, trial)
    task = load_task(spec.task)
    facts = examine(task)
    with closing(open_database(storage, create=False)) as database:
        score = seen_score(database, point.looked_at, point.epoch)
        intervals = seen_intervals(database, point.looked_at, point.epoch)
        from_record = score is not None and intervals is not None
        if score is None or intervals is None:
            score, intervals = _evaluated(database, study, spec, task, facts, point, workers)
            record_intervals(database, point.looked_at, point.epoch, intervals)
        number = point.used.trial.number
        record_looks(database, [Look(study, number, point.epoch, score, point.looked_at)])
        looks = looks_at(database, study)
    return FinalTest(
        study=study,
        point=point,
        facts=facts,
        test=Score(score.loss, score.metrics),
        intervals=intervals,
        validation=point.validation,
        trials=sum(summary.counts.values()),
        looks=len(looks),
        looks_here=sum((trial, epoch) == (number, point.epoch) for trial, epoch, _ in looks),
        from_record=from_record,
    )


def _evaluated(
    database: Database,
    study: str,
    spec: StudySpec,
    task: Task,
    facts: TaskFacts,
    point: FinalPoint,
    workers: int,
) -> tuple[SealedScore, Intervals]:
    """Return the score and its intervals; the state comes from a checkpoint, or is trained again up to it."""
    identities = tuple(curve.identity for curve in point.used.curves)
    if not task.recorded and not facts.test_rows:
        rule = "its task leaves no rows for the test"
        raise UsageError("study", study, rule, "Give the third share of split more than 0, and search again.")
    check_conditions(study, spec, task, identities)
    _, kept = CurveReader(spec, task, Ledger(database)).read(identities)
    checkpoints = kept if kept and kept[0].epoch <= point.epoch else ()
    job = Job(
        0,
        identities,
        point.epoch,
        checkpoints,
        freezing=False,
        test=True,
        weights=point.weights,
        intervals=True,
    )
    with closing(fresh_engine(task, spec, workers, database.checkpoint_folder)) as engine:
        (ended,) = run_jobs(engine, [job])
    found = [score for score in ended.scores if score is not None]
    if not found:
        rule = "its table has no test losses"
        raise UsageError("study", study, rule, "Record a column test_loss, or search the task itself.")
    return mean_score(found), ended.intervals
