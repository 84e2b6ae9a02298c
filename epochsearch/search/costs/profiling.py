"""`profile` as a service: what each batch size takes in time and memory, and the largest one that fits.

Each size is measured in a worker process of its own, so that no peak hides in an earlier one's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from epochsearch.analysis.resources import BatchCost, memory_law
from epochsearch.core.errors import EpochsearchError, UsageError
from epochsearch.core.settings import Settings
from epochsearch.core.spec import StudySpec
from epochsearch.engines.engine import Engine
from epochsearch.engines.fork_server import warm_up
from epochsearch.engines.job import EpochTrained, Job, JobEnded, JobFailed, JobLost
from epochsearch.engines.memory import free_memory
from epochsearch.engines.processes import ProcessEngine
from epochsearch.engines.worker import WorkerSetup
from epochsearch.search.costs.measuring import (
    MOST_EPOCHS,
    Measured,
    Stopwatch,
    is_out_of_memory,
    middle_point,
)
from epochsearch.search.costs.prices import some_sizes
from epochsearch.search.running.curves import curve_identities
from epochsearch.search.settings.resolve import DEFAULT_TASK, resolve_settings
from epochsearch.tasks.base import Task
from epochsearch.tasks.facts import examine
from epochsearch.tasks.loading import load_task

SAFE = 0.9
"""Share of the free memory that a batch is predicted to stay in before it is tried."""
PARTS = 4
"""In so many parts the largest batch is taken too, where nothing is said: the same step with less memory."""
_WAIT_SECONDS = 0.5
SIZES = 12
"""So many batch sizes are measured at most."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A batch size that could not be trained."""

    batch_size: int
    accumulate: int
    reason: str


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest batch size that was found to fit."""

    cost: BatchCost
    bounded_by: Literal["rows", "memory"]


@dataclass(frozen=True, slots=True)
class Profile:
    """All that was measured."""

    task: str  # reference
    spec: StudySpec
    rows: int  # of the training part
    workers: int  # among which the memory is shared
    limit_bytes: int | None  # memory of one worker; None: not known
    costs: tuple[BatchCost, ...]  # as they were asked for
    refused: tuple[Refused, ...]
    largest: Largest | None  # None: none fits


def profile(
    settings: Settings, parts: int | None = None, limit_bytes: int | None = None
) -> Iterator[BatchCost | Refused | Profile]:
    """Measure a task at each of its batch sizes; yield each as it comes, the Profile last.

    settings: the batch sizes are those of its axis. parts: take every batch in so many parts as well; None:
    the largest one alone, in PARTS. limit_bytes: memory of one worker; None: what is free, shared among the
    workers.

    Raises:
        UsageError: A wrong setting, or a recorded table.
        EpochsearchError: The task fails.
    """
    warm_up()
    task = load_task(settings.task or DEFAULT_TASK)
    if task.recorded:
        raise UsageError("profile", task.reference, "recorded curves are not trained", "Name a task.")
    facts = examine(task)
    resolved = resolve_settings(settings, task, facts)
    workers = max(1, resolved.workers)
    limit = limit_bytes or free_memory(resolved.spec.device, workers)
    bench = _Bench(task, resolved.spec, facts.train_rows)
    found: list[BatchCost] = []
    refused: list[Refused] = []
    for one in _plan(some_sizes(resolved.spec.space, SIZES), bench.accumulate, parts):
        result = bench.tried(one)
        if isinstance(result, BatchCost):
            found.append(result)
        elif one.optional:
            continue
        else:
            refused.append(result)
        yield result
    largest = _largest(bench, found, limit)
    yield Profile(
        task.reference, resolved.spec, facts.train_rows, workers, limit, tuple(found), tuple(refused), largest
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    batch_size: int
    accumulate: int
    optional: bool = False  # it was not asked for: a task that cannot do it is no mistake


def _plan(sizes: list[int], accumulate: int, parts: int | None) -> list[_Wanted]:
    plan = [_Wanted(size, accumulate) for size in sizes]
    if parts is not None:
        return plan + [_Wanted(size, parts) for size in sizes if parts != accumulate]
    optional = accumulate == 1 and sizes[-1] >= 2 * PARTS
    return plan + ([_Wanted(sizes[-1], PARTS, optional=True)] if optional else [])


class _Bench:
    """Trains a few epochs at one batch size after the other."""

    def __init__(self, task: Task, spec: StudySpec, rows: int) -> None:
        self._task, self._spec, self.rows = task, spec, rows
        self.accumulate = spec.recipe.accumulate
        self._setup = WorkerSetup(task.reference, spec.fingerprint, spec.threads, Path())

    def tried(self, one: _Wanted) -> BatchCost | Refused:
        """Return what the size takes, or why it cannot be trained.

        Raises:
            EpochsearchError: The task fails, and not for want of memory.
        """
        from epochsearch.training.batches import batch_sizes

        spec = replace(self._spec, recipe=replace(self._spec.recipe, accumulate=one.accumulate), folds=1)
        identities = curve_identities(spec, self._task, middle_point(spec.space, one.batch_size))
        job = Job(0, identities, 1 + MOST_EPOCHS, freezing=False)
        with closing(ProcessEngine(self._setup, 1)) as engine:
            measured = _measured(engine, job)
        if isinstance(measured, Measured):
            return BatchCost(
                batch_size=one.batch_size,
                accumulate=one.accumulate,
                steps=len(batch_sizes(self.rows, one.batch_size)),
                rows=self.rows,
                seconds=measured.seconds,
                memory_bytes=measured.memory_bytes,
                epochs=measured.epochs,
            )
        if one.optional or is_out_of_memory(measured):
            return Refused(one.batch_size, one.accumulate, measured)
        given = f"batch size {one.batch_size}"
        raise EpochsearchError(f"task {self._task.name}", given, f"training failed ({measured})", "Mend it.")


def _measured(engine: Engine, job: Job) -> Measured | str:
    """Return what an epoch of the job takes, or why there is none."""
    watch = Stopwatch()
    engine.submit(job)
    while True:
        for message in engine.wait(_WAIT_SECONDS):
            match message:
                case EpochTrained():
                    engine.verdict(job.number, watch.judge(message))
                case JobEnded():
                    return watch.measured(job.number)
                case JobFailed() | JobLost():
                    return message.reason


def _largest(bench: _Bench, found: list[BatchCost], limit: int | None) -> Largest | None:
    """Return the largest batch that fits: predicted from what was measured, then trained to make sure."""
    bound = math.inf if limit is None else float(limit)
    measured = [cost for cost in found if cost.accumulate == bench.accumulate and cost.memory_bytes]
    fitting = [cost for cost in measured if _fits(cost, bound)]
    best = max(fitting, key=lambda cost: cost.batch_size, default=None)
    size = bench.rows
    if measured:
        law = memory_law([c.batch_size for c in measured], [c.memory_bytes or 0 for c in measured])
        size = law.largest(SAFE * bound, bench.rows)
    if size < bench.rows:
        size = _power_of_two(size)
    while size > (best.batch_size if best else 0):
        cost = bench.tried(_Wanted(size, bench.accumulate))
        if isinstance(cost, BatchCost) and _fits(cost, bound):
            best = cost
            break
        size = _power_of_two(size - 1)
    if best is None:
        return None
    return Largest(best, "rows" if best.batch_size == bench.rows else "memory")


def _fits(cost: BatchCost, limit: float) -> bool:
    return cost.memory_bytes is None or cost.memory_bytes <= limit


def _power_of_two(most: int) -> int:
    """Return the largest power of two up to `most`, 0 below 1."""
    return 1 << (most.bit_length() - 1) if most >= 1 else 0
