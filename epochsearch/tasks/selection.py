"""Feature selection: how input columns rank, the most useful first, by the training rows alone.

A column that is left out is held at 0, which is its mean where columns are standardised: it tells the model
nothing, and a model needs no other shape for it.

Source: Guyon, Weston, Barnhill & Vapnik 2002, "Gene selection for cancer classification using support vector
machines", Machine Learning 46, for the recursive elimination.
"""

from __future__ import annotations

import numpy as np

from epochsearch.tasks.arrays import Array

Columns = tuple[int, ...]


def ranked_columns(way: str, x: Array, y: Array, *, values: bool) -> Columns:
    """Return all columns, the most useful first.

    way: select_best or select_recursive. x: (rows, columns) as a model reads them; y: (rows,), classes or
    real numbers.
    """
    rank = _by_itself if way == "select_best" else _by_elimination
    return rank(x, y, values=values)


def _by_itself(x: Array, y: Array, *, values: bool) -> Columns:
    """Return the columns by the F statistic that each has alone; one that never changes is last."""
    from sklearn.feature_selection import f_classif, f_regression

    with np.errstate(all="ignore"):
        changing = x.std(axis=0) > 0
        scores = np.full(x.shape[1], -np.inf)
        scores[changing] = (f_regression if values else f_classif)(x[:, changing], y)[0]
    return tuple(int(column) for column in np.argsort(-scores, kind="stable"))


def _by_elimination(x: Array, y: Array, *, values: bool) -> Columns:
    """Return the columns in the reverse of the order in which a ridge regression does without them."""
    from sklearn.feature_selection import RFE
    from sklearn.linear_model import Ridge, RidgeClassifier

    ranks = RFE(Ridge() if values else RidgeClassifier(), n_features_to_select=1).fit(x, y).ranking_
    return tuple(int(column) for column in np.argsort(ranks, kind="stable"))
