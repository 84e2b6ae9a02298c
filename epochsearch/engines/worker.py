"""The life of a worker process: load the task once, then job after job: an epoch, its verdict, the next one.

A worker ignores Ctrl-C (the driver decides) and ends by itself when the driver is gone.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from epochsearch.core.errors import TaskError
from epochsearch.engines.inline import limit_threads, one_line
from epochsearch.engines.job import EpochTrained, Job, JobFailed, run_job
from epochsearch.tasks.base import Task


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What a worker needs to know before its first job."""

    task: str  # reference, as `load_task` takes it
    fingerprint: str  # what the task must still be
    threads: int
    folder: Path  # where checkpoints lie


def work(connection: Connection[Any, Any], setup: WorkerSetup) -> None:
    """Serve jobs from `connection` until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a worker is killed at the end, with all that it buffers
    threading.Thread(target=_end_with_the_driver, daemon=True).start()
    limit_threads(setup.threads)
    try:
        while True:
            job: Job = connection.recv()
            _serve(connection, setup, job)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _serve(connection: Connection[Any, Any], setup: WorkerSetup, job: Job) -> None:
    try:
        stream = run_job(_task(setup), job, setup.folder)
        message = next(stream)
        while True:
            connection.send(message)
            message = stream.send(connection.recv()) if isinstance(message, EpochTrained) else next(stream)
    except StopIteration:
        return
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except (Exception, SystemExit) as error:
        changed = isinstance(error, _TaskChangedError)
        connection.send(JobFailed(job.number, one_line(error), traceback.format_exc(), changed))


class _TaskChangedError(TaskError):
    """A task's code or data are no longer what the driver saw."""


_loaded: dict[str, Task] = {}


def _task(setup: WorkerSetup) -> Task:
    """Return the task, loaded at the first job.

    Raises:
        TaskError: It cannot be loaded, or its code or data are no longer what the driver saw.
    """
    from epochsearch.tasks.fingerprint import fingerprint
    from epochsearch.tasks.loading import load_task

    if setup.task not in _loaded:
        task = load_task(setup.task)
        if fingerprint(task) != setup.fingerprint:
            raise _TaskChangedError("task", setup.task, "its code or data changed", "Put them back.")
        _loaded[setup.task] = task
    return _loaded[setup.task]


def _end_with_the_driver() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
