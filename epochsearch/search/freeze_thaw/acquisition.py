"""What is trained next: the greatest expected improvement of the best loss, for the epochs that it costs.

A curve may be aimed at any later level, not only at its end: one whose loss will rise again is worth training
to where it is lowest, and the epochs after that cost nothing.

Sources: Jones, Schonlau, Welch 1998, "Efficient global optimization of expensive black-box functions", for
the expected improvement; Snoek, Larochelle, Adams 2012, "Practical Bayesian optimization of machine learning
algorithms", section 3.2, for the improvement per cost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from epochsearch.search.freeze_thaw.coordinates import FloatArray


class Choice(NamedTuple):
    """The candidate that is trained next."""

    candidate: int  # its row
    gain: float  # expected improvement of the best loss, in the logarithm, at the level it is aimed at
    most: float  # the greatest expected improvement of any candidate at any level


def most_gain_per_epoch(
    mean: FloatArray, deviation: FloatArray, best: float, cost: FloatArray, healthy: FloatArray
) -> Choice:
    """Return the candidate and its gain; all arrays are (candidates, levels).

    mean, deviation: of the logarithm of the loss at each level. best: the lowest one predicted so far. cost:
    of training up to the level; infinite for levels that are behind. healthy: how likely the curve has not
    diverged by then.
    """
    gain = np.where(np.isfinite(cost), healthy * expected_improvement(mean, deviation, best), 0.0)
    row, column = (int(i) for i in np.unravel_index(np.argmax(gain / cost), gain.shape))
    return Choice(row, float(gain[row, column]), float(gain.max()))


def expected_improvement(mean: FloatArray, deviation: FloatArray, best: float) -> FloatArray:
    """Return the expected amount by which normal values fall below `best`, of the shape of `mean`."""
    from scipy.special import ndtr

    z = (best - mean) / deviation
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.asarray(deviation * (z * ndtr(z) + density), dtype=np.float64)
