"""What each stage of a staged search came to: its trials, its best, its cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from epochsearch.core.stages import Stage
from epochsearch.core.trial import Cost, Outcome, TrialRecord


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage as far as it has come."""

    stage: Stage
    finished: int  # trials that ended for good
    best: TrialRecord | None  # the completed one with the lowest value
    cost: Cost
    improved: bool  # whether it is better than the best of all stages before it


def stage_results(stages: Sequence[Stage], trials: Sequence[TrialRecord]) -> tuple[StageResult, ...]:
    """Return the stages in their order, those that have not begun too."""
    results: list[StageResult] = []
    lowest = math.inf
    for stage in stages:
        mine = [trial for trial in trials if trial.number in stage.numbers]
        best = min((trial for trial in mine if _value(trial) < math.inf), key=_rank, default=None)
        improved = best is not None and _value(best) < lowest
        lowest = min(lowest, _value(best)) if best is not None else lowest
        finished = sum(trial.outcome is not Outcome.INTERRUPTED for trial in mine)
        cost = sum((trial.cost for trial in mine), Cost())
        results.append(StageResult(stage, finished, best, cost, improved))
    return tuple(results)


def _value(trial: TrialRecord) -> float:
    known = trial.outcome is Outcome.COMPLETED and trial.value is not None
    return trial.value if known and trial.value is not None else math.inf


def _rank(trial: TrialRecord) -> tuple[float, int]:
    return _value(trial), trial.number
