"""What training took, as the ledger measured it: memory by trial, seconds, memory and bytes by curve."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import func, select

from epochsearch.core.curve import CurveIdentity
from epochsearch.store import optuna_tables, schema
from epochsearch.store.database import Database, open_database


@dataclass(frozen=True, slots=True)
class CurveCost:
    """One curve, one fold."""

    identity: CurveIdentity
    epochs: int  # that were measured
    seconds: float  # mean of an epoch
    memory_bytes: int | None  # highest of an epoch; None: not measured
    checkpoint_bytes: int | None  # None: it has none


def trial_memory(storage: str, study: str) -> dict[int, int]:
    """Return the peak of each trial's epochs in bytes, by number; a trial that was not measured is left out.

    Raises:
        NotFoundError: There is no such database.
    """
    used, epochs, trials, names = schema.trial_curves, schema.epochs, schema.trials, optuna_tables.studies
    query = (
        select(trials.c.number, func.max(epochs.c.memory_bytes).label("peak"))
        .join(used, used.c.trial_id == trials.c.trial_id)
        .join(epochs, (epochs.c.curve_id == used.c.curve_id) & (epochs.c.epoch <= trials.c.epochs_done))
        .join(names, names.c.study_id == trials.c.study_id)
        .where(names.c.study_name == study)
        .group_by(trials.c.number)
    )
    with closing(open_database(storage, create=False)) as database, database.reading() as connection:
        return {row.number: row.peak for row in connection.execute(query) if row.peak is not None}


def curve_costs(database: Database, fingerprint: str) -> list[CurveCost]:
    """Return what each curve of a task took that the ledger has.

    fingerprint: of the task's code and data.
    """
    curves, epochs, kept = schema.curves, schema.epochs, schema.checkpoints
    query = (
        select(
            curves.c.identity,
            func.count().label("epochs"),
            func.avg(epochs.c.seconds).label("seconds"),
            func.max(epochs.c.memory_bytes).label("memory"),
            func.max(kept.c.bytes).label("bytes"),
        )
        .join(epochs, epochs.c.curve_id == curves.c.curve_id)
        .join(kept, kept.c.curve_id == curves.c.curve_id, isouter=True)
        .where(curves.c.identity.contains(f'"fingerprint":"{fingerprint}"', autoescape=True))
        .group_by(curves.c.curve_id)
    )
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return [
        CurveCost(CurveIdentity.from_canonical(row.identity), row.epochs, row.seconds, row.memory, row.bytes)
        for row in rows
    ]
