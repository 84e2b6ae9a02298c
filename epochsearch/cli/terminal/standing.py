"""Where a comparison stands, folded from its events: what the live view draws. It has no clock of its own."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

from epochsearch.core.measure import THE_LOSS, Measure
from epochsearch.core.trial import Cost, Outcome
from epochsearch.search.comparing.comparison_events import (
    ComparedSearch,
    ComparisonEvent,
    ComparisonStarted,
    SearchEvent,
    SearchOver,
)
from epochsearch.search.running.events import EpochDone


@dataclass(slots=True)
class Standing:
    """One search so far."""

    cost: Cost = field(default_factory=Cost)  # of its ended trials
    charged_open: int = 0  # epochs of the trial under way
    trained_open: int = 0
    best: float | None = None  # of this run of the comparison
    over: bool = False
    moved: bool = False  # something happened in it in this run


@dataclass(slots=True)
class Comparison:
    """What the events so far add up to; `add` takes the next one."""

    start: ComparisonStarted | None = None
    began: float = 0.0  # seconds on the caller's clock
    task: str = ""  # the one under way
    searches: dict[ComparedSearch, Standing] = field(default_factory=dict)

    def add(self, event: ComparisonEvent, now: float) -> None:
        """Take in one event that came at `now` (seconds)."""
        if isinstance(event, ComparisonStarted):
            self.start, self.began = event, now
            self.searches = {search: Standing() for search in event.searches}
            self.task = event.searches[0].task
        elif isinstance(event, SearchEvent):
            self.task = event.search.task
            self._add(self.searches[event.search], event)
        elif isinstance(event, SearchOver):
            standing = self.searches[event.search]
            standing.over, standing.cost = True, event.cost

    @property
    def measure(self) -> Measure:
        """What the objective of every search reads."""
        return self.start.measure if self.start else THE_LOSS

    @property
    def entries(self) -> tuple[str, ...]:
        """The entries, in the order they were asked for."""
        return tuple(dict.fromkeys(search.entry for search in self.searches))

    @property
    def done(self) -> int:
        """Searches that are over."""
        return sum(standing.over for standing in self.searches.values())

    def of(self, entry: str) -> list[Standing]:
        """Return the searches of one entry, over all tasks."""
        return [standing for search, standing in self.searches.items() if search.entry == entry]

    def median_best(self, entry: str) -> float | None:
        """Return the median over seeds of the best loss so far on the task under way; None: not known yet."""
        found = [
            standing.best
            for search, standing in self.searches.items()
            if search.entry == entry and search.task == self.task and standing.best is not None
        ]
        return statistics.median(found) if found else None

    def charged(self, entry: str | None = None) -> int:
        """Return the epochs charged so far, to one entry or to all."""
        chosen = self.searches.values() if entry is None else self.of(entry)
        return sum(one.cost.epochs_charged + one.charged_open for one in chosen)

    def trained(self, entry: str | None = None) -> int:
        """Return the epochs trained so far, for one entry or for all."""
        chosen = self.searches.values() if entry is None else self.of(entry)
        return sum(one.cost.epochs_trained + one.trained_open for one in chosen)

    def elapsed(self, now: float) -> float:
        """Return the seconds since the start."""
        return max(0.0, now - self.began) if self.start else 0.0

    def seconds_left(self, now: float) -> float | None:
        """Return the estimated seconds until every search is over; None while nothing tells.

        Searches that were over before this run came are not counted: they took no time.
        """
        limit = self.start.limits.epochs if self.start else None
        active = [one for one in self.searches.values() if one.moved or not one.over]
        if limit is not None:
            shares = [1.0 if one.over else min(1.0, self._charged(one) / limit) for one in active]
        else:
            shares = [float(one.over) for one in active]
        done = sum(shares)
        return self.elapsed(now) * (len(active) - done) / done if done > 0 else None

    @staticmethod
    def _charged(standing: Standing) -> int:
        return standing.cost.epochs_charged + standing.charged_open

    @staticmethod
    def _add(standing: Standing, event: SearchEvent) -> None:
        standing.moved = True
        inner = event.event
        if isinstance(inner, EpochDone):
            standing.charged_open += 1
            standing.trained_open += inner.trained
        elif inner.trial.outcome is not Outcome.INTERRUPTED:
            standing.cost, standing.charged_open, standing.trained_open = inner.cost, 0, 0
            if inner.is_best:
                standing.best = inner.trial.value
