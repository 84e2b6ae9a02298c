"""Opening a storage, and what is said where that cannot be."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import optuna
import pytest

from epochsearch.core.errors import NotFoundError, StorageError
from epochsearch.store import optuna_tables, schema
from epochsearch.store.archive import study_summaries
from epochsearch.store.database import open_database, sqlite_file
from tests.command import REPOSITORY
from tests.unit.store.records import opened, study, url


def refusal(address: str, *, create: bool = True) -> str:
    with pytest.raises(StorageError) as caught:
        open_database(address, create=create)
    return caught.value.message


def test_a_new_database_has_optunas_tables_and_the_ledgers(tmp_path: Path) -> None:
    """The folder is made, the file is in WAL mode, and nothing else is left in the folder."""
    folder = tmp_path / "new" / "folder"

    open_database(url(folder), create=True).close()

    assert [path.name for path in folder.iterdir()] == ["x.db"]
    with closing(sqlite3.connect(folder / "x.db")) as connection:
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        mode = connection.execute("PRAGMA journal_mode").fetchone()
    assert tables >= schema.metadata.tables.keys() | optuna_tables.metadata.tables.keys()
    assert mode == ("wal",)


def test_the_ledger_is_added_to_a_database_of_optunas(tmp_path: Path) -> None:
    """A file that another program made with Optuna is gone on with; its studies are not ours."""
    optuna.create_study(storage=url(tmp_path), study_name="theirs")
    before = study_summaries(url(tmp_path))

    with closing(open_database(url(tmp_path), create=True)) as database:
        study(database, "ours")

    assert before == []
    assert [summary.study for summary in study_summaries(url(tmp_path))] == ["ours"]


def test_what_is_only_read_is_not_made(tmp_path: Path) -> None:
    """A missing file is told, with the command that makes one, and stays missing."""
    with pytest.raises(NotFoundError, match=r"no such database yet\. Start a search with: epochsearch run"):
        open_database(url(tmp_path), create=False)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, create: bool) -> None:
    """It is named, and not a byte of it is changed."""
    content = b"learning_rate,batch_size\n" * 100
    (tmp_path / "x.db").write_bytes(content)

    told = refusal(url(tmp_path), create=create)

    assert told == (
        f"--storage {url(tmp_path)}: this file is not a database (file is not a database). "
        "Give another file; nothing was changed."
    )
    assert (tmp_path / "x.db").read_bytes() == content


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    """A file cut in half is called damaged."""
    with opened(tmp_path) as database:
        study(database)
    content = (tmp_path / "x.db").read_bytes()
    (tmp_path / "x.db").write_bytes(content[:4096] + b"\x00" * (len(content) - 4096))

    assert "this database is damaged" in refusal(url(tmp_path), create=False)


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize(
    ("table", "column", "told"),
    [
        (schema.versions.name, "version", "the ledger in it has schema 99, this epochsearch knows up to"),
        ("version_info", "schema_version", "Optuna's tables in it have schema 99, this epochsearch writes"),
    ],
)
def test_a_newer_schema_is_refused(tmp_path: Path, table: str, column: str, told: str, create: bool) -> None:
    """Neither our tables nor Optuna's are read or written by a program that does not know them."""
    with opened(tmp_path) as database, database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE {table} SET {column} = 99")

    said = refusal(url(tmp_path), create=create)

    assert told in said
    assert "pgrade" in said


def test_a_folder_in_place_of_the_file_cannot_be_opened(tmp_path: Path) -> None:
    """The message names a file in it."""
    (tmp_path / "x.db").mkdir()

    for create in (True, False):
        assert f"this is a folder. Name a file in it: {tmp_path / 'x.db'}" in refusal(
            url(tmp_path), create=create
        )


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    """What means something in a URL is spelled out there; only one file is made."""
    open_database(f"sqlite:///{tmp_path}/what%3F 5%25 é#.db", create=True).close()

    assert [path.name for path in tmp_path.iterdir()] == ["what? 5% é#.db"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file where a folder should be: another place is asked for."""
    (tmp_path / "file").write_text("")

    told = refusal(f"sqlite:///{tmp_path / 'file' / 'deep' / 'x.db'}")

    assert "it cannot be made (" in told
    assert told.endswith("Give --storage a place that can be written.")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    """It can be read; writing is refused with what to mend."""
    with opened(tmp_path):
        pass
    (tmp_path / "x.db").chmod(0o400)

    with opened(tmp_path) as database, pytest.raises(StorageError, match="cannot be written"):
        study(database)


def test_a_database_that_refuses_to_be_written_is_told(tmp_path: Path) -> None:
    """SQLite's own read-only switch stands in for a file that may not be written, which root always may."""
    with opened(tmp_path) as database:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = 1")

        with pytest.raises(
            StorageError, match=r"the database cannot be written \(attempt to write a readonly"
        ):
            study(database)


def test_a_database_that_another_program_holds_is_told(tmp_path: Path) -> None:
    """Reading goes on meanwhile; writing waits its time, then says why."""
    with opened(tmp_path) as database:
        study(database)
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with closing(open_database(url(tmp_path), create=True, busy_seconds=0.05)) as database:
            read = study_summaries(url(tmp_path))
            with pytest.raises(StorageError) as caught:
                study(database, "late")
        other.execute("ROLLBACK")

    assert [summary.study for summary in read] == ["s"]
    assert caught.value.message == (
        f"--storage {url(tmp_path)}: another program has held the database for too long "
        "(database is locked). End that program and type the same command."
    )


@pytest.mark.parametrize("address", ["nonsense", "mongo://x/y", "sqlite", ""])
def test_what_is_no_storage_is_told_with_an_example(address: str) -> None:
    """A URL that cannot be read, or whose database nothing here can speak to."""
    assert "this is not a storage URL that can be used here" in refusal(address)


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(address: str) -> None:
    """It would be gone with its process, and other processes could not see it."""
    assert "a database in memory would be gone with its process. Name a file" in refusal(address)


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("sqlite:///a/b.db", "a/b.db"),
        ("sqlite:////a/b.db", "/a/b.db"),
        ("sqlite+pysqlite:///b.db?timeout=3", "b.db"),
        ("postgresql://host/name", None),
    ],
)
def test_the_file_behind_a_url_is_known(address: str, file: str | None) -> None:
    """Three slashes are relative, four are absolute; other databases have no file."""
    assert sqlite_file(address) == (Path(file) if file else None)


def test_checkpoints_lie_beside_the_file(tmp_path: Path) -> None:
    """They are found again wherever the command is typed."""
    with opened(tmp_path) as database:
        assert database.checkpoint_folder == tmp_path / "x.db.checkpoints"


def test_what_is_read_together_is_of_one_moment(tmp_path: Path) -> None:
    """A study made between two looks of one reading is seen by the next reading only."""
    with opened(tmp_path) as database, opened(tmp_path) as other:
        with database.reading() as connection:
            before = connection.execute(optuna_tables.studies.select()).all()
            study(other)
            still = connection.execute(optuna_tables.studies.select()).all()
        with database.reading() as connection:
            after = connection.execute(optuna_tables.studies.select()).all()

    assert (len(before), len(still), len(after)) == (0, 0, 1)


def test_a_write_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    """An error inside a transaction takes all of it back, and the next one begins anew."""
    with opened(tmp_path) as database:
        study(database)

        with pytest.raises(StorageError, match="UNIQUE constraint failed"), database.writing() as connection:
            connection.execute(optuna_tables.studies.insert(), [{"study_name": "u"}, {"study_name": "s"}])
        study(database, "t")

        with database.reading() as connection:
            names = connection.execute(optuna_tables.studies.select()).all()

    assert [row.study_name for row in names] == ["s", "t"]


OPENER = """
import sys
from epochsearch.store.database import open_database
print("ready", flush=True)
sys.stdin.readline()
open_database(sys.argv[1], create=True).close()
print("opened", flush=True)
"""


@pytest.mark.slow
def test_programs_that_make_a_database_at_once_all_find_it_whole(tmp_path: Path) -> None:
    """Four searches started together on a new storage: none meets half of Optuna's tables."""
    command = [sys.executable, "-c", OPENER, url(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    openers = [subprocess.Popen(command, cwd=REPOSITORY, **pipes) for _ in range(4)]
    ready = [process.stdout.readline() for process in openers]
    for process in openers:
        process.stdin.write("go\n")
        process.stdin.flush()

    ended = [process.communicate() for process in openers]

    assert ready == ["ready\n"] * 4
    assert [said for said, _ in ended] == ["opened\n"] * 4, ended
    assert [path.name for path in tmp_path.iterdir()] == ["x.db"]


def test_what_a_killed_program_left_half_made_is_cleared(tmp_path: Path) -> None:
    """A part whose maker is dead goes; one whose maker lives stays."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f"x.db.{ended.pid}.part").write_bytes(b"")
    (tmp_path / f"x.db.{os.getppid()}.part").write_bytes(b"")

    open_database(url(tmp_path), create=True).close()

    assert {path.name for path in tmp_path.iterdir()} == {"x.db", f"x.db.{os.getppid()}.part"}
