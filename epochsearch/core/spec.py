"""What a study is asked to do: everything that determines which points it proposes and what their curves are.

Limits (trials, epochs, time) and the number of workers are not part of it: they may change when a study goes
on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from epochsearch.core.choice import Choice, parse_choice, scalar_text
from epochsearch.core.measure import LOSS, THE_LOSS, Measure
from epochsearch.core.patience import ENDLESS, Patience
from epochsearch.core.recipe import Recipe
from epochsearch.core.space import Space, parse_space
from epochsearch.core.trial import Outcome

Objective = Literal["final", "best"]
OBJECTIVES: tuple[Objective, ...] = ("final", "best")

FREEZING = frozenset({"freeze-thaw", "one-epoch", "five-epoch", "promoting-asha"})
"""Samplers that train a trial in stretches; between them it lies frozen, and its epochs are read off."""

TASKS_OWN = "default"
"""How the metrics are written that a task computes when none are asked for."""

_ADDED: Mapping[str, Any] = {
    "optimise": LOSS,
    "maximise": False,
    "metrics": TASKS_OWN,
    "training": {},
    "weights": "raw",
    "patience": 0,
    "min_delta": 0.0,
}
"""Keys that specs have gained, with their defaults: at its default a key is no part of the canonical text."""


@dataclass(frozen=True, slots=True)
class StudySpec:
    """The resolved spec of a study; every option of every choice is filled in."""

    task: str  # registry name, "table:FILE" or "FILE.py:Name"
    fingerprint: str  # of the task's code and data and of the training code
    space: Space
    sampler: Choice
    pruner: Choice
    objective: Objective
    recipe: Recipe
    seed: int  # of the search
    training_seed: int  # of each training
    folds: int
    device: str  # cpu, cuda or mps
    threads: int  # per worker
    resolution: int = 0  # learning rates a decade that proposals are moved to; 0: none
    measure: Measure = THE_LOSS  # what the objective reads
    patience: Patience = ENDLESS  # how long a trial reads on without progress
    metrics: tuple[str, ...] = ()  # computed each epoch on the validation part; none: the task's own

    @property
    def freezes(self) -> bool:
        """Whether trials lie frozen between stretches and are read off their curves."""
        return self.sampler.name in FREEZING

    @property
    def point_space(self) -> Space:
        """Where the points of trials lie: those that freeze have epochs read off their curves."""
        return self.space.read_off if self.freezes else self.space

    def lies_frozen(self, outcome: Outcome, epochs_done: int) -> bool:
        """Return whether a trial that ended so could go on."""
        return self.freezes and outcome is Outcome.COMPLETED and epochs_done < self.space.max_epochs

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as plain JSON values; `from_dict` reads it back."""
        return {
            "task": self.task,
            "fingerprint": self.fingerprint,
            "space": self.space.written(),
            "sampler": str(self.sampler),
            "pruner": str(self.pruner),
            "objective": self.objective,
            "optimiser": str(self.recipe.optimiser),
            "schedule": str(self.recipe.schedule),
            "seed": self.seed,
            "training_seed": self.training_seed,
            "folds": self.folds,
            "device": self.device,
            "threads": self.threads,
            "resolution": self.resolution,
            "optimise": self.measure.name,
            "maximise": self.measure.maximise,
            "metrics": ",".join(self.metrics) or TASKS_OWN,
            "training": self.recipe.techniques,
            "weights": self.measure.weights,
            "patience": self.patience.epochs,
            "min_delta": self.patience.min_delta,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> StudySpec:
        """Return the spec that `to_dict` wrote, now or before keys were added to it."""
        stored = {**_ADDED, **stored}
        return cls(
            task=stored["task"],
            fingerprint=stored["fingerprint"],
            space=parse_space(stored["space"]),
            sampler=parse_choice(stored["sampler"], "sampler"),
            pruner=parse_choice(stored["pruner"], "pruner"),
            objective=stored["objective"],
            recipe=Recipe(
                parse_choice(stored["optimiser"], "optimiser"),
                parse_choice(stored["schedule"], "schedule"),
                **stored["training"],
            ),
            seed=stored["seed"],
            training_seed=stored["training_seed"],
            folds=stored["folds"],
            device=stored["device"],
            threads=stored["threads"],
            resolution=stored.get("resolution", 0),
            measure=Measure(stored["optimise"], stored["maximise"], stored["weights"]),
            patience=Patience(stored["patience"], stored["min_delta"]),
            metrics=() if stored["metrics"] == TASKS_OWN else tuple(stored["metrics"].split(",")),
        )

    @property
    def canonical(self) -> str:
        """The spec as JSON with sorted keys, the same for equal specs whenever they were made."""
        said = {key: value for key, value in self.to_dict().items() if _ADDED.get(key) != value}
        return json.dumps(said, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a search ends: the first one reached. None: no such limit. Totals over all runs of the study."""

    trials: int | None = None
    epochs: int | None = None  # charged
    seconds: float | None = None  # wall time
    charged_seconds: float | None = None  # training time that the study would have taken alone


def differences(stored: StudySpec, given: StudySpec) -> tuple[tuple[str, str, str], ...]:
    """Return (key, stored, given) for every key in which two specs differ; nested keys as "space.epochs"."""
    a, b = _flat(stored.to_dict()), _flat(given.to_dict())
    return tuple(
        (key, a.get(key, "-"), b.get(key, "-"))
        for key in sorted(a.keys() | b.keys())
        if a.get(key) != b.get(key)
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value if isinstance(value, str) else scalar_text(value)
    return flat


__all__ = ["OBJECTIVES", "Choice", "Limits", "Objective", "StudySpec", "differences"]
