"""A trained model as its folder describes it: what it is, where it comes from, how it was made, how good.

The card that a person reads and the rebuilding of the model rest on this record alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.final import FinalRows

FORMAT = 1
"""Of the description; a higher one was written by a newer epochsearch."""

Metrics = tuple[tuple[str, float | None], ...]  # by name; None: not a number


Intervals = tuple[tuple[str, float, float], ...]  # "loss" or a metric, low, high: 95 %, over the rows


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model folder."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class WrittenModel:
    """What a worker left in a folder."""

    kind: str  # network or estimator
    head: str  # what its outputs are
    parameters: int  # numbers that were trained; 0: not counted
    files: tuple[ModelFile, ...]  # the weights first


@dataclass(frozen=True, slots=True)
class ModelData:
    """The data of its task."""

    fingerprint: str  # of code and data, as the study has it
    train_rows: int
    validation_rows: int
    test_rows: int
    inputs: tuple[int, ...]  # shape of one example
    classes: int | None  # None: real numbers


@dataclass(frozen=True, slots=True)
class ModelSearch:
    """The search that chose its point."""

    study: str
    trial: int  # number
    chosen: str  # by which rule
    sampler: str
    pruner: str
    objective: str
    space: tuple[tuple[str, str], ...]  # axis by name, as it is written
    trials: int
    outcomes: tuple[tuple[str, int], ...]
    epochs_charged: int
    epochs_trained: int
    folds: int


@dataclass(frozen=True, slots=True)
class ModelTraining:
    """How it was trained."""

    rows: FinalRows
    row_count: int
    epochs: int
    updates: int
    searched_epochs: int  # of the run that was searched, which it repeats
    searched_updates: int
    kept: bool  # whether it is that run's own state
    weights: str  # raw: the last ones, or average: their average along the way
    train_loss: float | None  # mean over examples of the last epoch; None: not a number
    seconds: float  # of training for this model; 0: the state was there


@dataclass(frozen=True, slots=True)
class SeenScore:
    """What a look at the sealed test part saw of the run that was searched."""

    loss: float | None  # None: not a number
    metrics: Metrics
    intervals: Intervals
    looks: int  # at this study's test part until then


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """All of it."""

    made: str  # UTC, ISO 8601
    task: str  # reference
    code: str  # fingerprint of the code that builds the model
    identity: CurveIdentity
    written: WrittenModel
    data: ModelData
    search: ModelSearch
    training: ModelTraining
    validation_loss: float | None  # of the run that was searched
    validation_metrics: Metrics
    test: SeenScore | None  # None: nobody has looked
    versions: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values; `from_dict` reads it back."""
        return {"format": FORMAT, **asdict(self), "identity": json.loads(self.identity.canonical)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> ModelRecord:
        """Return what `to_dict` wrote, in this format.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        fields = {name: value for name, value in stored.items() if name != "format"}
        written, test = fields["written"], fields["test"]
        files = tuple(ModelFile(**file) for file in written["files"])
        search = {name: _pairs(fields["search"][name]) for name in ("space", "outcomes")}
        fields |= {
            "identity": CurveIdentity.from_canonical(json.dumps(fields["identity"])),
            "written": WrittenModel(**{**written, "files": files}),
            "data": ModelData(**{**fields["data"], "inputs": tuple(fields["data"]["inputs"])}),
            "search": ModelSearch(**{**fields["search"], **search}),
            "training": ModelTraining(**fields["training"]),
            "validation_metrics": _pairs(fields["validation_metrics"]),
            "test": None if test is None else _test(test),
            "versions": _pairs(fields["versions"]),
        }
        return cls(**fields)


def _test(stored: Mapping[str, Any]) -> SeenScore:
    intervals = tuple((name, low, high) for name, low, high in stored["intervals"])
    return SeenScore(**{**stored, "metrics": _pairs(stored["metrics"]), "intervals": intervals})


def _pairs(items: list[list[Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple((name, value) for name, value in items)
