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

    def read(self, key: str) -> StoredCurve:
        """Return what is stored under a curve's key; empty if nothing is."""
        with self._database.reading() as connection:
            curve_id = self._find(connection, key)
            if curve_id is None:
                return StoredCurve()
            rows = connection.execute(
                select(schema.epochs)
                .where(schema.epochs.c.curve_id == curve_id)
                .order_by(schema.epochs.c.epoch)
            ).all()
            kept = connection.execute(
                select(schema.checkpoints).where(schema.checkpoints.c.curve_id == curve_id)
            ).first()
        reports = tuple(report_of(row) for row in rows)
        unbroken = next((i for i, report in enumerate(reports) if report.epoch != i + 1), len(reports))
        checkpoint = None
        if kept is not None and kept.epoch <= unbroken:
            checkpoint = Checkpoint(key, kept.epoch, kept.file, kept.bytes, kept.sha256, kept.seconds)
        return StoredCurve(reports[:unbroken], checkpoint)

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
        """Keep the later of `checkpoint` and the curve's own; return files to remove once committed."""
        table = schema.checkpoints
        old = connection.execute(
            select(table.c.epoch, table.c.file).where(table.c.curve_id == curve_id)
        ).first()
        folder = self._database.checkpoint_folder
        if old is not None and old.epoch > checkpoint.epoch and (folder / old.file).exists():
            return [checkpoint.file]
        connection.execute(table.delete().where(table.c.curve_id == curve_id))
        connection.execute(
            table.insert(),
            {
                "curve_id": curve_id,
                "epoch": checkpoint.epoch,
                "file": checkpoint.file,
                "bytes": checkpoint.bytes,
                "sha256": checkpoint.sha256,
                "seconds": checkpoint.seconds,
            },
        )
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
        rows = connection.execute(select(schema.checkpoints)).all()
        total, dropped = sum(row.bytes for row in rows), []
        for row in sorted(rows, key=lambda row: row.seconds / max(row.bytes, 1)):
            if total <= 0.9 * self._budget:
                break
            total -= row.bytes
            dropped.append(row)
        gone = [row.curve_id for row in dropped]
        for some in (gone[i : i + 500] for i in range(0, len(gone), 500)):
            connection.execute(schema.checkpoints.delete().where(schema.checkpoints.c.curve_id.in_(some)))
        self._owned = total
        return [row.file for row in dropped]

    def sweep(self, folder: Path) -> None:
        """Remove checkpoint files that were written but never recorded, and count the rest."""
        with self._database.reading() as connection:
            rows = connection.execute(select(schema.checkpoints.c.file, schema.checkpoints.c.bytes)).all()
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
