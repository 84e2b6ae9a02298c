"""What is expected of an order: the best loss at its end and at the curve's, with 90 % intervals.

The scales of the process are not known but sampled, so the draws come from several of them: an interval
under one set of scales alone is too narrow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from epochsearch.core.orders import Expected, Forecast
from epochsearch.search.freeze_thaw.coordinates import FloatArray
from epochsearch.search.freeze_thaw.curves import Yardstick, levels

DRAWS = 400  # of a curve's future
QUANTILES = (0.5, 0.05, 0.95)  # median, and the ends of an interval that holds 90 %


def future(done: int, upto: int, last: int) -> FloatArray:
    """Return the epochs at which a curve's way is drawn: levels after `done`, and the end of the order."""
    later = [level for level in levels(last) if level > done]
    return np.array(sorted({*later, upto}), dtype=np.float64)


def forecast(
    ways: Sequence[tuple[FloatArray, FloatArray]],
    losses: Sequence[float],
    upto: int,
    last: int,
    yardstick: Yardstick,
    gain: float,
    random: np.random.Generator,
) -> Forecast:
    """Return what is expected, from draws.

    ways: mean (epochs,) and covariance (epochs, epochs) of the curve at its `future`, under several scales.
    losses: of the curve so far.
    """
    done = len(losses)
    epochs = future(done, upto, last).tolist()
    draws = np.vstack(
        [
            random.multivariate_normal(mean, covariance, DRAWS // len(ways), method="eigh")
            for mean, covariance in ways
        ]
    )  # (draws, epochs)
    now = float(yardstick.values(losses).min()) if losses else math.inf
    best = np.minimum(np.minimum.accumulate(draws, axis=1), now)
    at = [best[:, epochs.index(upto)], best[:, -1]]
    expected = [Expected(*(yardstick.loss(float(q)) for q in np.quantile(b, QUANTILES))) for b in at]
    return Forecast(expected[0], expected[1], gain)
