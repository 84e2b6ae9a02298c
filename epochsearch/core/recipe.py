"""How a model is trained, apart from the point: optimiser and schedule, both part of a curve's identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from epochsearch.core.choice import Choice, Scalar

OPTIMISERS: Mapping[str, Mapping[str, Scalar]] = {
    "adam": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0},
    "adamw": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01},
    "sgd": {"momentum": 0.0, "nesterov": False, "weight_decay": 0.0},
    "momentum": {"momentum": 0.9, "nesterov": False, "weight_decay": 0.0},
}
"""Optimisers and their options; a searched hyperparameter of an option's name takes its place."""

SCHEDULES: Mapping[str, Mapping[str, Scalar]] = {
    "constant": {},
    "warmup": {"epochs": 3},  # linear from 1/epochs of the rate to the rate, then constant
    "step": {"every": 10, "factor": 0.5, "warmup": 0},  # times factor after each `every` epochs
    "exponential": {"factor": 0.95, "warmup": 0},  # times factor after each epoch
    "plateau": {"factor": 0.5, "patience": 3, "threshold": 1e-3, "warmup": 0},  # on the validation loss
    "cosine": {"floor": 0.0, "warmup": 0},  # to floor x rate at the planned last epoch: depends on the length
}
"""Learning-rate schedules and their options, in absolute epochs."""

LENGTH_BOUND_SCHEDULES = frozenset({"cosine"})
"""Schedules that look at the planned number of epochs: no prefix law, and curves keyed by their length."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The optimiser and the schedule with all their options filled in."""

    optimiser: Choice
    schedule: Choice

    @property
    def length_bound(self) -> bool:
        """Whether a curve depends on how many epochs were planned."""
        return self.schedule.name in LENGTH_BOUND_SCHEDULES
