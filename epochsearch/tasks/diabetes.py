"""Progression of diabetes after a year: a small noisy regression, most of whose variance nothing explains.

442 rows, 10 measures, a real target from 25 to 346, from scikit-learn's copy of the data of B. Efron, T.
Hastie, I. Johnstone and R. Tibshirani, "Least Angle Regression", 2004; published with that paper, no licence
stated. The target is standardised on the training part: a loss of 1 is what its mean scores. The mae is in
the target's units.

Published: linear regression explains 0.518 of the variance of the rows that it is fitted to (Efron et al.),
which would be a loss of 0.482. Of rows that it is not fitted to, the exact solution has 0.503 in five folds.
"""

from __future__ import annotations

from typing import Any

from epochsearch.tasks.base import Task


class Diabetes(Task):
    """442 rows, 10 standardised measures, a real target; MLP 10-64-64-1 with ReLU. Efron et al. 2004.

    Reaches a loss of 0.53 in 5 epochs, the mean of 5 folds (learning rate 0.003, batch size 32).
    """

    name = "diabetes"
    standardise_target = True

    def data(self) -> Any:
        """Return measures (442, 10) and the progression (442,)."""
        from sklearn.datasets import load_diabetes

        return load_diabetes(return_X_y=True)

    def model(self) -> Any:
        """Return an MLP with two hidden layers of 64."""
        from torch import nn

        return nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))


class DiabetesLinear(Diabetes):
    """442 rows, 10 standardised measures, a real target; linear regression. Efron et al. 2004.

    Reaches a loss of 0.52 in 30 epochs, the mean of 5 folds (learning rate 0.01, batch size 32).
    """

    name = "diabetes-linear"

    def model(self) -> Any:
        """Return one linear layer: a convex problem, with a single best loss."""
        from torch import nn

        return nn.Linear(10, 1)
