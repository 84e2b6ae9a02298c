"""Grid search: cells in an order shuffled by the study's seed, each visited once, told by its parameters.

A range is cut into steps; a list is taken whole. Epochs cost nothing twice: a cell with fewer epochs than one
already visited is read off that one's curve.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from epochsearch.core.axis import Axis, Choices
from epochsearch.core.choice import Scalar
from epochsearch.core.space import Space

Cell = tuple[tuple[str, Scalar], ...]


class GridSampler(BaseSampler):
    """Proposes the first cell that no trial of the study has."""

    def __init__(self, cells: tuple[Cell, ...]) -> None:
        self._cells = cells

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return nothing: cells are looked up one parameter at a time."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing, as above."""
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Return this parameter's value in the first cell that no earlier trial has."""
        return dict(self._next(study, trial.number))[param_name]

    def left(self, study: Study) -> int:
        """Return how many cells no trial has."""
        return len(self._cells) - len(_visited(study, len(study.trials)) & set(self._cells))

    def _next(self, study: Study, number: int) -> Cell:
        visited = _visited(study, number)
        return next(cell for cell in self._cells if cell not in visited)


@lru_cache(maxsize=8)
def grid_cells(space: Space, options: tuple[tuple[str, Scalar], ...], seed: int) -> tuple[Cell, ...]:
    """Return all cells in the order of their visit.

    options: the sampler's: steps of a range by axis name; "others" for further hyperparameters; 0 for
    the learning rate means one a decade.
    """
    steps, columns = dict(options), []
    for name, axis in sorted(space.axes.items()):
        count = int(steps.get(name, steps["others"]) or 0)
        columns.append([(name, value) for value in _values(axis, count)])
    cells = list(itertools.product(*columns))
    order = np.random.default_rng([seed, 0]).permutation(len(cells))
    return tuple(cells[i] for i in order)


def _values(axis: Axis, count: int) -> tuple[Scalar, ...]:
    if isinstance(axis, Choices):
        return axis.values
    if count == 0:
        count = round(math.log10(axis.high / axis.low)) + 1 if axis.low > 0 else 5
    return axis.steps(max(count, 2))


def _visited(study: Study, before: int) -> set[Cell]:
    """Return the cells of the trials with a number below `before`; a cell is sorted by its axes' names."""
    trials = study.get_trials(deepcopy=False)[:before]
    return {tuple(sorted(trial.params.items())) for trial in trials}
