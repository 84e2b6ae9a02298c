"""A study as rows for a file: one per trial, or one per epoch of its curves. Records in, dictionaries out.

Further hyperparameters stand under `param_NAME`, metrics under `metric_NAME`; every row has every column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from epochsearch.cli.words.texts import recipe_text
from epochsearch.core.curve import CurveIdentity, mean_report
from epochsearch.core.errors import UsageError
from epochsearch.core.point import Configuration
from epochsearch.core.recipe import Recipe
from epochsearch.core.stages import Stage, stage_at
from epochsearch.core.trial import TrialRecord
from epochsearch.store.used_curves import LedgerCurve

Row = dict[str, Any]


def trial_rows(
    study: str,
    trials: Sequence[TrialRecord],
    memory: Mapping[int, int] | None = None,
    stages: Sequence[Stage] = (),
) -> list[Row]:
    """Return one row per trial.

    memory: the peak of a trial in bytes by its number, where it was measured; stages: of a staged search.
    """
    peaks = memory or {}
    rows = [
        {
            **_identity(study, trial),
            **({"stage": stage.name} if (stage := stage_at(stages, trial.number)) else {}),
            "value": trial.value,
            "value_epoch": trial.value_epoch,
            "epochs_done": trial.epochs_done,
            "epochs_charged": trial.cost.epochs_charged,
            "epochs_trained": trial.cost.epochs_trained,
            "epochs_repeated": trial.cost.epochs_repeated,
            "seconds_charged": trial.cost.seconds_charged,
            "seconds_trained": trial.cost.seconds_trained,
            "memory_bytes": peaks.get(trial.number),
            "reason": trial.reason,
            **{f"metric_{name}": value for name, value in trial.metrics},
        }
        for trial in trials
    ]
    return _even(rows)


def table_rows(curves: Sequence[LedgerCurve]) -> list[Row]:
    """Return curves in the format of recorded tables, one row per epoch: `run table:FILE` reads it back.

    Of cross-validated curves, the mean over their folds, as far as all of them go.

    Raises:
        UsageError: They are of several tasks or recipes, or their schedule depends on the planned length:
            one table cannot say which is which.
    """
    _check_kind([curve.identity for curve in curves])
    folds: dict[tuple[Configuration, int], list[LedgerCurve]] = {}
    for curve in curves:
        folds.setdefault((curve.identity.configuration, curve.identity.seed), []).append(curve)
    rows = [
        {
            "learning_rate": configuration.learning_rate,
            "batch_size": configuration.batch_size,
            **{f"param_{name}": value for name, value in configuration.extras},
            "seed": seed,
            "epoch": report.epoch,
            "val_loss": report.val_loss,
            "train_loss": report.train_loss,
            **{f"val_{name}": value for name, value in report.metrics},
            "seconds": report.seconds,
            **({} if report.memory_bytes is None else {"memory_bytes": report.memory_bytes}),
        }
        for (configuration, seed), group in folds.items()
        if len(group) == group[0].identity.folds
        for report in map(mean_report, zip(*(curve.reports for curve in group), strict=False))
    ]
    return _even(rows)


def _check_kind(identities: Sequence[CurveIdentity]) -> None:
    first = identities[0] if identities else None
    for identity in identities:
        assert first is not None
        if identity.length is not None:
            rule = f"curves of a {identity.recipe.schedule.name} schedule depend on their planned length"
            raise UsageError("--curves", "", f"{rule}, which a table cannot say", "Export trials instead.")
        for name in ("task", "recipe", "folds", "metrics", "fingerprint", "torch", "device", "threads"):
            a, b = getattr(first, name), getattr(identity, name)
            if a != b:
                shown = f"{_short(a)} and {_short(b)}"
                rule = f"these curves have more than one {_WORDS.get(name, name)} ({shown}), a table has one"
                raise UsageError("--curves", "", rule, "Name a study: epochsearch export STUDY --curves FILE")


_WORDS = {
    "fingerprint": "version of the task",
    "folds": "number of folds",
    "threads": "number of threads",
    "metrics": "set of metrics",
}


def _short(value: object) -> str:
    if isinstance(value, Recipe):
        return recipe_text(value, ", ")
    if isinstance(value, tuple):
        return ", ".join(value) or "the task's own"
    return str(value)[:24]


def _identity(study: str, trial: TrialRecord) -> Row:
    point = trial.point
    return {
        "study": study,
        "number": trial.number,
        "outcome": trial.outcome.value,
        "epochs": point.epochs,
        "learning_rate": point.learning_rate,
        "batch_size": point.batch_size,
        **{f"param_{name}": value for name, value in point.configuration.extras},
        "seed": trial.seed,
    }


def _even(rows: list[Row]) -> list[Row]:
    """Return the rows with the columns of all of them, in order of appearance; None where one has none."""
    columns = dict.fromkeys(column for row in rows for column in row)
    return [{column: row.get(column) for column in columns} for row in rows]
