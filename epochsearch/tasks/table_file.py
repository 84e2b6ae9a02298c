"""Reading a table of recorded curves from CSV (plain, .gz, .xz) or Parquet into sorted columns."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from epochsearch.core.errors import NotFoundError, TaskError
from epochsearch.tasks.arrays import Array

REQUIRED = ("learning_rate", "batch_size", "seed", "epoch", "val_loss")
OPTIONAL = ("train_loss", "val_accuracy", "test_loss", "seconds")
KEYS = REQUIRED[:4]
FORMAT = "Format: " + ",".join(REQUIRED) + "[," + ",".join(OPTIONAL) + "]"


def read_table(path: Path) -> dict[str, Array]:
    """Return the known columns as float64, sorted by learning rate, batch size, seed and epoch.

    Raises:
        NotFoundError: There is no such file.
        TaskError: Unreadable, empty, a missing column, or a cell that is no number or breaks a column's rule.
    """
    where = f"table:{path.as_posix()}"
    if not path.is_file():
        raise NotFoundError("table", str(path), "there is no such file", "Check the path.")
    try:
        table = _parquet(path) if path.suffix in (".parquet", ".pq") else _csv(path)
    except Exception as error:  # pyarrow, lzma, gzip and the file system each have their own
        given = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        raise TaskError(where, given, "must be a readable table of numbers", FORMAT) from error
    missing = [name for name in REQUIRED if name not in table.column_names]
    if missing:
        raise TaskError(where, f"has no column {', '.join(missing)}", "every table needs it", FORMAT)
    if not table.num_rows:
        raise TaskError(where, "has no rows", "a table needs at least one epoch", FORMAT)
    columns = {
        name: _numbers(table.column(name), name, where)
        for name in (*REQUIRED, *OPTIONAL)
        if name in table.column_names
    }
    _check(columns, where)
    order = np.lexsort([columns[name] for name in reversed(KEYS)])
    return {name: column[order] for name, column in columns.items()}


def _csv(path: Path) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    opener: Callable[[Path], IO[bytes]] = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, _open)  # type: ignore[assignment]
    numbers = {name: pa.float64() for name in (*REQUIRED, *OPTIONAL)}
    with opener(path) as file:
        return csv.read_csv(file, convert_options=csv.ConvertOptions(column_types=numbers))


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _parquet(path: Path) -> Any:
    from pyarrow import parquet

    return parquet.read_table(path)


def _numbers(column: Any, name: str, where: str) -> Array:
    try:
        return np.asarray(column.cast("float64").to_numpy(), dtype=np.float64)
    except Exception as error:  # pyarrow's own
        given = f"column {name} is of type {column.type}"
        raise TaskError(where, given, "every cell must be a number", "Correct the column.") from error


def _check(columns: dict[str, Array], where: str) -> None:
    for name in KEYS:
        values = columns[name]
        whole = name != "learning_rate"
        bad = ~np.isfinite(values)
        floor = {"learning_rate": 0.0, "seed": -np.inf}.get(name, 1.0)
        bad |= values <= 0 if name == "learning_rate" else values < floor
        if whole:
            bad |= values != np.floor(values)
        if bad.any():
            row = int(bad.argmax())
            rule = (
                "must be above 0"
                if not whole
                else "must be a whole number" + ("" if name == "seed" else ", at least 1")
            )
            raise TaskError(where, f"{name} is {values[row]:g} in row {row + 1}", rule, "Correct that row.")
