"""Grid search: cells in an order shuffled by the study's seed, each visited once, told by its parameters.

A range is cut into steps; a list is taken whole. Epochs cost nothing twice: a cell with fewer epochs than one
already visited is read off that one's curve.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from optuna.study import Study

from epochsearch.core.axis import Axis, Choices, Range
from epochsearch.core.choice import Scalar
from epochsearch.core.space import Space
from epochsearch.search.proposing.lattice import Lattice, snap
from epochsearch.search.proposing.looked_up import LookedUp

Cell = tuple[tuple[str, Scalar], ...]


class GridSampler(LookedUp):
    """Proposes the first cell that no trial of the study has."""

    def __init__(self, cells: tuple[Cell, ...]) -> None:
        self._cells = cells

    def on(self, lattice: Lattice, space: Space) -> GridSampler:
        """Return the sampler whose cells are moved to the lattice; cells that fall together are one."""
        moved = (
            tuple((name, snap(lattice, space, name, value)) for name, value in cell) for cell in self._cells
        )
        return GridSampler(tuple(dict.fromkeys(moved)))

    def __len__(self) -> int:
        """How many cells there are."""
        return len(self._cells)

    def following(self, study: Study, number: int) -> Mapping[str, Scalar]:
        """Return the first cell that no earlier trial has."""
        visited = _visited(study, number)
        return dict(next(cell for cell in self._cells if cell not in visited))

    def left(self, study: Study) -> int:
        """Return how many cells no trial has."""
        return len(self._cells) - len(_visited(study, len(study.trials)) & set(self._cells))


@lru_cache(maxsize=8)
def grid_cells(space: Space, options: tuple[tuple[str, Scalar], ...], seed: int) -> tuple[Cell, ...]:
    """Return all cells in the order of their visit.

    options: the sampler's: steps of a range by axis name; "others" for further hyperparameters; 0 for
    the learning rate means one a decade; "cells" the most there may be: the axis with the most values loses
    one until they fit.
    """
    steps = dict(options)
    if any(int(count or 0) < 0 for count in steps.values()):
        raise ValueError("the steps and cells of a grid must not be below 0")
    axes = sorted(space.axes.items())
    columns = {name: _values(axis, int(steps.get(name, steps["others"]) or 0)) for name, axis in axes}
    most = int(steps["cells"] or 0)
    while most and math.prod(len(values) for values in columns.values()) > most:
        widest = max(columns, key=lambda name: len(columns[name]))
        if len(columns[widest]) == 1:
            break
        columns[widest] = _thinned(space.axes[widest], columns[widest])
    cells = list(
        itertools.product(*([(name, value) for value in values] for name, values in columns.items()))
    )
    order = np.random.default_rng([seed, 0]).permutation(len(cells))
    return tuple(cells[i] for i in order)


def _thinned(axis: Axis, values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    """Return one value fewer: a range is cut anew, a list loses values evenly."""
    count = len(values) - 1
    if isinstance(axis, Range):
        return axis.steps(count) if count > 1 else (axis.middle,)
    picked = np.linspace(0, len(axis.values) - 1, count) if count > 1 else np.array([len(axis.values) // 2])
    return tuple(axis.values[round(i)] for i in picked)


def _values(axis: Axis, count: int) -> tuple[Scalar, ...]:
    if isinstance(axis, Choices):
        return axis.values
    if count == 0:
        count = max(2, round(math.log10(axis.high / axis.low)) + 1) if axis.low > 0 else 5
    return axis.steps(count) if count > 1 else (axis.middle,)


def _visited(study: Study, before: int) -> set[Cell]:
    """Return the cells of the trials with a number below `before`; a cell is sorted by its axes' names."""
    trials = study.get_trials(deepcopy=False)[:before]
    return {tuple(sorted(trial.params.items())) for trial in trials}
