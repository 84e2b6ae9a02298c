"""What the search loop asks: which trial is trained next, up to which epoch.

Samplers propose a point and train it to its end in one stretch; policies over open curves (freeze-thaw) train
a trial in stretches, between which it lies frozen and others are trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from epochsearch.core.curve import EpochReport
from epochsearch.core.point import Point
from epochsearch.core.trial import Outcome

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


class Proposal(Protocol):
    """A point to try, and whoever proposed it looking on."""

    @property
    def number(self) -> int:
        """The trial's number."""
        ...

    @property
    def point(self) -> Point:
        """What is tried; its epochs are the most that the trial may get."""
        ...

    @property
    def least(self) -> int | None:
        """The least epochs that may be read off the curve at its end; None: those of the point count."""
        ...

    def see(self, report: EpochReport, value: float) -> None:
        """Take the next epoch, of which the objective reads `value`."""
        ...

    def stops(self, error: float) -> bool:
        """Return whether the trial is to be pruned after the epochs seen.

        error: the standard error of the last value over folds; 0 or not a number where there is one fold.
        """
        ...


@dataclass(frozen=True, slots=True)
class Stretch:
    """Train a trial up to an epoch: a new one, or one that was begun before."""

    proposal: Proposal
    upto: int  # epochs
    thawed: bool = False  # the trial lay frozen


class Planner(Protocol):
    """Decides what is trained, from the study's records alone: a search that was killed goes on alike."""

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """Optuna's distribution of every axis, as the database has them."""
        ...

    @property
    def attributes(self) -> dict[str, Any]:
        """What is kept on the study for the next run."""
        ...

    @property
    def ended_by(self) -> str:
        """Why there is nothing left to do, once `next` has returned None and nothing runs."""
        ...

    def next(self, *, begin: bool) -> Stretch | None:
        """Return what is trained next; None if nothing is before something that runs has ended, or ever.

        begin: whether a trial that is not under way may be.
        """
        ...

    def system_attributes(self, proposal: Proposal) -> Mapping[str, Any]:
        """Return what is kept on the trial for the next run."""
        ...

    def rest(self, proposal: Proposal) -> None:
        """Take note that a stretch has ended and that the trial lies frozen."""
        ...

    def tell(self, proposal: Proposal, outcome: Outcome, value: float | None) -> None:
        """Take note that a trial has ended; an interrupted one stays open."""
        ...
