"""How trials end or come to rest: planner and journal are told, and once it is written whoever looks on."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from epochsearch.core.trial import Outcome
from epochsearch.search.proposing.planner import Planner
from epochsearch.search.running.events import Event, TrialEnded, TrialFrozen
from epochsearch.search.running.opening import Opening
from epochsearch.search.running.progress import Progress
from epochsearch.search.running.sharing import CurvesInUse
from epochsearch.search.running.trial import RunningTrial, Verdict
from epochsearch.store.journal import Journal


class Ends:
    """Ends trials. Their events, and the curves they held, are kept back until the journal is flushed."""

    def __init__(
        self, planner: Planner, journal: Journal, opening: Opening, progress: Progress, in_use: CurvesInUse
    ) -> None:
        self._planner, self._journal, self._opening = planner, journal, opening
        self._progress, self._in_use = progress, in_use
        self._events: list[TrialEnded | TrialFrozen] = []
        self._held: set[str] = set()  # keys of curves whose jobs are over

    def settle(self, trial: RunningTrial, verdict: Verdict) -> None:
        """Act on a verdict against going on: the trial lies frozen, or has ended."""
        if verdict is not Verdict.FREEZE:
            self.finish(trial, verdict.value)
            return
        record = trial.record(Outcome.COMPLETED, frozen=True)
        self._planner.rest(trial.proposal)
        self._journal.end(record, {})
        self._opening.freeze(trial)
        is_best = self._progress.add(record)
        self._events.append(TrialFrozen(record, self._progress.cost, is_best))

    def finish(self, trial: RunningTrial, outcome: Outcome, reason: str = "") -> None:
        """End a trial for good."""
        record = trial.record(outcome, reason)
        self._planner.tell(trial.proposal, outcome, record.value)
        self._journal.end(record, dict(self._planner.system_attributes(trial.proposal)))
        is_best = self._progress.add(record)
        self._events.append(TrialEnded(record, self._progress.cost, is_best))

    def interrupt(self, trial: RunningTrial) -> None:
        """Note a trial that did not end: it goes on when the study does."""
        if trial.readable:
            self.settle(trial, Verdict.FREEZE)
            return
        record = trial.record(Outcome.INTERRUPTED)
        self._journal.end(record)
        self._events.append(TrialEnded(record, self._progress.cost, is_best=False))

    def give_back(self, trial: RunningTrial) -> None:
        """Let others have the trial's curves once what they gained is written."""
        self._held |= trial.keys

    def hold(self, keys: Collection[str]) -> bool:
        """Return whether one of these curves has gained something that is not written yet."""
        return not self._held.isdisjoint(keys)

    @property
    def due(self) -> bool:
        """Whether someone waits for a flush."""
        return bool(self._events or self._held)

    def announce(self) -> Iterator[Event]:
        """Write what has been noted, then give the curves back and say which trials have ended.

        Raises:
            StorageError: The database can no longer be written.
        """
        self._journal.flush()
        self._in_use.release(self._held)
        self._held.clear()
        events, self._events = self._events, []
        yield from events
