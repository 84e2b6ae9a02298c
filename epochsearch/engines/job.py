"""One curve's training as a stream, the same for every engine: an epoch, the verdict, the next epoch.

The folds of one configuration are one job: they advance in lock-step, one epoch each.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from epochsearch.core.curve import CurveIdentity, EpochReport, SealedScore
from epochsearch.core.final import Whole
from epochsearch.core.measure import Weights
from epochsearch.core.model import Intervals, WrittenModel
from epochsearch.core.trunk import Trunk
from epochsearch.engines.memory import MemoryMeter, make_meter
from epochsearch.store.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from epochsearch.tasks.base import Task
from epochsearch.tasks.prepared import preprocessing
from epochsearch.tasks.treatment import treatment_of
from epochsearch.training.learner import Learner, make_learner

CHECKPOINT_SECONDS = 1.0
"""Training time after which the state is frozen; it is frozen at a job's end too."""


@dataclass(frozen=True, slots=True)
class ModelOrder:
    """Where the model that a job ends with is to be written."""

    folder: Path  # it is there
    exports: tuple[str, ...] = ()  # further forms, by their names in `training.models.exports`


@dataclass(frozen=True, slots=True)
class Job:
    """Train these curves, one a fold, up to an epoch, from their checkpoints on."""

    number: int  # of the trial
    identities: tuple[CurveIdentity, ...]
    upto: int  # epochs
    checkpoints: tuple[Checkpoint, ...] = ()  # one a fold, all of the same epoch; none: from the start
    freezing: bool = True  # whether its state is frozen on the way and at its end
    test: bool = False  # whether it is scored on the sealed test part at its end: the final evaluation only
    weights: Weights = "raw"  # whose score, or model, that is: raw or average
    intervals: bool = False  # whether those of the score come with it
    whole: Whole | None = None  # train on training and validation rows together, when the search is over
    model: ModelOrder | None = None  # write the model down at its end; of one curve
    trunk: Trunk | None = None  # what they begin with: up to its end a state is the trunk's

    def keeps(self, epoch: int) -> bool:
        """Return whether the state after this epoch is kept for other curves to begin there."""
        return self.trunk is not None and self.trunk.keeps(epoch)

    def owners(self, epoch: int) -> tuple[CurveIdentity, ...]:
        """Return the curves, one a fold, of which the state after this epoch is."""
        return self.trunk.identities if self.trunk and epoch <= self.trunk.epochs else self.identities

    def grown(self, epoch: int) -> tuple[tuple[CurveIdentity, ...], ...]:
        """Return the curves that grow by an epoch trained now: its own, and their trunk while it lasts."""
        if self.owners(epoch) == self.identities:
            return (self.identities,)
        return self.identities, self.owners(epoch)


@dataclass(frozen=True, slots=True)
class EpochTrained:
    """An epoch is over and waits for the verdict."""

    number: int
    reports: tuple[EpochReport, ...]  # one a fold
    checkpoints: tuple[Checkpoint, ...] = ()  # one a fold, if the state was frozen just now


@dataclass(frozen=True, slots=True)
class JobEnded:
    """The job is over: trained to its end, or stopped by a verdict."""

    number: int
    checkpoints: tuple[Checkpoint, ...] = ()
    scores: tuple[SealedScore | None, ...] = ()  # one a fold, if the job was to test
    intervals: Intervals = ()  # of the mean over folds, if the job was to find them
    model: WrittenModel | None = None  # if it was to write one, and came to its end
    unwritten: OSError | None = None  # why there is none then


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The task raised an exception."""

    number: int
    reason: str  # one line
    trace: str = ""  # the whole traceback
    changed: bool = False  # the task is no longer what the driver saw: no job of it can be run


@dataclass(frozen=True, slots=True)
class JobLost:
    """The worker died; the engine has another one ready."""

    number: int
    reason: str  # one line


@dataclass(frozen=True, slots=True)
class EngineNote:
    """Something that went wrong without costing a result."""

    message: str


Message: TypeAlias = EpochTrained | JobEnded | JobFailed | JobLost | EngineNote


def run_job(task: Task, job: Job, folder: Path) -> Generator[Message, bool, None]:
    """Yield an EpochTrained an epoch and a JobEnded at last; send True to go on, False to stop.

    folder: where checkpoints lie.
    """
    learners, done = yield from _begun(task, job, folder)
    frozen, last = done, time.monotonic()
    seconds = job.checkpoints[0].seconds if done else 0.0
    healthy, freezing = True, job.freezing and not task.recorded
    meter = None if task.recorded else make_meter(job.identities[0].device.split("-")[0])
    for epoch in range(done + 1, job.upto + 1):
        reports = tuple(_epoch(learner, meter) for learner in learners)
        seconds += sum(report.seconds for report in reports)
        healthy = all(report.finite for report in reports)
        kept: tuple[Checkpoint, ...] = ()
        due = job.keeps(epoch) or time.monotonic() - last >= CHECKPOINT_SECONDS
        if healthy and freezing and due:
            kept = yield from _freeze(learners, job, epoch, seconds, folder)
            frozen, last = epoch, time.monotonic()
        done = epoch
        go_on = yield EpochTrained(job.number, reports, kept)
        if not go_on:
            break
    last_kept: tuple[Checkpoint, ...] = ()
    if healthy and freezing and done > frozen:
        last_kept = yield from _freeze(learners, job, done, seconds, folder)
    scores = tuple(learner.test(job.weights) for learner in learners) if job.test and done == job.upto else ()
    ended = done == job.upto and healthy
    intervals = _intervals(job, learners) if scores else ()
    try:
        written = _written(task, job, learners[0]) if job.model is not None and ended else None
    except OSError as error:  # a disk is nothing that the task could mend
        yield JobEnded(job.number, last_kept, scores, intervals, unwritten=error)
        return
    yield JobEnded(job.number, last_kept, scores, intervals, written)


def _epoch(learner: Learner, meter: MemoryMeter | None) -> EpochReport:
    """Train one more epoch; return its report with the memory it took."""
    if meter is None:
        return learner.run_epoch()
    meter.begin()
    report = learner.run_epoch()
    return replace(report, memory_bytes=meter.peak())


def _begun(task: Task, job: Job, folder: Path) -> Generator[Message, bool, tuple[list[Learner], int]]:
    """Return the learners and their epoch: that of the checkpoints if all can be put back, else 0."""
    states = [read_checkpoint(folder, checkpoint) for checkpoint in job.checkpoints]
    learners = [make_learner(task, identity, job.whole) for identity in job.identities]
    if not states or any(state is None for state in states):
        return learners, 0
    try:
        for learner, state in zip(learners, states, strict=True):
            assert state is not None
            learner.thaw(state)
    except Exception as error:
        yield EngineNote(
            f"a checkpoint of {task.name} cannot be put back ({_said(error)}); the curve is trained anew"
        )
        return [make_learner(task, identity, job.whole) for identity in job.identities], 0
    return learners, job.checkpoints[0].epoch


def _intervals(job: Job, learners: Sequence[Learner]) -> Intervals:
    """Return the intervals of the test score, where they are wanted and the rows are known."""
    if not job.intervals:
        return ()
    from epochsearch.training.sealed_rows import sealed_intervals

    folds = [learner.test_rows(job.weights) for learner in learners]
    known = [one for one in folds if one is not None]
    return sealed_intervals(known) if len(known) == len(folds) else ()


def _written(task: Task, job: Job, learner: Learner) -> WrittenModel:
    """Write the learner's model where the job says.

    Raises:
        TaskError: It cannot be written, or not in a form that was asked for.
        OSError: The folder cannot be written.
    """
    from epochsearch.training.models.writing import write_model

    assert job.model is not None
    treatment = treatment_of(task, job.identities[0])
    done = preprocessing(task, final=job.whole is not None, treatment=treatment)
    return write_model(learner.trained(job.weights), done, job.model.folder, job.model.exports, task)


def _freeze(
    learners: list[Learner], job: Job, epoch: int, seconds: float, folder: Path
) -> Generator[Message, bool, tuple[Checkpoint, ...]]:
    """Return the checkpoints written; none, after a note, if disk or model do not let them."""
    share = seconds / len(learners)
    try:
        return tuple(
            write_checkpoint(folder, owner.key, epoch, learner.freeze(), share, kept=job.keeps(epoch))
            for owner, learner in zip(job.owners(epoch), learners, strict=True)
        )
    except OSError as error:
        yield EngineNote(
            f"no checkpoint could be written to {folder} ({error.strerror}); the search goes on without"
        )
    except Exception as error:
        name = job.identities[0].task
        yield EngineNote(f"no checkpoint of {name} can be made ({_said(error)}); the search goes on without")
    return ()


def _said(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
