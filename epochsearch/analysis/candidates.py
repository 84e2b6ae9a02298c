"""What is known of each configuration that a search tried: its losses by training seed, fold and epoch.

A candidate answers for every epoch that its curves reach, so it stands for as many points. What is compared
between candidates is a unit: one seed and one fold, under which both were trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from epochsearch.analysis.traces import FloatArray
from epochsearch.core.point import Configuration, Point
from epochsearch.core.spec import Objective


class Unit(NamedTuple):
    """One training of a configuration."""

    seed: int
    fold: int  # 0-based


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One configuration with its curves; where the schedule depends on the length, of one length."""

    configuration: Configuration
    trial: int  # number of the first trial that was read furthest on it
    own: FloatArray  # (folds, epochs): losses under the search's own training seed, lower is better
    answers: tuple[int, ...]  # the epochs it answers for, 1-based, rising, at most the epochs of `own`
    seconds: float  # training time of one epoch of one fold
    fresh: Mapping[int, FloatArray]  # by training seed that the search did not use: (folds, epochs)
    bound: bool = False  # whether the schedule looks at the length: the curve answers for its end alone

    @property
    def folds(self) -> int:
        """How many folds each curve has."""
        return len(self.own)

    def point(self, epochs: int) -> Point:
        """Return the point of this configuration with so many epochs."""
        return Point(epochs, self.configuration)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A candidate with the losses that count, one row a unit."""

    candidate: Candidate
    units: tuple[Unit, ...]
    values: FloatArray  # (units, answers): the objective
    epochs: tuple[int, ...]  # of the columns: the answers that all units reach

    @property
    def means(self) -> FloatArray:
        """The objective at each of `epochs`, the mean over units: (answers,)."""
        return np.asarray(self.values.mean(axis=0))

    def column(self, epoch: int) -> FloatArray:
        """Return the objective of every unit at one of `epochs`: (units,)."""
        return np.asarray(self.values[:, self.epochs.index(epoch)])

    def common(self, units: Sequence[Unit]) -> NDArray[np.intp]:
        """Return the rows of these units, in their order; each must be one of `units`."""
        return np.asarray([self.units.index(unit) for unit in units], dtype=np.intp)


def measured(candidate: Candidate, own_seed: int, objective: Objective, *, fresh: bool) -> Measured:
    """Return the losses of a candidate's fresh curves, or of its own, as the objective reads them.

    own_seed: the search's training seed. fresh: whether the curves of other seeds count, and only they.
    """
    curves = dict(candidate.fresh) if fresh else {own_seed: candidate.own}
    reach = min(losses.shape[1] for losses in curves.values())
    epochs = tuple(epoch for epoch in candidate.answers if epoch <= reach)
    columns = np.asarray(epochs, dtype=np.intp) - 1
    rows = [objective_values(losses[:, :reach], objective)[:, columns] for losses in curves.values()]
    units = [Unit(seed, fold) for seed in curves for fold in range(candidate.folds)]
    return Measured(candidate, tuple(units), np.concatenate(rows), epochs)


def objective_values(losses: FloatArray, objective: Objective) -> FloatArray:
    """Return what the objective reads at each epoch: (folds, epochs), for one training seed.

    "final" is the loss after the epoch. "best" is the loss at the epoch up to there at which the mean over
    folds is lowest: all folds are stopped at the same one.
    """
    if objective == "final":
        return losses
    means = losses.mean(axis=0)
    lowest = np.minimum.accumulate(means)
    falls = np.concatenate([[True], lowest[1:] < lowest[:-1]])
    at = np.maximum.accumulate(np.where(falls, np.arange(len(means)), 0))
    return np.asarray(losses[:, at])
