"""The methods that freeze-thaw has to beat: short screens of many configurations, and promoting ASHA.

Sources: Egele et al. 2024, "The unreasonable effectiveness of early discarding after one epoch in neural
network hyperparameter optimization" (Neurocomputing 597); Li et al. 2020, "A system for massively parallel
hyperparameter tuning" (MLSys), algorithm 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from epochsearch.core.space import Space
from epochsearch.search.freeze_thaw.coordinates import Coordinates
from epochsearch.search.freeze_thaw.curves import SeenCurve, Standing
from epochsearch.search.freeze_thaw.initial import Spread
from epochsearch.search.freeze_thaw.policy import Order, Snap


class Screen:
    """Trains some configurations a little and the best of them to the end; then the next ones."""

    def __init__(
        self, space: Space, seed: int, snap: Snap, *, epochs: int, configurations: int, best: int
    ) -> None:
        """epochs: that each configuration gets; best: so many of them go on."""
        low, self._last = space.lengths
        self._epochs = min(max(epochs, low), self._last)
        self._each, self._best = configurations, best
        self._spread = Spread(Coordinates(space), seed, snap)

    def next(self, curves: Sequence[SeenCurve], step: int, *, begin: bool) -> Order | None:
        """Return the next order; see `policy.Policy`."""
        begun = len(curves) % self._each != 0 or not curves
        if begun and begin and (order := self._new(curves, step)) is not None:
            return order
        if any(curve.standing is Standing.RUNNING and curve.upto <= self._epochs for curve in curves):
            return None
        rounds = range(0, len(curves), self._each)
        for some in (curves[first : first + self._each] for first in rounds):
            ranked = sorted(some, key=lambda curve: _best_after(curve, self._epochs))[: self._best]
            for curve in ranked:
                if curve.standing is Standing.FROZEN and curve.upto < self._last:
                    return Order(step, curve.number, curve.configuration, self._last)
        return self._new(curves, step) if begin else None

    def _new(self, curves: Sequence[SeenCurve], step: int) -> Order | None:
        configuration = self._spread.next({curve.configuration for curve in curves}, step)
        return None if configuration is None else Order(step, None, configuration, self._epochs)


class PromotingAsha:
    """Trains the best third of each rung on to the next one, the highest rung first; else begins another."""

    def __init__(self, space: Space, seed: int, snap: Snap, *, least: int, factor: int) -> None:
        """least: epochs of the lowest rung; factor: between rungs, and of those that are not promoted."""
        low, last = space.lengths
        first = min(max(least, low), last)
        count = math.floor(math.log(last / first, factor) + 1e-9) + 1
        self._rungs = sorted({*(first * factor**i for i in range(count)), last})
        self._factor = factor
        self._spread = Spread(Coordinates(space), seed, snap)

    def next(self, curves: Sequence[SeenCurve], step: int, *, begin: bool) -> Order | None:
        """Return the next order; see `policy.Policy`."""
        for rung, higher in reversed(list(zip(self._rungs, self._rungs[1:], strict=False))):
            reached = [curve for curve in curves if len(curve.losses) >= rung]
            ranked = sorted(reached, key=lambda curve: _best_after(curve, rung))
            for curve in ranked[: len(reached) // self._factor]:
                if curve.standing is Standing.FROZEN and curve.upto < higher:
                    return Order(step, curve.number, curve.configuration, higher)
        if not begin:
            return None
        configuration = self._spread.next({curve.configuration for curve in curves}, step)
        return None if configuration is None else Order(step, None, configuration, self._rungs[0])


def _best_after(curve: SeenCurve, epochs: int) -> tuple[float, int]:
    """Return the best loss of the first epochs, and the trial's number for equals."""
    finite = [loss for loss in curve.losses[:epochs] if math.isfinite(loss)]
    return min(finite, default=math.inf), curve.number
