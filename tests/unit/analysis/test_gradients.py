"""Exploding and vanishing gradients are named, and nothing else is."""

from __future__ import annotations

import math

import pytest

from epochsearch.analysis.gradients import diagnose_gradients, gradient_sentence
from epochsearch.core.curve import EpochReport


def curve(norms: list[float | None], losses: list[float] | None = None) -> list[EpochReport]:
    falling = losses or [2.0 / (i + 1) for i in range(len(norms))]
    return [
        EpochReport(i + 1, loss, loss, 1.0, gradient_norm=norm)
        for i, (norm, loss) in enumerate(zip(norms, falling, strict=True))
    ]


@pytest.mark.parametrize(
    ("norms", "losses", "state", "epoch"),
    [
        ([1.0, 0.9, 250.0, 0.8], None, "exploding", 3),
        ([1.0, 0.9, math.inf, 0.8], None, "exploding", 3),
        ([1.0, 0.9, 20.0, 0.8], None, "neither", 4),
        ([1.0, 1e-3, 1e-6, 1e-8], None, "neither", 4),
        ([1e-3, 1e-6, 1e-7, 1e-7], [2.3, 2.3, 2.3, 2.3], "vanishing", 4),
        ([0.0, 0.0, 0.0], [2.3, 2.3, 2.3], "vanishing", 3),
        ([0.1, 0.1, 0.1], [2.3, 2.3, 2.3], "neither", 3),
    ],
)
def test_gradients_are_named(
    norms: list[float | None], losses: list[float] | None, state: str, epoch: int
) -> None:
    """One epoch far above the others explodes; next to nothing vanishes, unless the loss has been learned."""
    found = diagnose_gradients(curve(norms, losses))

    assert found is not None
    assert (found.state, found.epoch) == (state, epoch)
    assert gradient_sentence(found).startswith(state)


def test_without_norms_nothing_is_said() -> None:
    """They are measured where it is asked for."""
    assert diagnose_gradients(curve([None, None])) is None
