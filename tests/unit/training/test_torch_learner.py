"""What a model must be like to be trained."""

import numpy as np
import pytest
from torch import nn

import epochsearch
from epochsearch.core.errors import TaskError
from epochsearch.core.final import Whole
from epochsearch.training.learner import make_learner
from tests.contract.subjects import identity


class Small(epochsearch.Task):
    """Its model is set by each test."""

    made: nn.Module

    def data(self):
        return np.random.default_rng(0).normal(size=(86, 3)), np.arange(86) % 2

    def model(self):
        return self.made


class Pair(nn.Linear):
    def forward(self, x):
        return super().forward(x), x


class Strict(nn.Linear):
    def forward(self, x):
        raise AssertionError


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            Strict(3, 2),
            r"model does not take the task's inputs: AssertionError \(test_torch_learner\.py, line \d+\)\.",
        ),
        (Pair(3, 2), "model returned a tuple: it must return one tensor"),
        (nn.Linear(4, 2), "the model does not take the task's inputs"),
        (nn.Flatten(), "the model has no weights to train"),
    ],
)
def test_a_model_that_cannot_be_trained_is_told_what_is_wrong(made: nn.Module, message: str) -> None:
    """Before the first epoch, in words of the task."""
    task = Small()
    task.made = made

    with pytest.raises(TaskError, match=message):
        make_learner(task, identity(task))


def test_a_schedule_keeps_its_pace_when_an_epoch_has_more_updates() -> None:
    """At a pace of two searched epochs an epoch, what fell by half every second epoch falls every epoch."""
    task = Small()
    task.made = nn.Linear(3, 2)
    learner = make_learner(task, identity(task, schedule="step(every=2, factor=0.5)"), Whole(pace=2.0))

    rates = []
    for _ in range(3):
        learner.run_epoch()
        rates.append(learner._optimiser.param_groups[0]["lr"])  # type: ignore[attr-defined]

    assert rates == [0.01, 0.005, 0.0025]
