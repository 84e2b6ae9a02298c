"""A task's data ready to train on: split, standardised by the training part alone, the test part left sealed.

Only the numbers of the test rows are computed here; `sealed_test` is the one way to them, for the final
evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import Target, place
from epochsearch.tasks.raw import Raw, kept_with, raw_data
from epochsearch.tasks.splits import Rows, split


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the data."""

    x: Any  # float32 (rows, ...), int64 (rows, columns) for tokens, or a torch Subset of (x, y) items
    y: Array | None  # int64 (rows,) class indexes; float32 (rows,) or (rows, outputs); None if x is a Subset
    rows: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """Training and validation part of one fold."""

    train: Part
    validation: Part
    target: Target
    outputs: int  # classes, or columns of the target
    lazy: bool  # whether items must be read one by one from Subsets
    target_scale: float = 1.0  # y of a part x target_scale + target_mean is in the user's units
    target_mean: float = 0.0


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The rows of one fold and what was fitted on its training part."""

    rows: Rows
    mean: Array | None  # float64 (columns,), None: inputs are left as they are
    scale: Array | None
    target_mean: float  # one mean and scale over all columns of the target
    target_scale: float


def prepare(task: Task, fold: int = 0, folds: int = 1) -> Prepared:
    """Return the training and validation part of a fold; computed once per task object and fold.

    fold: 0-based. folds: 1 for the task's fixed split, more for cross-validation on all but the test rows.

    Raises:
        TaskError: The data cannot be trained on.
    """
    if not 0 <= fold < folds:
        raise ValueError(f"fold {fold} of {folds}")
    kept = kept_with(task)
    if (fold, folds) not in kept:
        raw, fitted = raw_data(task), _fitted(task, fold, folds)
        kept[fold, folds] = Prepared(
            train=_part(task, raw, fitted, fitted.rows.train),
            validation=_part(task, raw, fitted, fitted.rows.validation),
            target=raw.target,
            outputs=raw.outputs,
            lazy=raw.lazy,
            target_scale=fitted.target_scale,
            target_mean=fitted.target_mean,
        )
    prepared: Prepared = kept[fold, folds]
    return prepared


def split_rows(task: Task, fold: int = 0, folds: int = 1) -> Rows:
    """Return the row numbers of the three parts."""
    return _fitted(task, fold, folds).rows


def sealed_test(task: Task, fold: int = 0, folds: int = 1) -> Part:
    """Return the test part, transformed as this fold's training part says. For the final evaluation only.

    Raises:
        TaskError: The task's split leaves no test rows.
    """
    fitted = _fitted(task, fold, folds)
    if not len(fitted.rows.test):
        rule = "the split leaves no rows for the test"
        raise TaskError(f"{place(task)} split", repr(task.split), rule, "Give the third share more than 0.")
    return _part(task, raw_data(task), fitted, fitted.rows.test)


def _fitted(task: Task, fold: int, folds: int) -> _Fitted:
    kept = kept_with(task)
    if ("fitted", fold, folds) not in kept:
        raw = raw_data(task)
        rows = split(task, raw, fold, folds)
        mean, scale = _fit_inputs(raw.x[rows.train]) if _standardised(task, raw) else (None, None)
        target_mean, target_scale = 0.0, 1.0
        if task.standardise_target and raw.target == "values" and raw.y is not None:
            target_mean, target_scale = _fit_target(raw.y[rows.train])
        kept["fitted", fold, folds] = _Fitted(rows, mean, scale, target_mean, target_scale)
    fitted: _Fitted = kept["fitted", fold, folds]
    return fitted


def _standardised(task: Task, raw: Raw) -> bool:
    return task.standardise and not raw.lazy and raw.x.ndim == 2


def _fit_inputs(x: Array) -> tuple[Array, Array]:
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(x.astype(np.float64))
    return scaler.mean_, scaler.scale_


def _fit_target(y: Array) -> tuple[float, float]:
    values = y.astype(np.float64)
    return float(values.mean()), float(values.std()) or 1.0


def _part(task: Task, raw: Raw, fitted: _Fitted, rows: Array) -> Part:
    if raw.y is None:
        from torch.utils.data import Subset

        return Part(Subset(raw.x, rows.tolist()), None, len(rows))
    y = raw.y[rows]
    if raw.target == "values":
        y = ((y - fitted.target_mean) / fitted.target_scale).astype(np.float32)
    return Part(_inputs(task, raw, fitted, rows), np.ascontiguousarray(y), len(rows))


def _inputs(task: Task, raw: Raw, fitted: _Fitted, rows: Array) -> Array:
    x = raw.x[rows]
    if fitted.mean is not None:
        x = (x - fitted.mean) / fitted.scale
    elif x.ndim == 2 and x.dtype.kind in "iu" and not task.standardise:
        return np.ascontiguousarray(x, dtype=np.int64)
    return np.ascontiguousarray(x, dtype=np.float32)
