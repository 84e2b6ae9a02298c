"""What an epoch costs at each batch size, as a search's own trials measured it."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from epochsearch.core.trial import Outcome, TrialCurve


@dataclass(frozen=True, slots=True)
class BatchCost:
    """All trials of one batch size."""

    batch_size: int
    trials: int
    seconds: float | None  # median of an epoch; None: not recorded
    memory_bytes: int | None  # highest of an epoch; None: not measured
    epochs_charged: int
    best: float | None  # lowest objective of a completed trial


def batch_costs(curves: Sequence[TrialCurve]) -> tuple[BatchCost, ...]:
    """Return the costs by batch size, rising."""
    groups: dict[int, list[TrialCurve]] = defaultdict(list)
    for curve in curves:
        groups[curve.trial.point.batch_size].append(curve)
    return tuple(_cost(size, groups[size]) for size in sorted(groups))


def _cost(size: int, curves: Sequence[TrialCurve]) -> BatchCost:
    reports = [report for curve in curves for report in curve.reports]
    seconds = [report.seconds for report in reports if report.seconds > 0]
    memory = [report.memory_bytes for report in reports if report.memory_bytes is not None]
    found = [
        curve.trial.value
        for curve in curves
        if curve.trial.outcome is Outcome.COMPLETED and curve.trial.value is not None
    ]
    return BatchCost(
        batch_size=size,
        trials=len(curves),
        seconds=statistics.median(seconds) if seconds else None,
        memory_bytes=max(memory, default=None),
        epochs_charged=sum(curve.trial.cost.epochs_charged for curve in curves),
        best=min(found, default=None),
    )
