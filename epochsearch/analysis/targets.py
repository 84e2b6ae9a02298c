"""How many epochs (or seconds) until a search is good enough, where some searches never are.

A search that ends above the target says only that it would have needed more than it was charged: it is
censored there, not left out and not counted as if it had arrived.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.traces import CostKind, FloatArray, Trace, anytime, final_best

SHARES = (0.10, 0.05, 0.02)  # of all configurations of a lattice or table


@dataclass(frozen=True, slots=True)
class Target:
    """A loss to be reached."""

    name: str  # as "best 5 %"
    loss: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """When one search reached a target."""

    cost: float  # charged epochs or seconds: at which it arrived, or all it was charged if it did not
    reached: bool


@dataclass(frozen=True, slots=True)
class ArrivalSummary:
    """The cost of reaching one target, over searches; None where too few arrived to tell."""

    searches: int
    reached: int
    median: float | None  # cost by which half of all such searches arrive
    low: float | None  # ends of the 95 % interval of the median
    high: float | None
    restricted_mean: float  # mean cost when each search is given up at `horizon`
    horizon: float


def best_shares(losses: Sequence[float | None], shares: Sequence[float] = SHARES) -> tuple[Target, ...]:
    """Return the losses that the best `shares` of all configurations reach.

    Of n configurations the best share has ceil(share * n), at least 1; its loss is the highest among them.
    losses: of every configuration of a complete lattice or table; None, NaN and infinity rank last. Shares
    whose loss is not finite are left out.
    """
    ranked = sorted(math.inf if loss is None or not math.isfinite(loss) else loss for loss in losses)
    targets = []
    for share in shares:
        place = max(1, math.ceil(round(share * len(ranked), 9)))
        if ranked and math.isfinite(ranked[place - 1]):
            targets.append(Target(f"best {100 * share:g} %", float(ranked[place - 1])))
    return tuple(targets)


def arrival(searched: Trace, loss: float, by: CostKind = "epochs") -> Arrival:
    """Return when the best value so far was first at most `loss`."""
    for step in anytime(searched, by):
        if step.best <= loss:
            return Arrival(step.cost, reached=True)
    return Arrival(searched.charged(by), reached=False)


def summarise(arrivals: Sequence[Arrival], horizon: float | None = None) -> ArrivalSummary:
    """Return the Kaplan-Meier median with its 95 % interval and the restricted mean of the cost to arrive.

    horizon: where the restricted mean ends; use one for all entries that are compared, at most the smallest
    budget. None: the largest cost among `arrivals`.

    Raises:
        ValueError: There are no arrivals.

    Source: Kaplan, Meier 1958, "Nonparametric estimation from incomplete observations", JASA 53(282);
    interval of the
    median: Brookmeyer, Crowley 1982, Biometrics 38(1); restricted mean: Royston, Parmar 2013, BMC Med. Res.
    Methodol. 13:152.
    """
    if not arrivals:
        raise ValueError("there are no searches to summarise")
    from statsmodels.duration.survfunc import SurvfuncRight

    costs = np.array([arrived.cost for arrived in arrivals])
    reached = np.array([arrived.reached for arrived in arrivals])
    end = float(costs.max()) if horizon is None else horizon
    if not reached.any():
        return ArrivalSummary(len(arrivals), 0, None, None, None, end, end)
    survival = SurvfuncRight(costs, reached.astype(int))
    median = _first_below_half(survival.surv_times, survival.surv_prob)
    with np.errstate(all="ignore"):  # its log(-log(1)) before the first arrival
        low, high = (_finite(bound) for bound in survival.quantile_ci(0.5))
    return ArrivalSummary(
        searches=len(arrivals),
        reached=int(reached.sum()),
        median=median,
        low=low,
        high=high,
        restricted_mean=_area(survival.surv_times, survival.surv_prob, end),
        horizon=end,
    )


def cost_ratio(a: Sequence[Trace], b: Sequence[Trace], by: CostKind = "epochs") -> float | None:
    """Return the share of b's cost with which a reaches b's final loss: 0.5 means half the epochs.

    The target is the loss that half of b's searches end at or below (of an even number the upper of the
    middle two); both costs are Kaplan-Meier medians for that same target, so b is not charged for what it
    spent after its last improvement. None if fewer than half of a's (or b's) searches arrive, or b arrives
    at no cost.
    """
    finals = sorted(math.inf if math.isnan(final) else final for final in map(final_best, b))
    if not finals or not a or not math.isfinite(finals[len(finals) // 2]):
        return None
    target = finals[len(finals) // 2]
    needed = [summarise([arrival(searched, target, by) for searched in side]).median for side in (a, b)]
    if needed[0] is None or not needed[1]:
        return None
    return needed[0] / needed[1]


def _first_below_half(costs: FloatArray, surviving: FloatArray) -> float | None:
    # At most a half: inf{t: S(t) <= 1/2}; the slack is for products such as 2/3 * 3/4.
    below = costs[surviving <= 0.5 + 1e-12]
    return float(below[0]) if below.size else None


def _area(costs: FloatArray, surviving: FloatArray, end: float) -> float:
    inside = costs < end
    edges = np.array([0.0, *costs[inside], end])
    return float(np.sum(np.diff(edges) * np.array([1.0, *surviving[inside]])))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
