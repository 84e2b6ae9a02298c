"""What a task is in numbers: the rows of each part, the inputs, and the loss of who learned nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.fingerprint import fingerprint
from epochsearch.tasks.fitting import fit_targets
from epochsearch.tasks.losses import TARGETS, loss_of
from epochsearch.tasks.prepared import split_rows
from epochsearch.tasks.raw import Raw, raw_data
from epochsearch.tasks.table import TableTask


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task in numbers; a recorded table has curves and no rows."""

    fingerprint: str
    train_rows: int
    validation_rows: int
    test_rows: int
    inputs: tuple[int, ...]  # shape of one example
    classes: int | None  # None: the target is a real number, or recorded curves
    chance_loss: float | None  # of the best constant prediction, in the loss's units; None: not known


def examine(task: Task) -> TaskFacts:
    """Return the facts of a task; reads its data.

    chance_loss: on the training targets, the entropy of the classes or the variance of the values; for a
    table the median over its curves of the loss after one epoch.

    Raises:
        TaskError: The data cannot be trained on.
    """
    if isinstance(task, TableTask):
        chance = task.chance_loss if math.isfinite(task.chance_loss) else None
        return TaskFacts(fingerprint(task), 0, 0, 0, (), None, chance)
    raw, rows = raw_data(task), split_rows(task)
    classes = {"classes": raw.outputs, "binary": 2 if raw.outputs == 1 else None, "values": None}[raw.target]
    return TaskFacts(
        fingerprint=fingerprint(task),
        train_rows=len(rows.train),
        validation_rows=len(rows.validation),
        test_rows=len(rows.test),
        inputs=raw.inputs,
        classes=classes,
        chance_loss=None if raw.y is None or _unnamed(task) else _chance_loss(task, raw, raw.y[rows.train]),
    )


def _unnamed(task: Task) -> bool:
    loss = loss_of(task)
    return loss is not None and loss not in TARGETS


def _chance_loss(task: Task, raw: Raw, y: Array) -> float:
    """y: the targets of the training rows, in the user's units."""
    if raw.target == "classes":
        known = y[y >= 0]  # of single tokens some do not count
        shares = np.bincount(known) / known.size
        return float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())
    scaled = fit_targets(task, split_rows(task).train).targets(y)
    columns = scaled.reshape(len(y), -1).astype(np.float64)
    if raw.target == "values":
        return float(columns.var(axis=0).mean())
    ones = columns.mean(axis=0).clip(1e-12, 1 - 1e-12)
    return float(-(ones * np.log(ones) + (1 - ones) * np.log(1 - ones)).mean())
