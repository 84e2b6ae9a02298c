"""Where training runs: an engine's protocol. The driver submits jobs, waits for messages, sends verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from epochsearch.engines.job import Job, Message


class Engine(Protocol):
    """Runs jobs side by side, each until its end, a verdict against it, or its failure."""

    @property
    def free(self) -> int:
        """How many more jobs can be submitted now."""
        ...

    def submit(self, job: Job) -> None:
        """Start a job; there must be a free place."""
        ...

    def wait(self, seconds: float) -> Sequence[Message]:
        """Return the messages that have come, waiting at most so long for the first one.

        After each EpochTrained the job stands still until its verdict is given.
        """
        ...

    def verdict(self, number: int, go_on: bool) -> None:
        """Let the job of this trial train its next epoch, or end."""
        ...

    def close(self) -> None:
        """End all workers, at once; jobs in flight are lost."""
        ...
