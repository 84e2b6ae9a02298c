"""Which point to take, and how sure that is: the one-standard-error rule over all that a search's curves say.

Where one training of each configuration is all there is, nothing tells noise from difference: the lowest loss
is then recommended, without an error, and `Noise.source` is "none".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from epochsearch.analysis.best_epoch import best_epoch_interval
from epochsearch.analysis.candidates import Candidate, Measured, measured
from epochsearch.analysis.edges import Edge, edges
from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.one_error import standard_error, within_one_error
from epochsearch.core.point import Point
from epochsearch.core.space import Space
from epochsearch.core.spec import Objective

FEWEST_FRESH = 2  # fresh seeds before a configuration counts as confirmed


@dataclass(frozen=True, slots=True)
class Noise:
    """What tells noise from difference."""

    source: Literal["seeds", "folds", "none"]
    seeds: int  # training seeds that the best point's loss is a mean over
    folds: int
    configurations: int  # that were compared: the confirmed ones, or all

    @property
    def known(self) -> bool:
        """Whether anything does."""
        return self.source != "none"

    @property
    def units(self) -> int:
        """Trainings that a loss is a mean over."""
        return self.seeds * self.folds


@dataclass(frozen=True, slots=True)
class PointEstimate:
    """A point with what is known of its loss."""

    point: Point
    trial: int  # number of the first trial that was read furthest on its curve
    loss: float  # the objective, mean over units
    standard_error: float | None  # of that mean; None: a single unit
    units: int  # seeds x folds
    seconds: float  # of training it once: epochs x the median time of an epoch; 0: not recorded


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The point to take."""

    recommended: PointEstimate
    best: PointEstimate  # the lowest mean loss
    noise: Noise
    within: int  # points within one standard error of the best, itself included; 1 where nothing is known
    best_epoch: Interval | None  # of the recommended configuration; None: from fewer than three units
    edges: tuple[Edge, ...]  # where the best point lies at an end of what was searched

    @property
    def point(self) -> Point:
        """The recommended triple with any further hyperparameters."""
        return self.recommended.point


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The candidates that can be compared with each other, and the best point among them."""

    noise: Noise
    all: tuple[Measured, ...]
    best: Measured
    best_epochs: int


def recommend(
    candidates: Sequence[Candidate], space: Space, own_seed: int, objective: Objective
) -> Recommendation | None:
    """Return the cheapest point not worse than the best beyond the noise; None if no curve has a finite loss.

    own_seed: the training seed of the search. Cost is training time; where none is recorded, epochs.
    """
    ranking = rank(candidates, own_seed, objective)
    if ranking is None:
        return None
    chosen, epochs, within = _cheapest(ranking)
    return Recommendation(
        recommended=estimate(chosen, epochs),
        best=estimate(ranking.best, ranking.best_epochs),
        noise=ranking.noise,
        within=within,
        best_epoch=_best_epoch(chosen, own_seed, ranking.noise),
        edges=_edges(ranking, space),
    )


def rank(candidates: Sequence[Candidate], own_seed: int, objective: Objective) -> Ranking | None:
    """Return what can be compared, on the strongest evidence there is; None if nothing has a finite loss.

    Fresh seeds count as soon as the configuration that the search found best has two of them, and then they
    alone: the loss by which a point was chosen flatters it. Otherwise the search's own curves do.
    """
    own = [measured(one, own_seed, objective, fresh=False) for one in candidates if one.answers]
    found = _lowest(own)
    if found is None:
        return None
    best, epochs = found
    if len(best.candidate.fresh) >= FEWEST_FRESH:
        confirmed = [one for one in candidates if one.answers and len(one.fresh) >= FEWEST_FRESH]
        fresh = [measured(one, own_seed, objective, fresh=True) for one in confirmed]
        most = max(len(one.units) for one in fresh)
        found = _lowest([one for one in fresh if len(one.units) == most])
        if found is not None:
            noise = Noise("seeds", most // best.candidate.folds, best.candidate.folds, len(fresh))
            return Ranking(noise, tuple(fresh), *found)
    folds = best.candidate.folds
    noise = Noise("folds" if folds > 1 else "none", 1, folds, len(own))
    return Ranking(noise, tuple(own), best, epochs)


def estimate(of: Measured, epochs: int) -> PointEstimate:
    """Return one point of a candidate with its loss."""
    values = of.column(epochs)
    return PointEstimate(
        point=of.candidate.point(epochs),
        trial=of.candidate.trial,
        loss=float(values.mean()),
        standard_error=standard_error(values),
        units=len(values),
        seconds=epochs * of.candidate.seconds,
    )


def paired(best: Measured, epochs: int, other: Measured) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the best point's losses (units,) and another's (units, answers) over the units of both.

    None if they share fewer than two.
    """
    units = [unit for unit in best.units if unit in other.units]
    if len(units) < 2:
        return None
    return best.column(epochs)[best.common(units)], other.values[other.common(units)]


def _edges(ranking: Ranking, space: Space) -> tuple[Edge, ...]:
    best = ranking.best.candidate
    curve_end = None if best.bound else best.own.shape[1]
    return edges(best.point(ranking.best_epochs), space, curve_end)


def _cheapest(ranking: Ranking) -> tuple[Measured, int, int]:
    """Return candidate and epochs of the cheapest point within one error, and how many are within."""
    best, epochs = ranking.best, ranking.best_epochs
    points = [(_cost(best, epochs), float(best.column(epochs).mean()), best, epochs)]
    if ranking.noise.known:
        for one in ranking.all:
            both = paired(best, epochs, one)
            if both is None:
                continue
            within = within_one_error(*both)
            means = one.means
            points += [
                (_cost(one, epoch), float(means[i]), one, epoch)
                for i, epoch in enumerate(one.epochs)
                if within[i] and not (one is best and epoch == epochs)
            ]
    *_, chosen, chosen_epochs = min(points, key=lambda item: item[:2])
    return chosen, chosen_epochs, len(points)


def _lowest(found: Sequence[Measured]) -> tuple[Measured, int] | None:
    """Return candidate and epochs of the lowest finite mean; of equals the cheapest."""
    points = []
    for one in found:
        means = one.means
        if len(means) and np.isfinite(means).any():
            i = int(np.nanargmin(means))
            points.append(
                (float(means[i]), _cost(one, one.epochs[i]), one.candidate.trial, one, one.epochs[i])
            )
    if not points:
        return None
    *_, one, epochs = min(points, key=lambda item: item[:3])
    return one, epochs


def _cost(of: Measured, epochs: int) -> tuple[float, int]:
    return epochs * of.candidate.seconds, epochs


def _best_epoch(chosen: Measured, own_seed: int, noise: Noise) -> Interval | None:
    if not noise.known or len(chosen.epochs) < 2:
        return None
    raw = measured(chosen.candidate, own_seed, "final", fresh=noise.source == "seeds")
    return best_epoch_interval(raw.values, raw.epochs)
