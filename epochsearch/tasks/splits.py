"""Which rows are for training, validation and test: a property of the task, never of a study's seed.

Rows are drawn at random with the classes in equal shares, or in whole groups, or cut in the order of time.
The test part of data that were published with one is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from epochsearch.core.errors import TaskError, nearest
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.group_splits import cut_between_groups
from epochsearch.tasks.groups import groups_of
from epochsearch.tasks.losses import place

if TYPE_CHECKING:
    from epochsearch.tasks.datamodule import Module
    from epochsearch.tasks.raw import Raw

_SEED = 0  # of every split
_WAYS = ("random", "time", "published")


@dataclass(frozen=True, slots=True)
class Rows:
    """Row numbers of the three parts, in the order in which the split drew them, or in that of time."""

    train: Array
    validation: Array
    test: Array


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What is looked at when rows are drawn; by row number."""

    by_time: bool
    published: bool  # the test rows stand last, as whoever published the data cut them off
    labels: Array | None  # classes, to have them in equal shares
    groups: Array | None  # kept whole


def split(task: Task, raw: Raw, fold: int, folds: int, train_rows: int = 0) -> Rows:
    """Return the rows of each part; with several folds the test rows stay what they are for one.

    train_rows: how many training rows are used; 0: as many as the task says.

    Raises:
        TaskError: The shares do not add up, a part would be empty, there are more folds than rows or groups,
            or the task's `split_by` or `groups` are wrong.
    """
    drawing = _drawing(task, raw.rows, _labels(raw))
    if raw.datamodule is not None:
        train, validation, test = _given(task, raw.datamodule, folds)
    else:
        train, validation, test = _fixed(task, raw.rows, drawing)
    if folds > 1:
        train, validation = _fold(np.concatenate([train, validation]), fold, folds, drawing, place(task))
    train = _few(task, train, drawing, train_rows)
    if not len(train) or not len(validation):
        part = "training" if not len(train) else "validation"
        given = f"{raw.rows} rows split as {'/'.join(f'{share:g}' for share in _shares(task))}"
        raise TaskError(place(task), given, f"the {part} part is empty", "Return more data or change split.")
    return Rows(train, validation, test)


def _given(task: Task, module: Module, folds: int) -> tuple[Array, Array, Array]:
    """Return the rows of the parts that a datamodule has made itself.

    Raises:
        TaskError: They are to be split into folds, which would break something.
    """
    obstacle = module.obstacle(folds=True) if folds > 1 else None
    if obstacle:
        raise TaskError(f"{place(task)} --folds", str(folds), *obstacle)
    train, validation, test = np.split(np.arange(sum(module.parts)), np.cumsum(module.parts)[:2])
    return train, validation, test


def unsealed(task: Task, rows: int) -> Array:
    """Return, in order, the rows of a Dataset that are outside the test part: all that a search may read.

    Raises:
        TaskError: The shares do not add up, or the task's `split_by` or `groups` are wrong.
    """
    train, validation, _ = _fixed(task, rows, _drawing(task, rows, None))
    return np.sort(np.concatenate([train, validation]))


def _drawing(task: Task, rows: int, labels: Array | None) -> _Drawing:
    where, groups = place(task), groups_of(task, rows)
    if task.split_by not in _WAYS:
        rule = "must be 'random', 'time' or 'published'"
        raise TaskError(f"{where} split_by", repr(task.split_by), rule, nearest(str(task.split_by), _WAYS))
    if task.split_by != "random" and groups is not None:
        order = "in the order of time" if task.split_by == "time" else "as they were published"
        rule = f"rows are cut {order} or kept in groups, not both"
        raise TaskError(
            f"{where} split_by", f"'{task.split_by}' with groups()", rule, "Remove one of the two."
        )
    return _Drawing(task.split_by == "time", task.split_by == "published", labels, groups)


def _fixed(task: Task, rows: int, drawing: _Drawing) -> tuple[Array, Array, Array]:
    """Return the rows of the fixed training, validation and test part."""
    train_share, validation_share, test_share = _shares(task)
    held_back = validation_share + test_share
    _check_groups(drawing.groups, 3 if test_share else 2, place(task))
    if drawing.published:
        end = rows - round(rows * test_share)
        share = validation_share / (train_share + validation_share)
        return *_cut(np.arange(end), share, drawing), np.arange(end, rows)
    train, rest = _cut(np.arange(rows), held_back, drawing, parts=2 if test_share else 1)
    if not test_share:
        return train, rest, rest[:0]
    validation, test = _cut(rest, test_share / held_back, drawing)
    return train, validation, test


def _few(task: Task, train: Array, drawing: _Drawing, train_rows: int) -> Array:
    """Return as many training rows as are used: of a series the latest, else some drawn at random."""
    asked: Any = train_rows or task.train_rows  # a user's class may hold anything
    if asked is None:
        return train
    if isinstance(asked, bool) or not isinstance(asked, int) or asked < 1:
        rule = "must be a whole number, at least 1, or None for all"
        raise TaskError(f"{place(task)} train_rows", repr(asked), rule, "Example: train_rows = 100")
    if asked >= len(train):
        return train
    return train[-asked:] if drawing.by_time else _cut_at_random(train, asked, drawing.labels)[1]


def _check_groups(groups: Array | None, parts: int, where: str) -> None:
    count = parts if groups is None else len(np.unique(groups))
    if count < parts:
        rule = f"whole groups cannot be split into {parts} parts"
        raise TaskError(f"{where} groups()", f"has {count} groups", rule, "Name smaller groups.")


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


def _cut(rows: Array, share: float, drawing: _Drawing, parts: int = 1) -> tuple[Array, Array]:
    """Return the rows in two, the second with this share of them; it is to be cut into `parts` later on."""
    if drawing.by_time:
        end = len(rows) - round(len(rows) * share)
        return rows[:end], rows[end:]
    if drawing.groups is not None:
        return cut_between_groups(rows, share, drawing.labels, drawing.groups, parts)
    return _cut_at_random(rows, share, drawing.labels)


def _cut_at_random(rows: Array, share: float | int, labels: Array | None) -> tuple[Array, Array]:
    """Return the rows in two, drawn at random; stratified where every class has enough.

    share: of the second part, or its number of rows.
    """
    from sklearn.model_selection import train_test_split

    try:
        stratify = None if labels is None else labels[rows]
        first, second = train_test_split(rows, test_size=share, random_state=_SEED, stratify=stratify)
    except ValueError:
        if labels is None:
            return rows, rows[:0]
        return _cut_at_random(rows, share, None)
    return first, second


def _fold(rows: Array, fold: int, folds: int, drawing: _Drawing, where: str) -> tuple[Array, Array]:
    """Return the training and validation rows of one fold of `rows`."""
    from sklearn.model_selection import (
        GroupKFold,
        KFold,
        StratifiedGroupKFold,
        StratifiedKFold,
        TimeSeriesSplit,
    )

    _check_folds(rows, folds, drawing, where)
    groups = None if drawing.groups is None else drawing.groups[rows]
    classes = None if drawing.labels is None else drawing.labels[rows]
    if classes is not None and np.unique(classes, return_counts=True)[1].min() < folds:
        classes = None  # too few rows of a class for one in every fold
    drawn = {"n_splits": folds, "shuffle": True, "random_state": _SEED}
    if drawing.by_time:
        cuts = TimeSeriesSplit(n_splits=folds).split(rows)
    elif groups is not None:
        kind = GroupKFold if classes is None else StratifiedGroupKFold
        cuts = kind(**drawn).split(rows, classes, groups)
    else:
        cuts = (KFold if classes is None else StratifiedKFold)(**drawn).split(rows, classes)
    train, validation = list(cuts)[fold]
    return rows[train], rows[validation]


def _check_folds(rows: Array, folds: int, drawing: _Drawing, where: str) -> None:
    most, noun = len(rows), "training and validation rows"
    if drawing.by_time:
        most, noun = len(rows) - 1, f"{noun} after the first one"
    if drawing.groups is not None:
        most, noun = len(np.unique(drawing.groups[rows])), "groups outside the test part"
    if folds > most:
        rule = f"there are only {most} {noun}"
        raise TaskError(f"{where} --folds", str(folds), rule, "Ask for fewer folds.")
