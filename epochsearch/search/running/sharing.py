"""Several searches on one engine and one ledger: a lane for each, and the curves that are being trained.

A lane is an engine with a single place: its search is as deterministic as with one worker (law 4). Lanes run
side by side. A curve that one of them trains is waited for by the others, then read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from epochsearch.engines.engine import Engine
from epochsearch.engines.job import EngineNote, Job, JobEnded, JobFailed, JobLost, Message


class CurvesInUse:
    """The keys of the curves that are being trained now."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def take(self, keys: Collection[str]) -> None:
        """Note that these curves are being trained."""
        self._keys |= set(keys)

    def release(self, keys: Collection[str]) -> None:
        """Note that these curves, as far as they got, are in the ledger."""
        self._keys -= set(keys)

    def busy(self, keys: Collection[str]) -> bool:
        """Return whether one of these curves is being trained."""
        return not self._keys.isdisjoint(keys)


class SharedEngine:
    """One engine for many lanes; more jobs than places wait in line."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._count = 0
        self._owners: dict[int, tuple[Lane, int]] = {}  # the engine's job number -> lane and its number
        self._line: list[Job] = []

    def lane(self) -> Lane:
        """Return a new lane."""
        return Lane(self)

    def submit(self, lane: Lane, job: Job) -> int:
        """Start a lane's job, or put it in line; return the number it has here."""
        self._count += 1
        self._owners[self._count] = (lane, job.number)
        self._line.append(replace(job, number=self._count))
        self._start()
        return self._count

    def verdict(self, number: int, go_on: bool) -> None:
        """Pass a verdict on."""
        self._engine.verdict(number, go_on)

    def pump(self, seconds: float) -> None:
        """Take what the engine says, waiting at most so long, into the lanes it is for."""
        for message in self._engine.wait(seconds):
            if isinstance(message, EngineNote):
                for lane in {owner for owner, _ in self._owners.values()}:
                    lane.inbox.append(message)
                continue
            lane, number = self._owners[message.number]
            if isinstance(message, (JobEnded, JobFailed, JobLost)):
                del self._owners[message.number]
                lane.job = None
            lane.inbox.append(replace(message, number=number))
        self._start()

    def _start(self) -> None:
        while self._line and self._engine.free:
            self._engine.submit(self._line.pop(0))


class Lane:
    """An engine with one place; what it says has been put into its inbox by `pump`."""

    def __init__(self, shared: SharedEngine) -> None:
        self._shared = shared
        self.inbox: list[Message] = []
        self.job: int | None = None  # the shared engine's number of its job

    @property
    def free(self) -> int:
        """1 if no job is running and its search knows that."""
        return int(self.job is None and not self.inbox)

    @property
    def idle(self) -> bool:
        """Whether its search can do something now: there is a message, or no job to wait for."""
        return bool(self.inbox) or self.job is None

    def submit(self, job: Job) -> None:
        """Start a job."""
        self.job = self._shared.submit(self, job)

    def wait(self, seconds: float) -> Sequence[Message]:
        """Return the messages in the inbox; `pump` does the waiting."""
        messages, self.inbox = self.inbox, []
        return messages

    def verdict(self, number: int, go_on: bool) -> None:
        """Pass the verdict on."""
        if self.job is not None:
            self._shared.verdict(self.job, go_on)

    def close(self) -> None:
        """Leave the engine to the other lanes."""
