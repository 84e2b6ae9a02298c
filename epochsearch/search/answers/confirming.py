"""`--confirm`: the best configurations of a study race on training seeds that the search did not use.

Each is trained as far as the search trained it, so that its curves answer for every epoch, and judged by the
loss at the epoch that the search found best. What is trained is the ledger's: the same command goes on where
it stopped, and trains nothing twice.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from epochsearch.analysis.candidates import Candidate, measured, objective_values
from epochsearch.analysis.racing import FEWEST_SEEDS, beaten
from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import SearchFailedError, UsageError
from epochsearch.core.point import Configuration
from epochsearch.core.settings import TABLE_PREFIX
from epochsearch.core.spec import StudySpec
from epochsearch.core.summary import go_on
from epochsearch.core.trunk import Trunk
from epochsearch.engines.engine import Engine
from epochsearch.engines.fork_server import warm_up
from epochsearch.engines.inline import InlineEngine
from epochsearch.engines.job import EpochTrained, Job
from epochsearch.search.answers.race_events import (
    Contestant,
    ContestantOut,
    CurveConfirmed,
    RaceEnded,
    RaceEvent,
    RaceStarted,
)
from epochsearch.search.answers.recommendation import candidates_of
from epochsearch.search.running.conditions import check_conditions
from epochsearch.search.running.curves import CurveReader, curve_trunk
from epochsearch.search.running.progress import Stop
from epochsearch.search.running.retraining import fresh_engine, run_jobs
from epochsearch.search.settings.resolve import MAX_SEED
from epochsearch.store.checkpoints import Checkpoint
from epochsearch.store.curve_writer import CurveWriter
from epochsearch.store.database import open_database
from epochsearch.store.ledger import Ledger
from epochsearch.store.replicates import TriedConfiguration, tried_configurations
from epochsearch.tasks.base import Task
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.table import TableTask

SEEDS = 8
"""Fresh seeds unless a number is asked for; after four only a clean sweep ends a race."""
NEIGHBOURS = 10**0.1
"""Learning rates a tenth of a decade apart are one to a race: samplers crowd around their best."""


def confirm(
    storage: str,
    study: str,
    count: int,
    seeds: int = SEEDS,
    workers: int | None = None,
    stop: Stop | None = None,
) -> Iterator[RaceEvent]:
    """Race the best `count` configurations of a study on fresh seeds; yield what happens, RaceEnded last.

    seeds: how many, from the search's own on. workers: processes, 0: train in this one, None: one for each
    core. stop: ends it early.

    Raises:
        NotFoundError: There is no such study, or its task is gone.
        SearchFailedError: It has no curve with a finite loss.
        SpecDiffersError: The task, torch or this machine's arithmetic is not what the study was made with.
        UsageError: Its curves come from a table that has no further seed.
        EpochsearchError: The task fails.
    """
    spec, tried = tried_configurations(storage, study)
    if workers != 0 and not spec.task.startswith(TABLE_PREFIX):
        warm_up()
    contestants = _contestants(spec, candidates_of(spec, tried), count)
    if not contestants:
        rule = "no trial has a finite loss, so there is nothing to confirm"
        raise SearchFailedError("study", study, rule, go_on(study, spec.task))
    task = load_task(spec.task)
    check_conditions(study, spec, task, [one.identity for one in contestants])
    fresh = _fresh_seeds(task, spec, contestants, seeds)
    yield RaceStarted(contestants, fresh)
    with closing(open_database(storage, create=False)) as database:
        ledger = Ledger(database)
        ledger.sweep(database.checkpoint_folder)
        with closing(_engine(task, spec, workers, database.checkpoint_folder)) as engine:
            race = _Race(
                spec,
                task,
                contestants,
                CurveReader(spec, task, ledger),
                CurveWriter(database, ledger),
                stop or Stop(),
            )
            yield from race.run(engine, fresh)
    yield race.ended()


_Start: TypeAlias = tuple[Contestant, int]
"""A contestant and the seed that it is trained with."""


class _Race:
    """The losses so far, by contestant and seed."""

    def __init__(
        self,
        spec: StudySpec,
        task: Task,
        contestants: Sequence[Contestant],
        reader: CurveReader,
        writer: CurveWriter,
        stop: Stop,
    ) -> None:
        self._spec, self._task, self._reader, self._writer, self._stop = spec, task, reader, writer, stop
        self._contestants = contestants
        self._racing = list(contestants)
        self._losses: dict[Contestant, list[float]] = {one: [] for one in contestants}
        self._trained = self._read = 0

    def run(self, engine: Engine, seeds: Sequence[int]) -> Iterator[RaceEvent]:
        """Run the rounds: as many at once as no decision can fall before, then one seed each."""
        first = min(FEWEST_SEEDS, len(seeds))
        for some in (seeds[:first], *((seed,) for seed in seeds[first:])):
            starts = [(one, seed) for one in self._racing for seed in some]
            yield from self._train(engine, starts)
            if self._stop.requested:
                return
            for one, seed in starts:
                self._losses[one].append(self._loss(one, seed))
            for one in beaten({one: self._losses[one] for one in self._racing}):
                self._racing.remove(one)
                yield ContestantOut(one, len(self._losses[one]), float(np.mean(self._losses[one])))

    def ended(self) -> RaceEnded:
        """Return what came of it."""
        return RaceEnded(
            contestants=len(self._contestants),
            left=len(self._racing),
            seeds=len(self._losses[self._racing[0]]),
            epochs_trained=self._trained,
            epochs_read=self._read,
            stopped=self._stop.requested,
        )

    def _train(self, engine: Engine, starts: Sequence[_Start]) -> Iterator[RaceEvent]:
        """Train what the ledger lacks of these curves; of those with one trunk, one after the other."""
        for turn in self._turns(starts):
            if not self._stop.requested:
                yield from self._train_beside(engine, turn)

    def _turns(self, starts: Sequence[_Start]) -> list[list[_Start]]:
        """Return the starts in turns: of curves with one trunk one a turn, the shortest first."""
        kin: dict[str, list[_Start]] = defaultdict(list)
        for start in sorted(starts, key=lambda start: start[0].upto):
            trunk = self._trunk(*start)
            kin[(trunk.identities if trunk else self._identities(*start))[0].key].append(start)
        turn = {start: place for some in kin.values() for place, start in enumerate(some)}
        return [[start for start in starts if turn[start] == place] for place in sorted(set(turn.values()))]

    def _train_beside(self, engine: Engine, starts: Sequence[_Start]) -> Iterator[RaceEvent]:
        """Train what the ledger lacks of these curves, no two of which have one trunk."""
        jobs = {number: job for number, start in enumerate(starts) if (job := self._job(number, *start))}

        def take(message: EpochTrained) -> bool:
            self._trained += 1
            for identities in jobs[message.number].grown(message.reports[0].epoch):
                for identity, report in zip(identities, message.reports, strict=True):
                    self._writer.extend(identity, report)
            self._freeze(jobs[message.number], message.checkpoints)
            if self._writer.due:
                self._writer.flush()
            return all(report.finite for report in message.reports)

        try:
            for ended in run_jobs(engine, list(jobs.values()), take, self._stop):
                self._freeze(jobs[ended.number], ended.checkpoints)
                self._writer.flush()
                one, seed = starts[ended.number]
                yield CurveConfirmed(one, seed, self._loss(one, seed))
        finally:
            self._writer.flush()

    def _freeze(self, job: Job, checkpoints: Sequence[Checkpoint]) -> None:
        owners = job.owners(checkpoints[0].epoch) if checkpoints else ()
        for identity, checkpoint in zip(owners, checkpoints, strict=False):
            self._writer.checkpoint(identity, checkpoint)

    def _job(self, number: int, one: Contestant, seed: int) -> Job | None:
        """Return what is to be trained; None if the ledger has it."""
        identities, trunk = self._identities(one, seed), self._trunk(one, seed)
        stored, checkpoints = self._reader.take_over(identities, trunk, self._writer.extend)
        self._read += min(len(stored), one.upto)
        diverged = bool(stored) and not all(report.finite for report in stored[-1])
        if diverged or len(stored) >= one.upto:
            return None
        return Job(number, identities, one.upto, checkpoints, trunk=trunk)

    def _identities(self, one: Contestant, seed: int) -> tuple[CurveIdentity, ...]:
        return tuple(replace(one.identity, seed=seed, fold=fold) for fold in range(self._spec.folds))

    def _trunk(self, one: Contestant, seed: int) -> Trunk | None:
        """Return what the contestant's curve begins with under a seed."""
        spec = replace(self._spec, training_seed=seed)
        return curve_trunk(spec, self._task, replace(one.point, epochs=one.upto))

    def _loss(self, one: Contestant, seed: int) -> float:
        """Return the objective at a contestant's point with this seed, mean over folds."""
        stored, _ = self._reader.read(self._identities(one, seed))
        epochs = stored[: one.point.epochs]
        if len(epochs) < one.point.epochs or not all(report.finite for folds in epochs for report in folds):
            return math.inf
        losses = np.asarray([[self._spec.measure.of(report) for report in folds] for folds in epochs]).T
        return float(objective_values(losses, self._spec.objective)[:, -1].mean())


def _engine(task: Task, spec: StudySpec, workers: int | None, folder: Path) -> Engine:
    if workers == 0:
        return InlineEngine(task, spec.threads, folder.absolute())
    return fresh_engine(task, spec, workers or 0, folder)


def _contestants(
    spec: StudySpec, tried: Sequence[tuple[TriedConfiguration, Candidate]], count: int
) -> tuple[Contestant, ...]:
    """Return the best configurations of the search, each at its best epoch.

    Of neighbours the best one runs; the others only where there are fewer than `count` without them.
    """
    found = []
    for one, candidate in tried:
        if not candidate.answers:
            continue
        own = measured(candidate, spec.training_seed, spec.objective, fresh=False)
        place = int(np.argmin(own.means))
        if np.isfinite(own.means[place]):
            point = candidate.point(own.epochs[place])
            contestant = Contestant(candidate.trial, point, one.identity, candidate.own.shape[1])
            found.append(
                (float(own.means[place]), point.epochs * candidate.seconds, candidate.trial, contestant)
            )
    ranked = [item[-1] for item in sorted(found, key=lambda item: item[:3])]
    apart: list[Contestant] = []
    for next_best in ranked:
        if not any(_neighbours(next_best.point.configuration, one.point.configuration) for one in apart):
            apart.append(next_best)
    return tuple([*apart, *(rest for rest in ranked if rest not in apart)][:count])


def _neighbours(a: Configuration, b: Configuration) -> bool:
    """Return whether two configurations differ by less than NEIGHBOURS in the learning rate alone."""
    ratio = max(a.learning_rate, b.learning_rate) / min(a.learning_rate, b.learning_rate)
    return (a.batch_size, a.extras) == (b.batch_size, b.extras) and ratio < NEIGHBOURS


def _fresh_seeds(
    task: Task, spec: StudySpec, contestants: Sequence[Contestant], count: int
) -> tuple[int, ...]:
    """Return the seeds to race on: the ones after the search's own, as many as a recorded table has."""
    if isinstance(task, TableTask):
        recorded = min(len(task.recorded_seeds(one.identity.configuration)) for one in contestants)
        if recorded < 2:
            rule = "this table holds one seed of a configuration, so there is nothing to confirm it with"
            raise UsageError("--confirm", spec.task, rule, "Record more seeds, or leave the option out.")
        count = min(count, recorded - 1)
    return tuple((spec.training_seed + i) % (MAX_SEED + 1) for i in range(1, count + 1))
