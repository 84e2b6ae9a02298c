"""Training in the driver's process, one job at a time: for recorded tables, for debugging, as reference."""

from __future__ import annotations

import os
import traceback
from collections.abc import Generator, Sequence
from pathlib import Path

from epochsearch.core.errors import EpochsearchError
from epochsearch.core.raised import placed_line
from epochsearch.engines.job import Job, JobEnded, JobFailed, Message, run_job
from epochsearch.tasks.base import Task


class InlineEngine:
    """One place, no processes. A task that crashes in native code takes the driver with it."""

    def __init__(self, task: Task, threads: int, folder: Path) -> None:
        """folder: where checkpoints lie."""
        self._task, self._folder = task, folder
        self._stream: Generator[Message, bool, None] | None = None
        self._number = 0
        self._verdict: bool | None = None
        if not task.recorded:
            limit_threads(threads)

    @property
    def free(self) -> int:
        """1 if no job is running."""
        return 0 if self._stream else 1

    def submit(self, job: Job) -> None:
        """Start a job."""
        self._stream, self._number, self._verdict = run_job(self._task, job, self._folder), job.number, None

    def wait(self, seconds: float) -> Sequence[Message]:
        """Train one more epoch of the job and return its message."""
        if self._stream is None:
            return ()
        try:
            message = next(self._stream) if self._verdict is None else self._stream.send(self._verdict)
        except (Exception, SystemExit) as error:
            self._stream = None
            return (JobFailed(self._number, one_line(error), traceback.format_exc()),)
        self._verdict = None
        if isinstance(message, JobEnded):
            self._stream = None
        return (message,)

    def verdict(self, number: int, go_on: bool) -> None:
        """Say what the next `wait` does."""
        self._verdict = go_on

    def close(self) -> None:
        """Drop the job in flight."""
        self._stream = None


def limit_threads(threads: int) -> None:
    """Give torch, and libraries loaded later, so many threads in this process."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    import torch

    torch.set_num_threads(threads)


def one_line(error: BaseException) -> str:
    """Return an exception as a reason: our own errors' message; type, first line and place of others."""
    if isinstance(error, EpochsearchError):
        return error.message
    return placed_line(error)
