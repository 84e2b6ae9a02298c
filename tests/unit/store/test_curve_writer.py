"""Curves written beside a search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from epochsearch.store.checkpoints import write_checkpoint
from epochsearch.store.curve_writer import CurveWriter
from epochsearch.store.ledger import Ledger
from tests.unit.store.records import IDENTITY, opened, reports

OTHER = replace(IDENTITY, seed=5)


def test_what_is_flushed_is_in_the_ledger(tmp_path: Path) -> None:
    """Epochs and checkpoints, of as many curves as were noted."""
    with opened(tmp_path) as database:
        writer = CurveWriter(database, Ledger(database))
        kept = write_checkpoint(database.checkpoint_folder, OTHER.key, 2, b"state", 1.0)
        for identity, count in ((IDENTITY, 1), (OTHER, 3)):
            for report in reports(count):
                writer.extend(identity, report)
        writer.checkpoint(OTHER, kept)
        writer.flush()

        stored = [Ledger(database).read(identity.key) for identity in (IDENTITY, OTHER)]

    assert [len(curve.reports) for curve in stored] == [1, 3]
    assert stored[1].checkpoint == kept


def test_epochs_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    """A curve grows and never changes: what was run again after a death is passed over."""
    with opened(tmp_path) as database:
        writer = CurveWriter(database, Ledger(database))
        for report in (*reports(2), replace(reports(1)[0], val_loss=9.0), *reports(1, first=3)):
            writer.extend(IDENTITY, report)
            writer.flush()

        stored = Ledger(database).read(IDENTITY.key)

    assert list(stored.reports) == reports(3)


def test_an_earlier_checkpoint_gives_way_and_its_file_goes(tmp_path: Path) -> None:
    """One state a curve is enough to go on."""
    with opened(tmp_path) as database:
        writer, folder = CurveWriter(database, Ledger(database)), database.checkpoint_folder
        for report in reports(3):
            writer.extend(IDENTITY, report)
            writer.checkpoint(IDENTITY, write_checkpoint(folder, IDENTITY.key, report.epoch, b"s", 1.0))
            writer.flush()

        stored = Ledger(database).read(IDENTITY.key)

        assert stored.checkpoint is not None
        assert [path.name for path in folder.iterdir()] == [stored.checkpoint.file]
