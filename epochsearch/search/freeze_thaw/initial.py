"""Configurations that spread over the space before anything is known of it: Sobol points, each once.

Sources: Sobol 1967, "On the distribution of points in a cube and the approximate evaluation of integrals";
Owen 1998, "Scrambling Sobol' and Niederreiter-Xing points" (the scrambling).
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from epochsearch.core.point import Configuration
from epochsearch.search.freeze_thaw.coordinates import Coordinates, FloatArray
from epochsearch.search.freeze_thaw.policy import Snap


class Spread:
    """The sequence of one study."""

    def __init__(self, coordinates: Coordinates, seed: int, snap: Snap) -> None:
        """seed: of the study."""
        self._coordinates, self._seed, self._snap = coordinates, seed, snap
        self._shares = np.empty((0, coordinates.axes))

    def next(self, taken: Collection[Configuration], step: int) -> Configuration | None:
        """Return the first point that no curve has; far into the sequence a random one, None if none is left.

        taken: the configurations of all curves, as they are trained.
        """
        for shares in self._first(2 * len(taken) + 8):
            configuration = self._coordinates.configuration(shares)
            if self._snap(configuration) not in taken:
                return configuration
        random = np.random.default_rng([self._seed, step, 1])
        for shares in random.random((200, self._coordinates.axes)):
            configuration = self._coordinates.configuration(shares)
            if self._snap(configuration) not in taken:
                return configuration
        return None

    def _first(self, count: int) -> FloatArray:
        """Return at least so many points of the sequence, (points, axes)."""
        if not self._coordinates.axes:
            return np.empty((1, 0))
        if len(self._shares) < count:
            from scipy.stats import qmc

            sequence = qmc.Sobol(
                self._coordinates.axes, scramble=True, rng=np.random.default_rng([self._seed, 0])
            )
            self._shares = np.asarray(sequence.random_base2(count.bit_length()))
        return self._shares
