"""A policy's decisions on curves that are known whole: the search loop without a database, one worker."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from epochsearch.core.point import Configuration
from epochsearch.search.freeze_thaw.curves import SeenCurve, Standing
from epochsearch.search.freeze_thaw.policy import Order, Policy


@dataclass(slots=True)
class Replay:
    """What a policy has done."""

    curves: list[SeenCurve] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    bests: list[float] = field(default_factory=list)  # the lowest loss seen after each charged epoch
    decisions: list[float] = field(default_factory=list)  # seconds

    @property
    def charged(self) -> int:
        """Epochs trained."""
        return len(self.bests)

    def reached(self, loss: float) -> int | None:
        """Return after how many epochs the lowest loss seen was at most `loss`."""
        return next((i + 1 for i, best in enumerate(self.bests) if best <= loss), None)


def replay(
    policy: Policy,
    losses_of: Callable[[Configuration], Sequence[float]],
    budget: int,
    *,
    snap: Callable[[Configuration], Configuration] = lambda configuration: configuration,
    trials: int | None = None,
    target: float = -math.inf,
    seconds: Callable[[Configuration], float] = lambda configuration: 0.0,
) -> Replay:
    """Return what the policy does until the budget of epochs is spent, the target is seen, or it has enough.

    losses_of: the whole curve of a configuration.
    """
    done = Replay()
    while done.charged < budget:
        begun = time.perf_counter()
        begin = trials is None or len(done.curves) < trials
        order = policy.next(done.curves, len(done.orders), begin=begin)
        done.decisions.append(time.perf_counter() - begun)
        if order is None:
            break
        done.orders.append(order)
        _carry_out(done, order, losses_of, snap, seconds)
        if done.bests[-1] <= target:
            break
    return done


def _carry_out(
    done: Replay,
    order: Order,
    losses_of: Callable[[Configuration], Sequence[float]],
    snap: Callable[[Configuration], Configuration],
    seconds: Callable[[Configuration], float],
) -> None:
    if order.number is None:
        trained = snap(order.configuration)
        done.curves.append(SeenCurve(len(done.curves), trained, Standing.FROZEN, (), 0, ()))
    curve = done.curves[-1 if order.number is None else order.number]
    whole = losses_of(curve.configuration)
    losses = list(curve.losses)
    while len(losses) < order.upto and all(map(math.isfinite, losses)):
        losses.append(whole[len(losses)])
        best = done.bests[-1] if done.bests else math.inf
        done.bests.append(min(best, losses[-1]) if math.isfinite(losses[-1]) else best)
    ended = len(losses) == len(whole) or not math.isfinite(losses[-1])
    done.curves[curve.number] = replace(
        curve,
        standing=Standing.ENDED if ended else Standing.FROZEN,
        losses=tuple(losses),
        upto=order.upto,
        orders=(*curve.orders, (order.step, order.upto)),
        seconds=seconds(curve.configuration),
    )
