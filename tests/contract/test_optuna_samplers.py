"""Optuna's own contract for samplers, on those that are samplers of Optuna's: as a search makes them.

A grid and an extension propose from lists of their own, and what freezes and thaws decides on curves rather
than on trials: for those the contract says nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from optuna.samplers import BaseSampler
from optuna.testing.pytest_samplers import BasicSamplerTestCase, RelativeSamplerTestCase

from epochsearch.core.choice import Choice, resolve
from epochsearch.core.space import parse_space
from epochsearch.search.proposing.lattice import make_lattice
from epochsearch.search.proposing.samplers import SAMPLERS, make_sampler

SPACE = parse_space({"epochs": "5:50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32,64"})


def moved(name: str, **options: float) -> Callable[[], BaseSampler]:
    """Return what makes the sampler, its learning rates moved to a lattice."""
    choice = resolve(Choice(name, tuple(options.items())), SAMPLERS, "--sampler")
    return lambda: make_sampler(choice, SPACE, 0, 0, make_lattice(SPACE, 4))


class TestSamplers(BasicSamplerTestCase):
    """What every sampler must do."""

    @pytest.fixture(params=["random", "tpe", "qmc"])
    def sampler(self, request: pytest.FixtureRequest) -> Callable[[], BaseSampler]:
        """What makes one."""
        return moved(request.param)


class TestRelativeSamplers(RelativeSamplerTestCase):
    """What those must do that propose several hyperparameters at once."""

    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        """What makes one, without trials at random."""
        return moved("tpe", n_startup_trials=0)
