"""A study as rows for a file: one per trial, or one per trial and epoch. Pure: records in, dictionaries out.

Further hyperparameters stand under `param_NAME`, metrics under `metric_NAME`; every row has every column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from epochsearch.core.trial import TrialCurve, TrialRecord

Row = dict[str, Any]


def trial_rows(study: str, trials: Sequence[TrialRecord]) -> list[Row]:
    """Return one row per trial."""
    rows = [
        {
            **_identity(study, trial),
            "value": trial.value,
            "value_epoch": trial.value_epoch,
            "epochs_done": trial.epochs_done,
            "epochs_charged": trial.cost.epochs_charged,
            "epochs_trained": trial.cost.epochs_trained,
            "epochs_repeated": trial.cost.epochs_repeated,
            "seconds_charged": trial.cost.seconds_charged,
            "seconds_trained": trial.cost.seconds_trained,
            "reason": trial.reason,
            **{f"metric_{name}": value for name, value in trial.metrics},
        }
        for trial in trials
    ]
    return _even(rows)


def curve_rows(study: str, curves: Sequence[TrialCurve]) -> list[Row]:
    """Return one row per trial and epoch; `epochs` is what the point asked for, `epoch` where the row is."""
    rows = [
        {
            **_identity(study, curve.trial),
            "epoch": report.epoch,
            "train_loss": report.train_loss,
            "val_loss": report.val_loss,
            "seconds": report.seconds,
            **{f"metric_{name}": value for name, value in report.metrics},
        }
        for curve in curves
        for report in curve.reports
    ]
    return _even(rows)


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
