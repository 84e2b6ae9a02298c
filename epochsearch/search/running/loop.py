"""The search itself: ask, read what the ledger has, hand the engine the rest, judge each epoch, tell, write.

One generator of events; a stop flag ends it cleanly. All decisions and all writing happen here. What is slow
and can wait does: a worker that asks for work gets it before the database does.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from epochsearch.core.curve import EpochReport
from epochsearch.core.errors import TaskError
from epochsearch.core.spec import Limits, StudySpec
from epochsearch.core.trial import Outcome
from epochsearch.engines.engine import Engine
from epochsearch.engines.job import EngineNote, EpochTrained, JobEnded, JobFailed, JobLost, Message
from epochsearch.search.proposing.planner import Planner, Stretch
from epochsearch.search.running.allowance import Allowance
from epochsearch.search.running.curves import CurveReader
from epochsearch.search.running.ends import Ends
from epochsearch.search.running.events import EpochDone, Event, Notice, Tick, TrialStarted, TrialThawed
from epochsearch.search.running.opening import Opening
from epochsearch.search.running.progress import Progress, Stop
from epochsearch.search.running.sharing import CurvesInUse
from epochsearch.search.running.trial import DEATHS, RunningTrial, Verdict
from epochsearch.store.checkpoints import Checkpoint
from epochsearch.store.claims import Claim
from epochsearch.store.journal import Journal

TICK_SECONDS = 0.1
CLOSING_SECONDS = 10.0
"""How long the states of trials that a limit has cut are waited for."""
PARKED = 4
"""So many trials may wait for a curve that another one is training, before no more are asked for."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a search works with."""

    planner: Planner
    curves: CurveReader
    journal: Journal
    claim: Claim
    engine: Engine
    recorded: bool  # the curves are read from a record, nothing is trained
    in_use: CurvesInUse = field(default_factory=CurvesInUse)  # shared with searches beside this one
    ahead: int = PARKED  # so many trials may wait for a curve before no more are asked for


class Search:
    """One run of one study. After `run`, `why` says what ended it."""

    def __init__(self, spec: StudySpec, limits: Limits, parts: Parts, progress: Progress, stop: Stop) -> None:
        """progress: what earlier runs of the study left."""
        self.progress, self.why = progress, ""
        self._spec, self._parts, self._stop = spec, parts, stop
        self._running: dict[int, RunningTrial] = {}  # with a job in the engine, by number
        self._closing: dict[int, RunningTrial] = {}  # ended or cut, their job is freezing its state
        self._cut_off: list[RunningTrial] = []  # stopped by a limit in the middle
        self._ready: list[RunningTrial] = []  # waiting for a place; their curves are taken
        self._parked: list[RunningTrial] = []  # waiting for a curve that another trial is training
        self._allowance = Allowance(limits, progress, stop, lambda: parts.journal.wall_seconds)
        self._opening = Opening(spec, parts.planner, parts.curves, parts.journal)
        self._ends = Ends(parts.planner, parts.journal, self._opening, progress, parts.in_use)
        self._said: set[str] = set()

    def run(self) -> Iterator[Event]:
        """Search until a limit is reached.

        Raises:
            StorageError: The database can no longer be written.
            TaskError: Its code or data are no longer what they were.
            EpochsearchError: No worker can be started.
        """
        while not self._allowance.used_up():
            if self._parked:  # one of them may wait for a curve that this sets free
                yield from self._write()
            yield from self._hand_out()
            yield from self._write()
            if not (self._running or self._ready or self._parked or self._closing):
                break
            for message in self._stop.breaking(lambda: self._parts.engine.wait(TICK_SECONDS)):
                yield from self._take(message)
            yield Tick()
        self.why = self._allowance.why or self._parts.planner.ended_by
        yield from self._interrupt()
        yield from self._last_checkpoints()

    def _write(self) -> Iterator[Event]:
        """Flush what is to be announced, unless that is more in a moment, and what is half a second old."""
        if (self._ends.due and not self._closing) or self._parts.journal.due:
            yield from self._ends.announce()
            self._parts.claim.beat()

    def _hand_out(self) -> Iterator[Event]:
        """Fill the engine's free places; stretches that the ledger answers whole end here.

        For a place whose job only freezes its state any more, the next trial is asked for already; where
        stretches are short and others train beside it, during its last epoch.
        """
        while self._wanting() and not self._allowance.used_up():
            if self._ready and self._parts.engine.free:
                self._submit(self._ready.pop(0))
                continue
            trial = self._released() or (yield from self._begin())
            if trial is None:
                return
            if (yield from self._replay(trial)):
                continue
            if self._parts.in_use.busy(trial.keys):
                self._parked.append(trial)
            else:
                self._parts.in_use.take(trial.keys)
                self._ready.append(trial)

    def _wanting(self) -> bool:
        """Return whether a place is free, or will be in a moment and no trial waits for it."""
        soon = len(self._closing)
        if self._spec.freezes and len(self._running) > 1:  # one alone is waited for: its outcome may decide
            soon += sum(trial.epochs_done + 1 >= trial.upto for trial in self._running.values())
        return bool(self._parts.engine.free) or soon > len(self._ready) + len(self._parked)

    def _begin(self) -> Generator[Event, None, RunningTrial | None]:
        """Ask for the next trial; return None if there is none now."""
        if len(self._parked) > self._parts.ahead:
            return None
        under_way = len(self._running) + len(self._ready) + len(self._parked)
        stretch = self._parts.planner.next(begin=self._allowance.another(under_way))
        if stretch is None:
            return None
        if stretch.thawed and self._ends.due:  # it may be one of those that are to be announced
            yield from self._ends.announce()
        trial = self._open(stretch)
        yield self._under_way(stretch)
        yield from self._say(self._parts.curves.snap_note(trial.proposal.point))
        if self._ends.hold(trial.keys):  # they have gained what is not in the ledger yet
            yield from self._ends.announce()
            self._opening.read(trial)
        return trial

    def _submit(self, trial: RunningTrial) -> None:
        self._running[trial.number] = trial
        self._parts.engine.submit(trial.job())

    def _open(self, stretch: Stretch) -> RunningTrial:
        """Return the trial of a stretch; one that lay frozen is counted anew."""
        number = stretch.proposal.number
        again = self.progress.thaw(number)
        before = self.progress.unfinished.pop(number, None)
        if before is not None:
            self._allowance.give_back(again)
        return self._opening.open(stretch, before)

    def _under_way(self, stretch: Stretch) -> Event:
        proposal = stretch.proposal
        if stretch.thawed:
            return TrialThawed(proposal.number, proposal.point, stretch.upto, self.progress.cost)
        return TrialStarted(proposal.number, proposal.point, stretch.upto)

    def _replay(self, trial: RunningTrial) -> Generator[Event, None, bool]:
        """Judge the epochs that the ledger has; return whether the trial needs no training."""
        while trial.epochs_done < len(trial.stored):
            verdict = self._judge(trial, trial.stored[trial.epochs_done], trained=False)
            yield EpochDone(trial.number, trial.reports[-1], trained=False)
            if verdict is not Verdict.GO_ON:
                self._ends.settle(trial, verdict)
                if self._parts.journal.due:
                    yield from self._ends.announce()
                return True
            if self._allowance.used_up():
                self._parked.append(trial)  # interrupted with the others
                return True
        return False

    def _take(self, message: Message) -> Iterator[Event]:
        """Act on what the engine says."""
        match message:
            case EpochTrained():
                yield from self._take_epoch(self._running[message.number], message)
            case JobEnded():
                self._close(self._closing.pop(message.number), message.checkpoints)
            case JobFailed() if message.changed:
                yield from self._interrupt()
                raise self._changed()
            case JobFailed():
                closing = self._closing.pop(message.number, None)  # its result stands
                trial = closing or self._running.pop(message.number)
                if closing is None:
                    self._ends.finish(trial, Outcome.FAILED, message.reason)
                self._close(trial)
            case JobLost():
                yield from self._lose(message)
            case EngineNote():
                yield from self._say(message.message)

    def _take_epoch(self, trial: RunningTrial, message: EpochTrained) -> Iterator[Event]:
        self._freeze(trial, message.checkpoints)
        if self._allowance.used_up():
            return  # it came with the message that reached the limit
        if message.reports[0].epoch <= trial.epochs_done:
            same = trial.repeat(message.reports, trained=not self._parts.recorded)
            self._parts.engine.verdict(trial.number, True)
            if not same:
                yield from self._say(
                    "an epoch that was run again gave other values: this task is not deterministic"
                )
            return
        for identities in trial.grown(message.reports[0].epoch):
            for identity, report in zip(identities, message.reports, strict=True):
                self._parts.journal.extend(identity, report)
        trained = not self._parts.recorded
        verdict = self._judge(trial, message.reports, trained=trained)
        go_on = verdict is Verdict.GO_ON and not self._allowance.used_up()
        self._parts.engine.verdict(trial.number, go_on)
        yield EpochDone(trial.number, trial.reports[-1], trained)
        if go_on:
            return
        self._closing[trial.number] = self._running.pop(trial.number)
        if verdict is Verdict.GO_ON:
            self._cut_off.append(trial)
        else:
            self._ends.settle(trial, verdict)

    def _judge(self, trial: RunningTrial, reports: tuple[EpochReport, ...], *, trained: bool) -> Verdict:
        verdict = trial.judge(reports, trained=trained)
        report = trial.reports[-1]
        self._allowance.charge(report.seconds)
        value = self._spec.measure.of(report)
        self._parts.journal.report(trial.number, report.epoch, value, trial.cost)
        return verdict

    def _lose(self, message: JobLost) -> Iterator[Event]:
        """A worker died: go on from the last checkpoint, or give the trial up after too many deaths."""
        closing = self._closing.pop(message.number, None)
        if closing is not None:
            self._close(closing)
            return
        trial = self._running[message.number]
        trial.deaths += 1
        if trial.deaths >= DEATHS:
            del self._running[message.number]
            self._ends.finish(trial, Outcome.FAILED, f"{message.reason}, {DEATHS} times on this curve")
            self._close(trial)
            return
        since = f"epoch {trial.checkpoints[0].epoch}" if trial.checkpoints else "the start"
        yield Notice(f"trial {trial.number}: {message.reason}; it goes on from {since}")
        self._parts.engine.submit(trial.job())

    def _changed(self) -> TaskError:
        rule = "its code or data changed while the search was running, or data() differs at each call"
        action = "Put them back, or fix the seeds that data() uses, and type the same command."
        return TaskError("task", self._spec.task, rule, action)

    def _interrupt(self) -> Iterator[Event]:
        """Note the trials that did not end; they go on when the study does."""
        for trial in (*self._running.values(), *self._cut_off, *self._ready, *self._parked):
            self._ends.interrupt(trial)
        for trial in self._ready:
            self._ends.give_back(trial)
        yield from self._ends.announce()

    def _last_checkpoints(self) -> Iterator[Event]:
        """Wait for the states of trials that a limit has cut; the user's own stop waits for nothing."""
        end = time.monotonic() + CLOSING_SECONDS
        while self._closing and not self._stop.requested and time.monotonic() < end:
            for message in self._parts.engine.wait(TICK_SECONDS):
                if isinstance(message, (JobEnded, JobFailed, JobLost)) and message.number in self._closing:
                    checkpoints = message.checkpoints if isinstance(message, JobEnded) else ()
                    self._close(self._closing.pop(message.number), checkpoints)
            yield Tick()
        yield from self._ends.announce()

    def _close(self, trial: RunningTrial, checkpoints: tuple[Checkpoint, ...] = ()) -> None:
        """A job is over: note what it left; others may have its curves once that is written."""
        self._freeze(trial, checkpoints)
        self._ends.give_back(trial)

    def _freeze(self, trial: RunningTrial, checkpoints: tuple[Checkpoint, ...]) -> None:
        trial.frozen_at(checkpoints)
        owners = trial.owners(checkpoints[0].epoch) if checkpoints else ()
        for identity, checkpoint in zip(owners, checkpoints, strict=False):
            self._parts.journal.checkpoint(identity, checkpoint)

    def _released(self) -> RunningTrial | None:
        """Return the first parked trial whose curve is free now; what that has gained is in the ledger."""
        for trial in self._parked:
            if not self._parts.in_use.busy(trial.keys):
                self._parked.remove(trial)
                self._opening.read(trial)
                return trial
        return None

    def _say(self, message: str) -> Iterator[Event]:
        if message and message not in self._said:
            self._said.add(message)
            yield Notice(message)
