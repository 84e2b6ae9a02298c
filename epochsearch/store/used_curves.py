"""The curves behind a study's trials, fold by fold and as far as the ledger has them: to check, to copy out.

Elsewhere a trial comes with the mean over folds of what it used; here nothing is averaged and nothing cut.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection, Select, select

from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.core.trial import TrialRecord
from epochsearch.store import optuna_tables, schema
from epochsearch.store.archive import study_trials
from epochsearch.store.database import open_database
from epochsearch.store.ledger import report_of


@dataclass(frozen=True, slots=True)
class LedgerCurve:
    """One curve as it lies in the ledger."""

    identity: CurveIdentity
    reports: tuple[EpochReport, ...]  # in the order of their epochs; a damaged ledger may have gaps


@dataclass(frozen=True, slots=True)
class UsedCurves:
    """A trial and the curves it was read on."""

    trial: TrialRecord
    curves: tuple[LedgerCurve, ...]  # one a fold

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its curves."""
        return tuple(curve.identity.key for curve in self.curves)


def used_curves(storage: str, study: str, only: Collection[int] | None = None) -> list[UsedCurves]:
    """Return the trials of a study in the order of their numbers, each with its curves.

    only: the numbers of the trials that are wanted; None: all.

    Raises:
        NotFoundError: There is no such database or study.
    """
    records = [one for one in study_trials(storage, study) if only is None or one.number in only]
    used, trials, names = schema.trial_curves, schema.trials, optuna_tables.studies
    links = (
        select(trials.c.number, used.c.fold, used.c.curve_id)
        .join(used, used.c.trial_id == trials.c.trial_id)
        .join(names, names.c.study_id == trials.c.study_id)
        .where(names.c.study_name == study)
        .order_by(trials.c.number, used.c.fold)
    )
    if only is not None:
        links = links.where(trials.c.number.in_(only))
    with closing(open_database(storage, create=False)) as database, database.reading() as connection:
        rows = connection.execute(links).all()
        curves = _curves(connection, links.with_only_columns(used.c.curve_id).order_by(None).distinct())
    found: dict[int, list[LedgerCurve]] = defaultdict(list)
    for row in rows:
        found[row.number].append(curves[row.curve_id])
    return [UsedCurves(record, tuple(found[record.number])) for record in records]


def all_curves(storage: str) -> list[LedgerCurve]:
    """Return every curve of the ledger, in the order in which they were begun.

    Raises:
        NotFoundError: There is no such database.
    """
    with closing(open_database(storage, create=False)) as database, database.reading() as connection:
        curves = _curves(connection, select(schema.curves.c.curve_id))
    return [curves[curve_id] for curve_id in sorted(curves)]


def _curves(connection: Connection, wanted: Select[tuple[int]]) -> dict[int, LedgerCurve]:
    curves, epochs = schema.curves, schema.epochs
    reports: dict[int, list[EpochReport]] = defaultdict(list)
    rows = select(epochs).where(epochs.c.curve_id.in_(wanted)).order_by(epochs.c.curve_id, epochs.c.epoch)
    for row in connection.execute(rows):
        reports[row.curve_id].append(report_of(row))
    identities = connection.execute(select(curves).where(curves.c.curve_id.in_(wanted))).all()
    return {
        row.curve_id: LedgerCurve(
            CurveIdentity.from_canonical(row.identity), tuple(reports.get(row.curve_id, ()))
        )
        for row in identities
    }
