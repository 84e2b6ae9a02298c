"""Whether a curve is worth carrying on: the rule by which `extend` goes on, and stops by itself.

A pure function of the losses so far. So whatever was interrupted goes on as if it had not been, and why a
configuration stopped can be told at any time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from epochsearch.analysis.forecast import FEWEST, Forecast, forecast

LEAST_STEP, MOST_STEP = 0.1, 0.5
"""How far one step carries a curve, as shares of its epochs: then the forecast is made anew."""


class Ending(StrEnum):
    """Why a configuration is not carried on."""

    GAIN = "gain"  # the next epoch is predicted to gain no more than the threshold
    MAX_EPOCHS = "max-epochs"  # it would, but the most epochs are reached
    DIVERGED = "diverged"  # the loss is not finite
    FAILED = "failed"  # its training raised an error: no rule of this module says so


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """Carry a curve on as long as its next epoch is predicted to gain more than `gain`."""

    gain: float  # share of the loss that an epoch must be predicted to take off it, above 0
    max_epochs: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with one curve: exactly one of `upto` and `ending` is there."""

    upto: int | None  # epochs to carry it on to
    ending: Ending | None
    forecast: Forecast | None  # None: too short to tell, or diverged


def decide(losses: Sequence[float], rule: ExtensionRule) -> Decision:
    """Return how far a curve is to be carried on, or why it is not.

    losses: by epoch, epoch 1 first. It goes on to where the predicted gain falls to the threshold, by a tenth
    to a half of its length; a curve too short for a forecast is made long enough for one.
    """
    done = len(losses)
    if not all(math.isfinite(loss) for loss in losses):
        return Decision(None, Ending.DIVERGED, None)
    ahead = forecast(losses)
    if ahead is not None and ahead.gain.estimate <= rule.gain:
        return Decision(None, Ending.GAIN, ahead)
    if done >= rule.max_epochs:
        return Decision(None, Ending.MAX_EPOCHS, ahead)
    if ahead is None:
        return Decision(min(FEWEST, rule.max_epochs), None, None)
    near, far = done + math.ceil(done * LEAST_STEP), done + math.ceil(done * MOST_STEP)
    return Decision(min(max(ahead.reach(rule.gain), near), far, rule.max_epochs), None, ahead)
