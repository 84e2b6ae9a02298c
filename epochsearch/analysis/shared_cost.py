"""What sharing curves saved: the epochs that studies would have cost alone against those really run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from epochsearch.core.trial import Cost


@dataclass(frozen=True, slots=True)
class SharedCost:
    """The cost of several studies that drew from one ledger, taken together."""

    studies: int
    epochs_charged: int  # what all of them would have cost, each alone
    epochs_trained: int  # run for the first time, each epoch of a curve once
    epochs_repeated: int  # run again to reach a state: work, but nothing new
    seconds_charged: float
    seconds_trained: float  # of trained and repeated epochs

    @property
    def epochs_run(self) -> int:
        """Epochs that really cost time: trained and repeated."""
        return self.epochs_trained + self.epochs_repeated

    @property
    def times_cheaper(self) -> float | None:
        """Epochs charged over epochs run; None if none was run (all came from the ledger or a table)."""
        return self.epochs_charged / self.epochs_run if self.epochs_run else None


def shared_cost(costs: Iterable[Cost]) -> SharedCost:
    """Return the summed cost of studies, one `Cost` each."""
    studies = list(costs)
    total = sum(studies, Cost())
    return SharedCost(
        studies=len(studies),
        epochs_charged=total.epochs_charged,
        epochs_trained=total.epochs_trained,
        epochs_repeated=total.epochs_repeated,
        seconds_charged=total.seconds_charged,
        seconds_trained=total.seconds_trained,
    )
