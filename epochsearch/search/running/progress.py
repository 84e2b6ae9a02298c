"""How far a search has come: sums over its ended trials; and the flag that ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.store.studies import StoredTrial

_Message = TypeVar("_Message")


class Stop:
    """A flag that ends a search cleanly; safe to set from a signal handler.

    Where a search only waits for training, which may be for long, a request also breaks the waiting off.
    """

    def __init__(self) -> None:
        self.requested = False
        self._waiting: int | None = None  # the thread that waits

    def request(self) -> None:
        """Ask the search to end."""
        self.requested = True
        if self._waiting == threading.get_ident():  # else `wait` was not what the signal came into
            self._waiting = None
            raise KeyboardInterrupt

    def breaking(self, wait: Callable[[], Sequence[_Message]]) -> Sequence[_Message]:
        """Return what `wait` returns; nothing if a request breaks it off."""
        try:
            self._waiting = threading.get_ident()
            return () if self.requested else wait()
        except KeyboardInterrupt:
            if not self.requested:
                raise
            return ()
        finally:
            self._waiting = None


@dataclass(slots=True)
class Progress:
    """Sums over the trials that have ended or lie frozen, and those of earlier runs that can go on."""

    finished: int = 0
    failed: int = 0
    cost: Cost = field(default_factory=Cost)
    best: TrialRecord | None = None
    last_reason: str = ""
    unfinished: dict[int, StoredTrial] = field(default_factory=dict)  # by number
    _frozen: dict[int, Cost] = field(default_factory=dict)  # by number

    def add(self, record: TrialRecord) -> bool:
        """Count a trial; return whether it is the best so far."""
        if record.outcome is Outcome.INTERRUPTED:
            return False
        self.finished += 1
        self.cost += record.cost
        if record.frozen:
            self._frozen[record.number] = record.cost
        if record.outcome is Outcome.FAILED:
            self.failed += 1
            self.last_reason = record.reason
        if record.outcome is not Outcome.COMPLETED or (self.best and _rank(self.best) <= _rank(record)):
            return False
        self.best = record
        return True

    def thaw(self, number: int) -> Cost:
        """Count a frozen trial no more; return what it has cost. What it has found stays found."""
        cost = self._frozen.pop(number, Cost())
        if cost != Cost():
            self.finished -= 1
            self.cost -= cost
        return cost


def _rank(record: TrialRecord) -> tuple[float, int, int]:
    """Order completed trials: the lowest value, then the fewest epochs, then the first."""
    assert record.value is not None
    return record.value, record.epochs_done, record.number
