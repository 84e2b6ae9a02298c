"""A database of an older epochsearch is brought up to date when it is opened, and keeps what it holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from epochsearch.core.curve import EpochReport
from epochsearch.store import schema
from epochsearch.store.archive import study_summaries
from epochsearch.store.ledger import Ledger
from tests.unit.store.records import IDENTITY, opened, reports, study, url


def make_older(folder: Path) -> None:
    """Turn the database in `folder` into one of schema 1."""
    with closing(sqlite3.connect(folder / "x.db")) as connection:
        for column in ("average_loss", "gradient_norm", "memory_bytes"):
            connection.execute(f"ALTER TABLE {schema.epochs.name} DROP COLUMN {column}")
        connection.execute(f"UPDATE {schema.versions.name} SET version = 1")
        connection.commit()


def test_curves_of_an_older_schema_are_read_and_extended(tmp_path: Path) -> None:
    """Schema 1 had no memory, gradient norm or averaged loss: they are unknown, and kept from now on."""
    with opened(tmp_path) as database, database.writing() as connection:
        ledger = Ledger(database)
        curve = ledger.curve_id(connection, IDENTITY)
        ledger.extend(connection, [(curve, report) for report in reports(3)])
    make_older(tmp_path)
    new = EpochReport(4, 0.25, 0.3, 0.1, (), average_loss=0.2, gradient_norm=1.5, memory_bytes=2**33)

    with opened(tmp_path) as database:
        with database.writing() as connection:
            Ledger(database).extend(connection, [(curve, new)])
        stored = Ledger(database).read(IDENTITY.key).reports

    assert stored == (*reports(3), new)
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        assert connection.execute(f"SELECT version FROM {schema.versions.name}").fetchall() == [
            (schema.SCHEMA_VERSION,)
        ]


def test_a_command_that_only_reads_brings_it_up_to_date_too(tmp_path: Path) -> None:
    """`studies` on a database of schema 1 lists what is there."""
    with opened(tmp_path) as database:
        study(database, "old")
    make_older(tmp_path)

    assert [summary.study for summary in study_summaries(url(tmp_path))] == ["old"]
