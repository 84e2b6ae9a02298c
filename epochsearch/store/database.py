"""Opening the one database of Optuna's tables and the ledger's, and saying plainly why it cannot be opened.

SQLite runs under WAL with synchronous=NORMAL: a killed process loses nothing that was committed. Only drivers
write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from epochsearch.core.errors import NotFoundError, StorageError
from epochsearch.store import optuna_tables, schema

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

BUSY_SECONDS = 60


class Database:
    """An open storage. Use `open_database` to get one."""

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self.engine = engine

    @property
    def checkpoint_folder(self) -> Path:
        """Where checkpoints lie: beside an SQLite file, else in the working directory."""
        file = sqlite_file(self.url)
        return file.with_name(f"{file.stem}.checkpoints") if file else Path("epochsearch.checkpoints")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One write transaction, begun at once so that two writers never deadlock.

        Raises:
            StorageError: The database cannot be written (locked for long, read-only, disk full).
        """
        with explained(self.url), self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One read transaction.

        Raises:
            StorageError: The database cannot be read.
        """
        with explained(self.url), self.engine.connect() as connection:
            yield connection

    def insert_new(self, table: Any) -> Any:
        """Return an INSERT into `table` that leaves rows already there as they are."""
        name = self.engine.dialect.name
        if name == "mysql":
            return table.insert().prefix_with("IGNORE")
        if name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as insert_postgres

            return insert_postgres(table).on_conflict_do_nothing()
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite(table).on_conflict_do_nothing()

    def close(self) -> None:
        """Give up all connections."""
        self.engine.dispose()


def open_database(url: str, *, create: bool) -> Database:
    """Open the storage at `url`; with `create`, make the file and all tables that are missing.

    Raises:
        NotFoundError: It is not there, and `create` is off.
        StorageError: It is no database, cannot be read or written, or a newer epochsearch or Optuna made it.
    """
    file = sqlite_file(url)
    if file is not None and not create and not file.exists():
        raise NotFoundError(
            "--storage", url, "there is no such database yet", "Start a search with: epochsearch run"
        )
    if file is not None and create:
        _make_folder(file)
    database = Database(url, _engine(url))
    with explained(url):
        names = set(inspect(database.engine).get_table_names())
        if create:
            _create_tables(database, names)
            names = set(inspect(database.engine).get_table_names())
        _check_versions(database, names)
    return database


def sqlite_file(url: str) -> Path | None:
    """Return the file behind an SQLite URL, None for another kind of database."""
    match = re.fullmatch(r"sqlite(?:\+\w+)?:///(.+?)(?:\?.*)?", url)
    return Path(match.group(1)) if match else None


def optuna_storage(url: str) -> RDBStorage:
    """Return Optuna's own view of the storage, for what Optuna or its dashboard do themselves."""
    from optuna.storages import RDBStorage

    arguments = {"connect_args": {"timeout": BUSY_SECONDS}} if sqlite_file(url) else {}
    return RDBStorage(url, engine_kwargs=arguments)


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Turn a database's own errors into a StorageError that says what to do."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = str(error.orig) if isinstance(error, DBAPIError) and error.orig else str(error)
        rule, action = next((advice for word, advice in _ADVICE if word in cause.lower()), _UNKNOWN)
        raise StorageError("--storage", url, f"{rule} ({cause.splitlines()[0]})", action) from error


_ADVICE = (
    ("not a database", ("this file is not a database", "Give another file; nothing was changed.")),
    ("malformed", ("this database is damaged", "Restore a copy, or give another file.")),
    (
        "readonly",
        (
            "the database cannot be written",
            "Make the file and its folder writable, or give --storage another place.",
        ),
    ),
    (
        "read-only",
        (
            "the database cannot be written",
            "Make the file and its folder writable, or give --storage another place.",
        ),
    ),
    ("full", ("the disk is full", "Free some space and type the same command: it goes on where it stopped.")),
    (
        "disk i/o",
        (
            "the disk did not take the data",
            "Check its space and health; the same command goes on where it stopped.",
        ),
    ),
    (
        "locked",
        (
            f"another program held the database for over {BUSY_SECONDS} s",
            "End that program and type the same command.",
        ),
    ),
    ("unable to open", ("the database cannot be opened", "Check that the folder exists and is writable.")),
)
_UNKNOWN = (
    "the database refused",
    "Check the URL and the server; the same command goes on where it stopped.",
)


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        arguments: dict[str, Any] = {"timeout": BUSY_SECONDS} if parsed.get_backend_name() == "sqlite" else {}
        engine = create_engine(parsed, connect_args=arguments)
    except (ArgumentError, ModuleNotFoundError, SQLAlchemyError) as error:
        rule = f"this is not a storage URL that can be used here ({str(error).splitlines()[0]})"
        raise StorageError("--storage", url, rule, "Example: sqlite:///studies/epochsearch.db") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """Hand transactions to us (the driver begins too late for BEGIN IMMEDIATE) and set the pragmas."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        rule = f"its folder cannot be made ({error.strerror})"
        raise StorageError(
            "--storage", str(file), rule, "Give --storage a place that can be written."
        ) from error


def _create_tables(database: Database, names: set[str]) -> None:
    if database.engine.dialect.name == "sqlite":
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    if "version_info" not in names:
        optuna_storage(database.url).remove_session()
    if schema.versions.name not in names:
        with database.writing() as connection:
            schema.metadata.create_all(connection)
            connection.execute(database.insert_new(schema.versions), {"version": schema.SCHEMA_VERSION})


def _check_versions(database: Database, names: set[str]) -> None:
    with database.engine.connect() as connection:
        if schema.versions.name in names:
            stored = connection.execute(select(schema.versions.c.version)).scalar() or 0
            if stored > schema.SCHEMA_VERSION:
                known = schema.SCHEMA_VERSION
                rule = f"the ledger in it has schema {stored}, this epochsearch knows up to {known}"
                raise StorageError("--storage", database.url, rule, "Upgrade: pip install -U epochsearch")
        if "version_info" in names:
            stored = connection.execute(select(optuna_tables.version_info.c.schema_version)).scalar() or 0
            if stored != optuna_tables.OPTUNA_SCHEMA_VERSION:
                known = optuna_tables.OPTUNA_SCHEMA_VERSION
                rule = f"Optuna's tables in it have schema {stored}, this epochsearch writes schema {known}"
                upgrade = f"optuna storage upgrade --storage {database.url}"
                action = f"Older tables: {upgrade}. Newer: upgrade epochsearch."
                raise StorageError("--storage", database.url, rule, action)


__all__ = ["Database", "explained", "open_database", "optuna_storage", "sqlite_file"]
