"""What a search tells whoever watches it, in order; the last one is always SearchEnded.

What is announced as ended is on disk by then (law 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from epochsearch.core.curve import EpochReport
from epochsearch.core.point import Point
from epochsearch.core.spec import Limits, StudySpec
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import Cost, TrialRecord


@dataclass(frozen=True, slots=True)
class SearchStarted:
    """The study is open and claimed; workers may still be starting."""

    study: str
    spec: StudySpec
    limits: Limits
    storage: str  # its URL
    workers: int  # 0: in this process
    finished: int  # trials already ended in earlier runs
    cost: Cost  # of earlier runs
    wall_seconds: float  # of earlier runs
    best: TrialRecord | None  # of earlier runs


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """A point was proposed, or an interrupted trial goes on."""

    number: int
    point: Point
    upto: int = 0  # epochs it gets for now; 0: all of its point


@dataclass(frozen=True, slots=True)
class EpochDone:
    """One more epoch of a trial was judged: trained now, or taken from the ledger."""

    number: int
    report: EpochReport  # mean over folds
    trained: bool  # False: it came from the ledger


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """A trial ended; it is on disk."""

    trial: TrialRecord
    cost: Cost  # of the whole study so far
    is_best: bool


@dataclass(frozen=True, slots=True)
class TrialFrozen:
    """A trial has got as many epochs as it was given for now; what it found so far is on disk."""

    trial: TrialRecord  # with the best epoch so far read off its curve
    cost: Cost  # of the whole study so far, of trials that are not under way
    is_best: bool


@dataclass(frozen=True, slots=True)
class TrialThawed:
    """A frozen trial goes on, up to an epoch."""

    number: int
    point: Point
    upto: int  # epochs
    cost: Cost  # of the whole study so far, of trials that are not under way


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told once: a lost worker, a snapped learning rate, a schedule's price."""

    message: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing new, at least five times a second while workers train: redraw the clock."""


@dataclass(frozen=True, slots=True)
class SearchEnded:
    """The search is over; `why` says which limit ended it, or that it was interrupted."""

    summary: StudySummary
    # trials, epochs, time, charged time, grid (all cells visited), extended (nothing is worth carrying on),
    # failed (all trials), interrupted
    why: str
    last_reason: str = ""  # why the last failed trial failed, if any did


Event: TypeAlias = (
    SearchStarted
    | TrialStarted
    | EpochDone
    | TrialFrozen
    | TrialThawed
    | TrialEnded
    | Notice
    | Tick
    | SearchEnded
)
