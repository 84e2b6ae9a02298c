"""The learning rate's factor over the epochs."""

from __future__ import annotations

import pytest

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
