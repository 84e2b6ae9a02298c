"""The policy `freeze-thaw`: a few first curves, then what is expected to improve the best loss most an epoch.

Every decision looks at the frozen curves and at fresh candidates, predicts the loss of each at every later
level, and trains the chosen one to its next level. It knows no more than the curves, the number of orders
given and the study's seed: a search that was killed decides the same when it goes on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epochsearch.core.point import Configuration
from epochsearch.core.space import Space
from epochsearch.search.freeze_thaw.acquisition import most_gain_per_epoch
from epochsearch.search.freeze_thaw.candidates import fresh_candidates
from epochsearch.search.freeze_thaw.coordinates import Coordinates, FloatArray
from epochsearch.search.freeze_thaw.curves import (
    SeenCurve,
    Standing,
    Yardstick,
    levels,
    next_level,
    seen_points,
)
from epochsearch.search.freeze_thaw.forecasting import forecast, future
from epochsearch.search.freeze_thaw.health import healthy_shares
from epochsearch.search.freeze_thaw.initial import Spread
from epochsearch.search.freeze_thaw.pending import pending_points
from epochsearch.search.freeze_thaw.policy import Order, Snap
from epochsearch.search.freeze_thaw.prices import epoch_prices
from epochsearch.search.freeze_thaw.process import PRIOR, Points, Posterior, Prior
from epochsearch.search.freeze_thaw.scales import Chain
from epochsearch.search.freeze_thaw.threads import one_thread


@dataclass(frozen=True, slots=True)
class Constants:
    """What the method leaves open; tests/benchmarks/freeze_thaw.md says how little each matters."""

    first: int = 4  # curves begun before the model decides
    least: int = 2  # epochs that a curve gets at first
    gain: float = 0.01  # expected improvement, in the logarithm, that is worth going on for at the end
    fresh: int = 120  # candidates that are new, half anywhere, half near the best
    near: int = 3  # so many best ones
    frozen: int = 60  # candidates that lie frozen: those of the lowest predicted loss
    burn: int = 40  # steps of the chain before the first decision
    moves: int = 2  # and before each later one
    sample: int = 120  # points that the chain looks at
    points: int = 200  # points that a decision looks at
    prior: Prior = PRIOR


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What may be trained next."""

    alike: FloatArray  # to the curves seen, (curves,)
    done: int  # epochs
    trained: Configuration
    proposed: Configuration
    curve: SeenCurve | None = None  # None: a new one


class FreezeThaw:
    """Decides by the model."""

    def __init__(
        self,
        space: Space,
        seed: int,
        snap: Snap,
        constants: Constants | None = None,
        *,
        by_seconds: bool = False,
    ) -> None:
        """seed: of the study. by_seconds: whether an epoch costs the time it takes."""
        self._coordinates, self._snap, self._seed = Coordinates(space), snap, seed
        self._constants, self._by_seconds = constants or Constants(), by_seconds
        low, self._last = space.lengths
        self._levels = np.array(levels(self._last), dtype=np.float64)
        self._least = min(max(self._constants.least, low), self._last)
        self._spread = Spread(self._coordinates, seed, snap)
        self._chain = Chain(self._coordinates.columns, self._coordinates.axes, seed, self._constants.prior)
        self._moved = self._constants.first - 1  # the step that the chain has come to

    def next(self, curves: Sequence[SeenCurve], step: int, *, begin: bool) -> Order | None:
        """Return the next order; see `policy.Policy`."""
        seen = any(math.isfinite(curve.best) for curve in curves)
        if begin and (len(curves) < self._constants.first or not seen):
            configuration = self._spread.next({curve.configuration for curve in curves}, step)
            if configuration is not None:
                return Order(step, None, configuration, self._least)
        if not seen:
            return None
        with one_thread():
            return self._decided(curves, step, begin=begin)

    def _decided(self, curves: Sequence[SeenCurve], step: int, *, begin: bool) -> Order | None:
        """Return the order that the model gives."""
        self._move_chain(curves, step)
        yardstick = Yardstick.of(curves)
        points = self._pending(curves, yardstick)
        posterior = self._chain.posterior(points)
        seen = [curve for curve in curves if curve.losses]
        lowest = self._lowest(seen, posterior, yardstick)
        candidates = self._frozen(seen, lowest, posterior)
        fresh = self._fresh(curves, seen, lowest, posterior, step) if begin else []
        candidates += fresh
        if not candidates:
            return None
        alike = np.array([candidate.alike for candidate in candidates])
        cost = self._cost(candidates, seen)
        healthy = healthy_shares(alike[:, : len(seen)], seen, self._levels)
        mean, deviation = posterior.at(alike, self._levels)
        best = min(float(lowest.min()), yardstick.most_value)
        choice = most_gain_per_epoch(mean, deviation, best, cost, healthy)
        if not begin and choice.most < self._constants.gain:
            return None
        chosen = candidates[choice.candidate]
        return self._order(chosen, step, seen, points, yardstick, choice.gain)

    def _move_chain(self, curves: Sequence[SeenCurve], step: int) -> None:
        """Move the chain on to this step, at each on what was seen before it."""
        for at in range(self._moved + 1, step + 1):
            then = [curve.before(at) for curve in curves] if at < step else curves
            points = self._points(then, Yardstick.of(then), self._constants.sample)
            first = at == self._constants.first
            self._chain.move(points, at, self._constants.burn if first else self._constants.moves)
        self._moved = max(step, self._moved)

    def _points(self, curves: Sequence[SeenCurve], yardstick: Yardstick, most: int) -> Points:
        return seen_points(curves, yardstick, self._coordinates, self._last, most)

    def _pending(self, curves: Sequence[SeenCurve], yardstick: Yardstick) -> Points:
        """Return what is known; what is running counts as if it came out as predicted."""
        points = self._points(curves, yardstick, self._constants.points)
        return pending_points(curves, points, self._chain.posterior(points), self._coordinates)

    def _lowest(self, seen: Sequence[SeenCurve], posterior: Posterior, yardstick: Yardstick) -> FloatArray:
        """Return the lowest value of each curve, seen or predicted at a later level, (curves,)."""
        done = np.array([len(curve.losses) for curve in seen])
        over = np.array([curve.standing is Standing.ENDED for curve in seen])
        means = posterior.means(posterior.known(range(len(seen))), self._levels)
        behind = (self._levels[None] <= done[:, None]) | over[:, None]
        values = np.array(
            [np.inf if curve.diverged else yardstick.values(curve.losses).min() for curve in seen]
        )
        return np.asarray(np.minimum(values, np.where(behind, np.inf, means).min(axis=1)))

    def _frozen(
        self, seen: Sequence[SeenCurve], lowest: FloatArray, posterior: Posterior
    ) -> list[_Candidate]:
        ranked = [int(i) for i in lowest.argsort() if seen[i].standing is Standing.FROZEN]
        kept = ranked[: self._constants.frozen]
        return [
            _Candidate(alike, len(curve.losses), curve.configuration, curve.configuration, curve)
            for curve, alike in zip([seen[i] for i in kept], posterior.known(kept), strict=True)
        ]

    def _fresh(
        self,
        curves: Sequence[SeenCurve],
        seen: Sequence[SeenCurve],
        lowest: FloatArray,
        posterior: Posterior,
        step: int,
    ) -> list[_Candidate]:
        best = [seen[i].configuration for i in lowest.argsort()[: self._constants.near]]
        taken = {curve.configuration for curve in curves}
        random = np.random.default_rng([self._seed, step, 1])
        found = fresh_candidates(self._coordinates, self._snap, taken, best, self._constants.fresh, random)
        places = self._coordinates.places(list(found))
        return [
            _Candidate(alike, 0, trained, proposed)
            for (trained, proposed), alike in zip(found.items(), posterior.new(places), strict=True)
        ]

    def _cost(self, candidates: Sequence[_Candidate], seen: Sequence[SeenCurve]) -> FloatArray:
        """Return the cost of training each candidate to each level, (candidates, levels)."""
        done = np.array([candidate.done for candidate in candidates])
        prices = epoch_prices(
            [candidate.trained for candidate in candidates], seen, by_seconds=self._by_seconds
        )
        left = self._levels[None] - done[:, None]
        return np.asarray(np.where(left > 0, left * prices[:, None], np.inf))

    def _order(
        self,
        candidate: _Candidate,
        step: int,
        seen: Sequence[SeenCurve],
        points: Points,
        yardstick: Yardstick,
        gain: float,
    ) -> Order:
        upto = max(next_level(candidate.done, self._last), self._least)
        random = np.random.default_rng([self._seed, step, 3])
        ways = [
            posterior.along(self._alike(candidate, seen, posterior), future(candidate.done, upto, self._last))
            for posterior in self._chain.recent_posteriors(points)
        ]
        losses = candidate.curve.losses if candidate.curve else ()
        number = candidate.curve.number if candidate.curve else None
        said = forecast(ways, losses, upto, self._last, yardstick, gain, random)
        return Order(step, number, candidate.proposed, upto, said)

    def _alike(self, candidate: _Candidate, seen: Sequence[SeenCurve], posterior: Posterior) -> FloatArray:
        """Return how alike a candidate is to the curves seen, (curves,), under the scales of a posterior."""
        if candidate.curve:
            return np.asarray(posterior.known([seen.index(candidate.curve)])[0])
        return np.asarray(posterior.new(self._coordinates.places([candidate.trained]))[0])
