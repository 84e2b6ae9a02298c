"""Bringing the ledger's tables of an older epochsearch up to date: what was stored keeps its meaning.

Schemas only grow, by tables and by columns that may be NULL, so one step serves every older version.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.schema import CreateColumn

from epochsearch.store import schema


def upgrade(connection: Connection) -> None:
    """Add the tables and columns that are missing and note the version; within a write transaction."""
    stored = connection.execute(select(schema.versions.c.version)).scalar()
    if stored is None or stored >= schema.SCHEMA_VERSION:
        return  # another program was faster
    inspector = inspect(connection)
    for table in schema.metadata.sorted_tables:
        if not inspector.has_table(table.name):
            continue
        present = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in present:
                definition = CreateColumn(column).compile(dialect=connection.dialect)
                connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {definition}"))
    schema.metadata.create_all(connection)
    connection.execute(schema.versions.update().values(version=schema.SCHEMA_VERSION))
