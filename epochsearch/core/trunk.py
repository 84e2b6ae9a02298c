"""The beginning that curves of different planned lengths share, and where each leaves it.

Under a schedule that is constant until it cools down (wsd), the curves of all lengths are one up to their
cool-downs: the trunk. It is the curve of the constant schedule (or of the warm-up), so a study without any
cool-down trains it too. A branch is the whole curve of one length, as every other curve: it begins with the
epochs of the trunk, is trained on from the trunk's state, and is kept under its own identity.

Source: Hägele et al. 2024, "Scaling laws and compute-optimal training beyond fixed training durations",
NeurIPS.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from epochsearch.core.choice import Choice
from epochsearch.core.curve import CurveIdentity
from epochsearch.core.recipe import Recipe

TRUNK_SCHEDULES = frozenset({"wsd"})
"""Schedules whose curves have a trunk."""

MOST_STATES = 16
"""So many states of a trunk are kept for branches; of more lengths some, evenly spread, are."""


def can_be_longer(recipe: Recipe) -> bool:
    """Return whether a longer curve begins with a shorter one: with all of it, or with its trunk."""
    return not recipe.length_bound or recipe.schedule.name in TRUNK_SCHEDULES


@dataclass(frozen=True, slots=True)
class Trunk:
    """The trunk of one branch, or that a curve is itself, one curve a fold."""

    identities: tuple[CurveIdentity, ...]
    epochs: int  # of it that the branch begins with
    states: frozenset[int] = frozenset()  # epochs after which other branches may begin

    def keeps(self, epoch: int) -> bool:
        """Return whether the trunk's state after this epoch is kept for good."""
        return epoch == self.epochs or (epoch < self.epochs and epoch in self.states)


def cooldown_start(cooldown: float, length: int) -> float:
    """Return after how many epochs a curve of `length` epochs cools down; it may lie within an epoch.

    cooldown: share of the length.
    """
    return length - cooldown * length


def shared_epochs(schedule: Choice, length: int) -> int:
    """Return how many whole epochs a curve of this length has in common with its trunk."""
    return math.floor(cooldown_start(float(schedule.values["cooldown"] or 0), length))


def state_epochs(schedule: Choice, lengths: Iterable[int]) -> frozenset[int]:
    """Return the epochs after which curves of these lengths leave the trunk, at most MOST_STATES of them."""
    found = sorted({shared_epochs(schedule, length) for length in lengths} - {0})
    if len(found) > MOST_STATES:
        step = (len(found) - 1) / (MOST_STATES - 1)
        found = [found[round(place * step)] for place in range(MOST_STATES)]
    return frozenset(found)


def trunk_identity(branch: CurveIdentity, schedule: Choice, *, searched: bool) -> CurveIdentity:
    """Return the identity of a branch's trunk.

    schedule: that is in force; searched: whether it stands among the configuration's further hyperparameters.
    """
    constant = without_cooldown(schedule)
    if not searched:
        return replace(branch, recipe=replace(branch.recipe, schedule=constant), length=None)
    extras = {**dict(branch.configuration.extras), "schedule": str(constant)}
    configuration = replace(branch.configuration, extras=tuple(extras.items()))
    return replace(branch, configuration=configuration, length=None)


def without_cooldown(schedule: Choice) -> Choice:
    """Return the schedule that knows no length and gives the same rates up to the cool-down."""
    warmup = schedule.values["warmup"]
    return Choice("warmup", (("epochs", warmup),)) if warmup else Choice("constant")
