"""What a search that freezes and thaws had found, and what it had been charged, after each of its orders.

Its trials do not end one after the other: a trace of it has a step an order, not a step a trial.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from epochsearch.analysis.traces import TracedTrial
from epochsearch.core.orders import TrialOrder

Epochs = Sequence[tuple[float, float]]
"""Of one trial, by epoch: what the objective reads, and the charged seconds."""


def traced_orders(
    orders: Sequence[TrialOrder], epochs: Mapping[int, Epochs], least: int
) -> tuple[TracedTrial, ...]:
    """Return one step an order, as they were given; with one worker they end one after the other.

    epochs: by the number of the trial. least: the fewest epochs that may be read off a curve. What a
    diverging trial found in the order in which it diverged does not count: it is not completed.
    """
    done: dict[int, int] = {}
    charged, seconds, traced = 0, 0.0, []
    for order in sorted(orders, key=lambda order: order.step):
        first = done.get(order.trial, 0)
        part = list(epochs.get(order.trial, ()))[first : order.upto]
        done[order.trial] = first + len(part)
        charged += len(part)
        seconds += math.fsum(time for _, time in part)
        values = [value for epoch, (value, _) in enumerate(part, first + 1) if epoch >= least]
        whole = all(math.isfinite(value) for value, _ in part)
        traced.append(TracedTrial(min(values) if values and whole else None, charged, seconds))
    return tuple(traced)
