"""New rows for a trained model: a CSV, Parquet or NumPy file becomes raw inputs of the shape it reads."""

from __future__ import annotations

import csv
import gzip
import lzma
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from epochsearch.core.errors import NotFoundError, UsageError, first_line, nearest, typed_line
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.categories import codes
from epochsearch.tasks.preprocessing import Preprocessing

ENDINGS = (".csv", ".csv.gz", ".csv.xz", ".parquet", ".pq", ".npy", ".npz")
_NOTHING = ["", "null", "NULL", "None", "NA", "N/A", "nan", "NaN"]  # cells without a value
_OPENERS: dict[str, Any] = {".xz": lzma.open, ".gz": gzip.open}


def read_rows(
    file: Path, done: Preprocessing, leave_out: Sequence[str] = (), header: bool | None = None
) -> Array:
    """Return the rows of a file as the task's `data` would have them: (rows, *shape).

    Columns go by their names where the task's data had names, in any order, else by their place; inputs of
    several dimensions stand in a table flat, row by row. A text that no training row had, and a missing one
    where no training row missed one, counts for nothing; a missing number is filled where the model was
    trained to fill them, and is refused elsewhere.

    leave_out: names of columns that are no inputs. header: whether the first line of a CSV names the columns;
    None: it does, and is not all numbers.

    Raises:
        NotFoundError: There is no such file.
        UsageError: It is unreadable, or its columns, cells or shape are not what the model reads.
    """
    where = str(file)
    if not file.is_file():
        raise NotFoundError("FILE", where, "there is no such file", "Check the path.")
    if not file.name.lower().endswith(ENDINGS):
        rule = f"must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
        raise UsageError("FILE", where, rule, "Write the rows in one of these formats.")
    if file.suffix.lower() in (".npy", ".npz"):
        if leave_out:
            raise UsageError("--leave-out", ",".join(leave_out), "an array has no columns by name", "Cut it.")
        return _typed(_shaped(_array(file, where), done, where), done, where)
    table = _table(file, where, header)
    chosen = _chosen(table, done, leave_out, where)
    texts = done.categories or (None,) * len(chosen)
    x = np.column_stack(
        [
            _numbers(table.column(name), name, where, gaps=done.fill is not None)
            if known is None
            else codes(table.column(name).to_pylist(), known)
            for name, known in zip(chosen, texts, strict=True)
        ]
    )
    return _typed(x.reshape(len(x), *done.shape), done, where)


def _array(file: Path, where: str) -> Array:
    try:
        loaded = np.load(file, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        names = list(loaded)
        if len(names) == 1 or "x" in names:
            found: Array = loaded["x" if "x" in names else names[0]]
            return found
    except Exception as error:  # NumPy, zipfile and the file system each have their own
        rule = f"it cannot be read ({typed_line(error)})"
        raise UsageError("FILE", where, rule, "Write numbers with numpy.save or numpy.savez.") from error
    rule = f"it holds the arrays {', '.join(names)}" if names else "it holds no array"
    raise UsageError("FILE", where, rule, "Name the one with the inputs x.")


def _shaped(x: Array, done: Preprocessing, where: str) -> Array:
    """Return the array as rows of the model's shape; flat rows are folded."""
    wanted, flat = tuple(done.shape), math.prod(done.shape)
    if done.categories:
        rule = "the model reads columns of texts, which an array of numbers has not"
        raise UsageError("FILE", where, rule, "Give a table: .csv or .parquet")
    if x.dtype.kind not in "fiub":
        rule = f"it holds {x.dtype} values, and inputs must be numbers"
        raise UsageError("FILE", where, rule, "Convert them.")
    if (x.ndim and x.shape[1:] in (wanted, (flat,))) or (x.ndim == 1 and flat == 1):
        return _finite(x.reshape(len(x), *wanted), where, gaps=done.fill is not None)
    rule = f"its shape is {x.shape}, and the model reads {('rows', *wanted)}".replace("'rows'", "rows")
    action = "Put one row more around a single example." if x.shape == wanted else "Reshape it."
    raise UsageError("FILE", where, rule, action)


def _finite(x: Array, where: str, *, gaps: bool) -> Array:
    if not len(x):
        raise UsageError("FILE", where, "it has no rows", "Give at least one.")
    flat = x.reshape(len(x), -1)
    bad = ~(np.isfinite(flat) | (np.isnan(flat) if gaps else False)).all(axis=1)
    if bad.any():
        rule = f"{int(bad.sum())} of {len(x)} rows have a value that is missing or not finite"
        raise UsageError("FILE", where, f"{rule}, first row {int(bad.argmax()) + 1}", "Drop or fill them.")
    return x


def _typed(x: Array, done: Preprocessing, where: str) -> Array:
    """Return the rows in the precision of the task's raw data; tokens must be whole numbers."""
    if done.dtype.startswith(("int", "uint")) and x.dtype.kind == "f":
        if not np.array_equal(x, np.floor(x)):
            row = int((x != np.floor(x)).reshape(len(x), -1).any(axis=1).argmax())
            rule = f"the model reads whole numbers, and row {row + 1} has others"
            raise UsageError("FILE", where, rule, "Encode the rows as the task's data are.")
        return x.astype(done.dtype)
    return x.astype(done.raw_dtype) if np.dtype(done.raw_dtype).kind == "f" else x


def _table(file: Path, where: str, header: bool | None) -> Any:
    try:
        parquet = file.suffix.lower() in (".parquet", ".pq")
        table = _parquet(file) if parquet else _csv(file, where, header)
    except UsageError:
        raise
    except Exception as error:  # pyarrow, lzma, gzip and the file system each have their own
        rule = f"it cannot be read ({first_line(error)})"
        raise UsageError("FILE", where, rule, "Give a table with one row a line.") from error
    names = table.column_names
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError("FILE", where, f"column '{twice}' is there twice", "Rename one of them.")
    if not table.num_rows:
        raise UsageError("FILE", where, "it has no rows", "Give at least one.")
    return table


def _parquet(file: Path) -> Any:
    from pyarrow import parquet

    return parquet.read_table(file)


def _csv(file: Path, where: str, header: bool | None) -> Any:
    from pyarrow import csv as arrow

    opener = _OPENERS.get(file.suffix.lower(), open)
    with opener(file, "rt", encoding="utf-8", newline="") as lines:
        first = next(csv.reader(lines), [])
    if header is None and _all_numbers(first):
        rule = "its first line is all numbers: a row, or the names of the columns"
        raise UsageError("FILE", where, rule, "Say which: --no-header or --header")
    convert = arrow.ConvertOptions(null_values=_NOTHING, strings_can_be_null=True)
    read = arrow.ReadOptions(autogenerate_column_names=header is False)
    with opener(file, "rb") as content:
        return arrow.read_csv(content, read_options=read, convert_options=convert)


def _all_numbers(cells: Sequence[str]) -> bool:
    try:
        return bool([float(cell) for cell in cells])
    except ValueError:
        return False


def _chosen(table: Any, done: Preprocessing, leave_out: Sequence[str], where: str) -> list[str]:
    """Return the names of the columns that are inputs, in the order in which the model reads them."""
    names: list[str] = table.column_names
    for name in leave_out:
        if name not in names:
            rule = "the file has no such column"
            raise UsageError("--leave-out", name, rule, nearest(name, names))
    names = [name for name in names if name not in leave_out]
    wanted = math.prod(done.shape)
    unnamed = names == [f"f{index}" for index in range(len(names))]  # as pyarrow numbers them
    if done.columns and not unnamed:
        return _by_name(names, done.columns, where)
    if len(names) != wanted:
        rule = f"it has {len(names)} columns, and the model reads {wanted}"
        action = "Leave some out: --leave-out NAME" if len(names) > wanted else "Give all of them."
        raise UsageError("FILE", where, rule, action)
    return names


def _by_name(names: Sequence[str], known: Sequence[str], where: str) -> list[str]:
    missing = [name for name in known if name not in names]
    unknown = [name for name in names if name not in known]
    if unknown:
        rule = f"the model knows no column '{unknown[0]}'"
        guess = nearest(unknown[0], missing or known)
        raise UsageError("FILE", where, rule, f"{guess} To leave it out: --leave-out {unknown[0]}")
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        rule = f"column '{missing[0]}'{more} is missing"
        raise UsageError("FILE", where, rule, f"The model reads: {', '.join(known)}")
    return list(known)


def _numbers(column: Any, name: str, where: str, *, gaps: bool) -> Array:
    """Return a column as numbers, whole ones where all are; NaN for missing ones, where gaps may be."""
    if gaps and column.null_count == len(column):
        return np.full(len(column), np.nan)
    if column.null_count and not gaps:
        row = column.is_null().to_pylist().index(True) + 1
        rule = f"column '{name}' has no value in {column.null_count} of {len(column)} rows, first row {row}"
        raise UsageError("FILE", where, rule, "Drop or fill those rows.")
    values = np.asarray(column.to_numpy())
    if values.dtype.kind not in "fiub":
        rule = f"column '{name}' holds {column.type} values, and inputs must be numbers"
        raise UsageError("FILE", where, rule, f"Encode it, or leave it out: --leave-out {name}")
    finite = np.isfinite(values) | (np.isnan(values) if gaps else False)
    if not finite.all():
        row = int(finite.argmin()) + 1
        rule = f"column '{name}' has a value that is not finite in row {row}"
        raise UsageError("FILE", where, rule, "Drop or mend that row.")
    return values
