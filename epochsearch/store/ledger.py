"""The curves trained so far, shared by all studies in a storage: read whole, extended, never changed."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.store import schema
from epochsearch.store.checkpoints import Checkpoint, sweep
from epochsearch.store.database import Database

CHECKPOINT_BUDGET = 4 * 2**30  # bytes on disk, over all curves of a storage


@dataclass(frozen=True, slots=True)
class StoredCurve:
    """What the ledger holds of one curve."""

    reports: tuple[EpochReport, ...] = ()  # epochs 1 to n without a gap
    checkpoint: Checkpoint | None = None


class Ledger:
    """The curves of one storage. Reads go to the database; writes happen in the journal's transactions."""

    def __init__(self, database: Database, budget: int = CHECKPOINT_BUDGET) -> None:
        """budget: bytes that all checkpoints together may take on disk."""
        self._database = database
        self._budget = budget
        self._ids: dict[str, int] = {}
        self._owned = 0  # bytes of all recorded checkpoints, as of the last look

    def read(self, key: str, upto: int | None = None) -> StoredCurve:
        """Return what is stored under a curve's key; empty if nothing is.

        upto: of the checkpoints, those of later epochs are passed over.
        """
        with self._database.reading() as connection:
            curve_id = self._find(connection, key)
            if curve_id is None:
                return StoredCurve()
            rows = connection.execute(
                select(schema.epochs)
                .where(schema.epochs.c.curve_id == curve_id)
                .order_by(schema.epochs.c.epoch)
            ).all()
            found = _checkpoints_of(connection, curve_id, key)
        reports = tuple(report_of(row) for row in rows)
        unbroken = next((i for i, report in enumerate(reports) if report.epoch != i + 1), len(reports))
        last = unbroken if upto is None else min(upto, unbroken)
        usable = [checkpoint for checkpoint in found if checkpoint.epoch <= last]
        return StoredCurve(reports[:unbroken], max(usable, key=lambda one: one.epoch, default=None))

    def curve_id(self, connection: Connection, identity: CurveIdentity) -> int:
        """Return the row of a curve, made if it is not there; within the caller's write transaction."""
        found = self._find(connection, identity.key)
        if found is None:
            insert = self._database.insert_new(schema.curves)
            connection.execute(insert, {"key": identity.key, "identity": identity.canonical})
            found = self._find(connection, identity.key)
            assert found is not None
        return found

    def extend(self, connection: Connection, rows: Sequence[tuple[int, EpochReport]]) -> None:
        """Add epochs to curves, as (curve_id, report); those already there stay as they are."""
        if rows:
            connection.execute(
                self._database.insert_new(schema.epochs), [_row_of(i, report) for i, report in rows]
            )

    def record(self, connection: Connection, curve_id: int, checkpoint: Checkpoint) -> list[str]:
        """Keep the later of `checkpoint` and the curve's own; return files to remove once committed.

        One that is kept for other curves to begin there stays beside it.
        """
        if checkpoint.kept:
            mine = (schema.states.c.curve_id == curve_id) & (schema.states.c.epoch == checkpoint.epoch)
            connection.execute(schema.states.delete().where(mine))
            connection.execute(schema.states.insert(), _checkpoint_row(curve_id, checkpoint))
            self._owned += checkpoint.bytes
            return []
        table = schema.checkpoints
        old = connection.execute(
            select(table.c.epoch, table.c.file).where(table.c.curve_id == curve_id)
        ).first()
        folder = self._database.checkpoint_folder
        if old is not None and old.epoch > checkpoint.epoch and (folder / old.file).exists():
            return [checkpoint.file]
        connection.execute(table.delete().where(table.c.curve_id == curve_id))
        connection.execute(table.insert(), _checkpoint_row(curve_id, checkpoint))
        self._owned += checkpoint.bytes
        return [old.file] if old is not None and old.file != checkpoint.file else []

    def forget_rows(self) -> None:
        """Forget which rows curves have: a transaction that may have made some was rolled back."""
        self._ids.clear()

    def over_budget(self) -> bool:
        """Return whether the checkpoints recorded since the last look may exceed the budget."""
        return self._owned > self._budget

    def shrink(self, connection: Connection) -> list[str]:
        """Forget checkpoints until the rest takes nine tenths of the budget; return their files.

        First to go is whichever saves the least training time a byte.
        """
        rows = [row for table in _OF_CHECKPOINTS for row in connection.execute(select(table))]
        total, dropped = sum(row.bytes for row in rows), []
        for row in sorted(rows, key=lambda row: row.seconds / max(row.bytes, 1)):
            if total <= 0.9 * self._budget:
                break
            total -= row.bytes
            dropped.append(row)
        gone = [row.file for row in dropped]
        for some in (gone[i : i + 500] for i in range(0, len(gone), 500)):
            for table in _OF_CHECKPOINTS:
                connection.execute(table.delete().where(table.c.file.in_(some)))
        self._owned = total
        return gone

    def sweep(self, folder: Path) -> None:
        """Remove checkpoint files that were written but never recorded, and count the rest."""
        with self._database.reading() as connection:
            rows = [
                row
                for table in _OF_CHECKPOINTS
                for row in connection.execute(select(table.c.file, table.c.bytes))
            ]
        self._owned = sum(row.bytes for row in rows)
        sweep(folder, {row.file for row in rows})

    def _find(self, connection: Connection, key: str) -> int | None:
        if key not in self._ids:
            found = connection.execute(
                select(schema.curves.c.curve_id).where(schema.curves.c.key == key)
            ).scalar()
            if found is None:
                return None
            self._ids[key] = found
        return self._ids[key]


def report_of(row: Any) -> EpochReport:
    """Return the report that a row of the epochs table holds."""
    metrics = tuple(json.loads(row.metrics).items()) if row.metrics != "{}" else ()
    return EpochReport(
        epoch=row.epoch,
        train_loss=_number(row.train_loss),
        val_loss=_number(row.val_loss),
        seconds=row.seconds,
        metrics=metrics,
        average_loss=row.average_loss,
        gradient_norm=row.gradient_norm,
        memory_bytes=row.memory_bytes,
    )


_OF_CHECKPOINTS = (schema.checkpoints, schema.states)


def _checkpoints_of(connection: Connection, curve_id: int, key: str) -> list[Checkpoint]:
    """Return the curve's own checkpoint and those that are kept for other curves to begin there."""
    return [
        Checkpoint(key, row.epoch, row.file, row.bytes, row.sha256, row.seconds, table is schema.states)
        for table in _OF_CHECKPOINTS
        for row in connection.execute(select(table).where(table.c.curve_id == curve_id))
    ]


def _checkpoint_row(curve_id: int, checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "curve_id": curve_id,
        "epoch": checkpoint.epoch,
        "file": checkpoint.file,
        "bytes": checkpoint.bytes,
        "sha256": checkpoint.sha256,
        "seconds": checkpoint.seconds,
    }


def _row_of(curve_id: int, report: EpochReport) -> dict[str, Any]:
    return {
        "curve_id": curve_id,
        "epoch": report.epoch,
        "train_loss": _stored(report.train_loss),
        "val_loss": _stored(report.val_loss),
        "seconds": report.seconds,
        "metrics": json.dumps(dict(report.metrics)),
        "average_loss": report.average_loss,
        "gradient_norm": report.gradient_norm,
        "memory_bytes": report.memory_bytes,
    }


def _stored(value: float) -> float | None:
    return None if math.isnan(value) else value


def _number(stored: float | None) -> float:
    return math.nan if stored is None else stored
