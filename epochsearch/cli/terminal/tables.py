"""Writing rows to CSV (plain, .gz, .xz), JSON or Parquet; an old file stays until the new one is whole."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def write_rows(rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Write rows that share their columns to `file`, in the format of its ending.

    A number that is not finite is null in JSON, `nan` or `inf` in the others.

    Raises:
        OSError: The file cannot be written.
    """
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        if file.suffix.lower() == ".json":
            plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
            beside.write_text(json.dumps(plain, allow_nan=False, indent=1) + "\n", encoding="utf-8")
        else:
            _write_table(_table(rows), beside, file.suffix.lower())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    import pyarrow as pa

    columns = list(rows[0]) if rows else []
    return pa.table({column: _column([row[column] for row in rows]) for column in columns})


def _column(values: list[Any]) -> pa.Array:
    """Return the values as one type: whole numbers are real beside real ones, anything mixed is text."""
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        values = [None if value is None else float(value) for value in values]
    elif len(kinds) > 1:
        values = [None if value is None else str(value) for value in values]
    return pa.array(values)


def _write_table(table: pa.Table, file: Path, ending: str) -> None:
    if ending == ".parquet":
        from pyarrow import parquet

        parquet.write_table(table, file)
    else:
        import gzip
        import lzma

        from pyarrow import csv

        opener: Any = {".xz": lzma.open, ".gz": gzip.open}.get(ending, open)
        with opener(file, "wb") as out:
            csv.write_csv(table, out)


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
