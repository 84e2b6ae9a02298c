"""The short way to an optimiser's kernel gives what the long way gives."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from epochsearch.training.fused_step import FusedStep
from epochsearch.training.optimisers import make_optimiser
from tests.contract.subjects import Plain, identity

OPTIMISERS = {
    "adam": lambda weights: torch.optim.Adam(weights, lr=0.01, fused=True, weight_decay=0.1),
    "adamw": lambda weights: torch.optim.AdamW(weights, lr=0.01, fused=True, weight_decay=0.1),
    "sgd": lambda weights: torch.optim.SGD(weights, lr=0.1, fused=True, weight_decay=0.1),
    "momentum": lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9, fused=True),
    "nesterov": lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9, nesterov=True, fused=True),
    "unfused": lambda weights: torch.optim.Adam(weights, lr=0.01),
    "amsgrad": lambda weights: torch.optim.Adam(weights, lr=0.01, fused=True, amsgrad=True),
    "rmsprop": lambda weights: torch.optim.RMSprop(weights, lr=0.01),
}


class Branched(nn.Module):
    """A model whose second head takes part in every other step only."""

    def __init__(self):
        super().__init__()
        self.body, self.heads = nn.Linear(5, 7), nn.ModuleList([nn.Linear(7, 1), nn.Linear(7, 1)])

    def forward(self, x, step):
        hidden = self.body(x).tanh()
        return self.heads[0](hidden) + (self.heads[1](hidden) if step % 2 else 0)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_step_equals_torchs_own_bit_for_bit(name):
    """Twelve steps, with a rate that changes, in two epochs: the weights and the state are the same."""
    ours, theirs = _models()
    short, long = OPTIMISERS[name](ours.parameters()), OPTIMISERS[name](theirs.parameters())

    for epoch in range(2):
        step = FusedStep(short)
        for i in range(6):
            for optimiser in (short, long):
                optimiser.param_groups[0]["lr"] = 0.01 / (1 + i + epoch)
            step.clear()
            _loss(ours, 1).backward()
            step.take()
            long.zero_grad()
            _loss(theirs, 1).backward()
            long.step()

    _assert_equal(ours, theirs, short, long)


@pytest.mark.parametrize("name", [name for name in OPTIMISERS if name not in ("momentum", "nesterov")])
def test_a_weight_that_took_no_part_in_a_step_stays(name):
    """A weight without a gradient is passed over, and its own count of steps with it, as torch does."""
    ours, theirs = _models()
    short, long = OPTIMISERS[name](ours.parameters()), OPTIMISERS[name](theirs.parameters())
    step = FusedStep(short)

    for i in range(7):
        step.clear()
        _loss(ours, i).backward()
        step.take()
        long.zero_grad()
        _loss(theirs, i).backward()
        long.step()

    _assert_equal(ours, theirs, short, long)


def test_under_momentum_a_weight_may_take_part_later_than_others():
    """The recipe's momentum gives what torch's unfused SGD gives, where torch's fused SGD fails."""
    ours, theirs = _models()
    curve = identity(Plain(), optimiser="momentum")
    momentum = make_optimiser([{"params": list(ours.parameters())}], curve.recipe.optimiser, rate=0.01)
    plain = torch.optim.SGD(theirs.parameters(), lr=0.01, momentum=0.9)
    step = FusedStep(momentum)

    for i in range(7):
        step.clear()
        _loss(ours, i).backward()
        step.take()
        plain.zero_grad()
        _loss(theirs, i).backward()
        plain.step()

    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def _models() -> tuple[Branched, Branched]:
    torch.manual_seed(0)
    model = Branched()
    return model, copy.deepcopy(model)


def _loss(model: Branched, step: int) -> torch.Tensor:
    x = torch.linspace(-1, 1, 40).reshape(8, 5)
    return (model(x, step) - x.sum(1, keepdim=True).sin()).square().mean()


def _assert_equal(ours, theirs, short, long) -> None:
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)
        states = short.state.get(a, {}), long.state.get(b, {})
        assert states[0].keys() == states[1].keys()
        for key, value in states[0].items():
            assert value is None or torch.equal(value, states[1][key])
