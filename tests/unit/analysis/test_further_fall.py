"""How much lower a curve would be after more epochs."""

from __future__ import annotations

import numpy as np
import pytest

from epochsearch.analysis.further_fall import further_fall

LAWS = {
    "power": lambda x: 0.2 + 1.5 * (40 * x) ** -0.6,
    "exponential": lambda x: 0.1 + 2.0 * np.exp(-2.5 * x),
    "straight": lambda x: 2.3 - 0.5 * x,
}


@pytest.mark.parametrize("law", LAWS)
def test_a_curve_of_each_law_is_carried_on(law: str) -> None:
    """Without noise the truth lies within the interval, and the estimate within a fifth of it."""
    x = np.arange(1, 41) / 40
    truth = LAWS[law](1.0) - LAWS[law](2.0)

    found = further_fall(LAWS[law](x).tolist())

    assert found is not None
    assert found.low <= truth <= found.high
    assert found.estimate == pytest.approx(truth, rel=0.2)


def test_the_interval_covers_the_truth() -> None:
    """Laws of many sizes with noise of up to 2 %: at least 85 % of 300 at nominal 95 %."""
    rng, covered = np.random.default_rng(1), 0
    for i in range(300):
        epochs = int(rng.integers(15, 60))
        x = np.arange(1, 2 * epochs + 1) / epochs
        floor = rng.uniform(0, 0.3)
        fall = (x * epochs) ** -rng.uniform(0.2, 1.0), np.exp(-x * rng.uniform(0.5, 3)), 1 - 0.3 * x
        losses = floor + fall[i % 3]
        seen = losses[:epochs] * np.exp(rng.normal(0, rng.uniform(0.001, 0.02), epochs))
        found = further_fall(seen.tolist())
        assert found is not None
        covered += not found.excludes(float(losses[epochs - 1] - losses[-1]))

    assert covered >= 0.85 * 300


def test_a_loss_that_never_was_below_zero_does_not_get_there() -> None:
    """However steeply it falls."""
    found = further_fall([2.0 - 0.049 * epoch for epoch in range(40)])

    assert found is not None
    assert found.estimate <= 2.0 - 0.049 * 39 + 1e-9


def test_too_few_epochs_say_nothing() -> None:
    """The laws have three unknowns."""
    assert further_fall([4.0, 3, 2, 1]) is None


@pytest.mark.parametrize("unit", [1e-290, 1e290])
def test_the_unit_of_the_loss_does_not_matter(unit: float) -> None:
    """Nor does a curve that has all but run away overflow."""
    losses = [0.2 + 1.5 * epoch**-0.6 for epoch in range(1, 31)]

    plain, scaled = further_fall(losses), further_fall([unit * loss for loss in losses])

    assert plain is not None
    assert scaled is not None
    expected = (plain.estimate, plain.low, plain.high)
    assert (scaled.estimate / unit, scaled.low / unit, scaled.high / unit) == pytest.approx(expected)
