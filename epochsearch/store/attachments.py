"""Notes and figures for optuna-dashboard, put on many studies at once.

The dashboard's own functions write to one study, a transaction for each piece of 2,045 characters: seconds
for 90 studies. So they write to a study in memory, and what they left there is copied in one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, delete, select

from epochsearch.store import optuna_tables
from epochsearch.store.database import open_database

NOTE = "dashboard:note_str:"


def study_in_memory() -> Any:
    """Return an empty Optuna study for the dashboard's functions to write to."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(direction="minimize")


def attach(storage: str, source: Any, studies: Sequence[str], replacing: str) -> None:
    """Copy what the dashboard keeps on the study `source` to `studies`.

    replacing: attributes whose key begins so go first. A note stays if it was not written by this function:
    ours are known by their first characters, those of the source's.

    Raises:
        StorageError: The database cannot be written.
    """
    attributes = source._storage.get_study_system_attrs(source._study_id)
    notes = {key: value for key, value in attributes.items() if key.startswith(("dashboard:note",))}
    others = {key: value for key, value in attributes.items() if key not in notes}
    mark = str(notes.get(f"{NOTE}0", ""))[:20]
    with closing(open_database(storage, create=False)) as database, database.writing() as connection:
        ids = _ids(connection, studies)
        taken = _other_notes(connection, ids, mark)
        table = optuna_tables.study_system_attributes
        rows = []
        for study_id in ids:
            gone = table.c.key.startswith(replacing, autoescape=True)
            chosen = dict(others)
            if study_id not in taken:
                gone |= table.c.key.startswith("dashboard:note", autoescape=True)
                chosen |= notes
            connection.execute(delete(table).where((table.c.study_id == study_id) & gone))
            rows += [
                {"study_id": study_id, "key": key, "value_json": json.dumps(value)}
                for key, value in chosen.items()
            ]
        if rows:
            connection.execute(table.insert(), rows)


def _ids(connection: Connection, studies: Sequence[str]) -> list[int]:
    table, wanted = optuna_tables.studies, set(studies)
    rows = connection.execute(select(table.c.study_id, table.c.study_name))
    return [row.study_id for row in rows if row.study_name in wanted]


def _other_notes(connection: Connection, ids: Sequence[int], mark: str) -> set[int]:
    """Return the studies that have a note of somebody else's."""
    table = optuna_tables.study_system_attributes
    rows = connection.execute(select(table).where(table.c.key == f"{NOTE}0")).all()
    known = set(ids)
    foreign = {row.study_id for row in rows if not str(json.loads(row.value_json)).startswith(mark)}
    return foreign & known
