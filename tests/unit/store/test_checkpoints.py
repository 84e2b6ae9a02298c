"""Checkpoint files: whole or not there, checked when read, swept when nobody owns them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from epochsearch.store.checkpoints import read_checkpoint, remove_files, sweep, write_checkpoint

KEY = "a" * 64


def test_a_state_is_read_back(tmp_path: Path) -> None:
    """The folder is made, and nothing but the whole file is left in it."""
    folder = tmp_path / "deep" / "checkpoints"

    written = write_checkpoint(folder, KEY, 7, b"state" * 1000, 2.5)

    assert read_checkpoint(folder, written) == b"state" * 1000
    assert [path.name for path in folder.iterdir()] == [written.file]
    assert (written.epoch, written.bytes, written.seconds) == (7, 5000, 2.5)


def test_a_state_written_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    """The old record no longer fits the file, so it is never read for what it was."""
    first = write_checkpoint(tmp_path, KEY, 7, b"one", 1.0)
    second = write_checkpoint(tmp_path, KEY, 7, b"two", 1.0)

    assert read_checkpoint(tmp_path, second) == b"two"
    assert read_checkpoint(tmp_path, first) is None


def test_who_may_read_a_state_is_the_umasks_business(tmp_path: Path) -> None:
    """As of every other file beside the database: who shares one shares its checkpoints."""
    beside = tmp_path / "beside"
    beside.touch()

    written = write_checkpoint(tmp_path, KEY, 7, b"state", 1.0)

    assert (tmp_path / written.file).stat().st_mode == beside.stat().st_mode


@pytest.mark.parametrize("damage", [b"", b"stat", b"statf", b"state!"])
def test_a_damaged_file_is_not_read(tmp_path: Path, damage: bytes) -> None:
    """Cut short, grown or with one bit turned: the curve is trained again instead."""
    written = write_checkpoint(tmp_path, KEY, 7, b"state", 1.0)

    (tmp_path / written.file).write_bytes(damage)

    assert read_checkpoint(tmp_path, written) is None


def test_a_missing_file_is_not_read(tmp_path: Path) -> None:
    """Neither is one whose folder is gone, nor a folder of its name."""
    written = write_checkpoint(tmp_path, KEY, 7, b"state", 1.0)
    remove_files(tmp_path, [written.file, "never.checkpoint"])

    missing = read_checkpoint(tmp_path, written)
    (tmp_path / written.file).mkdir()
    folder = read_checkpoint(tmp_path, written)
    remove_files(tmp_path, [written.file])

    assert missing is None
    assert folder is None
    assert read_checkpoint(tmp_path / "gone", written) is None


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """Where a folder has the file's name, the error is passed on and the half-written file removed."""
    written = write_checkpoint(tmp_path / "a", KEY, 7, b"state", 1.0)
    (tmp_path / "b" / written.file).mkdir(parents=True)

    with pytest.raises(OSError, match=r".*"):
        write_checkpoint(tmp_path / "b", KEY, 7, b"state", 1.0)

    assert [path.name for path in (tmp_path / "b").iterdir()] == [written.file]


def test_a_sweep_takes_old_files_that_nobody_owns(tmp_path: Path) -> None:
    """Fresh ones may be on their way to a record, owned ones stay, foreign files are none of its business."""
    owned = write_checkpoint(tmp_path, KEY, 1, b"state", 1.0)
    orphan = write_checkpoint(tmp_path, KEY, 2, b"state", 1.0)
    fresh = write_checkpoint(tmp_path, KEY, 3, b"state", 1.0)
    for name in ("half.part", "notes.txt"):
        (tmp_path / name).write_text("x")
    for name in (owned.file, orphan.file, "half.part", "notes.txt"):
        os.utime(tmp_path / name, (0, 0))

    sweep(tmp_path, {owned.file})

    assert {path.name for path in tmp_path.iterdir()} == {owned.file, fresh.file, "notes.txt"}


def test_a_sweep_of_no_folder_is_no_error(tmp_path: Path) -> None:
    """A storage that has no checkpoints yet has no folder."""
    sweep(tmp_path / "none", set())

    assert not (tmp_path / "none").exists()
