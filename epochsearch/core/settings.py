"""What a user asked for, on the command line or in a study file, before defaults; None: nothing was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from epochsearch.core.axis import Written
from epochsearch.core.choice import Scalar

TABLE_PREFIX = "table:"
"""What a reference to a recorded table begins with."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One layer of settings; `over` puts one layer on top of another."""

    task: str | None = None  # registry name, "table:FILE" or "FILE.py[:Name]"
    axes: Mapping[str, Written] = field(
        default_factory=dict
    )  # epochs, learning_rate, batch_size, further ones
    training: Mapping[str, Scalar] = field(default_factory=dict)  # techniques of the recipe
    sampler: str | None = None  # "tpe" or "tpe(option=value)"
    pruner: str | None = None
    objective: str | None = None
    optimise: str | None = None  # what the objective reads: loss, or a metric
    metrics: str | None = None  # names, as "accuracy,f1_macro"
    weights: str | None = None  # whose result that is: raw, average or better
    patience: int | None = None  # epochs without progress after which a trial ends
    min_delta: float | None = None  # what counts as progress
    optimiser: str | None = None
    schedule: str | None = None
    trials: int | None = None
    epoch_budget: int | None = None  # charged epochs
    time_limit: float | None = None  # seconds of wall time
    time_budget: float | None = None  # charged seconds
    seed: int | None = None  # of the search, and of each training unless that has its own
    training_seed: int | None = None
    folds: int | None = None
    resolution: int | None = None  # learning rates a decade that proposals are moved to; 0: none
    device: str | None = None  # auto, cpu, cuda, mps
    threads: int | None = None  # per worker
    workers: str | None = None  # "auto" or a number; 0: in this process
    study: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)  # how a message names a field of this layer

    @property
    def needs_workers(self) -> bool:
        """Whether training will run in worker processes, as far as can be told before the task is loaded."""
        return self.workers != "0" and not (self.task or "").startswith(TABLE_PREFIX)

    def over(self, below: Settings) -> Settings:
        """Return `below` with every field that this layer says in its place; axes and techniques by name."""
        said = {
            item.name: getattr(self, item.name)
            for item in fields(self)
            if item.name not in _MERGED and getattr(self, item.name) is not None
        }
        merged: dict[str, Any] = {name: {**getattr(below, name), **getattr(self, name)} for name in _MERGED}
        return replace(below, **said, **merged)


_MERGED = ("axes", "training", "where")
