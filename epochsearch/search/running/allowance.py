"""How much of its limits a search has used, and which of them ends it."""

from __future__ import annotations

from collections.abc import Callable

from epochsearch.core.spec import Limits
from epochsearch.core.trial import Cost
from epochsearch.search.running.progress import Progress, Stop

HOPELESS = 5
"""So many trials that all failed end the search."""


class Allowance:
    """The charge of every trial, ended or under way, against the limits. `why` says which one was reached."""

    def __init__(
        self, limits: Limits, progress: Progress, stop: Stop, wall_seconds: Callable[[], float]
    ) -> None:
        """progress: what earlier runs of the study left; wall_seconds: the study's, over all its runs."""
        self.why = ""
        self._limits, self._progress, self._stop, self._wall_seconds = limits, progress, stop, wall_seconds
        self._epochs, self._seconds = progress.cost.epochs_charged, progress.cost.seconds_charged

    def charge(self, seconds: float) -> None:
        """Count one epoch that was read, whether it was trained or found."""
        self._epochs += 1
        self._seconds += seconds

    def give_back(self, cost: Cost) -> None:
        """Count no more what a trial was charged that begins again: its epochs are read once more."""
        self._epochs -= cost.epochs_charged
        self._seconds -= cost.seconds_charged

    def used_up(self) -> bool:
        """Return whether everything ends now, and note why."""
        limits = self._limits
        if self._stop.requested:
            self.why = "interrupted"
        elif limits.epochs is not None and self._epochs >= limits.epochs:
            self.why = "epochs"
        elif limits.charged_seconds is not None and self._seconds >= limits.charged_seconds:
            self.why = "charged time"
        elif limits.seconds is not None and self._wall_seconds() >= limits.seconds:
            self.why = "time"
        elif self._progress.failed == self._progress.finished >= HOPELESS:
            self.why = "failed"
        return bool(self.why)

    def another(self, under_way: int) -> bool:
        """Return whether a further trial may be begun beside those under way."""
        trials = self._limits.trials
        return trials is None or self._progress.finished + under_way < trials
