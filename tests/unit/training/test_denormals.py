"""Numbers below what 32 bits hold in full are 0 in an epoch, and nowhere else."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from epochsearch.training.torch_learner import TorchLearner
from tests.contract.subjects import COLUMNS, Plain, identity


class Watching(nn.Linear):
    """A layer that notes what its last product of a tiny number was."""

    product = -1.0

    def forward(self, x):
        self.product = product_of_tiny_numbers()
        return super().forward(x)


def product_of_tiny_numbers() -> float:
    return float(torch.tensor([1e-30]) * torch.tensor([1e-10]))


@pytest.fixture(autouse=True)
def _such_a_mode():
    if not torch.set_flush_denormal(True):
        pytest.skip("this CPU has no mode in which denormal numbers are 0")
    torch.set_flush_denormal(False)


def test_an_epoch_computes_without_denormal_numbers():
    """In training and validation they are 0; after the epoch they are there again."""
    model = Watching(COLUMNS, 3)
    learner = TorchLearner(Plain(), identity(Plain()), model)

    learner.run_epoch()

    assert model.product == 0.0
    assert product_of_tiny_numbers() > 0.0


def test_an_epoch_that_fails_leaves_the_mode_as_it_was():
    """An error in the user's model comes from within the block."""

    class Failing(Watching):
        calls = 0

        def forward(self, x):
            self.calls += 1
            if self.calls > 1:  # the first is the learner's look at what the model gives
                raise ValueError("no")
            return super().forward(x)

    learner = TorchLearner(Plain(), identity(Plain()), Failing(COLUMNS, 3))

    with pytest.raises(Exception, match="no"):
        learner.run_epoch()

    assert product_of_tiny_numbers() > 0.0
