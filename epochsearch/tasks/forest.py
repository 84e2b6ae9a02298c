"""What a random forest scores on a task's validation part: a yardstick that needs no tuning.

A model that stays above it cannot be said to be as good as the data allow, whatever else was searched. The
test part is not touched.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import TARGETS, Target, loss_of
from epochsearch.tasks.prepared import prepare
from epochsearch.tasks.raw import Raw, raw_data
from epochsearch.tasks.treatment import Treatment

TREES = 100
MOST_ROWS = 5_000  # training rows that it is given, drawn at random
MOST_CLASSES = 200
MOST_TARGETS = 20  # numbers of a row


def forest_loss(task: Task) -> float | None:
    """Return the forest's validation loss, in the units of the task's loss; None where it has none.

    None for recorded tables, data that are read item by item, losses of the user's own, very many classes,
    and rows of many targets or of several classes, as pixels and tokens are. The shares of votes are moved
    towards even ones by one tree, so that no probability is 0. The same data give the same number.

    Raises:
        TaskError: The data cannot be trained on.

    Source: Breiman 2001, "Random forests", Machine Learning 45(1).
    """
    loss = loss_of(task)
    if task.recorded or (loss is not None and loss not in TARGETS):
        return None
    data = prepare(task, treatment=_treatment(raw_data(task)))
    if data.lazy or data.train.y is None or data.validation.y is None:
        return None
    x, y = _sample(_flat(data.train.x), _flat(data.train.y))
    if data.outputs > MOST_CLASSES or y.shape[1] > (1 if data.target == "classes" else MOST_TARGETS):
        return None
    classes = data.outputs if data.target == "classes" else 2  # of a column
    unseen = _flat(data.validation.x), _flat(data.validation.y)
    return _scored(data.target, classes, (x, y), unseen)


def _treatment(raw: Raw) -> Treatment:
    """Return the least that must be done to the inputs: missing values filled, categories told apart."""
    return Treatment(impute="none" if raw.gaps is None else "median", one_hot=bool(raw.categories))


def _scored(target: Target, classes: int, seen: tuple[Array, Array], unseen: tuple[Array, Array]) -> float:
    """Return the loss on unseen rows; inputs and targets are (rows, columns)."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    options: dict[str, Any] = {"n_estimators": TREES, "min_samples_leaf": 2, "random_state": 0}
    (x, y), (others, truth) = seen, unseen
    if target == "values":
        one = y[:, 0] if y.shape[1] == 1 else y
        regressor = RandomForestRegressor(max_features=1 / 3, **options).fit(x, one)
        return float(np.mean((regressor.predict(others).reshape(truth.shape) - truth) ** 2))
    known, true = y.astype(np.int64), truth.astype(np.int64)
    losses = [
        _surprise(_smoothed(RandomForestClassifier(**options).fit(x, column), others, classes), wanted)
        for column, wanted in zip(known.T, true.T, strict=True)
    ]
    return float(np.mean(losses))


def _smoothed(model: Any, unseen: Array, classes: int) -> Array:
    """Return probabilities (rows, classes), a tree's even vote added."""
    found = np.zeros((len(unseen), classes))
    found[:, model.classes_.astype(np.int64)] = model.predict_proba(unseen)
    return np.asarray((found * TREES + 1 / classes) / (TREES + 1))


def _surprise(probabilities: Array, truth: Array) -> float:
    return float(-np.log(probabilities[np.arange(len(truth)), truth.astype(np.int64)]).mean())


def _flat(x: Any) -> Array:
    return np.asarray(x).reshape(len(x), -1)


def _sample(x: Array, y: Array) -> tuple[Array, Array]:
    if len(x) <= MOST_ROWS:
        return x, y
    rows = np.random.default_rng(0).choice(len(x), MOST_ROWS, replace=False)
    return x[rows], y[rows]
