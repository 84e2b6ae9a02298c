"""House prices of California: a regression with enough rows for a network to beat a linear model.

20,640 districts of the census of 1990, 8 measures of each, a real target (the median price in 100,000
dollars, cut off at 5), from R. Pace and R. Barry, "Sparse Spatial Autoregressions", Statistics and
Probability Letters 33, 1997; no licence stated. The target is standardised on the training part: a loss of 1
is what its mean scores. The mae is in the target's units. Where data may come from: `datasets.places`.
"""

from __future__ import annotations

from typing import Any

from epochsearch.tasks.base import Task
from epochsearch.tasks.datasets.fetching import fetched
from epochsearch.tasks.datasets.housing import read_housing
from epochsearch.tasks.datasets.places import files_of

NAME = "california-housing"


class CaliforniaHousing(Task):
    """20,640 rows, 8 standardised measures, a real target; MLP 8-64-64-1 with ReLU. Pace and Barry 1997."""

    name = NAME
    standardise_target = True

    def data(self) -> Any:
        """Return measures (20640, 8) and prices (20640,)."""
        files = files_of(NAME)
        if files:
            return read_housing(files[0])
        from sklearn.datasets import fetch_california_housing

        return fetched(NAME, lambda: fetch_california_housing(return_X_y=True, n_retries=1))

    def model(self) -> Any:
        """Return an MLP with two hidden layers of 64."""
        from torch import nn

        return nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))


class CaliforniaHousingLinear(CaliforniaHousing):
    """20,640 rows, 8 standardised measures, a real target; linear regression. Pace and Barry 1997."""

    name = "california-housing-linear"

    def model(self) -> Any:
        """Return one linear layer: a convex problem, with a single best loss."""
        from torch import nn

        return nn.Linear(8, 1)
