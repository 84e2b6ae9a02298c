"""Opening the one database of Optuna's tables and the ledger's, and saying plainly why it cannot be opened.

SQLite runs under WAL with synchronous=NORMAL: a killed process loses nothing that was committed. Only drivers
write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from epochsearch.core.errors import NotFoundError, StorageError, first_line
from epochsearch.store import optuna_tables, schema
from epochsearch.store.migrations import upgrade
from epochsearch.store.new_file import named_when_whole
from epochsearch.store.refusals import explained
from epochsearch.store.sqlite_files import reading_only, set_up

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

BUSY_SECONDS = 60.0  # how long to wait for another program that writes


class Database:
    """An open storage. Use `open_database` to get one."""

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self.engine = engine

    @property
    def checkpoint_folder(self) -> Path:
        """Where checkpoints lie: beside an SQLite file, else in the working directory."""
        file = sqlite_file(self.url)
        return file.with_name(f"{file.name}.checkpoints") if file else Path("epochsearch.checkpoints")

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
        """One read transaction: everything read in it is of one moment.

        Raises:
            StorageError: The database cannot be read.
        """
        with explained(self.url), self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
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


def open_database(url: str, *, create: bool, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Open the storage at `url`; with `create`, make the file and all tables that are missing.

    busy_seconds: how long to wait for another program that writes.

    Raises:
        NotFoundError: It is not there, and `create` is off.
        StorageError: It is no database, cannot be read or written, or a newer epochsearch or Optuna made it.
    """
    file = sqlite_file(url)
    if file is not None and not create and not file.exists():
        raise NotFoundError(
            "--storage", url, "there is no such database yet", "Start a search with: epochsearch run"
        )
    if file is not None and file.is_dir():
        raise StorageError(
            "--storage", url, "this is a folder", f"Name a file in it: {file / 'epochsearch.db'}"
        )
    connect = None if file is None or create else reading_only(file, busy_seconds)
    database = Database(url, _engine(url, busy_seconds, connect))
    try:
        with explained(url):
            if file is not None and create and not file.exists():
                _make_file(file, url)
            names = _table_names(database)
            _check_versions(database, names)
            _upgrade(database, names)
            if create and not {"version_info", schema.versions.name} <= names:
                _create_tables(database, names)
                _check_versions(database, _table_names(database))
    except StorageError:
        database.close()
        raise
    return database


def sqlite_file(url: str) -> Path | None:
    """Return the file behind an SQLite URL, None for another kind of database."""
    match = re.fullmatch(r"sqlite(?:\+\w+)?:///(.+?)(?:\?.*)?", url)
    return Path(make_url(url).database or "") if match else None


def optuna_storage(url: str) -> RDBStorage:
    """Return Optuna's own view of the storage, for what Optuna or its dashboard do themselves."""
    from optuna.storages import RDBStorage

    arguments = {"connect_args": {"timeout": BUSY_SECONDS}} if sqlite_file(url) else {}
    return RDBStorage(url, engine_kwargs=arguments)


def _engine(url: str, busy_seconds: float, connect: Callable[[], Any] | None = None) -> Engine:
    """connect: how, where not as the URL says."""
    try:
        parsed = make_url(url)
        arguments: dict[str, Any] = {"timeout": busy_seconds} if parsed.get_backend_name() == "sqlite" else {}
        how: dict[str, Any] = {"creator": connect} if connect else {"connect_args": arguments}
        engine = create_engine(parsed, **how)
    except (ArgumentError, ModuleNotFoundError, SQLAlchemyError) as error:
        rule = f"this is not a storage URL that can be used here ({first_line(error)})"
        raise StorageError("--storage", url, rule, "Example: sqlite:///studies/epochsearch.db") from error
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        rule = "a database in memory would be gone with its process"
        raise StorageError("--storage", url, rule, "Name a file: sqlite:///studies/epochsearch.db")
    if engine.dialect.name == "sqlite":
        set_up(engine)
    return engine


def _make_file(file: Path, url: str) -> None:
    """Make an SQLite file with all tables.

    So programs that start at once never meet in half a database, and none finds what a killed one left.
    """
    try:
        with named_when_whole(file) as part:
            part_url = make_url(url).set(database=str(part)).render_as_string(hide_password=False)
            with closing(Database(part_url, _engine(part_url, BUSY_SECONDS))) as database:
                _create_tables(database, set())
    except OSError as error:
        rule = f"it cannot be made ({error.strerror})"
        raise StorageError("--storage", url, rule, "Give --storage a place that can be written.") from error


def _table_names(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def _create_tables(database: Database, names: set[str]) -> None:
    """Make Optuna's tables and the ledger's, whichever is missing."""
    if database.engine.dialect.name == "sqlite":
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    if "version_info" not in names:
        storage = optuna_storage(database.url)
        storage.remove_session()
        storage.engine.dispose()
    if schema.versions.name not in names:
        with database.writing() as connection:
            schema.metadata.create_all(connection)
            connection.execute(database.insert_new(schema.versions), {"version": schema.SCHEMA_VERSION})


def _upgrade(database: Database, names: set[str]) -> None:
    if schema.versions.name not in names:
        return
    with database.engine.connect() as connection:
        stored = connection.execute(select(schema.versions.c.version)).scalar()
    if stored is not None and stored < schema.SCHEMA_VERSION:
        with database.writing() as connection:
            upgrade(connection)


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
