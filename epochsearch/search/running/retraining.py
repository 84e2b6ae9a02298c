"""Curves trained outside any search: to check what is stored, or to stand at one of their epochs again.

Nothing of it reaches the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from epochsearch.core.errors import EpochsearchError
from epochsearch.core.spec import StudySpec
from epochsearch.engines.cores import usable_cores
from epochsearch.engines.engine import Engine
from epochsearch.engines.fork_server import warm_up
from epochsearch.engines.inline import InlineEngine
from epochsearch.engines.job import EpochTrained, Job, JobEnded, JobFailed, JobLost
from epochsearch.engines.processes import ProcessEngine
from epochsearch.engines.worker import WorkerSetup
from epochsearch.search.running.progress import Stop
from epochsearch.search.running.trial import DEATHS
from epochsearch.tasks.base import Task

WAIT_SECONDS = 0.5


def fresh_engine(task: Task, spec: StudySpec, workers: int, folder: Path) -> Engine:
    """Return an engine for a study's curves; recorded ones are read in this process.

    workers: processes; 0: one for each core. folder: where the ledger's checkpoints lie.
    """
    if task.recorded:
        return InlineEngine(task, spec.threads, folder.absolute())
    warm_up()
    setup = WorkerSetup(task.reference, spec.fingerprint, spec.threads, folder.absolute())
    return ProcessEngine(setup, workers or usable_cores())


def run_jobs(
    engine: Engine,
    jobs: Sequence[Job],
    judge: Callable[[EpochTrained], bool] = lambda _: True,
    stop: Stop | None = None,
) -> Iterator[JobEnded]:
    """Run all jobs, as many at once as there are places; yield the end of each.

    See `run_watched`.
    """
    for message in run_watched(engine, jobs, judge, stop):
        if isinstance(message, JobEnded):
            yield message


def run_watched(
    engine: Engine,
    jobs: Sequence[Job],
    judge: Callable[[EpochTrained], bool] = lambda _: True,
    stop: Stop | None = None,
) -> Iterator[EpochTrained | JobEnded]:
    """Run all jobs, as many at once as there are places; yield each epoch and the end of each.

    judge: sees each epoch and says whether its job goes on. stop: a flag that ends it before its end.

    Raises:
        EpochsearchError: The task failed, or its worker died again and again.
    """
    stop = stop or Stop()
    waiting, running = list(jobs), {job.number: job for job in jobs}
    deaths = dict.fromkeys(running, 0)
    while running and not stop.requested:
        while waiting and engine.free:
            engine.submit(waiting.pop(0))
        for message in stop.breaking(lambda: engine.wait(WAIT_SECONDS)):
            match message:
                case EpochTrained():
                    engine.verdict(message.number, judge(message))
                    yield message
                case JobEnded():
                    del running[message.number]
                    yield message
                case JobLost():
                    deaths[message.number] += 1
                    if deaths[message.number] >= DEATHS:
                        raise _failed(running[message.number], message.reason)
                    waiting.insert(0, running[message.number])
                case JobFailed():
                    raise _failed(running[message.number], message.reason)


def _failed(job: Job, reason: str) -> EpochsearchError:
    curve = job.identities[0]
    given = (
        f"learning_rate {curve.configuration.learning_rate:g}, batch_size {curve.configuration.batch_size}"
    )
    action = "Mend the task, or leave it out."
    return EpochsearchError(f"task {curve.task}", given, f"re-training it failed ({reason})", action)
