"""The loss and the metrics of a scikit-learn estimator on a part of the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.prepared import Prepared
from epochsearch.training.metrics import Answers
from epochsearch.training.models.trained import Head

_SMALLEST = 1e-7  # probabilities are kept this far from 0, as float32 would


@dataclass(frozen=True, slots=True)
class Score:
    """How an estimator is measured."""

    of: Callable[[Any, Array, Array], tuple[float, Answers]]  # (model, x, y) -> mean loss, and what it says
    classes: Array | None  # int64, what `partial_fit` of a classifier is told; None for a regressor
    head: Head = "values"  # what the estimator says of a row


def choose_score(model: Any, data: Prepared, where: str) -> Score:
    """Return how `model` is measured on the task's targets.

    Raises:
        TaskError: It is a classifier on real numbers, a regressor on classes, or neither of the two.
    """
    from sklearn.base import is_classifier, is_regressor

    kind = type(model).__name__
    rule = "the estimator must be of the kind that the targets ask for"
    if is_classifier(model):
        if data.target == "values" or (data.target == "binary" and not _single(data)):
            action = "Use a regressor, or set the task's loss to 'cross-entropy'."
            raise TaskError(where, f"returned the classifier {kind} for real targets", rule, action)
        count = 2 if data.target == "binary" else data.outputs
        if hasattr(model, "predict_proba"):
            return Score(
                lambda fitted, x, y: _log_loss(fitted, x, y, count), np.arange(count), "probabilities"
            )
        return Score(lambda fitted, x, y: _error_rate(fitted, x, y, count), np.arange(count), "classes")
    if is_regressor(model):
        if data.target != "values":
            action = "Use a classifier, or set the task's loss to 'mse'."
            raise TaskError(where, f"returned the regressor {kind} for classes", rule, action)
        return Score(lambda fitted, x, y: _squared_error(fitted, x, y, data), None)
    raise TaskError(where, f"returned a {kind}", rule, "Return a classifier or a regressor.")


def _single(data: Prepared) -> bool:
    y = data.train.y
    return data.outputs == 1 and y is not None and bool(np.isin(y, (0.0, 1.0)).all())


def _log_loss(model: Any, x: Array, y: Array, classes: int) -> tuple[float, Answers]:
    shares = np.asarray(model.predict_proba(x), dtype=np.float64)  # (rows, classes)
    right = np.clip(shares[np.arange(len(y)), y], _SMALLEST, 1.0)
    return float(-np.log(right).mean()), Answers(y, shares.argmax(axis=1), classes, shares, _SMALLEST)


def _error_rate(model: Any, x: Array, y: Array, classes: int) -> tuple[float, Answers]:
    said = model.predict(x)
    return 1.0 - float((said == y).mean()), Answers(y, said, classes)


def _squared_error(model: Any, x: Array, y: Array, data: Prepared) -> tuple[float, Answers]:
    said = np.asarray(model.predict(x), dtype=np.float64).reshape(y.shape)
    in_units = [values.astype(np.float64) * data.target_scale + data.target_mean for values in (y, said)]
    right, answered = (values.reshape(len(y), -1) for values in in_units)
    return float(((said - y) ** 2).mean()), Answers(right, answered)
