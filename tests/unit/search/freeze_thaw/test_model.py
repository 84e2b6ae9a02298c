"""What freeze-thaw decides on curves that are known: it ends sensibly on every kind of them."""

import math
import statistics

import numpy as np
import pytest

from epochsearch.core.point import Configuration
from epochsearch.core.space import Space, parse_space
from epochsearch.search.freeze_thaw.curves import SeenCurve, Standing
from epochsearch.search.freeze_thaw.model import Constants, FreezeThaw
from epochsearch.search.freeze_thaw.policy import Policy
from epochsearch.search.freeze_thaw.screens import PromotingAsha, Screen
from tests.replays import Replay, replay

LAST = 32
SPACE = parse_space({"epochs": f"{LAST}", "learning_rate": "1e-5:1e-1", "batch_size": "16,32,64,128"})
BEST = 1e-3


def place(configuration: Configuration) -> float:
    """Decades away from the best learning rate."""
    return abs(math.log10(configuration.learning_rate / BEST))


def falling(configuration: Configuration) -> list[float]:
    end = 0.1 + 0.2 * place(configuration) + configuration.batch_size / 2000
    return [end + 2 / epoch for epoch in range(1, LAST + 1)]


def constant(configuration: Configuration) -> list[float]:
    return [0.7] * LAST


def diverging(configuration: Configuration) -> list[float]:
    """All but the slowest diverge in their third epoch."""
    losses = falling(configuration)
    return losses if configuration.learning_rate < 1e-4 else [*losses[:2], *[math.nan] * (LAST - 2)]


def noisy(configuration: Configuration) -> list[float]:
    random = np.random.default_rng(round(1e9 * configuration.learning_rate) + configuration.batch_size)
    return [loss * math.exp(0.2 * random.standard_normal()) for loss in falling(configuration)]


def crossing(configuration: Configuration) -> list[float]:
    """Who is fast at first is worst at the end."""
    speed = 3 - place(configuration)
    return [0.1 + 0.3 * speed + (4 - speed) * 2.5 * epoch**-1.0 for epoch in range(1, LAST + 1)]


def overfitting(configuration: Configuration) -> list[float]:
    """The lowest loss comes after four epochs, then it rises without end."""
    low = 0.5 + 0.2 * place(configuration)
    return [low + 0.1 * abs(math.log2(epoch / 4)) ** 2 for epoch in range(1, LAST + 1)]


def policy(space: Space = SPACE, seed: int = 0, **constants: float) -> FreezeThaw:
    return FreezeThaw(space, seed, lambda proposed: proposed, Constants(**constants))


def carried_out(curves, seed: int = 0, budget: int = 12 * LAST, **more) -> Replay:
    return replay(policy(seed=seed), curves, budget, **more)


@pytest.mark.parametrize("curves", [falling, constant, noisy, crossing, overfitting])
def test_every_kind_of_curves_ends_sensibly(curves):
    """No configuration twice, no curve beyond its end; forecasts are numbers; something is trained on."""
    done = carried_out(curves)

    assert len({curve.configuration for curve in done.curves}) == len(done.curves)
    assert all(len(curve.losses) <= LAST for curve in done.curves)
    assert max(len(curve.losses) for curve in done.curves) >= 8
    for order in done.orders[Constants().first :]:
        assert order.forecast is not None
        for expected in (order.forecast.upto, order.forecast.end):
            assert expected.low <= expected.median <= expected.high < math.inf


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("curves", "trainings", "reach"), [(falling, 6, 0.25), (noisy, 6, 0.25), (crossing, 12, 1.05)]
)
def test_a_good_configuration_is_found_within_a_few_trainings(curves, trainings, reach, seed):
    """Within six full trainings; where the order turns round whole, it is only on its way after twelve."""
    done = carried_out(curves, seed=seed, budget=trainings * LAST)

    assert done.bests[-1] <= reach


def test_diverged_curves_are_never_thawed():
    """And their neighbourhood is left: the best of what does not diverge is found."""
    done = carried_out(diverging)

    for curve in done.curves:
        if any(math.isnan(loss) for loss in curve.losses):
            assert (len(curve.losses), curve.standing) == (3, Standing.ENDED)
    assert done.bests[-1] < 0.45


@pytest.mark.parametrize("after", [0, 1, 3])
def test_where_everything_diverges_the_search_goes_on_elsewhere(after):
    """Each curve once, none thawed after it diverged."""

    def lost(configuration: Configuration) -> list[float]:
        return [*falling(configuration)[:after], *[math.inf] * (LAST - after)]

    done = carried_out(lost, budget=3 * LAST)

    assert len({curve.configuration for curve in done.curves}) == len(done.curves)
    assert done.charged >= 3 * LAST
    assert all(len(curve.losses) <= after + 1 for curve in done.curves)


def test_curves_that_over_fit_are_not_trained_on_for_nothing():
    """Few epochs go beyond the level after the lowest loss."""
    done = carried_out(overfitting)

    beyond = sum(max(0, len(curve.losses) - 8) for curve in done.curves)
    assert beyond < 0.25 * done.charged


def test_curves_that_are_all_the_same_end_by_themselves():
    """Once no more may be begun, a constant loss promises little: over seeds a third is not spent."""
    charged = [carried_out(constant, seed, 100 * LAST, trials=10).charged for seed in range(4)]

    assert statistics.fmean(charged) < 0.67 * 10 * LAST
    assert max(charged) < 10 * LAST


def test_no_more_than_the_trials_allowed_are_begun_and_the_best_is_finished():
    """With a limit of trials the search ends when no curve is worth going on with."""
    done = carried_out(falling, budget=100 * LAST, trials=10)

    best = min(done.curves, key=lambda curve: falling(curve.configuration)[-1])
    assert len(done.curves) == 10
    assert len(best.losses) == LAST
    assert done.charged < 10 * LAST


def test_a_larger_threshold_of_the_expected_gain_ends_a_search_earlier():
    """Once no more may be begun; without one every curve that may still be better is trained to its end."""
    charged = [replay(policy(gain=gain), falling, 100 * LAST, trials=10).charged for gain in (0.0, 0.01, 0.3)]

    assert charged == sorted(charged, reverse=True)
    assert charged[0] > charged[-1]


def test_it_decides_the_same_after_a_fresh_start_at_any_step():
    """A policy that has just been made, given the curves so far, gives the next order of the old one."""
    done = carried_out(noisy, budget=4 * LAST)

    for order in done.orders[:: len(done.orders) // 6]:
        before = [curve.before(order.step) for curve in done.curves]
        begun = [curve for curve in before if any(step < order.step for step, _ in curve.orders)]
        assert policy().next(begun, order.step, begin=True) == order


def test_running_curves_count_as_if_they_came_out_as_predicted():
    """What another worker trains is not ordered again, nor its neighbour just because it is not known yet."""
    done = carried_out(falling, budget=3 * LAST)
    decider, curves, orders = policy(), list(done.curves), []
    for step in range(len(done.orders), len(done.orders) + 4):
        order = decider.next(curves, step, begin=True)
        assert order is not None
        orders.append(order)
        number = len(curves) if order.number is None else order.number
        losses = () if order.number is None else curves[number].losses
        given = () if order.number is None else curves[number].orders
        running = SeenCurve(
            number, order.configuration, Standing.RUNNING, losses, order.upto, (*given, (step, order.upto))
        )
        curves[number : number + 1] = [running]

    assert len({order.configuration for order in orders}) == 4


def test_slow_epochs_are_trained_less_where_time_is_the_budget():
    """A batch size whose epochs take ten times as long is thawed less often than where epochs are counted."""

    def seconds(configuration: Configuration) -> float:
        return 10.0 if configuration.batch_size == 16 else 1.0

    def slow_epochs(by_seconds: bool) -> int:
        decider = FreezeThaw(SPACE, 0, lambda proposed: proposed, by_seconds=by_seconds)
        done = replay(decider, falling, 8 * LAST, seconds=seconds)
        return sum(len(c.losses) for c in done.curves if c.configuration.batch_size == 16)

    assert slow_epochs(by_seconds=True) < slow_epochs(by_seconds=False)


@pytest.mark.parametrize(
    "made",
    [
        policy(parse_space({"epochs": "8", "learning_rate": "0.1,0.01", "batch_size": "8"})),
        policy(parse_space({"epochs": "1", "learning_rate": "1e-4:1e-1", "batch_size": "8"})),
        policy(parse_space({"epochs": "8", "learning_rate": "0.1", "batch_size": "8"})),
        policy(parse_space({"epochs": "4:8", "learning_rate": "1e-4:1e-1", "batch_size": "8,16"})),
    ],
    ids=["two configurations", "one epoch", "one configuration", "at least four epochs"],
)
def test_small_spaces_end_when_everything_is_trained(made: Policy):
    """Or go on with new configurations where there are always more."""
    done = replay(made, lambda configuration: falling(configuration)[:8], 60)

    assert len({curve.configuration for curve in done.curves}) == len(done.curves)
    assert done.charged >= 60 or all(len(c.losses) == 8 for c in done.curves)


def test_one_epoch_screen_trains_the_best_three_of_fifty_to_the_end():
    """Then the next fifty."""
    screen = Screen(SPACE, 0, lambda proposed: proposed, epochs=1, configurations=50, best=3)

    done = replay(screen, falling, 50 + 3 * (LAST - 1) + 1)

    ranked = sorted(done.curves[:50], key=lambda curve: curve.losses[0])
    assert [len(curve.losses) for curve in ranked] == [LAST] * 3 + [1] * 47
    assert len(done.curves) == 51


def test_promoting_asha_takes_the_best_third_of_each_rung_higher():
    """On curves that do not cross, who is promoted is among the best of those that reached the rung."""
    asha = PromotingAsha(SPACE, 0, lambda proposed: proposed, least=1, factor=3)

    done = replay(asha, falling, 20 * LAST)

    lengths = {len(curve.losses) for curve in done.curves}
    assert lengths == {1, 3, 9, 27, LAST}
    for rung, higher in ((1, 3), (3, 9), (9, 27)):
        reached = [curve for curve in done.curves if len(curve.losses) >= rung]
        promoted = [curve for curve in reached if len(curve.losses) >= higher]
        assert 0.25 * len(reached) < len(promoted) < 0.45 * len(reached)
