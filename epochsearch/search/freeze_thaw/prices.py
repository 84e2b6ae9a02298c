"""What an epoch of a configuration costs: one, or the time it takes where a search is limited by time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from epochsearch.core.point import Configuration
from epochsearch.search.freeze_thaw.coordinates import FloatArray
from epochsearch.search.freeze_thaw.curves import SeenCurve


def epoch_prices(
    configurations: Sequence[Configuration], curves: Sequence[SeenCurve], *, by_seconds: bool
) -> FloatArray:
    """Return the price of an epoch of each configuration, (configurations,).

    by_seconds: the median seconds of an epoch at its batch size, or at the nearest one (in the logarithm) of
    which a curve has been seen; else 1, as long as no time was measured too.
    """
    times: dict[int, list[float]] = {}
    for curve in curves if by_seconds else ():
        if curve.losses and curve.seconds > 0:
            times.setdefault(curve.configuration.batch_size, []).append(curve.seconds)
    if not times:
        return np.ones(len(configurations))
    medians = {size: float(np.median(seconds)) for size, seconds in times.items()}
    sizes = [configuration.batch_size for configuration in configurations]
    return np.array([medians[_nearest(size, medians)] for size in sizes])


def _nearest(size: int, known: dict[int, float]) -> int:
    return min(known, key=lambda other: (abs(math.log(other / size)), other))
