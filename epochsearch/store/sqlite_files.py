"""How SQLite's files are connected to: under WAL, or as they are where their folder may only be read."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, event


def set_up(engine: Engine) -> None:
    """Hand transactions to us (the driver begins too late for BEGIN IMMEDIATE) and set the pragmas."""
    event.listen(engine, "connect", _set_up)


def reading_only(file: Path, seconds: float) -> Callable[[], sqlite3.Connection] | None:
    """Return what connects to a database in a folder that cannot be written; None for any other.

    seconds: how long to wait for another program that writes. Under WAL every reader writes beside the
    database, unless it takes the file for unchangeable; where a log lies beside it another program is at
    work, whose files serve.
    """
    if os.access(file.absolute().parent, os.W_OK):
        return None
    at_work = file.with_name(f"{file.name}-wal").exists()
    how = "mode=ro" if at_work else "mode=ro&immutable=1"
    uri = f"file:{quote(str(file.absolute()))}?{how}"
    return lambda: sqlite3.connect(uri, uri=True, timeout=seconds, check_same_thread=False)


def _set_up(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
