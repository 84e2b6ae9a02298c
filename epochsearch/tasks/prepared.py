"""A task's data ready to train on: split, treated as the training part alone says, the test part left sealed.

Only the numbers of the test rows are computed here; `sealed_test` is the one way to them, for the final
evaluation. A model that is trained when the search is over may have the validation rows too: `prepare_final`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.fitting import fit, rank
from epochsearch.tasks.kept import kept_for, kept_with
from epochsearch.tasks.losses import Target, place
from epochsearch.tasks.preprocessing import Preprocessing
from epochsearch.tasks.raw import Raw, raw_data
from epochsearch.tasks.splits import Rows, split
from epochsearch.tasks.treatment import PLAIN, Treatment, check_count, check_treatment, treatment_of


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


Fold = tuple[int, int]
_FINAL: Fold = (0, 0)  # training and validation rows together


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The rows of one fold and what was fitted on its training part."""

    rows: Rows
    preprocessing: Preprocessing


def prepare(task: Task, fold: int = 0, folds: int = 1, treatment: Treatment = PLAIN) -> Prepared:
    """Return the training and validation part of a fold; computed once per task object, fold and treatment.

    fold: 0-based. folds: 1 for the task's fixed split, more for cross-validation on all but the test rows.
    treatment: what is fitted on the training part and done to both.

    Raises:
        TaskError: The data cannot be trained on, or not be treated so.
    """
    if not 0 <= fold < folds:
        raise ValueError(f"fold {fold} of {folds}")
    return _prepared(task, (fold, folds), treatment)


def prepare_final(task: Task, treatment: Treatment = PLAIN) -> Prepared:
    """Return training and validation rows together as the training part, for a model that no search judges.

    All that is fitted is fitted on both. The validation part is the task's own, which training has seen: its
    loss says whether the training went well, and nothing about new data.

    Raises:
        TaskError: The data cannot be trained on, or not be treated so.
    """
    return _prepared(task, _FINAL, treatment)


def data_of(task: Task, identity: CurveIdentity, *, final: bool = False) -> Prepared:
    """Return what a curve is trained and validated on; final: as `prepare_final` has it.

    Raises:
        TaskError: The data cannot be trained on, or not be treated so.
    """
    fold = _FINAL if final else (identity.fold, identity.folds)
    return _prepared(task, fold, treatment_of(task, identity))


def preprocessing(
    task: Task, fold: int = 0, folds: int = 1, *, final: bool = False, treatment: Treatment = PLAIN
) -> Preprocessing:
    """Return what a fold's training part has fitted; final: training and validation rows together.

    Raises:
        TaskError: The data cannot be trained on, or not be treated so.
    """
    return _fitted(task, _FINAL if final else (fold, folds), treatment).preprocessing


def split_rows(task: Task, fold: int = 0, folds: int = 1, train_rows: int = 0) -> Rows:
    """Return the row numbers of the three parts.

    train_rows: how many training rows are used; 0: as many as the task says.
    """
    kept, key = kept_with(task), ("rows", fold, folds, train_rows)
    if key not in kept:
        kept[key] = split(task, raw_data(task), fold, folds, train_rows)
    rows: Rows = kept[key]
    return rows


def sealed_test(
    task: Task, fold: int = 0, folds: int = 1, *, final: bool = False, treatment: Treatment = PLAIN
) -> Part:
    """Return the test part, transformed as this fold's training part says. For the final evaluation only.

    final: as training and validation rows together say.

    Raises:
        TaskError: The task's split leaves no test rows.
    """
    fitted = _fitted(task, _FINAL if final else (fold, folds), treatment)
    if not len(fitted.rows.test):
        rule = "the split leaves no rows for the test"
        raise TaskError(f"{place(task)} split", repr(task.split), rule, "Give the third share more than 0.")
    return _part(raw_data(task), fitted.preprocessing, fitted.rows.test)


def sealed_part(task: Task, identity: CurveIdentity, *, final: bool = False) -> Part | None:
    """Return the test part as a curve's model reads it, None if the split leaves no rows for it.

    For the final evaluation only. final: transformed as `prepare_final` has it.
    """
    fold, folds = identity.fold, identity.folds
    if not len(split_rows(task, fold, folds).test):
        return None
    return sealed_test(task, fold, folds, final=final, treatment=treatment_of(task, identity))


def _prepared(task: Task, fold: Fold, treatment: Treatment) -> Prepared:
    kept = kept_for(task, treatment)
    if ("prepared", fold) not in kept:
        fitted = _fitted(task, fold, treatment)
        raw, done = raw_data(task), fitted.preprocessing
        train, validation = _readings(raw, fold)
        kept["prepared", fold] = Prepared(
            train=_part(train, done, fitted.rows.train),
            validation=_part(validation, done, fitted.rows.validation),
            target=raw.target,
            outputs=raw.outputs,
            lazy=raw.lazy,
            target_scale=done.target_scale,
            target_mean=done.target_mean,
        )
    prepared: Prepared = kept["prepared", fold]
    return prepared


def _fitted(task: Task, fold: Fold, treatment: Treatment) -> _Fitted:
    kept = kept_with(task)
    if ("fitted", fold, treatment) not in kept:
        rows = _rows(task, fold, treatment)
        if treatment.selection is None:
            done = fit(task, rows.train, treatment)
        else:
            done = _selected(task, fold, treatment, *treatment.selection)
        kept["fitted", fold, treatment] = _Fitted(rows, done)
    fitted: _Fitted = kept["fitted", fold, treatment]
    return fitted


def _selected(task: Task, fold: Fold, treatment: Treatment, way: str, count: int) -> Preprocessing:
    """Return what is fitted with a selection of columns; they are ranked once for any count."""
    check_treatment(task, treatment)
    kept, whole = kept_with(task), _fitted(task, fold, treatment.whole)
    check_count((way, count), whole.preprocessing.reads[0], f"{place(task)} training")
    key = ("ranked", fold, way, treatment.whole)
    if key not in kept:
        kept[key] = rank(task, whole.rows.train, whole.preprocessing, way)
    return replace(whole.preprocessing, selected=tuple(sorted(kept[key][:count])))


def _rows(task: Task, fold: Fold, treatment: Treatment) -> Rows:
    """Return the rows of a fold; where no search judges a model any more it has all rows there are."""
    if fold != _FINAL:
        return split_rows(task, *fold, treatment.train_rows)
    rows = split_rows(task)
    return replace(rows, train=np.concatenate([rows.train, rows.validation]))


def _readings(raw: Raw, fold: Fold) -> tuple[Raw, Raw]:
    """Return the data as training and as validation read them, where a datamodule's parts are mixed."""
    if raw.datamodule is None or fold == (0, 1):
        return raw, raw
    train, validation = raw.datamodule.readings()
    return replace(raw, x=train), replace(raw, x=validation)


def _part(raw: Raw, done: Preprocessing, rows: Array) -> Part:
    if raw.y is None:
        from torch.utils.data import Subset

        return Part(Subset(raw.x, rows.tolist()), None, len(rows))
    return Part(done.inputs(raw.x[rows]), done.targets(raw.y[rows]), len(rows))
