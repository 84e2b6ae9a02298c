"""Where a search stands, folded from its events: what the live view draws. It has no clock of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from epochsearch.core.measure import THE_LOSS, Measure
from epochsearch.core.point import Point
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.search.running.events import (
    EpochDone,
    Event,
    SearchStarted,
    TrialEnded,
    TrialFrozen,
    TrialStarted,
    TrialThawed,
)


@dataclass(slots=True)
class Running:
    """A trial under way."""

    point: Point
    values: list[float] = field(default_factory=list)  # what the objective reads, as it is shown, by epoch
    trained: int = 0  # epochs that did not come from the ledger
    upto: int = 0  # epochs it gets for now; 0: all of its point
    thawed: int = 0  # times it lay frozen


@dataclass(slots=True)
class Progress:
    """What the events so far add up to; `add` takes the next one."""

    start: SearchStarted | None = None
    began: float = 0.0  # seconds on the caller's clock
    running: dict[int, Running] = field(default_factory=dict)
    frozen: dict[int, Running] = field(default_factory=dict)
    ended: Counter[Outcome] = field(default_factory=Counter)  # in this run
    best: TrialRecord | None = None
    cost: Cost = field(default_factory=Cost)  # of trials not under way, earlier runs included
    reopened: int = 0  # trials that earlier runs had counted
    thawed: int = 0  # times that a trial was thawed in this run

    def add(self, event: Event, now: float) -> None:
        """Take in one event that came at `now` (seconds)."""
        if isinstance(event, EpochDone):
            trial = self.running.get(event.number)
            if trial is not None:
                trial.values.append(self.measure.shown(self.measure.of(event.report)))
                trial.trained += event.trained
        elif isinstance(event, TrialStarted):
            self.running[event.number] = Running(event.point, upto=event.upto)
        elif isinstance(event, TrialThawed):
            self._thaw(event)
        elif isinstance(event, TrialFrozen):
            self.frozen[event.trial.number] = self.running.pop(event.trial.number)
            self.cost = event.cost
            if event.is_best:
                self.best = event.trial
        elif isinstance(event, TrialEnded):
            self.running.pop(event.trial.number, None)
            self.ended[event.trial.outcome] += 1
            self.cost = event.cost
            if event.is_best:
                self.best = event.trial
        elif isinstance(event, SearchStarted):
            self.start, self.began = event, now
            self.best, self.cost = event.best, event.cost

    @property
    def measure(self) -> Measure:
        """What the objective reads."""
        return self.start.spec.measure if self.start else THE_LOSS

    @property
    def finished(self) -> int:
        """Trials that ended for good, earlier runs included."""
        earlier = self.start.finished - self.reopened if self.start else 0
        return earlier + len(self.frozen) + self.ended.total() - self.ended[Outcome.INTERRUPTED]

    @property
    def charged(self) -> int:
        """Epochs charged, those of the running trials included."""
        return self.cost.epochs_charged + sum(len(trial.values) for trial in self.running.values())

    @property
    def trained(self) -> int:
        """Epochs trained, those of the running trials included."""
        return self.cost.epochs_trained + sum(trial.trained for trial in self.running.values())

    def _thaw(self, event: TrialThawed) -> None:
        """Put a frozen trial back under way; one of an earlier run is read from its first epoch again."""
        earlier = event.number not in self.frozen
        trial = self.frozen.pop(event.number, Running(event.point))
        trial.upto, trial.thawed = event.upto, trial.thawed + 1
        self.running[event.number] = trial
        self.cost = event.cost
        self.reopened += earlier
        self.thawed += 1

    def elapsed(self, now: float) -> float:
        """Return the seconds of this run."""
        return max(0.0, now - self.began) if self.start else 0.0

    def seconds_left(self, now: float) -> float | None:
        """Return the estimated seconds until the first limit is reached; None while nothing tells."""
        if self.start is None:
            return None
        limits, spent = self.start.limits, self.elapsed(now)
        estimates = []
        part = sum(min(1.0, len(trial.values) / trial.point.epochs) for trial in self.running.values())
        trials = None if self.start.spec.freezes else limits.trials  # thawing goes on once all are begun
        if limits.seconds is not None:
            estimates.append(limits.seconds - self.start.wall_seconds - spent)
        for limit, done, before in (
            (trials, self.finished + part, self.start.finished),
            (limits.epochs, self.charged, self.start.cost.epochs_charged),
        ):
            if limit is not None and done > before:
                estimates.append((limit - done) * spent / (done - before))
        return max(0.0, min(estimates)) if estimates else None
