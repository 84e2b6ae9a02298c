"""What a running search has learnt and not yet written: buffered, and flushed in one transaction.

A flush carries trials (Optuna's tables and ours), epochs of curves, checkpoints and the clock together, so
that the database is at every moment a state the search was really in.
"""

from __future__ import annotations

import json
import time
from typing import Any

from sqlalchemy import Connection, select

from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.core.errors import StorageError
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.store import optuna_tables, schema
from epochsearch.store.checkpoints import Checkpoint, remove_files
from epochsearch.store.curve_buffer import CurveBuffer
from epochsearch.store.database import Database
from epochsearch.store.ledger import Ledger
from epochsearch.store.open_trial import (
    STATES,
    OpenTrial,
    attribute_rows,
    own_row,
    parameter_rows,
    step_rows,
    user_rows,
    value_rows,
)
from epochsearch.store.studies import utc_now

FLUSH_SECONDS = 0.5


class Journal:
    """The one writer of a study."""

    def __init__(self, database: Database, ledger: Ledger, study_id: int, wall_seconds: float) -> None:
        """wall_seconds: what earlier runs of the study took."""
        self._database, self._ledger, self._study_id = database, ledger, study_id
        self._wall_before, self._started = wall_seconds, time.monotonic()
        self._open: dict[int, OpenTrial] = {}
        self._curves = CurveBuffer(ledger)
        self._study_attributes: dict[str, Any] = {}
        self._written_study_attributes: dict[str, Any] = {}
        self._last = time.monotonic()
        with database.reading() as connection:
            self._created = self._made(connection)

    @property
    def wall_seconds(self) -> float:
        """Wall time of the study so far, over all runs."""
        return self._wall_before + time.monotonic() - self._started

    def begin(self, trial: OpenTrial) -> None:
        """Note that a trial has begun or goes on."""
        trial.begun = trial.begun or optuna_tables.now()
        trial.record, trial.ended, trial.dirty = None, None, True
        self._open[trial.number] = trial

    def report(self, number: int, step: int, loss: float, cost: Cost) -> None:
        """Note an intermediate value of a trial and what the trial has cost so far."""
        trial = self._open[number]
        if step > trial.written_steps:
            trial.steps.append((step, loss))
        trial.cost, trial.epochs_done, trial.dirty = cost, step, True

    def extend(self, identity: CurveIdentity, report: EpochReport) -> None:
        """Note an epoch that a curve has gained."""
        self._curves.extend(identity, report)

    def checkpoint(self, identity: CurveIdentity, checkpoint: Checkpoint) -> None:
        """Note a checkpoint that a worker has written."""
        self._curves.checkpoint(identity, checkpoint)

    def study_attributes(self, attributes: dict[str, Any]) -> None:
        """Note the attributes that Optuna's samplers keep on the study."""
        self._study_attributes = attributes

    def end(self, record: TrialRecord, system_attributes: dict[str, Any] | None = None) -> None:
        """Note that a trial has ended.

        system_attributes: what samplers and pruners keep on it now; None for a trial that is to go on, since
        pruners would take what they noted midway for a trial that had got that far.
        """
        trial = self._open[record.number]
        trial.system_attributes |= system_attributes or {}
        trial.record, trial.cost, trial.epochs_done = record, record.cost, record.epochs_done
        trial.point = record.point
        trial.ended, trial.dirty = optuna_tables.now(), True

    @property
    def due(self) -> bool:
        """Whether the last flush is long enough ago."""
        return time.monotonic() - self._last >= FLUSH_SECONDS

    def flush(self) -> None:
        """Write everything noted so far in one transaction.

        Raises:
            StorageError: The database cannot be written; what was noted is kept.
        """
        self._last = time.monotonic()
        touched = [trial for trial in self._open.values() if trial.dirty]
        new = [trial for trial in touched if trial.trial_id is None]
        try:
            with self._database.writing() as connection:
                stale = self._write(connection, touched)
        except BaseException:  # what was rolled back takes the rows it was given with it
            self._ledger.forget_rows()
            for trial in new:
                trial.trial_id = None
            raise
        self._settle(touched)
        remove_files(self._database.checkpoint_folder, stale)

    def _write(self, connection: Connection, trials: list[OpenTrial]) -> list[str]:
        """Write all that was noted; return the checkpoint files that nobody owns once it is committed."""
        if self._made(connection) != self._created:
            rule = "this study was deleted while it was running"
            raise StorageError(
                "--storage", self._database.url, rule, "The same command begins it anew; its curves are kept."
            )
        for trial in trials:
            self._place(connection, trial)
        self._write_trials(connection, trials)
        stale = self._curves.write(connection)
        self._write_study(connection)
        return stale

    def _made(self, connection: Connection) -> Any:
        """Return when the study of this number was made; None if it is gone."""
        own, theirs = schema.studies, optuna_tables.studies
        both = select(own.c.created).join(theirs, theirs.c.study_id == own.c.study_id)
        return connection.execute(both.where(own.c.study_id == self._study_id)).scalar()

    def _settle(self, written: list[OpenTrial]) -> None:
        """Forget what is on disk now."""
        self._curves.clear()
        self._written_study_attributes = dict(self._study_attributes)
        for trial in written:
            trial.written_steps = trial.steps[-1][0] if trial.steps else trial.written_steps
            trial.steps.clear()
            trial.dirty = False
            trial.written_attributes |= trial.system_attributes.keys()
            if trial.record is not None:
                trial.ended_before = trial.record.outcome is not Outcome.INTERRUPTED
                del self._open[trial.number]

    def _place(self, connection: Connection, trial: OpenTrial) -> None:
        """Give the trial its rows, or bring them up to date."""
        state = {
            "state": STATES[trial.record.outcome if trial.record else None],
            "datetime_complete": trial.ended,
        }
        if trial.record is not None and trial.record.outcome is Outcome.INTERRUPTED:
            state["datetime_complete"] = None
        if trial.trial_id is not None:
            table = optuna_tables.trials
            connection.execute(table.update().where(table.c.trial_id == trial.trial_id).values(**state))
            _place_epochs(connection, trial)
            return
        new = {"number": trial.number, "study_id": self._study_id, "datetime_start": trial.begun, **state}
        key = connection.execute(optuna_tables.trials.insert(), new).inserted_primary_key
        assert key is not None
        trial.trial_id = int(key[0])
        curves = schema.trial_curves  # of a deleted trial that had this number
        connection.execute(curves.delete().where(curves.c.trial_id == trial.trial_id))
        connection.execute(optuna_tables.trial_params.insert(), parameter_rows(trial))
        trial.written_epochs = trial.point.epochs
        folds = [
            {
                "trial_id": trial.trial_id,
                "fold": identity.fold,
                "curve_id": self._ledger.curve_id(connection, identity),
            }
            for identity in trial.identities
        ]
        connection.execute(schema.trial_curves.insert(), folds)

    def _write_trials(self, connection: Connection, trials: list[OpenTrial]) -> None:
        if not trials:
            return
        ids = [trial.trial_id for trial in trials]
        own = schema.trials
        connection.execute(own.delete().where(own.c.trial_id.in_(ids)))
        connection.execute(own.insert(), [own_row(trial, self._study_id) for trial in trials])
        _insert(connection, optuna_tables.trial_intermediate_values, step_rows(trials))
        _insert(connection, optuna_tables.trial_system_attributes, attribute_rows(trials))
        ended = [trial for trial in trials if trial.record is not None]
        _forget_ends(connection, [trial for trial in trials if trial.ended_before])
        _insert(connection, optuna_tables.trial_values, value_rows(ended))
        _replace_shown(connection, user_rows(ended))

    def _write_study(self, connection: Connection) -> None:
        table = schema.studies
        now = {"wall_seconds": self.wall_seconds, "updated": utc_now()}
        connection.execute(table.update().where(table.c.study_id == self._study_id).values(**now))
        attributes = optuna_tables.study_system_attributes
        for key, value in self._study_attributes.items():
            if key in self._written_study_attributes and self._written_study_attributes[key] == value:
                continue
            mine = (attributes.c.study_id == self._study_id) & (attributes.c.key == key)
            connection.execute(attributes.delete().where(mine))
            row = {"study_id": self._study_id, "key": key, "value_json": json.dumps(value)}
            connection.execute(attributes.insert(), row)


def _forget_ends(connection: Connection, trials: list[OpenTrial]) -> None:
    """Take back what only a trial that has ended has, where an earlier stretch of these trials had."""
    if not trials:
        return
    ids = [trial.trial_id for trial in trials]
    values, shown = optuna_tables.trial_values, optuna_tables.trial_user_attributes
    connection.execute(values.delete().where(values.c.trial_id.in_(ids)))
    connection.execute(
        shown.delete().where(shown.c.trial_id.in_(ids) & shown.c.key.in_(["frozen", "outcome"]))
    )


def _replace_shown(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write user attributes in the place of what an earlier stretch, even of a killed run, has left."""
    table = optuna_tables.trial_user_attributes
    ids, keys = {row["trial_id"] for row in rows}, {row["key"] for row in rows}
    connection.execute(table.delete().where(table.c.trial_id.in_(ids) & table.c.key.in_(keys)))
    _insert(connection, table, rows)


def _place_epochs(connection: Connection, trial: OpenTrial) -> None:
    """Bring the epochs up to date that were read off the curve."""
    if trial.written_epochs == trial.point.epochs:
        return
    table = optuna_tables.trial_params
    row = next(row for row in parameter_rows(trial) if row["param_name"] == "epochs")
    mine = (table.c.trial_id == trial.trial_id) & (table.c.param_name == "epochs")
    connection.execute(table.update().where(mine).values(param_value=row["param_value"]))
    trial.written_epochs = trial.point.epochs


def _insert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(table.insert(), rows)
