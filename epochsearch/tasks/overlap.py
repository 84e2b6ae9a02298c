"""Rows that stand in the training part and in the validation part too: they judge nothing there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from epochsearch.tasks.arrays import Array, as_array
from epochsearch.tasks.base import Task
from epochsearch.tasks.prepared import split_rows
from epochsearch.tasks.raw import raw_data

LOOKED_AT = 500
"""Items of each part that are read of a Dataset; of arrays all rows are."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What the two parts have in common. The test part is not looked at."""

    rows: int  # of the validation part whose inputs are a training row's
    validation: int  # rows of the validation part that were looked at
    distinct: float  # share of the training rows that are different from each other


def overlap(task: Task) -> Overlap:
    """Return how many validation rows have the inputs of a training row, bit for bit.

    Raises:
        TaskError: The data cannot be read.
    """
    parts = split_rows(task)
    train, validation = (_digests(task, rows) for rows in (parts.train, parts.validation))
    known = set(train)
    return Overlap(sum(row in known for row in validation), len(validation), len(known) / len(train))


def _digests(task: Task, rows: Array) -> list[bytes]:
    raw = raw_data(task)
    if raw.lazy:
        return [as_array(raw.x[int(row)][0]).tobytes() for row in rows[:LOOKED_AT]]
    return [row.tobytes() for row in np.ascontiguousarray(raw.x[rows])]
