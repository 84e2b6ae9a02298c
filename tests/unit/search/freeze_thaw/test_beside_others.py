"""Orders while others are trained: nobody trains what another one does, and all of them come to an end."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from epochsearch.core.point import Configuration
from epochsearch.core.space import Space, parse_space
from epochsearch.search.freeze_thaw.curves import SeenCurve, Standing
from epochsearch.search.freeze_thaw.model import FreezeThaw
from epochsearch.search.freeze_thaw.policy import Order, Policy
from epochsearch.search.freeze_thaw.screens import PromotingAsha, Screen
from tests.unit.search.freeze_thaw.test_model import LAST, SPACE, constant, crossing, diverging, noisy

SMALL = parse_space({"epochs": f"{LAST}", "learning_rate": "1e-4,1e-3,1e-2", "batch_size": "16,32"})
BUDGET = 120
FAILING = 0.02  # of all epochs end their trial with an error


def nowhere_finite(configuration: Configuration) -> list[float]:
    """All diverge at once."""
    return [math.nan] * LAST


def trained_beside(
    policy: Policy,
    losses_of: Callable[[Configuration], Sequence[float]],
    workers: int,
    trials: int | None = None,
) -> list[SeenCurve]:
    """Return the curves after the budget, epochs arriving in random order; every order is looked at.

    As in the search loop, a worker's next order is asked for during its last epoch.
    """
    chance, curves, step = random.Random(workers), list[SeenCurve](), 0
    for _ in range(BUDGET):
        while _wanting(curves, workers):
            begin = trials is None or len(curves) < trials
            order = policy.next(list(curves), step, begin=begin)
            if order is None:
                break
            assert order.step == step
            assert begin or order.number is not None
            _given(curves, order)
            step += 1
        under_way = _under_way(curves)[:workers]
        if not under_way:
            break
        _epoch(curves, chance.choice(under_way), losses_of, failed=chance.random() < FAILING)
    return curves


def _under_way(curves: Sequence[SeenCurve]) -> list[SeenCurve]:
    return [curve for curve in curves if curve.standing is Standing.RUNNING]


def _wanting(curves: Sequence[SeenCurve], workers: int) -> bool:
    running = _under_way(curves)
    soon = sum(curve.upto - len(curve.losses) == 1 for curve in running[:workers])
    return len(running) < workers + (soon if len(running) > 1 else 0)


def _given(curves: list[SeenCurve], order: Order) -> None:
    if order.number is None:
        assert order.configuration not in {curve.configuration for curve in curves}
        curves.append(SeenCurve(len(curves), order.configuration, Standing.FROZEN, (), 0, ()))
    number = len(curves) - 1 if order.number is None else order.number
    curve = curves[number]
    assert curve.standing is Standing.FROZEN
    assert curve.upto < order.upto <= LAST
    orders = (*curve.orders, (order.step, order.upto))
    curves[number] = replace(curve, standing=Standing.RUNNING, upto=order.upto, orders=orders)


def _epoch(
    curves: list[SeenCurve],
    curve: SeenCurve,
    losses_of: Callable[[Configuration], Sequence[float]],
    *,
    failed: bool,
) -> None:
    if failed:
        curves[curve.number] = replace(curve, standing=Standing.ENDED)
        return
    losses = (*curve.losses, losses_of(curve.configuration)[len(curve.losses)])
    standing = Standing.FROZEN if len(losses) == curve.upto else Standing.RUNNING
    if len(losses) == LAST or not math.isfinite(losses[-1]):
        standing = Standing.ENDED
    curves[curve.number] = replace(curve, standing=standing, losses=losses)


def made(name: str, space: Space = SPACE) -> Policy:
    if name == "screen":
        return Screen(space, 0, lambda c: c, epochs=1, configurations=5, best=2)
    if name == "promoting-asha":
        return PromotingAsha(space, 0, lambda c: c, least=1, factor=3)
    return FreezeThaw(space, 0, lambda c: c, by_seconds=name == "by seconds")


@pytest.mark.parametrize("workers", [2, 6])
@pytest.mark.parametrize("losses_of", [constant, diverging, noisy, crossing, nowhere_finite])
@pytest.mark.parametrize("name", ["freeze-thaw", "by seconds", "screen", "promoting-asha"])
def test_no_curve_is_ordered_twice_whatever_the_curves(name, losses_of, workers):
    """Even where the first curves report after later ones, or fail, or none is ever finite."""
    curves = trained_beside(made(name), losses_of, workers)

    assert sum(len(curve.losses) for curve in curves) > BUDGET // 2


@pytest.mark.parametrize("workers", [2, 9])
@pytest.mark.parametrize("name", ["freeze-thaw", "screen", "promoting-asha"])
def test_no_more_are_begun_than_may_be_with_more_workers_than_curves(name, workers):
    """What has no order waits; a worker without one is not given a curve that another one trains."""
    assert len(trained_beside(made(name), noisy, workers, trials=5)) == 5
    assert len(trained_beside(made(name, SMALL), noisy, workers)) == 6
