"""Why a database refuses, in words that a user can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from epochsearch.core.errors import StorageError


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
            "another program has held the database for too long",
            "End that program and type the same command.",
        ),
    ),
    ("unable to open", ("the database cannot be opened", "Check that the folder exists and is writable.")),
)
_UNKNOWN = (
    "the database refused",
    "Check the URL and the server; the same command goes on where it stopped.",
)
