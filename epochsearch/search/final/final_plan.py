"""How long a model is trained that gets more rows than the searched run had: as many updates, in epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from epochsearch.core.final import FinalRows, Updates, Whole
from epochsearch.training.updates import batch_sizes


@dataclass(frozen=True, slots=True)
class FinalPlan:
    """What is to be trained, counted."""

    rows: FinalRows
    row_count: int
    epochs: int
    updates: int
    searched_epochs: int
    searched_updates: int
    whole: Whole | None  # None: the searched run itself


def same_run(row_count: int, epochs: int, batch_size: int) -> FinalPlan:
    """Return the plan of training the searched run again as it was."""
    updates = epochs * len(batch_sizes(row_count, batch_size))
    return FinalPlan("training", row_count, epochs, updates, epochs, updates, None)


def whole_run(
    searched_rows: Sequence[int], all_rows: int, epochs: int, batch_size: int, updates: Updates
) -> FinalPlan:
    """Return the plan of training on training and validation rows together.

    searched_rows: training rows of the searched run, a fold each; its updates are the mean over folds.
    all_rows: of both parts; epochs: of the searched run. Where the updates stay the same, they are rounded to
    the nearest whole number of epochs (a half upwards), at least one; schedules keep their pace in updates.
    """
    before = sum(len(batch_sizes(rows, batch_size)) for rows in searched_rows) / len(searched_rows)
    now = len(batch_sizes(all_rows, batch_size))
    planned = epochs if updates == "epochs" else max(1, math.floor(epochs * before / now + 0.5))
    return FinalPlan(
        rows="training+validation",
        row_count=all_rows,
        epochs=planned,
        updates=planned * now,
        searched_epochs=epochs,
        searched_updates=round(epochs * before),
        whole=Whole(pace=1.0 if updates == "epochs" else now / before),
    )
