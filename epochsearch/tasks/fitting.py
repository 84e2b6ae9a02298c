"""What the training rows of a task fit, by scikit-learn's transformers: their numbers are kept, not they."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.categories import Categories
from epochsearch.tasks.losses import place
from epochsearch.tasks.preprocessing import Preprocessing
from epochsearch.tasks.raw import Raw, raw_data
from epochsearch.tasks.selection import Columns, ranked_columns
from epochsearch.tasks.treatment import Treatment, check_treatment, is_table


def fit(task: Task, train: Array, treatment: Treatment) -> Preprocessing:
    """Return what these rows fit; a column without any value among them is 0.

    train: row numbers. No columns are selected here.

    Raises:
        TaskError: The task's inputs cannot be treated so.
    """
    check_treatment(task, treatment)
    done = fit_targets(task, train)
    return _fit_table(task, done, train, treatment) if is_table(task, raw_data(task)) else done


def fit_targets(task: Task, train: Array) -> Preprocessing:
    """Return what these rows fit of the targets; it leaves inputs as they are.

    Raises:
        TaskError: The data cannot be read.
    """
    raw = raw_data(task)
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
        fields=raw.fields,
        answer=raw.packing.answer,
        target_mean=target_mean,
        target_scale=target_scale,
    )


def rank(task: Task, train: Array, done: Preprocessing, way: str) -> Columns:
    """Return the columns that a model reads, the most useful first, as these rows have it.

    way: select_best or select_recursive.

    Raises:
        TaskError: The targets are not one a row.
    """
    raw = raw_data(task)
    if raw.y is None or raw.y.ndim != 1:
        rule = "selecting columns needs one target a row"
        raise TaskError(f"{place(task)} training", way, rule, "Leave it out.")
    return ranked_columns(way, done.inputs(raw.x[train]), raw.y[train], values=raw.target == "values")


def _fit_table(task: Task, done: Preprocessing, train: Array, treatment: Treatment) -> Preprocessing:
    raw = raw_data(task)
    rows = raw.x[train].astype(np.float64)
    coded = [index for index, texts in enumerate(raw.categories) if texts is not None]
    numbers = np.delete(rows, coded, axis=1)
    fill = _fit_fill(numbers, treatment.impute) if treatment.impute != "none" else None
    filled = numbers if fill is None else np.where(np.isnan(numbers), fill, numbers)
    mean, scale = _fit_scale(task, filled, treatment.scaling)
    categories = tuple(
        None if texts is None else _fit_categories(rows[:, index], texts, _column(raw, index), task)
        for index, texts in enumerate(raw.categories)
    )
    return replace(done, mean=mean, scale=scale, fill=fill, categories=categories)


def _dtype(task: Task, raw: Raw) -> str:
    """Return the type of what the model reads: whole numbers that are not standardised are tokens."""
    if raw.lazy or raw.fields:
        return raw.dtype
    tokens = raw.x.ndim == 2 and raw.x.dtype.kind in "iu" and not task.standardise
    return "int64" if tokens else "float32"


def _fit_fill(numbers: Array, strategy: str) -> Array:
    from sklearn.impute import SimpleImputer

    filler: Any = SimpleImputer(strategy=strategy, keep_empty_features=True).fit(numbers)
    found = np.asarray(filler.statistics_, dtype=np.float64)
    return np.where(np.isnan(found), 0.0, found)


def _fit_scale(task: Task, numbers: Array, scaling: str) -> tuple[Array | None, Array | None]:
    """Return what is taken off each column and what it is divided by; a constant one is divided by 1."""
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    if scaling == "none" or (scaling == "standard" and not task.standardise) or not numbers.shape[1]:
        return None, None
    if scaling == "minmax":
        fitted = MinMaxScaler().fit(numbers)
        return fitted.data_min_, 1.0 / fitted.scale_
    scaler = StandardScaler().fit(numbers)
    return scaler.mean_, scaler.scale_


def _fit_categories(codes: Array, texts: Categories, column: str, task: Task) -> Categories:
    """Return the texts of a column that these rows have, each in its place.

    Raises:
        TaskError: Nearly every row has another one.
    """
    from sklearn.preprocessing import OneHotEncoder

    assert texts is not None
    present = {int(code) for code in OneHotEncoder().fit(codes[:, None]).categories_[0]}
    if len(present) > max(20, len(codes) // 2):
        given = f"{column} of x has {len(present)} different texts in {len(codes)} training rows"
        rule = "that is too many to be categories"
        raise TaskError(f"{place(task)} data()", given, rule, "Drop that column.")
    return tuple(text if code in present else None for code, text in enumerate(texts))


def _column(raw: Raw, index: int) -> str:
    return f"column '{raw.columns[index]}'" if raw.columns else f"column {index}"


def _fit_target(y: Array) -> tuple[float, float]:
    values = y.astype(np.float64)
    return float(values.mean()), float(values.std()) or 1.0
