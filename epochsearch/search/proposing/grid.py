"""Grid search: cells in an order shuffled by the study's seed, each visited once, told by its parameters.

A range is cut into steps; a list is taken whole. Epochs cost nothing twice: a cell with fewer epochs than one
already visited is read off that one's curve.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
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
    one until they fit; "finer" so many grids more, each with up to twice as many cells as the one before it.

    Raises:
        ValueError: A number is below 0, or there are to be finer grids of one that has no most.
    """
    steps = {name: int(value or 0) for name, value in options}
    if any(count < 0 for count in steps.values()):
        raise ValueError("the steps, cells and finer grids of a grid must not be below 0")
    finer_grids = steps.get("finer", 0)  # a study of an older version has none
    if finer_grids and not steps["cells"]:
        raise ValueError("finer grids are measured by the first one's cells: give cells too")
    rounds = (_shuffled(space, steps, finer, seed) for finer in range(finer_grids + 1))
    return tuple(dict.fromkeys(itertools.chain.from_iterable(rounds)))


def _shuffled(space: Space, steps: Mapping[str, int], finer: int, seed: int) -> Iterator[Cell]:
    """Yield the cells of the first grid, or of the `finer`-th after it, in the order of their visit."""
    axes = sorted(space.axes.items())
    columns = {name: _values(axis, steps.get(name, steps["others"]), finer) for name, axis in axes}
    most = steps["cells"] * 2**finer
    while most and math.prod(len(values) for values in columns.values()) > most:
        widest = max(columns, key=lambda name: len(columns[name]))
        if len(columns[widest]) == 1:
            break
        columns[widest] = _thinned(space.axes[widest], columns[widest])
    cells = list(
        itertools.product(*([(name, value) for value in values] for name, values in columns.items()))
    )
    yield from (cells[i] for i in np.random.default_rng([seed, finer]).permutation(len(cells)))


def _thinned(axis: Axis, values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    """Return one value fewer: the middles of equal parts, since few values at the ends would say little."""
    count = len(values) - 1
    if isinstance(axis, Range):
        return axis.middles(count)
    return tuple(axis.values[int((i + 0.5) * len(axis.values) / count)] for i in range(count))


def _values(axis: Axis, count: int, finer: int) -> tuple[Scalar, ...]:
    """Return an axis's values; on a range each finer grid halves the steps."""
    if isinstance(axis, Choices):
        return axis.values
    if count == 0:
        count = max(2, round(math.log10(axis.high / axis.low)) + 1) if axis.low > 0 else 5
    if count > 1:
        count = (count - 1) * 2**finer + 1
    return axis.steps(count) if count > 1 else (axis.middle,)


def _visited(study: Study, before: int) -> set[Cell]:
    """Return the cells of the trials with a number below `before`; a cell is sorted by its axes' names."""
    trials = study.get_trials(deepcopy=False)[:before]
    return {tuple(sorted(trial.params.items())) for trial in trials}
