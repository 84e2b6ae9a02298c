"""How likely a curve is finite: what became of those like it."""

import math

import numpy as np
import pytest

from epochsearch.core.point import Configuration
from epochsearch.search.freeze_thaw.curves import SeenCurve, Standing
from epochsearch.search.freeze_thaw.health import DOUBT, healthy_shares

LEVELS = np.array([1.0, 2.0, 4.0, 8.0])


def curve(*losses: float) -> SeenCurve:
    return SeenCurve(0, Configuration(0.1, 8), Standing.FROZEN, losses, len(losses), ())


def test_whoever_is_like_a_diverged_curve_is_likely_to_diverge_where_it_did():
    """Not before; and a stranger to all curves is believed to be healthy."""
    seen = [curve(1.0, 1.0, math.nan), curve(1.0, 0.9, 0.8, 0.7)]

    found = healthy_shares(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), seen, LEVELS)

    assert found[0] == pytest.approx([1.0, 1.0, DOUBT / (1 + DOUBT), DOUBT / (1 + DOUBT)])
    assert found[1] == pytest.approx(np.ones(4))
    assert found[2] == pytest.approx(np.ones(4))


def test_between_a_diverged_and_a_healthy_curve_it_is_open():
    """About half."""
    seen = [curve(1.0, math.nan), curve(1.0, 1.0, 1.0, 1.0)]

    found = healthy_shares(np.array([[0.5, 0.5]]), seen, LEVELS)

    assert found[0, 1] == pytest.approx(1 - 0.5 / (1 + DOUBT))
