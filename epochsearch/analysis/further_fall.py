"""How much lower a curve would be after more epochs: an average over many laws, fitted to its later part.

A law is a floor and a fall, as a power of the epoch, exponential, straight or ever faster. None is the true
one; which of them the losses favour, how far those disagree, and how wrong the same average would have been
from half the epochs is what the estimate and its interval say.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.traces import FloatArray

POWERS = np.geomspace(0.05, 3.0, 80)
RATES = np.geomspace(0.02, 10.0, 80)  # of an exponential fall, per length of the curve
GROWING = np.array([1.0, 1.5, 2.0])  # of a fall that does not slow down, as at a very low learning rate
SKIPPED = 0.25  # of the epochs, from the start: the first fall follows laws of its own
SHARPNESS = 0.5  # of the posterior: epochs are not independent, and no law is the true one
LEAST = 0.05  # standard error, as a share of the estimate: a curve without noise is still of no law
FEWEST = 5  # epochs that the laws are fitted to
_95_PERCENT = 1.96  # standard deviations


def further_fall(val: Sequence[float], times: float = 2.0) -> Interval | None:
    """Return by how much the loss would be lower after `times` as many epochs, in its own units.

    val: finite losses of epochs 1 to n. Below 0 where it would be higher. None for fewer than FEWEST epochs
    in the later part. Laws are weighted by their posterior under even priors, half as sharp as independent
    epochs would make it; a loss that never was below 0 is not taken to get there.

    Source: Hoeting, Madigan, Raftery, Volinsky 1999, "Bayesian model averaging: a tutorial", Statistical
    Science 14(4); the laws: Viering, Loog 2023, "The shape of learning curves: a review", IEEE TPAMI 45(6).
    """
    values = np.array(val, dtype=np.float64)
    unit = float(np.abs(values).max(initial=0.0)) or 1.0  # squares of huge losses overflow
    values /= unit
    found = _averaged(values, times)
    if found is None:
        return None
    estimate, error = found
    reach = _95_PERCENT * math.hypot(error, _hindsight(values, times), LEAST * estimate)
    return Interval(unit * estimate, unit * (estimate - reach), unit * (estimate + reach))


def _averaged(val: FloatArray, times: float) -> tuple[float, float] | None:
    """Return the average fall over the laws, and its standard error within and between them."""
    epochs = len(val)
    first = min(int(epochs * SKIPPED), epochs - FEWEST)
    if first < 0:
        return None
    y = val[first:]
    laws = _laws(np.arange(first + 1, epochs + 1) / epochs)  # (laws, epochs fitted)
    now, later = _laws(np.array([1.0])), _laws(np.array([times]))  # (laws, 1)
    middle = laws.mean(axis=1, keepdims=True)
    spread = ((laws - middle) ** 2).sum(axis=1)
    slope = ((laws - middle) @ (y - y.mean())) / spread
    rest = ((y - y.mean() - slope[:, None] * (laws - middle)) ** 2).sum(axis=1)
    step = (now - later)[:, 0]
    falls = slope * step
    if val.min() >= 0:
        falls = np.minimum(falls, y.mean() + slope * (now - middle)[:, 0])
    free = max(len(y) - 3, 1)
    weights = _weights(rest, free)
    estimate = float(weights @ falls)
    within, between = rest / free / spread * step**2, (falls - estimate) ** 2
    return estimate, math.sqrt(float(weights @ (within + between)))


def _hindsight(val: FloatArray, times: float) -> float:
    """Return by how much the average would have missed the end from 1 / `times` of the epochs.

    0.0 if those are too few. Both ends are medians of three epochs.
    """
    then = round(len(val) / times)
    found = _averaged(val[:then], len(val) / then) if then >= FEWEST else None
    if found is None:
        return 0.0
    fall = float(np.median(val[max(then - 2, 0) : then + 1]) - np.median(val[-3:]))
    return abs(found[0] - fall) / 2


def _laws(x: FloatArray) -> FloatArray:
    """Return every law without floor and size at epochs in units of the curve's length: (laws, epochs)."""
    powers, rates = x[None, :] ** -POWERS[:, None], np.exp(-RATES[:, None] * x[None, :])
    return np.concatenate([powers, rates, -(x[None, :] ** GROWING[:, None])])


def _weights(rest: FloatArray, free: int) -> FloatArray:
    """Return the laws' weights from what each leaves unexplained."""
    least = max(float(rest.min()), 1e-300)
    log_weights = -0.5 * SHARPNESS * free * np.log(np.maximum(rest, least) / least)
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())
