"""The learning rate's factor over the epochs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from epochsearch.core.choice import parse_choice, resolve
from epochsearch.core.recipe import SCHEDULES
from epochsearch.training.schedules import Schedule


def factors(text: str, at: list[float], length: int | None = None) -> list[float]:
    schedule = Schedule(resolve(parse_choice(text, ""), SCHEDULES, ""), length)
    return [schedule.factor(progress) for progress in at]


def test_warmup_stable_decay_cools_down_over_the_last_share_of_the_length() -> None:
    """Constant up to there, then 1 - sqrt of how much of the cool-down is over; by default a fifth."""
    assert factors("wsd", [0, 4, 8, 8.5, 9, 10], length=10) == pytest.approx([1, 1, 1, 0.5, 1 - 0.5**0.5, 0])
    assert factors("wsd(cooldown=0.5)", [4, 6.25], length=10) == pytest.approx([1, 0.5])
    assert factors("wsd(cooldown=0)", [9.9], length=10) == [1.0]


def test_warmup_stable_decay_is_the_same_for_all_lengths_up_to_its_cool_down() -> None:
    """A longer one only stays up for longer."""
    at = [0.0, 1.5, 3.9, 7.9]

    assert factors("wsd(warmup=2)", at, length=10) == factors("wsd(warmup=2)", at, length=50)


def scale_after(losses: list[float]) -> float:
    schedule = Schedule(resolve(parse_choice("plateau", ""), SCHEDULES, ""), None)
    for loss in losses:
        schedule.epoch_ended(loss)
    return schedule.factor(float(len(losses)))


def test_the_plateau_rule_is_that_of_torch() -> None:
    """Epoch for epoch, on losses that fall for ten epochs and then wander."""
    random = np.random.default_rng(0)
    losses = [0.9 ** min(epoch, 10) + 0.001 * float(random.random()) for epoch in range(60)]
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    torchs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=0.5, patience=3, threshold=1e-3)

    for epoch, loss in enumerate(losses, 1):
        torchs.step(loss)
        assert scale_after(losses[:epoch]) == optimiser.param_groups[0]["lr"]


def test_a_loss_below_zero_stands_still_as_one_above_it_does() -> None:
    """A density's: at -2 a loss of -1.9999 is no progress."""
    assert scale_after([-2.0] + [-1.9999] * 4) == scale_after([2.0] + [1.9999] * 4) == 0.5
    assert scale_after([-2.0, -2.1, -2.2, -2.3, -2.4]) == 1.0
