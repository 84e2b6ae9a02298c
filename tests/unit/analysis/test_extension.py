"""When a curve is carried on, how far, and why it is not."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsearch.analysis.extension import Ending, ExtensionRule, decide
from epochsearch.analysis.forecast import FEWEST

RULE = ExtensionRule(gain=0.005, max_epochs=400)
Law = Callable[[int], float]
LAWS: dict[str, Law] = {
    "power law with a floor": lambda epoch: 0.05 + 1 / epoch,
    "exponential with a floor": lambda epoch: 0.1 + math.exp(-epoch / 12),
    "falls and rises": lambda epoch: 0.1 + math.exp(-epoch / 10) + 0.001 * epoch,
}


def extended(law: Law, start: int, rule: ExtensionRule = RULE) -> tuple[list[float], Ending]:
    """Carry a curve on from `start` epochs until the rule stops it."""
    losses = [law(epoch) for epoch in range(1, start + 1)]
    while (decision := decide(losses, rule)).upto is not None:
        losses += [law(epoch) for epoch in range(len(losses) + 1, decision.upto + 1)]
    assert decision.ending is not None
    return losses, decision.ending


@pytest.mark.parametrize("start", [1, 10, 20])
@pytest.mark.parametrize("name", LAWS)
def test_it_stops_after_the_gain_has_fallen_to_the_threshold(name: str, start: int) -> None:
    """Not before that epoch, and at most half as long again after it: a forecast lags behind a bend."""
    law = LAWS[name]
    worth = next(e for e in range(1, 400) if 1 - law(e + 1) / law(e) <= RULE.gain)

    losses, ending = extended(law, start)

    assert ending is Ending.GAIN
    assert worth - 2 <= len(losses) <= 1.5 * worth + 1


def test_a_power_law_is_carried_to_the_very_epoch() -> None:
    """Gain 0.5 / e of an epoch falls to 0.5 % after epoch 100."""
    losses, ending = extended(lambda epoch: epoch**-0.5, 20)

    assert ending is Ending.GAIN
    assert len(losses) == pytest.approx(100, abs=1)


def test_a_curve_that_goes_on_falling_ends_at_the_most_epochs() -> None:
    """An exponential without a floor loses the same share in every epoch."""
    losses, ending = extended(lambda epoch: math.exp(-epoch / 50), 20)

    assert (len(losses), ending) == (400, Ending.MAX_EPOCHS)


def test_noise_alone_does_not_carry_a_flat_curve_far() -> None:
    """Of 100 flat curves of 30 epochs with 2 % of noise, more than 80 stop within 50 epochs."""
    random = np.random.default_rng(0)
    noise = [iter(np.exp(random.normal(0, 0.02, 500))) for _ in range(100)]

    lengths = [len(extended(lambda epoch, n=n: float(next(n)), 30)[0]) for n in noise]

    assert sum(length <= 50 for length in lengths) > 80


def test_one_rise_does_not_end_it() -> None:
    """The last loss twice as high as it should be."""
    losses = [epoch**-0.7 for epoch in range(1, 31)]
    losses[-1] *= 2

    assert decide(losses, RULE).upto is not None


def test_a_rise_that_lasts_ends_it() -> None:
    """With a forecast that says so."""
    decision = decide([0.2 + 0.01 * epoch for epoch in range(20)], RULE)

    assert decision.ending is Ending.GAIN
    assert decision.forecast is not None
    assert decision.forecast.gain.high < 0


def test_a_loss_that_is_not_finite_ends_it() -> None:
    """There is nothing to carry on."""
    assert decide([0.5, 0.4, math.nan], RULE).ending is Ending.DIVERGED


def test_a_curve_too_short_is_made_long_enough_to_tell() -> None:
    """To the fewest epochs that a forecast takes, or as far as it may go."""
    assert decide([0.5], RULE).upto == FEWEST
    assert decide([0.5], ExtensionRule(0.01, 3)).upto == 3
    assert decide([0.5, 0.4, 0.3], ExtensionRule(0.01, 3)).ending is Ending.MAX_EPOCHS


@given(st.lists(st.floats(1e-3, 10), min_size=1, max_size=60), st.floats(1e-4, 0.3), st.integers(1, 80))
def test_a_step_goes_forward_and_no_further_than_half(losses: list[float], gain: float, most: int) -> None:
    """Any losses at all: more epochs than before, at most half as many again, never above the most."""
    decision = decide(losses, ExtensionRule(gain, most))

    assert (decision.upto is None) != (decision.ending is None)
    if decision.upto is not None:
        assert len(losses) < decision.upto <= most
        assert decision.upto <= max(FEWEST, len(losses) + math.ceil(len(losses) / 2))
