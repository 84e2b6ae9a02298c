"""A task's data ready to train on: split, standardised by the training part alone, the test part left sealed.

Only the numbers of the test rows are computed here; `sealed_test` is the one way to them, for the final
evaluation. A model that is trained when the search is over may have the validation rows too: `prepare_final`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import Target, place
from epochsearch.tasks.preprocessing import Preprocessing
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
    preprocessing: Preprocessing


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
        kept[fold, folds] = _prepared(task, _fitted(task, fold, folds))
    prepared: Prepared = kept[fold, folds]
    return prepared


def prepare_final(task: Task) -> Prepared:
    """Return training and validation rows together as the training part, for a model that no search judges.

    All that is fitted is fitted on both. The validation part is the task's own, which training has seen: its
    loss says whether the training went well, and nothing about new data.

    Raises:
        TaskError: The data cannot be trained on.
    """
    kept = kept_with(task)
    if "final" not in kept:
        kept["final"] = _prepared(task, _fitted_final(task))
    prepared: Prepared = kept["final"]
    return prepared


def preprocessing(task: Task, *, final: bool = False) -> Preprocessing:
    """Return what the fixed training part has fitted; final: training and validation rows together."""
    return (_fitted_final(task) if final else _fitted(task, 0, 1)).preprocessing


def split_rows(task: Task, fold: int = 0, folds: int = 1) -> Rows:
    """Return the row numbers of the three parts."""
    return _fitted(task, fold, folds).rows


def sealed_test(task: Task, fold: int = 0, folds: int = 1, *, final: bool = False) -> Part:
    """Return the test part, transformed as this fold's training part says. For the final evaluation only.

    final: as training and validation rows together say.

    Raises:
        TaskError: The task's split leaves no test rows.
    """
    fitted = _fitted_final(task) if final else _fitted(task, fold, folds)
    if not len(fitted.rows.test):
        rule = "the split leaves no rows for the test"
        raise TaskError(f"{place(task)} split", repr(task.split), rule, "Give the third share more than 0.")
    return _part(raw_data(task), fitted.preprocessing, fitted.rows.test)


def _prepared(task: Task, fitted: _Fitted) -> Prepared:
    raw, done = raw_data(task), fitted.preprocessing
    return Prepared(
        train=_part(raw, done, fitted.rows.train),
        validation=_part(raw, done, fitted.rows.validation),
        target=raw.target,
        outputs=raw.outputs,
        lazy=raw.lazy,
        target_scale=done.target_scale,
        target_mean=done.target_mean,
    )


def _fitted(task: Task, fold: int, folds: int) -> _Fitted:
    kept = kept_with(task)
    if ("fitted", fold, folds) not in kept:
        rows = split(task, raw_data(task), fold, folds)
        kept["fitted", fold, folds] = _Fitted(rows, _fit(task, rows.train))
    fitted: _Fitted = kept["fitted", fold, folds]
    return fitted


def _fitted_final(task: Task) -> _Fitted:
    rows = split_rows(task)
    together = np.concatenate([rows.train, rows.validation])
    return _Fitted(replace(rows, train=together), _fit(task, together))


def _fit(task: Task, train: Array) -> Preprocessing:
    """Return what these rows fit."""
    raw = raw_data(task)
    mean, scale = _fit_inputs(raw.x[train]) if _standardised(task, raw) else (None, None)
    target_mean, target_scale = 0.0, 1.0
    if task.standardise_target and raw.target == "values" and raw.y is not None:
        target_mean, target_scale = _fit_target(raw.y[train])
    return Preprocessing(
        shape=raw.inputs,
        raw_dtype=raw.dtype,
        dtype=_dtype(task, raw),
        target=raw.target,
        outputs=raw.outputs,
        labels=raw.labels,
        columns=raw.columns,
        mean=mean,
        scale=scale,
        target_mean=target_mean,
        target_scale=target_scale,
    )


def _standardised(task: Task, raw: Raw) -> bool:
    return task.standardise and not raw.lazy and raw.x.ndim == 2


def _dtype(task: Task, raw: Raw) -> str:
    """Return the type of what the model reads: whole numbers that are not standardised are tokens."""
    if raw.lazy:
        return raw.dtype
    tokens = raw.x.ndim == 2 and raw.x.dtype.kind in "iu" and not task.standardise
    return "int64" if tokens else "float32"


def _fit_inputs(x: Array) -> tuple[Array, Array]:
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(x.astype(np.float64))
    return scaler.mean_, scaler.scale_


def _fit_target(y: Array) -> tuple[float, float]:
    values = y.astype(np.float64)
    return float(values.mean()), float(values.std()) or 1.0


def _part(raw: Raw, done: Preprocessing, rows: Array) -> Part:
    if raw.y is None:
        from torch.utils.data import Subset

        return Part(Subset(raw.x, rows.tolist()), None, len(rows))
    return Part(done.inputs(raw.x[rows]), done.targets(raw.y[rows]), len(rows))
