"""The spelling of augmentation steps."""

from __future__ import annotations

import pytest

from epochsearch.core.augmentation import AUGMENTATIONS, parse_steps, steps_text
from epochsearch.core.errors import UsageError
from epochsearch.core.techniques import TECHNIQUES


def test_steps_are_joined_by_a_plus_and_every_option_is_filled_in() -> None:
    """What is stored says all that was in force."""
    text = TECHNIQUES["augment"].checked("rotate(degrees=5) + flip")

    assert text == "rotate(degrees=5.0)+flip(chance=0.5, vertical=false)"
    assert TECHNIQUES["augment"].checked("none") == "none"


@pytest.mark.parametrize("step", AUGMENTATIONS)
def test_a_step_is_read_back_from_its_text(step: str) -> None:
    """Alone and twice."""
    steps = parse_steps(f"{step}+{step}", "")

    assert [one.name for one in steps] == [step, step]
    assert parse_steps(steps_text(steps), "") == steps


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rotat(degrees=5)", r"Did you mean 'rotate'\?"),
        ("rotate(degree=5)", r"rotate has no such option. Did you mean 'degrees'\?"),
        ("flip+", "must be a name"),
    ],
)
def test_what_is_no_step_is_refused(text: str, message: str) -> None:
    """With the nearest right name."""
    with pytest.raises(UsageError, match=message):
        parse_steps(text, "--training augment")
