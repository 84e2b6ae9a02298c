"""Training in local worker processes that live as long as the search, forked from a server with torch loaded.

A worker that dies is replaced and its job reported lost; the driver submits it again from the last
checkpoint. Workers are started by a thread, so that the driver stays awake while the fork server loads torch.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any

from epochsearch.core.errors import EpochsearchError
from epochsearch.engines.fork_server import process_context
from epochsearch.engines.job import Job, JobEnded, JobFailed, JobLost, Message
from epochsearch.engines.worker import WorkerSetup, work

IDLE_DEATHS = 3
"""So many workers may die in a row without having had a job, before the engine gives up."""


@dataclass(slots=True)
class _Place:
    """Room for one worker; its job may be there before the worker is."""

    process: BaseProcess | None = None
    pipe: Connection[Any, Any] | None = None
    job: Job | None = None


class ProcessEngine:
    """As many places as worker processes."""

    def __init__(self, setup: WorkerSetup, workers: int) -> None:
        """Begin to start the workers; they load the task at their first job."""
        self._setup = setup
        self._context = process_context()
        self._idle_deaths = 0
        self._places = [_Place() for _ in range(workers)]
        self._orders: SimpleQueue[_Place] = SimpleQueue()
        self._started: SimpleQueue[tuple[_Place, BaseProcess, Connection[Any, Any]] | BaseException] = (
            SimpleQueue()
        )
        self._bell, self._ringer = self._context.Pipe(duplex=False)
        for place in self._places:
            self._orders.put(place)
        threading.Thread(target=self._start_workers, daemon=True).start()

    @property
    def free(self) -> int:
        """How many places have no job."""
        return sum(place.job is None for place in self._places)

    def submit(self, job: Job) -> None:
        """Give the job to a free place, one with a running worker if there is one."""
        free = [place for place in self._places if place.job is None]
        place = next((place for place in free if place.pipe is not None), free[0])
        place.job = job
        _send(place, job)

    def wait(self, seconds: float) -> Sequence[Message]:
        """Return the messages that have come; a dead worker's job comes back as lost.

        Raises:
            EpochsearchError: Workers keep dying before they had a job.
        """
        pipes = {place.pipe: place for place in self._places if place.pipe is not None}
        ready = connection.wait([*pipes, self._bell], seconds)
        messages = []
        for pipe in ready:
            if pipe is self._bell:
                self._open_started()
            elif (message := self._receive(pipes[pipe])) is not None:  # type: ignore[index]
                messages.append(message)
        return messages

    def verdict(self, number: int, go_on: bool) -> None:
        """Send the verdict to the worker that has this trial."""
        for place in self._places:
            if place.job is not None and place.job.number == number:
                _send(place, go_on)

    def close(self) -> None:
        """End all workers, at once."""
        running = [place.process for place in self._places if place.process is not None]
        for place in self._places:
            if place.pipe is not None:
                place.pipe.close()
        for process in running:
            process.kill()
        for process in running:
            process.join(1.0)
        self._places = []

    def _start_workers(self) -> None:
        """Start a worker for each place ordered; runs in a thread of its own."""
        while True:
            place = self._orders.get()
            try:
                ours, theirs = self._context.Pipe()
                process = self._context.Process(target=work, args=(theirs, self._setup), daemon=True)  # type: ignore[attr-defined]
                process.start()
                theirs.close()
                self._started.put((place, process, ours))
            except BaseException as error:
                self._started.put(error)
            self._ringer.send(None)

    def _open_started(self) -> None:
        self._bell.recv()
        started = self._started.get()
        if isinstance(started, BaseException):
            rule = f"no worker process can be started ({type(started).__name__}: {started})"
            raise EpochsearchError(
                "--workers", str(len(self._places)), rule, "Try: --workers 0 (in this process)"
            )
        place, process, pipe = started
        place.process, place.pipe = process, pipe
        if place.job is not None:
            _send(place, place.job)

    def _receive(self, place: _Place) -> Message | None:
        assert place.pipe is not None
        try:
            message: Message = place.pipe.recv()
        except (EOFError, OSError):
            return self._replace(place)
        if isinstance(message, (JobEnded, JobFailed)):
            place.job = None
        return message

    def _replace(self, place: _Place) -> JobLost | None:
        """Order a new worker in a dead one's place; return the job that it took with it, if any."""
        assert place.process is not None
        assert place.pipe is not None
        place.process.join(5.0)
        cause, job = _cause(place.process.exitcode), place.job
        place.pipe.close()
        self._idle_deaths = self._idle_deaths + 1 if job is None else 0
        if self._idle_deaths >= IDLE_DEATHS:
            rule = f"{IDLE_DEATHS} worker processes in a row died without a job; the last was {cause}"
            raise EpochsearchError(
                "--workers", str(len(self._places)), rule, "Try: --workers 0 (in this process)"
            )
        place.process = place.pipe = place.job = None
        self._orders.put(place)
        return JobLost(job.number, f"its worker was {cause}") if job is not None else None


def _send(place: _Place, message: object) -> None:
    """Send to the place's worker; to one that is dead in vain: `wait` finds its pipe closed."""
    if place.pipe is not None:
        with suppress(OSError):
            place.pipe.send(message)


def _cause(exitcode: int | None) -> str:
    if exitcode is None:
        return "silent"
    if exitcode >= 0:
        return f"ended with exit code {exitcode}"
    name = signal.Signals(-exitcode).name
    hint = {"SIGKILL": " (out of memory?)", "SIGSEGV": " (a crash in native code?)"}.get(name, "")
    return f"killed by {name}{hint}"
