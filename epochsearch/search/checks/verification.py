"""`verify` as a service: a sample of a study's curves trained again from nothing, compared bit for bit.

The numbers of the trials that are not re-trained are checked too, against what the ledger and Optuna's tables
each have of them: an altered copy is found wherever it lies.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from epochsearch.core.curve import EpochReport, mean_report
from epochsearch.core.errors import UsageError
from epochsearch.core.measure import Measure
from epochsearch.core.settings import TABLE_PREFIX
from epochsearch.core.summary import go_on
from epochsearch.engines.fork_server import warm_up
from epochsearch.engines.job import EpochTrained, Job
from epochsearch.search.running.conditions import check_conditions
from epochsearch.search.running.retraining import fresh_engine, run_jobs
from epochsearch.store.archive import study_summary
from epochsearch.store.database import open_database
from epochsearch.store.studies import find_study, stored_trials
from epochsearch.store.used_curves import UsedCurves, used_curves
from epochsearch.tasks.loading import load_task


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that is not what it should be."""

    trial: int
    fold: int  # 0-based
    epoch: int  # 1-based
    number: str  # train_loss, val_loss, the name of a metric, or value (the trial's own)
    stored: float | None  # in the ledger; None: it is not there
    expected: float | None
    expected_from: str  # "re-trained", or which copy it was compared with


@dataclass(frozen=True, slots=True)
class CurveChecked:
    """One curve (all its folds) was trained again."""

    trial: int  # the first one of the sample that was read on it
    epochs: int
    same: bool


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it."""

    study: str
    trials: int  # in the study, with at least one epoch
    sampled: tuple[int, ...]  # trial numbers
    curves: int  # trained again, each fold counted
    epochs: int  # trained again, over all of them
    differing: int  # curves with a difference, folds together
    difference: Difference | None  # the first: the lowest trial, then the lowest epoch

    @property
    def passed(self) -> bool:
        """Whether everything compared was the same bit for bit."""
        return self.difference is None


def verify(
    storage: str, study: str, sample: int = 5, seed: int = 0, workers: int = 0
) -> Iterator[CurveChecked | Verification]:
    """Train a sample of a study's trials again and compare; yield each curve, the Verification last.

    sample: how many trials; 0: all. workers: fresh processes; 0: one for each core. Recorded curves are
    compared with their table. The ledger is not written.

    Raises:
        NotFoundError: There is no such study, or its task is gone.
        SpecDiffersError: The task, torch or this machine's arithmetic is not what the study was made with.
        EpochsearchError: The task fails.
    """
    spec = study_summary(storage, study).spec
    if not spec.task.startswith(TABLE_PREFIX):
        warm_up()
    trials = [one for one in used_curves(storage, study) if one.trial.epochs_done and one.curves]
    if not trials:
        action = go_on(study, spec.task)
        raise UsageError(
            "study", study, "it has no trial with an epoch, so there is nothing to verify", action
        )
    task = load_task(spec.task)
    check_conditions(study, spec, task, [curve.identity for one in trials for curve in one.curves])
    count = min(sample or len(trials), len(trials))
    chosen = sorted(random.Random(seed).sample(trials, count), key=lambda one: one.trial.number)
    with closing(open_database(storage, create=False)) as database:
        folder = database.checkpoint_folder
        found = find_study(database, study)
        assert found is not None
        copies = {row.frozen.number: row.frozen for row in stored_trials(database, found.study_id)}
    differences = [
        *_first(
            _against_copy(one, spec.measure, copies[one.trial.number].intermediate_values) for one in trials
        ),
        *_first(_own_value(one, spec.measure, copies[one.trial.number].value) for one in trials),
    ]
    comparison = _Comparison(chosen)
    with closing(fresh_engine(task, spec, workers, folder)) as engine:
        for ended in run_jobs(engine, comparison.jobs, comparison.judge):
            yield comparison.checked(ended.number)
    differences += comparison.differences.values()
    yield Verification(
        study=study,
        trials=len(trials),
        sampled=tuple(one.trial.number for one in chosen),
        curves=sum(len(job.identities) for job in comparison.jobs),
        epochs=sum(comparison.epochs.values()),
        differing=len(comparison.differences),
        difference=min(differences, key=_place, default=None),
    )


class _Comparison:
    """The curves of the sample, each once and to the last epoch that a trial of it used."""

    def __init__(self, chosen: Sequence[UsedCurves]) -> None:
        users: dict[tuple[str, ...], list[UsedCurves]] = defaultdict(list)
        for one in chosen:
            users[one.keys].append(one)
        self._users = list(users.values())
        self.jobs = [
            Job(
                number,
                tuple(curve.identity for curve in group[0].curves),
                max(one.trial.epochs_done for one in group),
                freezing=False,
            )
            for number, group in enumerate(self._users)
        ]
        self.epochs = dict.fromkeys(range(len(self.jobs)), 0)  # by job, over its folds
        self.differences: dict[int, Difference] = {}  # by job, its first

    def judge(self, message: EpochTrained) -> bool:
        """Compare an epoch; return whether the curve is worth going on with."""
        group = self._users[message.number]
        self.epochs[message.number] += len(message.reports)
        epoch = message.reports[0].epoch
        trial = next(one.trial.number for one in group if one.trial.epochs_done >= epoch)
        for fold, (curve, report) in enumerate(zip(group[0].curves, message.reports, strict=True)):
            stored = next((report for report in curve.reports if report.epoch == epoch), None)
            found = _differing(stored, report)
            if found is not None:
                number, was, now = found
                self.differences[message.number] = Difference(
                    trial, fold, epoch, number, was, now, "re-trained"
                )
                return False
        return True

    def checked(self, number: int) -> CurveChecked:
        """Return what is to be told of a curve that is done."""
        group, job = self._users[number], self.jobs[number]
        epochs = self.epochs[number] // len(job.identities)
        return CurveChecked(group[0].trial.number, epochs, number not in self.differences)


def _differing(stored: EpochReport | None, now: EpochReport) -> tuple[str, float | None, float | None] | None:
    """Return the first number in which two reports differ, as (name, stored, now)."""
    before = _numbers(stored) if stored else {}
    for name, value in _numbers(now).items():
        if name not in before or not _same(before[name], value):
            return name, before.get(name), value
    gone = next((name for name in before if name not in _numbers(now)), None)
    return (gone, before[gone], None) if gone else None


def _numbers(report: EpochReport) -> dict[str, float]:
    optional = {"average_loss": report.average_loss, "gradient_norm": report.gradient_norm}
    known = {name: value for name, value in optional.items() if value is not None}
    return {"train_loss": report.train_loss, "val_loss": report.val_loss, **dict(report.metrics), **known}


def _same(a: float, b: float) -> bool:
    return (float(a) + 0.0).hex() == (float(b) + 0.0).hex()  # SQLite keeps no sign of a zero, -log(1) has one


def _against_copy(one: UsedCurves, measure: Measure, copy: dict[int, float]) -> Difference | None:
    """Return the first epoch whose reading is not what was reported to Optuna while it was trained."""
    name = "val_loss" if measure.is_loss else measure.name
    for epoch, reported in sorted(copy.items()):
        read = _mean_reading(one, measure, epoch)
        if read is None or not _same(read, reported):
            return Difference(one.trial.number, 0, epoch, name, read, reported, "reported to Optuna")
    return None


def _own_value(one: UsedCurves, measure: Measure, copy: float | None) -> Difference | None:
    """Return the trial's value if it is not what its curve reads there, or not Optuna's copy of it."""
    trial = one.trial
    if trial.value is None or trial.value_epoch is None:
        return None
    read = _mean_reading(one, measure, trial.value_epoch)
    for other, where in ((read, "on its curve"), (copy, "told to Optuna")):
        if other is None or not _same(trial.value, other):
            return Difference(trial.number, 0, trial.value_epoch, "value", trial.value, other, where)
    return None


def _mean_reading(one: UsedCurves, measure: Measure, epoch: int) -> float | None:
    """Return what the objective reads after an epoch, on the mean over folds; None if the ledger lacks it."""
    reports = [report for curve in one.curves for report in curve.reports if report.epoch == epoch]
    return measure.of(mean_report(tuple(reports))) if len(reports) == len(one.curves) else None


def _first(found: Iterator[Difference | None]) -> list[Difference]:
    first = next((difference for difference in found if difference is not None), None)
    return [first] if first else []


def _place(difference: Difference) -> tuple[int, int, bool]:
    return difference.trial, difference.epoch, difference.expected_from != "re-trained"
