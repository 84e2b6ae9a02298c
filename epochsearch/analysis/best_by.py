"""The best that each value of one axis gave, or each combination of several, the others at their best for it.

A question such as "does dropout help?" is answered at the learning rate and the number of epochs that suit
each answer, not at those that suit one of them. For the axis of epochs a curve answers for every length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from epochsearch.analysis.candidates import Candidate, Measured, measured
from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.recommendation import PointEstimate, estimate, paired
from epochsearch.analysis.rivals import ALPHA, corrected_difference
from epochsearch.core.axis import Axis, Choices
from epochsearch.core.choice import Scalar
from epochsearch.core.spec import Objective

EPOCHS = "epochs"


@dataclass(frozen=True, slots=True)
class BestOf:
    """The best point with one value of each axis that is asked for."""

    values: tuple[Scalar, ...]  # one an axis
    configurations: int  # that had these values and a finite loss
    estimate: PointEstimate
    last: float  # the loss after the last epoch of the same curve, mean over folds
    difference: Interval | None  # its loss less that of the best value, over the folds; None: one fold
    p: float | None  # two-sided, corrected for the number of values; 1 for the best value itself

    @property
    def apart(self) -> bool:
        """Whether it can be told apart from the best value."""
        return self.p is not None and self.p <= ALPHA


def best_by(
    candidates: Sequence[Candidate],
    axes: Sequence[str],
    values: Sequence[tuple[Scalar, ...]],
    own_seed: int,
    objective: Objective,
) -> tuple[BestOf, ...]:
    """Return the best point for each of `values`, in their order, read on the search's own curves.

    values: those that are wanted, one of each of `axes`; one that no curve with a finite loss has is left
    out. Of equal losses the fewest epochs count. Intervals and p carry Bonferroni's correction for the number
    of values compared.
    """
    read = [measured(one, own_seed, objective, fresh=False) for one in candidates if one.answers]
    found = {
        one: best for one in values if (best := _best(read, dict(zip(axes, one, strict=True)))) is not None
    }
    if not found:
        return ()
    top = min(found.values(), key=lambda best: float(best[0].column(best[1]).mean()))
    others, rows = max(1, len(found) - 1), []
    for value, (of, epochs, count) in found.items():
        difference, p = _against(top, of, epochs, others)
        last = float(of.candidate.own[:, -1].mean())
        rows.append(BestOf(value, count, estimate(of, epochs), last, difference, p))
    return tuple(rows)


def values_of(
    candidates: Sequence[Candidate], searched: Mapping[str, Axis]
) -> tuple[tuple[Scalar, ...], ...]:
    """Return all combinations of values of these axes that candidates have, in the order of the axes.

    Of epochs: those of a list; of a range or a single number the lengths 1, 2, 4, ... times the least that
    the curves answer for, and the longest.
    """
    return tuple(product(*(_values(candidates, name, axis) for name, axis in searched.items())))


def _values(candidates: Sequence[Candidate], name: str, axis: Axis) -> tuple[Scalar, ...]:
    if name == EPOCHS:
        answers = sorted({epoch for one in candidates for epoch in one.answers})
        listed = axis.values if isinstance(axis, Choices) and len(axis.values) > 1 else ()
        return tuple(epoch for epoch in answers if epoch in listed) if listed else _doubled(answers)
    tried = {_value(one, name): None for one in candidates if one.answers}
    if isinstance(axis, Choices):
        return tuple(value for value in axis.values if value in tried)
    return tuple(sorted(tried, key=lambda value: (isinstance(value, str), value)))


def _doubled(answers: Sequence[int]) -> tuple[int, ...]:
    kept: list[int] = []
    for epoch in answers:
        if not kept or epoch >= 2 * kept[-1]:
            kept.append(epoch)
    return tuple(dict.fromkeys((*kept, *answers[-1:])))


def _value(candidate: Candidate, axis: str) -> Scalar:
    configuration = candidate.configuration
    named: Mapping[str, Scalar] = dict(configuration.extras)
    core = {"learning_rate": configuration.learning_rate, "batch_size": configuration.batch_size}
    return {**named, **core}[axis]


def _best(read: Sequence[Measured], wanted: Mapping[str, Scalar]) -> tuple[Measured, int, int] | None:
    """Return candidate, epochs and the number of configurations of the lowest finite mean at these values."""
    points = []
    rest = {name: value for name, value in wanted.items() if name != EPOCHS}
    for place, one in enumerate(read):
        if any(_value(one.candidate, name) != value for name, value in rest.items()):
            continue
        epochs = [epoch for epoch in one.epochs if wanted.get(EPOCHS, epoch) == epoch]
        means = {epoch: float(one.column(epoch).mean()) for epoch in epochs}
        finite = {epoch: mean for epoch, mean in means.items() if np.isfinite(mean)}
        if finite:
            epoch = min(finite, key=lambda at: (finite[at], at))
            points.append((finite[epoch], epoch, place))
    if not points:
        return None
    _, epoch, place = min(points)
    return read[place], epoch, len(points)


def _against(
    top: tuple[Measured, int, int], of: Measured, epochs: int, others: int
) -> tuple[Interval | None, float | None]:
    """Return the difference to the best value and its p."""
    best, at, _ = top
    if best is of and at == epochs:
        return Interval(0.0, 0.0, 0.0), 1.0
    both = paired(best, at, of)
    if both is None:
        return None, None
    differences = both[1][:, of.epochs.index(epochs)] - both[0]
    difference, p = corrected_difference(differences, of.candidate.folds, 1 - ALPHA / others)
    return difference, min(1.0, p * others)
