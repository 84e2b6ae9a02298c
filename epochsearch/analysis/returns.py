"""What a further epoch buys: the fall of the loss against epochs, seconds, memory-seconds and money.

Single epochs are too restless to be priced one by one. The gains here are those of the greatest convex
curve below the losses: they fall from epoch to epoch, they sum up to the whole fall, and a plateau before a
fall is spread over what it led to. So there is one epoch beyond which no further one, nor any number of
them, buys a set gain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from epochsearch.analysis.traces import CostKind, FloatArray, Trace, anytime, best_at

GAIN = 0.005  # of the loss an epoch must buy, if nobody says otherwise
LAST = 0.1  # of a study's budget
Unit = Literal["epoch", "second", "gigabyte-second", "money"]
HOUR, GIGABYTE = 3600.0, 1e9


@dataclass(frozen=True, slots=True)
class CurveReturns:
    """The gains of one curve, epoch 1 first; that one has none, for there is nothing before it."""

    seconds: FloatArray  # up to the end of each epoch
    gain: FloatArray  # fall of the loss bought by each epoch, NaN for the first
    per_second: FloatArray | None  # fall of the loss per second; None: the epochs took no time that is known
    per_gigabyte_second: FloatArray | None  # per second of a gigabyte held; None: memory is not known
    per_money: FloatArray | None  # per unit of money; None: there is no price
    money: FloatArray | None  # up to the end of each epoch
    least: float  # share of the loss that an epoch is to buy
    worth: int  # the last epoch that still bought it; 1 if none did


@dataclass(frozen=True, slots=True)
class LastShare:
    """What the last part of a study's budget bought."""

    by: CostKind
    share: float  # of the budget
    spent: float  # epochs or seconds of it
    before: float | None  # best loss when it began; None: no trial was completed by then
    after: float  # best loss at the end

    @property
    def bought(self) -> float | None:
        """By how much the best loss fell, as a share of what it was."""
        return (
            None if self.before is None or self.before == 0 else (self.before - self.after) / abs(self.before)
        )


def marginal_gains(losses: Sequence[float], costs: Sequence[float] | FloatArray | None = None) -> FloatArray:
    """Return by how much each epoch lowered the loss, per unit of its cost; NaN for the first.

    losses: finite, (epochs,). costs: of each epoch, above 0, (epochs,); None: 1. The gains never rise, are
    those of the greatest convex minorant of the losses over the summed costs, and are below 0 where the
    curve ends higher.

    Source: Barlow, Bartholomew, Bremner, Brunk 1972, "Statistical inference under order restrictions": the
    minorant's slopes are the isotonic regression of the steps.
    """
    from scipy.optimize import isotonic_regression

    values = np.asarray(losses, dtype=np.float64)
    weights = np.ones(len(values)) if costs is None else np.asarray(costs, dtype=np.float64)
    found = np.full(len(values), math.nan)
    if len(values) > 1:
        steps = -np.diff(values) / weights[1:]
        found[1:] = isotonic_regression(steps, weights=weights[1:], increasing=False).x
    return found


def curve_returns(
    losses: Sequence[float],
    seconds: Sequence[float],
    *,
    memory: Sequence[float | None] = (),
    price: float | None = None,
    least: float = GAIN,
) -> CurveReturns | None:
    """Return what each epoch of a curve bought; None for a curve that does not stay finite.

    losses: validation losses, (epochs,). seconds: wall time of each epoch. memory: bytes held in each, if
    known for all of them. price: money per hour. least: share of the loss that an epoch is to buy.
    """
    if not losses or not all(map(math.isfinite, losses)):
        return None
    took = np.asarray(seconds, dtype=np.float64)
    timed = bool((took > 0).all())
    held = np.array([math.nan if size is None else size for size in memory], dtype=np.float64) / GIGABYTE
    known = timed and len(held) == len(took) and bool((held > 0).all())
    gain = marginal_gains(losses)
    per_second = marginal_gains(losses, took) if timed else None
    hourly = None if price is None or not price > 0 else price / HOUR  # money per second
    return CurveReturns(
        seconds=np.cumsum(took),
        gain=gain,
        per_second=per_second,
        per_gigabyte_second=marginal_gains(losses, took * held) if known else None,
        per_money=None if hourly is None or per_second is None else per_second / hourly,
        money=None if hourly is None else np.cumsum(took) * hourly,
        least=least,
        worth=worth_until(losses, least),
    )


def worth_until(losses: Sequence[float], least: float = GAIN) -> int:
    """Return the last epoch that bought at least the share `least` of the loss; 1 if none did.

    Past it no further epoch does, nor any number of them on average, as far as the curve is known.
    """
    gain, values = marginal_gains(losses), np.asarray(losses, dtype=np.float64)
    before = np.abs(values[:-1])
    enough = np.flatnonzero((gain[1:] > 0) & (gain[1:] >= least * before))
    return int(enough[-1]) + 2 if len(enough) else 1


def last_share(searched: Trace, by: CostKind = "epochs", share: float = LAST) -> LastShare | None:
    """Return what the last `share` of a search's charge bought; None if it found or cost nothing."""
    steps, spent = anytime(searched, by), searched.charged(by)
    if not steps or spent <= 0:
        return None
    before = float(best_at(steps, [(1 - share) * spent])[0])
    known = before if math.isfinite(before) else None
    return LastShare(by, share, share * spent, known, steps[-1].best)
