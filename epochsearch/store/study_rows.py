"""What the tables hold of studies and trials, read in the caller's transaction and turned into records."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, func, inspect, select

from epochsearch.core.curve import EpochReport
from epochsearch.core.errors import NotFoundError, nearest
from epochsearch.core.point import Point
from epochsearch.core.spec import StudySpec
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.store import optuna_tables, schema
from epochsearch.store.claims import Holder
from epochsearch.store.ledger import report_of


def study_rows(connection: Connection) -> list[Any]:
    """Return all studies that are ours; none where the ledger's tables are missing."""
    if not inspect(connection).has_table(schema.studies.name):
        return []
    own, names = schema.studies, optuna_tables.studies
    joined = select(own, names.c.study_name).join(names, names.c.study_id == own.c.study_id)
    return list(connection.execute(joined))


def study_row(connection: Connection, study: str, url: str) -> Any:
    """Return the row of one study.

    url: of the storage, for the message.

    Raises:
        NotFoundError: There is no such study (with the nearest name).
    """
    rows = study_rows(connection)
    for row in rows:
        if row.study_name == study:
            return row
    action = nearest(study, [row.study_name for row in rows])
    raise NotFoundError("study", study, f"there is no such study in {url}", action)


def spec_of(study: Any) -> StudySpec:
    """Return the spec in a study's row."""
    return StudySpec.from_dict(json.loads(study.spec))


def fold_reports(
    connection: Connection, study_id: int, only: Collection[int] | None
) -> dict[int, dict[int, list[EpochReport]]]:
    """Return by trial and epoch the reports of all folds, as far as the trial used them."""
    used, epochs, trials = schema.trial_curves, schema.epochs, schema.trials
    joined = (
        select(used.c.trial_id, epochs)
        .join(epochs, epochs.c.curve_id == used.c.curve_id)
        .join(trials, trials.c.trial_id == used.c.trial_id)
        .where(trials.c.study_id == study_id, epochs.c.epoch <= trials.c.epochs_done)
        .order_by(used.c.trial_id, epochs.c.epoch, used.c.fold)
    )
    if only is not None:
        joined = joined.where(trials.c.number.in_(only))
    found: dict[int, dict[int, list[EpochReport]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(joined):
        found[row.trial_id][row.epoch].append(report_of(row))
    return found


def outcome_totals(connection: Connection, study_id: int | None = None) -> dict[int, list[Any]]:
    """Return per study one row an outcome: how many trials, and their cost."""
    table, optuna = schema.trials, optuna_tables.trials
    costs = ("epochs_charged", "epochs_trained", "epochs_repeated", "seconds_charged", "seconds_trained")
    query = (
        select(
            table.c.study_id,
            table.c.outcome,
            func.count().label("trials"),
            *(func.sum(table.c[c]).label(c) for c in costs),
        )
        .join(optuna, optuna.c.trial_id == table.c.trial_id)
        .group_by(table.c.study_id, table.c.outcome)
    )
    if study_id is not None:
        query = query.where(table.c.study_id == study_id)
    found: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.study_id].append(row)
    return found


def best_trials(connection: Connection, study_id: int | None = None) -> dict[int, TrialRecord]:
    """Return per study the completed trial with the lowest value; of equals the one of fewest epochs."""
    table, optuna = schema.trials, optuna_tables.trials
    query = (
        select(table)
        .join(optuna, optuna.c.trial_id == table.c.trial_id)
        .where(table.c.outcome == Outcome.COMPLETED.value)
        .order_by(table.c.value.desc(), table.c.epochs_done.desc(), table.c.number.desc())
    )
    if study_id is not None:
        query = query.where(table.c.study_id == study_id)
    last = {row.study_id: row for row in connection.execute(query)}
    return {study: _record(row) for study, row in last.items()}


def trial_records(connection: Connection, study: Any) -> list[tuple[int, TrialRecord]]:
    """Return the trials of a study's row with their rows' numbers."""
    table, optuna = schema.trials, optuna_tables.trials
    query = (
        select(table)
        .join(optuna, optuna.c.trial_id == table.c.trial_id)
        .where(table.c.study_id == study.study_id)
    )
    rows = connection.execute(query.order_by(table.c.number)).all()
    spec = spec_of(study)
    return [(row.trial_id, _marked(_record(row), spec)) for row in rows]


def _marked(record: TrialRecord, spec: StudySpec) -> TrialRecord:
    """Return the record, marked if the trial lies frozen."""
    return replace(record, frozen=spec.lies_frozen(record.outcome, record.epochs_done))


def summary_of(
    row: Any, totals: list[Any], best: TrialRecord | None, holders: dict[int, Holder]
) -> StudySummary:
    """Return the summary of a study's row.

    totals: its rows of `outcome_totals`; holders: the live processes that hold studies, by study.
    """
    counts = dict.fromkeys(Outcome, 0)
    running = 0
    live = row.study_id in holders
    for total in totals:
        if total.outcome is None and live:
            running += total.trials
        else:
            counts[Outcome(total.outcome or "interrupted")] += total.trials
    cost = sum((_cost(total) for total in totals), Cost())
    spec = spec_of(row)
    return StudySummary(
        study=row.study_name,
        spec=spec,
        counts=counts,
        cost=cost,
        wall_seconds=row.wall_seconds,
        best=best and _marked(best, spec),
        updated=row.updated.replace(tzinfo=UTC),
        running=running,
        holder=str(holders[row.study_id]) if live else "",
    )


def _record(row: Any) -> TrialRecord:
    value = row.value if row.value is None or math.isfinite(row.value) else None
    return TrialRecord(
        number=row.number,
        outcome=Outcome(row.outcome or "interrupted"),
        point=Point.from_parameters(json.loads(row.parameters)),
        value=value,
        seed=row.seed,
        cost=_cost(row),
        epochs_done=row.epochs_done,
        reason=row.reason,
        metrics=tuple(json.loads(row.metrics).items()),
        value_epoch=row.value_epoch,
    )


def _cost(row: Any) -> Cost:
    return Cost(
        row.epochs_charged, row.epochs_trained, row.epochs_repeated, row.seconds_charged, row.seconds_trained
    )
