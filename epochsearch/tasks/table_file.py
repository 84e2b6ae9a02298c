"""Reading a table of recorded curves from CSV (plain, .gz, .xz) or Parquet into sorted columns.

One row per epoch under our own column names or their aliases, or a W&B or MLflow export (`table_export`).
`val_NAME` columns are metrics, `param_NAME` columns further hyperparameters; any other column is passed over.
"""

from __future__ import annotations

import gzip
import lzma
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from epochsearch.core.choice import Scalar
from epochsearch.core.errors import NotFoundError, TaskError, typed_line
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.table_export import ALIASES, RUNTIME, Columns, alias, from_export, run_column

REQUIRED = ("learning_rate", "batch_size", "seed", "epoch", "val_loss")
OPTIONAL = ("train_loss", "val_accuracy", "test_loss", "seconds")
KEYS = REQUIRED[:4]
EXTRA = "param_"
FORMAT = "Format: " + ",".join(REQUIRED) + "[," + ",".join(OPTIONAL) + "]"
_NOTHING = ["", "null", "NULL", "None", "NA", "N/A"]  # cells without a value; nan is one
_NUMBERS = {name for names in ALIASES.values() for name in names} | {RUNTIME, "value", *REQUIRED, *OPTIONAL}

Extras = tuple[tuple[str, Scalar], ...]


@dataclass(frozen=True, slots=True)
class RecordedTable:
    """The rows of a table, sorted by learning rate, batch size, combination, seed and epoch."""

    columns: dict[str, Array]  # float64; "combination" is the index into `extras`
    extras: tuple[Extras, ...]  # each combination of further hyperparameters; one empty one if there are none


def read_table(path: Path) -> RecordedTable:
    """Return the known columns of a file.

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
        given = typed_line(error)
        raise TaskError(where, given, "must be a readable table of numbers", FORMAT) from error
    found, labels = _known(table, where)
    count = len(next(iter(found.values()), ()))
    if not count:
        raise TaskError(where, "has no rows", "a table needs at least one epoch", FORMAT)
    numeric = [name for name in found if not name.startswith(EXTRA)]
    columns = {name: _numbers(found[name], name, where) for name in numeric}
    _check(columns, where, labels)
    extras, columns["combination"] = _combinations(found, count)
    keys = ("learning_rate", "batch_size", "combination", "seed", "epoch")
    order = np.lexsort([columns[name] for name in reversed(keys)])
    return RecordedTable({name: column[order] for name, column in columns.items()}, extras)


def _known(table: Any, where: str) -> tuple[dict[str, Any], Sequence[str]]:
    """Return the columns that are read, under our names, and what each row is called (none: by its number).

    Raises:
        TaskError: One is missing, or an export cannot be put together.
    """
    names = table.column_names
    if not set(REQUIRED) <= set(names) and run_column(names) is not None:
        whole: Columns = {name: table.column(name).to_pylist() for name in names}
        return from_export(whole, where, FORMAT)
    taken = {ours: ours if ours in names else alias(ours, names) for ours in ALIASES}
    missing = [name for name in REQUIRED if taken[name] is None]
    if missing:
        given = f"has no column {', '.join(missing)}, only {', '.join(names)}"
        raise TaskError(where, given, "every table needs it", FORMAT)
    metrics = {name: name for name in names if _metric(name) and not taken.get(name)}
    extras = {name: name for name in names if name.startswith(EXTRA)}
    every = {**{ours: theirs for ours, theirs in taken.items() if theirs}, **metrics}
    found = {ours: table.column(theirs) for ours, theirs in every.items()}
    return found | {name: table.column(name).to_pylist() for name in extras}, ()


def _metric(name: str) -> bool:
    return name.startswith("val_") and name != "val_loss"


def _csv(path: Path) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    opener: Callable[[Path], IO[bytes]] = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, _open)  # type: ignore[assignment]
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(sorted(_NUMBERS), pa.float64()),
        null_values=_NOTHING,
        strings_can_be_null=True,
    )
    with opener(path) as file:
        return csv.read_csv(file, convert_options=options)


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _parquet(path: Path) -> Any:
    from pyarrow import parquet

    return parquet.read_table(path)


def _numbers(column: Any, name: str, where: str) -> Array:
    try:
        if isinstance(column, list):
            return np.array([math.nan if value is None else float(value) for value in column])
        return np.asarray(column.cast("float64").to_numpy(), dtype=np.float64)
    except Exception as error:  # pyarrow's own
        kind = getattr(column, "type", "text")
        given = f"column {name} is of type {kind}"
        raise TaskError(where, given, "every cell must be a number", "Correct the column.") from error


def _combinations(found: dict[str, Any], count: int) -> tuple[tuple[Extras, ...], Array]:
    """Return the distinct combinations of further hyperparameters, and each row's index among them."""
    names = sorted(name for name in found if name.startswith(EXTRA))
    rows = list(zip(*(found[name] for name in names), strict=True)) if names else [()] * count
    numbers: dict[tuple[Scalar, ...], int] = {}
    codes = [numbers.setdefault(row, len(numbers)) for row in rows]
    shown = [name.removeprefix(EXTRA) for name in names]
    extras = tuple(tuple(zip(shown, values, strict=True)) for values in numbers)
    return extras, np.array(codes, dtype=np.float64)


def _check(columns: dict[str, Array], where: str, labels: Sequence[str]) -> None:
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
            place = labels[row] if labels else f"row {row + 1}"
            raise TaskError(where, f"{name} is {values[row]:g} in {place}", rule, "Correct that row.")
