"""Histories of runs as Weights & Biases and MLflow export them, as rows of recorded curves.

W&B: one row per step, with a column that names the run. MLflow: one row per run, metric (`key`, `value`)
and `step`, its parameters beside it. ALIASES says which of their columns is which of ours. A run without a
seed is given one: runs of the same configuration are numbered 0, 1, 2 in the order in which they stand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from epochsearch.core.errors import TaskError

ALIASES: Mapping[str, tuple[str, ...]] = {
    "learning_rate": (
        "config.learning_rate", "params.learning_rate", "learning_rate", "config.lr", "params.lr", "lr",
    ),
    "batch_size": ("config.batch_size", "params.batch_size", "batch_size", "config.bs", "params.bs", "bs"),
    "seed": ("config.seed", "params.seed", "seed"),
    "epoch": ("epoch", "step", "_step"),
    "val_loss": (
        "val_loss", "val/loss", "valid_loss", "valid/loss", "validation_loss", "validation/loss", "eval_loss",
        "eval/loss", "metrics.val_loss",
    ),
    "train_loss": (
        "train_loss", "train/loss", "training_loss", "training/loss", "metrics.train_loss", "loss",
    ),
    "val_accuracy": (
        "val_accuracy", "val/accuracy", "val_acc", "val/acc", "valid/accuracy", "validation/accuracy",
        "eval_accuracy", "eval/accuracy", "metrics.val_accuracy",
    ),
    "test_loss": ("test_loss", "test/loss", "metrics.test_loss"),
    "seconds": ("seconds", "epoch_seconds", "epoch_time"),
}  # fmt: skip
"""Our column -> the names under which it may stand, the first one found is taken."""

RUN = ("run_id", "run.id", "id", "ID", "run", "run_name", "run.name", "name", "Name")
"""Columns that name a run, the first one found is taken."""

RUNTIME = "_runtime"  # W&B: seconds since the run began
_LONG = ("key", "value", "step")
_PREFIXES = ("config.", "params.", "param_")
_OF_A_RUN = ("learning_rate", "batch_size", "seed")

Columns: TypeAlias = dict[str, list[Any]]
_Row: TypeAlias = dict[str, Any]


def run_column(names: Collection[str]) -> str | None:
    """Return the column that names the run, None if these are not the columns of an export."""
    return next((name for name in RUN if name in names), None)


def alias(column: str, names: Collection[str]) -> str | None:
    """Return the name under which one of our columns stands, None if it does not."""
    return next((name for name in ALIASES[column] if name in names), None)


def from_export(columns: Columns, where: str, form: str) -> tuple[Columns, list[str]]:
    """Return the rows of an export under our names, and the run that each is of.

    Rows of one run and epoch are put together; those without a validation loss are left out. Epochs that are
    counted from 0 are counted from 1. `config.` and `params.` columns that differ between runs become
    `param_` columns. form: how a message says the format.

    Raises:
        TaskError: A column is missing, an epoch of a run stands there twice, or a run has two configurations.
    """
    run = run_column(columns)
    assert run is not None
    if set(_LONG) <= columns.keys():
        columns = _widened(columns, run)
    found = {ours: theirs for ours in ALIASES if (theirs := alias(ours, columns)) is not None}
    missing = [name for name in ("learning_rate", "batch_size", "epoch", "val_loss") if name not in found]
    if missing:
        given = f"has no column for {', '.join(missing)}, only {_listed(columns)}"
        raise TaskError(where, given, "an export needs it", form)
    runs = _runs(columns, run, found, where)
    settings = _settings(columns, run, found, where)
    extras = _varying(settings)
    first = min((row["epoch"] for rows in runs.values() for row in rows), default=1)
    seeds: dict[tuple[Any, ...], int] = {}
    made: Columns = {}
    labels: list[str] = []
    for name, rows in runs.items():
        own = {key: settings[name][key] for key in ("learning_rate", "batch_size")}
        own |= {f"param_{extra}": settings[name].get(extra) for extra in extras}
        cell = tuple(own.values())
        seeds[cell] = seeds.get(cell, -1) + 1
        own["seed"] = settings[name].get("seed", seeds[cell])
        for row in rows:
            for key, value in {**row, **own, "epoch": row["epoch"] + (first == 0)}.items():
                made.setdefault(key, []).append(value)
            labels.append(f"run {name}")
    return made, labels


def _widened(columns: Columns, run: str) -> Columns:
    """Return MLflow's long rows with a column per metric; a run's parameters stand in each of its rows."""
    kept = [name for name in columns if name not in _LONG and name != "timestamp"]
    keys = dict.fromkeys(str(key) for key in columns["key"])
    wide: Columns = {name: [] for name in (*kept, "step", *keys)}
    for i, key in enumerate(columns["key"]):
        row = {name: columns[name][i] for name in kept}
        row |= {"step": columns["step"][i], str(key): columns["value"][i]}
        for name, values in wide.items():
            values.append(row.get(name))
    return wide


def _runs(columns: Columns, run: str, found: Mapping[str, str], where: str) -> dict[str, list[_Row]]:
    """Return by run one row per epoch that has a validation loss, in order, under our names."""
    measured = [name for name in found if name not in (*_OF_A_RUN, "epoch")]
    runs: dict[str, dict[float, _Row]] = {}
    for i, name in enumerate(columns[run]):
        epoch = columns[found["epoch"]][i]
        rows = runs.setdefault(str(name), {})
        if epoch is None:
            continue
        row = rows.setdefault(epoch, {"epoch": epoch, **dict.fromkeys(measured)})
        if RUNTIME in columns and columns[RUNTIME][i] is not None:
            row[RUNTIME] = columns[RUNTIME][i]
        for column in measured:
            value = columns[found[column]][i]
            if value is None:
                continue
            if column == "val_loss" and row["val_loss"] is not None:
                given = f"run {name} has epoch {epoch:g} twice ({found['epoch']}, {found['val_loss']})"
                raise TaskError(where, given, "an epoch of a run must stand there once", "Leave one out.")
            row[column] = value
    kept = {
        name: [row for _, row in sorted(rows.items()) if row["val_loss"] is not None]
        for name, rows in runs.items()
    }
    for epochs in kept.values():
        _time(epochs, timed="seconds" in found)
    return {name: epochs for name, epochs in kept.items() if epochs}


def _time(rows: Sequence[_Row], *, timed: bool) -> None:
    """Turn the time since a run's begin into the seconds of each epoch, where those are not given."""
    before = 0.0
    for row in rows:
        since = row.pop(RUNTIME, None)
        if since is not None and not timed:
            row["seconds"], before = max(0.0, since - before), since


def _settings(columns: Columns, run: str, found: Mapping[str, str], where: str) -> dict[str, dict[str, Any]]:
    """Return by run its learning rate, batch size, seed if it has one, and further hyperparameters."""
    named = {ours: found[ours] for ours in _OF_A_RUN if ours in found}
    others = {
        name.removeprefix(prefix): name
        for prefix in _PREFIXES
        for name in columns
        if name.startswith(prefix) and name not in {other for ours in _OF_A_RUN for other in ALIASES[ours]}
    }
    settings: dict[str, dict[str, Any]] = {}
    for ours, theirs in {**others, **named}.items():
        for name, value in zip(columns[run], columns[theirs], strict=True):
            own = settings.setdefault(str(name), {})
            if value is None:
                continue
            if own.setdefault(ours, value) != value:
                given = f"run {name} has {theirs} {own[ours]} and {value}"
                action = f"Export the configuration's column, as config.{ours}."
                raise TaskError(where, given, "a run must have one value of it", action)
    for name, own in settings.items():
        lacking = next((ours for ours in ("learning_rate", "batch_size") if ours not in own), None)
        if lacking:
            given = f"run {name} has no value in {found[lacking]}"
            raise TaskError(where, given, "every run needs one", "Fill it in or leave the run out.")
    return settings


def _varying(settings: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the further hyperparameters that are not the same in all runs."""
    names = dict.fromkeys(name for own in settings.values() for name in own if name not in _OF_A_RUN)
    return [name for name in names if len({str(own.get(name)) for own in settings.values()}) > 1]


def _listed(names: Collection[str], most: int = 12) -> str:
    shown = list(names)
    return ", ".join(shown[:most]) + (", ..." if len(shown) > most else "")
