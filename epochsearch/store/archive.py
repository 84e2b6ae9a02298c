"""Reading studies back as records, without Optuna or a driver: for `studies`, `show` and `export`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager

from sqlalchemy import Connection

from epochsearch.core.curve import EpochReport, mean_report
from epochsearch.core.spec import StudySpec
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import TrialCurve, TrialRecord
from epochsearch.store.claims import live_holders
from epochsearch.store.database import Database, open_database
from epochsearch.store.study_rows import (
    best_trials,
    fold_reports,
    outcome_totals,
    spec_of,
    study_row,
    study_rows,
    summary_of,
    trial_records,
)


def study_summaries(storage: str) -> list[StudySummary]:
    """Return every study of the storage at this URL, the last updated first.

    Raises:
        NotFoundError: There is no such database.
        StorageError: It cannot be read.
    """
    with _opened(storage) as (database, connection):
        rows = study_rows(connection)
        if not rows:
            return []
        totals, best, holders = outcome_totals(connection), best_trials(connection), live_holders(database)
    summaries = [
        summary_of(row, totals.get(row.study_id, []), best.get(row.study_id), holders) for row in rows
    ]
    return sorted(summaries, key=lambda summary: summary.updated, reverse=True)


def study_summary(storage: str, study: str) -> StudySummary:
    """Return one study by name.

    Raises:
        NotFoundError: There is no such database or no such study in it (with the nearest name).
        StorageError: It cannot be read.
    """
    with _opened(storage) as (database, connection):
        row = study_row(connection, study, database.url)
        totals, best = outcome_totals(connection, row.study_id), best_trials(connection, row.study_id)
        holders = live_holders(database)
    return summary_of(row, totals.get(row.study_id, []), best.get(row.study_id), holders)


def study_trials(storage: str, study: str) -> list[TrialRecord]:
    """Return the trials of a study in the order of their numbers; those that run now count as interrupted.

    Raises:
        NotFoundError: There is no such study.
    """
    with _opened(storage) as (database, connection):
        return [record for _, record in trial_records(connection, study_row(connection, study, database.url))]


def studies_trials(storage: str, studies: Sequence[str]) -> list[tuple[StudySpec, list[TrialRecord]]]:
    """Return the spec and the trials of each of many studies, all of one moment; in the order given.

    Raises:
        NotFoundError: There is no such database or no such study in it.
    """
    with _opened(storage) as (database, connection):
        rows = {row.study_name: row for row in study_rows(connection)}
        for study in studies:
            if study not in rows:
                study_row(connection, study, database.url)  # says which name is nearest
        found = [(rows[study], trial_records(connection, rows[study])) for study in studies]
    return [(spec_of(row), [record for _, record in trials]) for row, trials in found]


def study_curves(storage: str, study: str, only: Collection[int] | None = None) -> list[TrialCurve]:
    """Return the trials of a study with as much of their curves as each used: every fold's, and their mean.

    only: the numbers of the trials that are wanted; None: all.

    Raises:
        NotFoundError: There is no such study.
    """
    with _opened(storage) as (database, connection):
        row = study_row(connection, study, database.url)
        curves, trials = fold_reports(connection, row.study_id, only), trial_records(connection, row)
    return [
        _trial_curve(record, list(curves[trial_id].values()))
        for trial_id, record in trials
        if only is None or record.number in only
    ]


def _trial_curve(record: TrialRecord, epochs: Sequence[Sequence[EpochReport]]) -> TrialCurve:
    """epochs: the reports of all folds, epoch by epoch."""
    return TrialCurve(
        record,
        tuple(mean_report(tuple(reports)) for reports in epochs),
        tuple(zip(*epochs, strict=False)),
    )


def study_conditions(storage: str, study: str) -> dict[str, str]:
    """Return the versions and the machine under which a study was begun.

    Raises:
        NotFoundError: There is no such study.
    """
    with _opened(storage) as (database, connection):
        conditions: dict[str, str] = json.loads(study_row(connection, study, database.url).conditions)
    return conditions


@contextmanager
def _opened(storage: str) -> Iterator[tuple[Database, Connection]]:
    """Open a storage that is there, for one reading; all that is read in it is of one moment."""
    with closing(open_database(storage, create=False)) as database, database.reading() as connection:
        yield database, connection
