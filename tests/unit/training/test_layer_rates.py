"""Parts of a model are frozen, slower or as all others, as the task says for each epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import epochsearch
from epochsearch.core.errors import TaskError
from epochsearch.core.recipe import OPTIMISERS
from epochsearch.training.learner import make_learner
from epochsearch.training.torch_learner import TorchLearner
from tests.contract.subjects import identity


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 8))
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.backbone(x))
        return logits


class Alike(epochsearch.Task):
    """All parts at the full rate."""

    rates: Mapping[int, Mapping[str, Any]] = {}

    def data(self):
        random = np.random.default_rng(0)
        y = np.arange(96) % 3
        return random.normal(size=(96, 6)) + y[:, None], y

    def model(self):
        return Network()

    def layer_rates(self, model, epoch):
        return self.rates.get(epoch, {})


def learner(rates: Mapping[int, Mapping[str, Any]], **options: Any) -> TorchLearner:
    task = Alike()
    task.rates = rates
    made = make_learner(task, identity(task, **options))
    assert isinstance(made, TorchLearner)
    return made


def state(made: TorchLearner) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in made.trained().module.state_dict().items()}


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_frozen_layers_do_not_move_until_they_are_unfrozen(optimiser: str) -> None:
    """Neither their weights nor the statistics of their batch norm, whatever the optimiser adds to a step."""
    frozen, free = {"backbone": 0.0}, {"backbone": 0.5}
    extras = {"weight_decay": 0.1}
    made = learner({1: frozen, 2: frozen, 3: free}, optimiser=optimiser, extras=extras)
    start = state(made)

    made.run_epoch()
    made.run_epoch()
    held = state(made)
    made.run_epoch()
    moved = state(made)

    backbone = [name for name in start if name.startswith("backbone")]
    assert all(torch.equal(start[name], held[name]) for name in backbone)
    assert not torch.equal(start["head.weight"], held["head.weight"])
    assert not any(torch.equal(held[name], moved[name]) for name in backbone)


def test_the_full_rate_said_is_the_full_rate_unsaid() -> None:
    """A part named with 1.0 is trained as it is without a word."""
    said, unsaid = learner({epoch: {"backbone": 1.0} for epoch in (1, 2)}), learner({})

    reports = [(said.run_epoch(), unsaid.run_epoch()) for _ in range(2)]

    assert all(a.train_loss == pytest.approx(b.train_loss, rel=1e-6) for a, b in reports)


def test_a_slower_part_moves_by_its_share() -> None:
    """One step of plain gradient descent on all rows: a tenth of the rate is a tenth of the way."""
    options = {"optimiser": "sgd", "batch_size": 96}
    slow, full = learner({1: {"backbone": 0.1}}, **options), learner({}, **options)
    start = state(full)

    slow.run_epoch()
    full.run_epoch()

    name = "backbone.3.weight"
    way, whole = (state(made)[name] - start[name] for made in (slow, full))
    assert torch.allclose(way, 0.1 * whole, atol=1e-7)
    assert torch.equal(state(slow)["head.weight"], state(full)["head.weight"])


def test_a_part_within_a_part_has_its_own_rate() -> None:
    """The innermost name counts."""
    made = learner({1: {"backbone": 0.0, "backbone.3": 1.0}})
    start = state(made)

    made.run_epoch()

    assert torch.equal(state(made)["backbone.0.weight"], start["backbone.0.weight"])
    assert not torch.equal(state(made)["backbone.3.weight"], start["backbone.3.weight"])


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ({1: {"backbon": 0.0}}, "no such part. Did you mean 'backbone'"),
        ({1: {"head": -1.0}}, "0 or more"),
        ({1: {"head": "slow"}}, "0 or more"),
    ],
)
def test_what_cannot_be_meant_is_refused(rates: Mapping[int, Mapping[str, Any]], said: str) -> None:
    """In four parts, before anything is trained."""
    with pytest.raises(TaskError, match=said):
        learner(rates)


def test_every_epoch_names_the_same_parts() -> None:
    """A part that is forgotten midway would be trained at the full rate without a word."""
    made = learner({1: {"backbone": 0.0}, 2: {}})
    made.run_epoch()

    with pytest.raises(TaskError, match=r"names nothing in epoch 2: must name the same parts"):
        made.run_epoch()
