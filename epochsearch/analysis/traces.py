"""What one search had found, and what it had been charged for it, after each of its trials.

Only a completed trial counts as found: a pruned one was never read at the epochs it proposed. Every trial
costs, also those that were pruned, diverged or failed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from epochsearch.core.trial import Outcome, TrialRecord

FloatArray: TypeAlias = NDArray[np.float64]
CostKind: TypeAlias = Literal["epochs", "seconds"]


class Step(NamedTuple):
    """An improvement: from this cost on, `best` is the lowest value found."""

    cost: float  # charged epochs or charged seconds, from the start of the search to the end of the trial
    best: float


@dataclass(frozen=True, slots=True)
class TracedTrial:
    """One trial as far as cost and result go."""

    value: float | None  # the objective; None unless the trial completed with a finite one
    epochs: int  # charged to the search up to the end of this trial
    seconds: float  # charged to the search up to the end of this trial


@dataclass(frozen=True, slots=True)
class Trace:
    """One search: its trials in the order they were proposed, with one worker the order they ended in."""

    study: str
    entry: str  # what is compared, as "tpe+median"
    seed: int  # of the search; searches of different entries with one seed are a pair
    trials: tuple[TracedTrial, ...]

    def charged(self, by: CostKind = "epochs") -> float:
        """Return what the whole search was charged, in epochs or seconds."""
        return getattr(self.trials[-1], by) if self.trials else 0.0


def trace(records: Sequence[TrialRecord], *, study: str, entry: str, seed: int) -> Trace:
    """Return the trace of one search; `records` in any order, costs are summed in that of their numbers."""
    epochs, seconds = 0, 0.0
    trials = []
    for record in sorted(records, key=lambda record: record.number):
        epochs += record.cost.epochs_charged
        seconds += record.cost.seconds_charged
        trials.append(TracedTrial(_found(record), epochs, seconds))
    return Trace(study, entry, seed, tuple(trials))


def anytime(searched: Trace, by: CostKind = "epochs") -> tuple[Step, ...]:
    """Return the best value so far against the charged cost, a step at each improvement.

    The steps' costs rise strictly and their values fall strictly; no completed trial, no step.
    """
    steps: list[Step] = []
    for trial in searched.trials:
        if trial.value is None or (steps and trial.value >= steps[-1].best):
            continue
        step = Step(getattr(trial, by), trial.value)
        if steps and steps[-1].cost == step.cost:  # a trial that was charged nothing
            steps.pop()
        steps.append(step)
    return tuple(steps)


def best_at(steps: Sequence[Step], costs: ArrayLike) -> FloatArray:
    """Return the best value so far at each of `costs`, as an array of their shape.

    A trial counts at the very cost at which it ends. NaN before the first completed trial; after the last
    step the value is held.
    """
    at = np.searchsorted([step.cost for step in steps], np.asarray(costs, dtype=np.float64), side="right")
    values = np.array([math.nan, *(step.best for step in steps)])
    return values[at]


def final_best(searched: Trace) -> float:
    """Return the lowest value of the search's completed trials, NaN if there is none."""
    return min((trial.value for trial in searched.trials if trial.value is not None), default=math.nan)


def _found(record: TrialRecord) -> float | None:
    if record.outcome is not Outcome.COMPLETED or record.value is None or not math.isfinite(record.value):
        return None
    return record.value
