"""A trial between its beginning and the moment its end is on disk, and the rows it becomes.

Optuna's tables get what Optuna would have written; the ledger's get our own record.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.point import Point
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.store import optuna_tables

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

STATES = {
    None: "RUNNING",
    Outcome.COMPLETED: "COMPLETE",
    Outcome.PRUNED: "PRUNED",
    Outcome.DIVERGED: "PRUNED",
    Outcome.FAILED: "FAIL",
    Outcome.INTERRUPTED: "WAITING",
}
"""Outcome -> Optuna's state; None: it runs. An interrupted trial waits to go on."""


@dataclass(slots=True)
class OpenTrial:
    """A trial that has begun and whose end is not yet on disk."""

    number: int
    point: Point
    distributions: dict[str, BaseDistribution]  # of every hyperparameter
    seed: int
    identities: tuple[CurveIdentity, ...]  # one a fold
    trial_id: int | None = None  # in the database, once there
    system_attributes: dict[str, Any] = field(default_factory=dict)  # the state of Optuna's samplers
    steps: list[tuple[int, float]] = field(default_factory=list)  # intermediate values not yet written
    written_steps: int = 0  # the last step that is on disk
    cost: Cost = field(default_factory=Cost)
    epochs_done: int = 0
    record: TrialRecord | None = None  # once it has ended
    begun: Any = None  # datetimes as Optuna writes them
    ended: Any = None
    dirty: bool = True
    written_attributes: set[str] = field(default_factory=set)
    written_epochs: int = 0  # the hyperparameter as it is on disk; 0: not known
    shown: dict[str, Any] = field(default_factory=dict)  # what optuna-dashboard is to show besides
    ended_before: bool = False  # the end of an earlier stretch is on disk: a frozen trial that was thawed


def parameter_rows(trial: OpenTrial) -> list[dict[str, Any]]:
    """Return a trial's hyperparameters as Optuna has them."""
    from optuna.distributions import distribution_to_json

    parameters = trial.point.parameters
    return [
        {
            "trial_id": trial.trial_id,
            "param_name": name,
            "param_value": distribution.to_internal_repr(parameters[name]),
            "distribution_json": distribution_to_json(distribution),
        }
        for name, distribution in trial.distributions.items()
    ]


def own_row(trial: OpenTrial, study_id: int) -> dict[str, Any]:
    """Return a trial as the ledger has it."""
    record, cost = trial.record, trial.cost
    return {
        "trial_id": trial.trial_id,
        "study_id": study_id,
        "number": trial.number,
        "parameters": json.dumps(trial.point.parameters),
        "seed": trial.seed,
        "outcome": record.outcome.value if record else None,
        "value": record.value if record else None,
        "value_epoch": record.value_epoch if record else None,
        "metrics": json.dumps(dict(record.metrics)) if record else "{}",
        "reason": _storable(record.reason) if record else "",
        "epochs_done": trial.epochs_done,
        "epochs_charged": cost.epochs_charged,
        "epochs_trained": cost.epochs_trained,
        "epochs_repeated": cost.epochs_repeated,
        "seconds_charged": cost.seconds_charged,
        "seconds_trained": cost.seconds_trained,
    }


def _storable(text: str) -> str:
    """Return `text` with lone surrogates (undecodable bytes, to Python) spelled out: no database has them."""
    return text.encode("utf-8", "backslashreplace").decode()


def step_rows(trials: list[OpenTrial]) -> list[dict[str, Any]]:
    """Return the intermediate values that are not on disk yet."""
    rows = []
    for trial in trials:
        for step, loss in trial.steps:
            value, kind = optuna_tables.encoded(loss)
            row = {"trial_id": trial.trial_id, "step": step, "intermediate_value": value}
            rows.append({**row, "intermediate_value_type": kind})
    return rows


def attribute_rows(trials: list[OpenTrial]) -> list[dict[str, Any]]:
    """Return what samplers and pruners keep on trials and is not on disk yet."""
    return [
        {"trial_id": trial.trial_id, "key": key, "value_json": json.dumps(value)}
        for trial in trials
        for key, value in trial.system_attributes.items()
        if key not in trial.written_attributes
    ]


def value_rows(trials: list[OpenTrial]) -> list[dict[str, Any]]:
    """Return the objectives of trials that have one."""
    rows = []
    for trial in trials:
        if trial.record is not None and trial.record.value is not None:
            value, kind = optuna_tables.encoded(trial.record.value)
            rows.append({"trial_id": trial.trial_id, "objective": 0, "value": value, "value_type": kind})
    return rows


def user_rows(trials: list[OpenTrial]) -> list[dict[str, Any]]:
    """Return what optuna-dashboard shows beside the parameters; an interrupted trial gets it when it ends."""
    rows = []
    for trial in trials:
        if trial.record is None or trial.record.outcome is Outcome.INTERRUPTED:
            continue
        shown = {
            "outcome": trial.record.outcome.value,
            "epochs_charged": trial.cost.epochs_charged,
            "epochs_trained": trial.cost.epochs_trained,
            **dict(trial.record.metrics),
            **trial.shown,
        }
        if trial.record.frozen:
            shown["frozen"] = True
        if trial.record.reason:
            shown["reason"] = trial.record.reason[:1000]
        rows += [
            {"trial_id": trial.trial_id, "key": key, "value_json": json.dumps(value)}
            for key, value in shown.items()
        ]
    return rows
