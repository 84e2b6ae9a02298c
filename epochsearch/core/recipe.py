"""How a model is trained, apart from the point: all of it is part of a curve's identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from epochsearch.core.augmentation import NO_STEPS
from epochsearch.core.choice import Choice, Scalar, parse_choice, resolve
from epochsearch.core.techniques import TECHNIQUES

OPTIMISERS: Mapping[str, Mapping[str, Scalar]] = {
    "adam": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0},
    "adamw": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01},
    "sgd": {"momentum": 0.0, "nesterov": False, "weight_decay": 0.0},
    "momentum": {"momentum": 0.9, "nesterov": False, "weight_decay": 0.0},
    "nesterov": {"momentum": 0.9, "weight_decay": 0.0},
    "rmsprop": {"alpha": 0.99, "eps": 1e-8, "momentum": 0.0, "weight_decay": 0.0},
}
"""Optimisers and their options; a searched hyperparameter of an option's name takes its place."""

SCHEDULES: Mapping[str, Mapping[str, Scalar]] = {
    "constant": {},
    "warmup": {"epochs": 3},  # linear from 1/(epochs + 1) of the rate to the rate, then constant
    "step": {"every": 10, "factor": 0.5, "warmup": 0},  # times factor after each `every` epochs
    "exponential": {"factor": 0.95, "warmup": 0},  # times factor after each epoch
    "plateau": {"factor": 0.5, "patience": 3, "threshold": 1e-3, "warmup": 0},  # on the validation loss
    "cosine": {"floor": 0.0, "warmup": 0},  # to floor x rate at the planned last epoch: depends on the length
    "wsd": {
        "cooldown": 0.2,
        "warmup": 0,
    },  # constant, then to 0 as 1 - sqrt over the last share of the length
}
"""Learning-rate schedules and their options, in absolute epochs."""

LENGTH_BOUND_SCHEDULES = frozenset({"cosine", "wsd"})
"""Schedules that look at the planned number of epochs: no prefix law, and curves keyed by their length."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The optimiser and the schedule with all their options filled in, and the techniques that are on.

    The fields after the first two are `core.techniques.TECHNIQUES`, which says what each may be.
    """

    optimiser: Choice
    schedule: Choice
    accumulate: int = 1
    clip_norm: float = 0.0
    clip_value: float = 0.0
    label_smoothing: float = 0.0
    l1: float = 0.0
    class_weights: str = "none"
    precision: str = "float32"
    scaling: str = "standard"
    impute: str = "none"
    one_hot: bool = False
    select_best: int = 0
    select_recursive: int = 0
    train_rows: int = 0
    augment: str = NO_STEPS
    noise: float = 0.0
    token_dropout: float = 0.0
    average: float = 0.0
    average_norms: str = "copied"
    gradient_norm: bool = False

    @property
    def length_bound(self) -> bool:
        """Whether a curve depends on how many epochs were planned."""
        return self.schedule.name in LENGTH_BOUND_SCHEDULES

    @property
    def techniques(self) -> dict[str, Scalar]:
        """The techniques that are not at their default, by name."""
        values: dict[str, Scalar] = {name: getattr(self, name) for name in TECHNIQUES}
        return {name: value for name, value in values.items() if value != TECHNIQUES[name].default}

    def with_searched(self, values: Mapping[str, Scalar]) -> Recipe:
        """Return the recipe with searched hyperparameters in place of what they are named like.

        values: of a configuration. They may name the optimiser, the schedule, options of the optimiser, and
        techniques; any other name is passed over.

        Raises:
            UsageError, ValueError: A value may not be that.
        """
        optimiser = _chosen(values, "optimiser", self.optimiser, OPTIMISERS)
        options = {name: values.get(name, value) for name, value in optimiser.options}
        techniques: dict[str, Any] = {
            name: TECHNIQUES[name].checked(value) for name, value in values.items() if name in TECHNIQUES
        }
        return replace(
            self,
            optimiser=Choice(optimiser.name, tuple(options.items())),
            schedule=_chosen(values, "schedule", self.schedule, SCHEDULES),
            **techniques,
        )


SEARCHABLE = frozenset({"optimiser", "schedule", *TECHNIQUES})
"""Parts of a recipe that may be searched as further hyperparameters, beside the options of the optimiser."""


def _chosen(
    values: Mapping[str, Scalar], name: str, default: Choice, known: Mapping[str, Mapping[str, Scalar]]
) -> Choice:
    return resolve(parse_choice(str(values[name]), name), known, name) if name in values else default
