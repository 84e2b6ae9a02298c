"""Curves in the ledger: read whole, extended, never changed."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

from epochsearch.core.curve import EpochReport
from epochsearch.store import schema
from epochsearch.store.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from epochsearch.store.ledger import Ledger
from tests.unit.store.records import IDENTITY, opened, reports


def checkpoint(epoch: int, seconds: float = 1.0, size: int = 10, key: str = IDENTITY.key) -> Checkpoint:
    return Checkpoint(key, epoch, f"{key[:8]}-{epoch}.checkpoint", size, "0" * 64, seconds)


def test_a_curve_that_was_never_trained_is_empty(tmp_path: Path) -> None:
    """Nothing under a key is no error."""
    with opened(tmp_path) as database:
        stored = Ledger(database).read("0" * 64)

    assert stored.reports == ()
    assert stored.checkpoint is None


def test_a_curve_is_read_back_bit_for_bit(tmp_path: Path) -> None:
    """Losses, metrics in their order, NaN and both infinities survive the file."""
    curve = [
        EpochReport(1, 0.1 + 0.2, 5e-324, 0.25, (("b", 1 / 3), ("a", math.nan))),
        EpochReport(2, math.inf, -math.inf, 0.0, (("b", math.inf), ("a", -0.0))),
        EpochReport(3, math.nan, math.nan, 1e-9),
    ]
    with opened(tmp_path) as database:
        ledger = Ledger(database)
        with database.writing() as connection:
            curve_id = ledger.curve_id(connection, IDENTITY)
            ledger.extend(connection, [(curve_id, report) for report in curve])

    with opened(tmp_path) as database:
        stored = Ledger(database).read(IDENTITY.key)

    assert len(stored.reports) == 3
    assert all(read.same_values(report) for read, report in zip(stored.reports, curve, strict=True))
    assert [report.seconds for report in stored.reports] == [0.25, 0.0, 1e-9]


def test_epochs_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    """A curve grows and never changes, whatever is written over it."""
    with opened(tmp_path) as database:
        ledger = Ledger(database)
        with database.writing() as connection:
            curve_id = ledger.curve_id(connection, IDENTITY)
            ledger.extend(connection, [(curve_id, report) for report in reports(2)])
            other = [replace(report, val_loss=9.0) for report in reports(3)]
            ledger.extend(connection, [(curve_id, report) for report in other])
            ledger.extend(connection, [])

        stored = ledger.read(IDENTITY.key)

    assert [report.val_loss for report in stored.reports] == [1.5, 0.75, 9.0]


def test_a_curve_ends_at_its_first_gap(tmp_path: Path) -> None:
    """Epochs after a gap are not read, nor is a checkpoint that stands behind it."""
    with opened(tmp_path) as database:
        ledger = Ledger(database)
        with database.writing() as connection:
            curve_id = ledger.curve_id(connection, IDENTITY)
            ledger.extend(connection, [(curve_id, report) for report in (*reports(2), *reports(2, first=4))])
            ledger.record(connection, curve_id, checkpoint(5))

        stored = ledger.read(IDENTITY.key)

    assert [report.epoch for report in stored.reports] == [1, 2]
    assert stored.checkpoint is None


def test_a_curve_has_one_row_in_every_process(tmp_path: Path) -> None:
    """Two ledgers on one file give a curve the same row and two curves two."""
    other = replace(IDENTITY, seed=1)
    with opened(tmp_path) as one, opened(tmp_path) as two:
        with one.writing() as connection:
            ours = Ledger(one).curve_id(connection, IDENTITY)
        with two.writing() as connection:
            theirs = Ledger(two).curve_id(connection, IDENTITY)
            another = Ledger(two).curve_id(connection, other)

    assert ours == theirs
    assert another != ours


def test_the_later_checkpoint_is_kept(tmp_path: Path) -> None:
    """A curve has one checkpoint, its farthest; the other's file is named for removal."""
    with opened(tmp_path) as database:
        ledger = Ledger(database)
        database.checkpoint_folder.mkdir()
        (database.checkpoint_folder / checkpoint(4).file).write_bytes(b"there")
        with database.writing() as connection:
            curve_id = ledger.curve_id(connection, IDENTITY)
            ledger.extend(connection, [(curve_id, report) for report in reports(4)])
            first = ledger.record(connection, curve_id, checkpoint(2))
            farther = ledger.record(connection, curve_id, checkpoint(4))
            again = ledger.record(connection, curve_id, checkpoint(4))
            earlier = ledger.record(connection, curve_id, checkpoint(3))

        kept = ledger.read(IDENTITY.key).checkpoint

    assert (first, farther, again) == ([], [checkpoint(2).file], [])
    assert earlier == [checkpoint(3).file]
    assert kept == checkpoint(4)


def test_what_saves_the_least_time_a_byte_goes_first(tmp_path: Path) -> None:
    """Over budget, checkpoints go until nine tenths of it are taken; every curve can still be read."""
    identities = [replace(IDENTITY, seed=seed) for seed in range(4)]
    seconds = [4.0, 1.0, 3.0, 2.0]
    with opened(tmp_path) as database:
        ledger = Ledger(database, budget=30)
        with database.writing() as connection:
            for identity, saved in zip(identities, seconds, strict=True):
                curve_id = ledger.curve_id(connection, identity)
                ledger.extend(connection, [(curve_id, reports(1)[0])])
                ledger.record(connection, curve_id, checkpoint(1, saved, 10, identity.key))
            over = ledger.over_budget()
            dropped = ledger.shrink(connection)

        stored = [ledger.read(identity.key) for identity in identities]

    assert over
    assert dropped == [checkpoint(1, key=identities[i].key).file for i in (1, 3)]
    assert [curve.checkpoint is not None for curve in stored] == [True, False, True, False]
    assert all(len(curve.reports) == 1 for curve in stored)
    assert not ledger.over_budget()


def test_only_recorded_checkpoints_outlive_a_sweep(tmp_path: Path) -> None:
    """A file that no row owns is removed once it is old; a recorded one is read back whole."""
    with opened(tmp_path) as database:
        folder, ledger = database.checkpoint_folder, Ledger(database, budget=4)
        kept = write_checkpoint(folder, IDENTITY.key, 3, b"state", 1.0)
        orphan = write_checkpoint(folder, "1" * 64, 3, b"state", 1.0)
        for name in (kept.file, orphan.file):
            os.utime(folder / name, (0, 0))
        with database.writing() as connection:
            ledger.record(connection, ledger.curve_id(connection, IDENTITY), kept)

        fresh = Ledger(database, budget=4)
        fresh.sweep(folder)

    assert read_checkpoint(folder, kept) == b"state"
    assert read_checkpoint(folder, orphan) is None
    assert fresh.over_budget()


def test_a_row_of_a_rolled_back_transaction_is_forgotten(tmp_path: Path) -> None:
    """After a failed write a curve is looked up anew, and what is written then is read back."""
    with opened(tmp_path) as database:
        ledger = Ledger(database)
        try:
            with database.writing() as connection:
                ledger.curve_id(connection, IDENTITY)
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            ledger.forget_rows()
        with database.writing() as connection:
            ledger.curve_id(connection, replace(IDENTITY, seed=1))
            ledger.extend(connection, [(ledger.curve_id(connection, IDENTITY), reports(1)[0])])

        with database.reading() as connection:
            curves = connection.execute(schema.curves.select()).all()

    assert len(curves) == 2
    with opened(tmp_path) as database:
        assert len(Ledger(database).read(IDENTITY.key).reports) == 1


def test_a_checkpoint_takes_the_place_of_a_later_one_whose_file_is_gone(tmp_path: Path) -> None:
    """A lost file must not keep new checkpoints out until training has passed its epoch."""
    with opened(tmp_path) as database:
        ledger = Ledger(database)
        with database.writing() as connection:
            curve_id = ledger.curve_id(connection, IDENTITY)
            ledger.extend(connection, [(curve_id, report) for report in reports(9)])
            ledger.record(connection, curve_id, checkpoint(9))

            stale = ledger.record(connection, curve_id, checkpoint(2))

        kept = ledger.read(IDENTITY.key).checkpoint

    assert kept == checkpoint(2)
    assert stale == [checkpoint(9).file]


def test_states_that_other_curves_begin_at_stay_beside_the_checkpoint(tmp_path: Path) -> None:
    """The latest up to an epoch is found, and a later checkpoint takes the place of none of them."""
    states = [replace(checkpoint(epoch), file=f"{epoch}-kept.checkpoint", kept=True) for epoch in (2, 4)]
    with opened(tmp_path) as database:
        ledger = Ledger(database)
        with database.writing() as connection:
            curve_id = ledger.curve_id(connection, IDENTITY)
            ledger.extend(connection, [(curve_id, report) for report in reports(6)])
            stale = [ledger.record(connection, curve_id, one) for one in (*states, checkpoint(6), states[0])]

        found = [ledger.read(IDENTITY.key, upto).checkpoint for upto in (1, 2, 3, 5, 6, None)]

    assert stale == [[], [], [], []]
    assert found == [None, states[0], states[0], states[1], checkpoint(6), checkpoint(6)]


def test_states_count_against_the_budget_and_outlive_a_sweep(tmp_path: Path) -> None:
    """They are files as any checkpoint: the least useful ones go first, the others are nobody's orphans."""
    with opened(tmp_path) as database:
        folder, ledger = database.checkpoint_folder, Ledger(database, budget=15)
        written = [
            write_checkpoint(folder, IDENTITY.key, e, b"state", 1.0 * e, kept=True) for e in (1, 2, 3, 4)
        ]
        for one in written:
            os.utime(folder / one.file, (0, 0))
        with database.writing() as connection:
            curve_id = ledger.curve_id(connection, IDENTITY)
            ledger.extend(connection, [(curve_id, report) for report in reports(4)])
            for one in written:
                ledger.record(connection, curve_id, one)
            over, dropped = ledger.over_budget(), ledger.shrink(connection)
        Ledger(database).sweep(folder)

        found = ledger.read(IDENTITY.key).checkpoint

    assert over
    assert dropped == [one.file for one in written[:2]]
    assert found == written[3]
    assert [one for one in written if read_checkpoint(folder, one)] == written[2:]
