"""Which rows are for training, validation and test: a property of the task, never of a study's seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place

if TYPE_CHECKING:
    from epochsearch.tasks.raw import Raw

_SEED = 0  # of every split


@dataclass(frozen=True, slots=True)
class Rows:
    """Row numbers of the three parts, in the order in which the split drew them."""

    train: Array
    validation: Array
    test: Array


def split(task: Task, raw: Raw, fold: int, folds: int) -> Rows:
    """Return the rows of each part; with several folds the test rows stay what they are for one.

    Raises:
        TaskError: The shares do not add up, a part would be empty, or there are more folds than rows.
    """
    labels = _labels(raw)
    train, validation, test = _fixed(task, raw.rows, labels)
    if folds > 1:
        train, validation = _fold(np.concatenate([train, validation]), fold, folds, labels, place(task))
    if not len(train) or not len(validation):
        part = "training" if not len(train) else "validation"
        given = f"{raw.rows} rows split as {'/'.join(f'{share:g}' for share in _shares(task))}"
        raise TaskError(place(task), given, f"the {part} part is empty", "Return more data or change split.")
    return Rows(train, validation, test)


def unsealed(task: Task, rows: int) -> Array:
    """Return, in order, the rows of a Dataset that are outside the test part: all that a search may read.

    Raises:
        TaskError: The shares do not add up.
    """
    train, validation, _ = _fixed(task, rows, None)
    return np.sort(np.concatenate([train, validation]))


def _fixed(task: Task, rows: int, labels: Array | None) -> tuple[Array, Array, Array]:
    """Return the rows of the fixed training, validation and test part."""
    _, validation_share, test_share = _shares(task)
    held_back = validation_share + test_share
    train, rest = _cut(np.arange(rows), held_back, labels)
    if not test_share:
        return train, rest, rest[:0]
    validation, test = _cut(rest, test_share / held_back, labels)
    return train, validation, test


def _shares(task: Task) -> tuple[float, float, float]:
    try:
        train, validation, test = (float(share) for share in task.split)
    except (TypeError, ValueError):
        train = validation = test = -1.0
    if train <= 0 or validation <= 0 or test < 0 or abs(train + validation + test - 1) > 1e-6:
        rule = "must be three shares that add up to 1, training and validation above 0"
        raise TaskError(f"{place(task)} split", repr(task.split), rule, "Example: split = (0.7, 0.15, 0.15)")
    return train, validation, test


def _labels(raw: Raw) -> Array | None:
    """Return what to stratify by: the class of each row, None where there are no classes."""
    if raw.y is None or raw.y.ndim != 1 or not raw.labels:
        return None
    return raw.y


def _cut(rows: Array, share: float, labels: Array | None) -> tuple[Array, Array]:
    """Return the rows in two, the second with this share of them; stratified where every class has enough."""
    from sklearn.model_selection import train_test_split

    try:
        stratify = None if labels is None else labels[rows]
        first, second = train_test_split(rows, test_size=share, random_state=_SEED, stratify=stratify)
    except ValueError:
        if labels is None:
            return rows, rows[:0]
        return _cut(rows, share, None)
    return first, second


def _fold(rows: Array, fold: int, folds: int, labels: Array | None, where: str) -> tuple[Array, Array]:
    from sklearn.model_selection import KFold, StratifiedKFold

    if folds > len(rows):
        rule = f"there are only {len(rows)} training and validation rows"
        raise TaskError(f"{where} --folds", str(folds), rule, "Ask for fewer folds.")
    classes = None if labels is None else labels[rows]
    if classes is not None and np.unique(classes, return_counts=True)[1].min() < folds:
        classes = None  # too few rows of a class for one in every fold
    kind = KFold if classes is None else StratifiedKFold
    cuts = kind(n_splits=folds, shuffle=True, random_state=_SEED).split(rows, classes)
    train, validation = list(cuts)[fold]
    return rows[train], rows[validation]
