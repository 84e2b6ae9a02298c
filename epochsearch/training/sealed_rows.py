"""The sealed test part row by row, for the final evaluation: what its intervals are computed from.

It lives where the model is; only the intervals leave the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.row_intervals import Rows, mean_interval, metric_intervals
from epochsearch.core.model import Intervals
from epochsearch.tasks.arrays import Array
from epochsearch.training.metrics import Named


@dataclass(frozen=True, slots=True, eq=False)
class SealedRows:
    """What one model makes of the test rows."""

    rows: int
    losses: Array | None  # float64 (rows,); None: the loss is no mean over rows
    default: Named  # the metric that is a mean over rows, by name; none: it is not asked for
    default_rows: Array  # float64 (rows,), whose mean it is
    others: Callable[[Rows], Named] | None  # all metrics of some rows; None: there are no others


def sealed_intervals(folds: Sequence[SealedRows]) -> Intervals:
    """Return name, low and high of the 95 % interval of the loss and of each metric, where it has one.

    folds: one model a fold on the same rows; the score is the mean over them.
    """
    first = folds[0]
    means: dict[str, Array | None] = {"loss": _mean([one.losses for one in folds])}
    means |= {name: _mean([one.default_rows for one in folds]) for name, _ in first.default}
    found = {
        name: interval
        for name, values in means.items()
        if values is not None and (interval := mean_interval(values)) is not None
    }
    if first.others is not None:
        found |= {
            name: interval
            for name, interval in metric_intervals(lambda rows: _others(folds, rows), first.rows).items()
            if name not in means
        }
    return tuple((name, interval.low, interval.high) for name, interval in found.items())


def _mean(columns: Sequence[Array | None]) -> Array | None:
    known = [column for column in columns if column is not None]
    return np.mean(known, axis=0) if len(known) == len(columns) else None


def _others(folds: Sequence[SealedRows], rows: Rows) -> dict[str, float]:
    scored = [dict(one.others(rows)) for one in folds if one.others is not None]
    return {name: float(np.mean([one[name] for one in scored])) for name in scored[0]}
