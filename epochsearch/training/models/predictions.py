"""From a model's outputs to what a person asked for: classes with probabilities, or values in their units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from scipy import special

from epochsearch.tasks.arrays import Array
from epochsearch.tasks.preprocessing import Preprocessing
from epochsearch.training.models.trained import Head

Columns: TypeAlias = Mapping[str, Array]
"""Name -> (rows,): text, whole or real numbers."""


def predictions(outputs: Array, head: Head, done: Preprocessing) -> Columns:
    """Return the columns of an answer for each row.

    outputs: (rows, ...), as the model gave them. `class` is the likeliest class as the user wrote it, with a
    column `probability_CLASS` each; where a row has a class at several positions, one `class_NUMBER` each.
    `value` is in the units of the task's target. Several targets are numbered from 1. Of a loss that only the
    task knows the outputs come as they are, as `score`.
    """
    flat = outputs.reshape(len(outputs), -1)  # (rows, outputs)
    if head == "values":
        return _numbered("value", flat.astype(np.float64) * done.target_scale + done.target_mean)
    if head == "classes":
        if outputs.ndim > 1:  # tokens, one after the other
            return _numbered("class", outputs)
        return {"class": _named(outputs.reshape(-1).astype(np.int64), done)}
    if head == "softmax" and outputs.ndim > 2:  # (rows, classes, positions ...)
        return _numbered("class", outputs.argmax(axis=1).reshape(len(outputs), -1))
    if head == "scores":
        best = {"class": _named(flat.argmax(axis=1), done)} if done.target == "classes" else {}
        return {**best, **_numbered("score", flat)}
    if head == "sigmoid":
        return _of_logits(special.expit(flat.astype(np.float64)), done)
    shares = special.softmax(flat.astype(np.float64), axis=1) if head == "softmax" else flat
    return _of_classes(shares, done)


def _of_logits(shares: Array, done: Preprocessing) -> Columns:
    """Return what one logit a target says: of one, which of two classes; of several, which hold."""
    if shares.shape[1] > 1:
        holds = _numbered("class", (shares > 0.5).astype(np.int64))
        return {**holds, **_numbered("probability", shares)}
    if done.target == "binary" and not done.labels:  # targets were shares themselves
        return {"probability": shares[:, 0]}
    return _of_classes(np.column_stack([1.0 - shares[:, 0], shares[:, 0]]), done)


def _of_classes(shares: Array, done: Preprocessing) -> Columns:
    named = {f"probability_{_label(index, done)}": shares[:, index] for index in range(shares.shape[1])}
    return {"class": _named(shares.argmax(axis=1), done), **named}


def _named(indexes: Array, done: Preprocessing) -> Array:
    names = [_label(index, done) for index in range(int(indexes.max(initial=0)) + 1)]
    return np.array(names)[indexes]


def _label(index: int, done: Preprocessing) -> str:
    return done.labels[index] if index < len(done.labels) else str(index)


def _numbered(name: str, columns: Array) -> dict[str, Array]:
    if columns.shape[1] == 1:
        return {name: columns[:, 0]}
    return {f"{name}_{number}": column for number, column in enumerate(columns.T, 1)}
