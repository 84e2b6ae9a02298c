"""What became of a trial, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from epochsearch.core.curve import EpochReport
from epochsearch.core.point import Point


class Outcome(StrEnum):
    """How a trial ended; an interrupted one goes on when the study does."""

    COMPLETED = "completed"
    PRUNED = "pruned"
    DIVERGED = "diverged"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a trial or a study took; repeated epochs were run again after a death or a dropped checkpoint."""

    epochs_charged: int = 0  # what it would have cost alone
    epochs_trained: int = 0  # first-time epochs that were really run for it
    epochs_repeated: int = 0  # epochs already in the ledger, run again to reach a state
    seconds_charged: float = 0.0
    seconds_trained: float = 0.0  # of trained and repeated epochs

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.epochs_charged + other.epochs_charged,
            self.epochs_trained + other.epochs_trained,
            self.epochs_repeated + other.epochs_repeated,
            self.seconds_charged + other.seconds_charged,
            self.seconds_trained + other.seconds_trained,
        )

    def __sub__(self, other: Cost) -> Cost:
        return Cost(
            self.epochs_charged - other.epochs_charged,
            self.epochs_trained - other.epochs_trained,
            self.epochs_repeated - other.epochs_repeated,
            self.seconds_charged - other.seconds_charged,
            self.seconds_trained - other.seconds_trained,
        )


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """One trial as it is remembered; its curve is read from the ledger where it is needed."""

    number: int  # 0-based within its study
    outcome: Outcome
    point: Point
    value: float | None  # the objective, read on the epochs done; None if diverged, failed or interrupted
    seed: int
    cost: Cost
    epochs_done: int = 0  # epochs of its curve that the trial used
    reason: str = ""  # why it failed or diverged
    metrics: tuple[tuple[str, float], ...] = ()  # at the epoch the value is of
    value_epoch: int | None = None  # the epoch the value is of
    frozen: bool = False  # completed as far as it was trained: its epochs are read off, and it could go on


@dataclass(frozen=True, slots=True)
class TrialCurve:
    """A trial with its curve as far as it used it, for `show`, `export` and analysis."""

    trial: TrialRecord
    reports: tuple[EpochReport, ...]  # the mean over folds, epoch 1 first
    folds: tuple[tuple[EpochReport, ...], ...] = ()  # one curve a fold, each as long as `reports`
