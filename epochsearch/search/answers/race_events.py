"""What a race tells whoever watches it, in order; the last one is always RaceEnded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.point import Point


@dataclass(frozen=True, slots=True)
class Contestant:
    """A configuration in the race."""

    trial: int  # number of the first trial that was read furthest on it
    point: Point  # at the epoch that the search found best
    identity: CurveIdentity  # of its first fold under the search's seed
    upto: int  # epochs that are trained


@dataclass(frozen=True, slots=True)
class RaceStarted:
    """Who races, and on which training seeds."""

    contestants: tuple[Contestant, ...]  # the best of the search first
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CurveConfirmed:
    """A contestant was trained with one more seed; it is on disk."""

    contestant: Contestant
    seed: int
    loss: float  # of its point, mean over folds; infinite if it diverged


@dataclass(frozen=True, slots=True)
class ContestantOut:
    """A contestant leaves the race: it diverged, or is worse than the leader beyond chance."""

    contestant: Contestant
    seeds: int  # that it was trained with
    loss: float  # mean over them


@dataclass(frozen=True, slots=True)
class RaceEnded:
    """The race is over, or was stopped."""

    contestants: int
    left: int  # that are still in it
    seeds: int  # that those were trained with
    epochs_trained: int  # the folds of one configuration count once
    epochs_read: int  # that the ledger had
    stopped: bool


RaceEvent: TypeAlias = RaceStarted | CurveConfirmed | ContestantOut | RaceEnded
