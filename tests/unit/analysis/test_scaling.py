"""The exponent of the best learning rate in the batch size."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from epochsearch.analysis.scaling import Tried, rate_scaling

SIZES = (16, 32, 64, 128)


def bowl(exponent: float, noise: float = 0.0, rates: int = 41, sizes: tuple[int, ...] = SIZES) -> list[Tried]:
    """A search on a lattice of rates whose best at each size is 1e-3 (size / 16) ^ exponent."""
    random = np.random.default_rng(0)
    found = []
    for size, step in itertools.product(sizes, range(rates)):
        rate = 1e-5 * 2 ** (step / 2)
        distance = math.log2(rate / (1e-5 * 2**7 * (size / 16) ** exponent))
        found.append(Tried(rate, size, distance**2 + random.normal(0, noise)))
    return found


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, -0.5])
def test_an_exact_power_law_is_found(exponent: float) -> None:
    """Rates and sizes on a lattice of powers of two: the slope is the exponent itself."""
    found = rate_scaling(bowl(exponent))

    assert found is not None
    assert found.exponent.estimate == pytest.approx(exponent)
    assert found.factor == pytest.approx(1e-5 * 2**7 / 16**exponent)
    assert found.exponent.low <= exponent <= found.exponent.high
    assert [one.batch_size for one in found.best] == list(SIZES)


def test_the_line_is_scipys() -> None:
    """Least squares through the best rates of the sizes, whatever they are."""
    random = np.random.default_rng(1)
    tried = [
        Tried(float(rate), size, float(loss))
        for size in SIZES
        for rate, loss in zip(10 ** random.uniform(-5, -1, 9), random.random(9), strict=True)
    ]

    found = rate_scaling(tried)

    assert found is not None
    best = [min((one for one in tried if one.batch_size == size), key=lambda one: one.loss) for size in SIZES]
    line = stats.linregress(np.log(SIZES), np.log([one.learning_rate for one in best]))
    assert found.exponent.estimate == pytest.approx(line.slope)
    assert found.factor == pytest.approx(math.exp(line.intercept))


def test_the_interval_is_that_of_all_resamples() -> None:
    """With three rates at each of three sizes the best of a resample is the first with 19/27, and so on."""
    rates = {16: (1e-3, 2e-3, 4e-3), 32: (2e-3, 1e-3, 5e-3), 64: (4e-3, 3e-3, 1e-3)}
    tried = [Tried(rate, size, place) for size, three in rates.items() for place, rate in enumerate(three)]
    chance = (19 / 27, 7 / 27, 1 / 27)
    slopes = sorted(
        (_slope(rates, drawn), math.prod(chance[i] for i in drawn))
        for drawn in itertools.product(range(3), repeat=3)
    )
    below = np.cumsum([share for _, share in slopes])

    found = rate_scaling(tried)

    assert found is not None
    ends = [slopes[int(np.searchsorted(below, level))][0] for level in (0.025, 0.975)]
    assert [found.exponent.low, found.exponent.high] == pytest.approx(ends, abs=0.05)


def test_noise_widens_the_interval() -> None:
    """Which rate is best is then a matter of luck."""
    exact, noisy = rate_scaling(bowl(0.5)), rate_scaling(bowl(0.5, noise=3.0))

    assert exact is not None
    assert noisy is not None
    assert noisy.exponent.high - noisy.exponent.low > exact.exponent.high - exact.exponent.low


def test_sizes_of_a_range_are_taken_together_by_octaves() -> None:
    """No two trials need have the same batch size."""
    scattered = [
        Tried(one.learning_rate, one.batch_size + shift, one.loss)
        for shift, one in zip(itertools.cycle((-2, 0, 3)), bowl(0.5), strict=False)
    ]

    found = rate_scaling(scattered, octaves=True)

    assert found is not None
    assert len(found.best) == len(SIZES)
    assert found.exponent.estimate == pytest.approx(0.5, abs=0.1)


def test_too_little_gives_none() -> None:
    """Two batch sizes, or two learning rates at one of three, are no ground for a law."""
    assert rate_scaling(bowl(0.5, sizes=(16, 32))) is None
    assert rate_scaling(bowl(0.5, rates=2)) is None
    assert rate_scaling([Tried(one.learning_rate, one.batch_size, math.inf) for one in bowl(0.5)]) is None


def _slope(rates: dict[int, tuple[float, ...]], drawn: tuple[int, ...]) -> float:
    best = [rates[size][place] for size, place in zip(rates, drawn, strict=True)]
    return float(stats.linregress(np.log(list(rates)), np.log(best)).slope)
