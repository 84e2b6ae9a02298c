"""What a sampler that freezes and thaws expected, against what came; how often its intervals held."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from epochsearch.core.orders import TrialOrder


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """An order and what became of it."""

    order: TrialOrder
    charged: int  # epochs of all orders before it: with one worker, what the search had been charged
    first: int  # epoch that it began with: 1 for a new trial, more for one that was thawed
    done: (
        int  # epochs that the trial had when the order was over; less than ordered if it diverged or was cut
    )
    seen: float | None  # the best value of the trial by then; None: none is finite
    seen_end: (
        float | None
    )  # its best value at the largest number of epochs; None: it was never trained so far

    @property
    def inside(self) -> bool | None:
        """Whether the value seen lies in the 90 % interval expected; None: there is no such thing."""
        if self.order.forecast is None or self.done < self.order.upto or self.seen is None:
            return None
        expected = self.order.forecast.upto
        return expected.low <= self.seen <= expected.high

    @property
    def inside_end(self) -> bool | None:
        """Whether the value at the end lies in the interval that was expected of it; None as above."""
        if self.order.forecast is None or self.seen_end is None:
            return None
        return self.order.forecast.end.low <= self.seen_end <= self.order.forecast.end.high


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often what came lay in the 90 % interval."""

    orders: int  # whose outcome is known
    inside: int

    @property
    def share(self) -> float | None:
        """The part that lay inside; None: no outcome is known."""
        return self.inside / self.orders if self.orders else None


def order_outcomes(
    orders: Sequence[TrialOrder], values: Mapping[int, Sequence[float]], last: int
) -> tuple[OrderOutcome, ...]:
    """Return what became of each order, as they were given.

    values: by the number of the trial, what the objective reads by epoch. last: the largest number of epochs.
    """
    reached: dict[int, int] = {}
    charged, outcomes = 0, []
    for order in sorted(orders, key=lambda order: order.step):
        curve = values.get(order.trial, ())
        before, done = reached.get(order.trial, 0), min(order.upto, len(curve))
        reached[order.trial] = done
        end = _best(curve[:last]) if len(curve) >= last else None
        outcomes.append(OrderOutcome(order, charged, before + 1, done, _best(curve[:done]), end))
        charged += done - before
    return tuple(outcomes)


def last_orders(outcomes: Sequence[OrderOutcome], trials: Collection[int]) -> tuple[OrderOutcome, ...]:
    """Return the last order of each of some trials, the lowest value expected at the end first.

    Those of which nothing was expected come last, by the best value seen.
    """
    last = {outcome.order.trial: outcome for outcome in outcomes if outcome.order.trial in trials}
    return tuple(sorted(last.values(), key=_promise))


def _promise(outcome: OrderOutcome) -> tuple[bool, float]:
    forecast = outcome.order.forecast
    if forecast is not None:
        return False, forecast.end.median
    return True, math.inf if outcome.seen is None else outcome.seen


def calibration(hits: Sequence[bool | None]) -> Calibration:
    """Return how many of the outcomes that are known lay inside."""
    known = [hit for hit in hits if hit is not None]
    return Calibration(len(known), sum(known))


def _best(values: Sequence[float]) -> float | None:
    return min((value for value in values if math.isfinite(value)), default=None)
