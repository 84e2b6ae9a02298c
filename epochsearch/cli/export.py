"""`epochsearch export STUDY FILE`: a study's trials, or every epoch of them, as CSV, JSON or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from epochsearch.cli.options import JsonOption, StorageOption, StudyArgument, require_stored, storage_url
from epochsearch.core.errors import StorageError, UsageError

ENDINGS = (".csv", ".json", ".parquet")


def export(
    study: StudyArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Ends in .csv, .json or .parquet.", show_default=False)
    ],
    curves: Annotated[
        bool, typer.Option("--curves", help="One row per trial and epoch, not per trial.")
    ] = False,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Write a study's trials to a CSV, JSON or Parquet file."""
    if file.suffix.lower() not in ENDINGS:
        action = f"Example: epochsearch export {study} {file.with_suffix('').name or 'trials'}.csv"
        raise UsageError("FILE", str(file), "must end in .csv, .json or .parquet", action)
    url = storage_url(storage)
    require_stored(url, study)
    from epochsearch.cli import console
    from epochsearch.cli.formats import count_text
    from epochsearch.cli.rows import curve_rows, trial_rows
    from epochsearch.cli.tables import write_rows
    from epochsearch.store.archive import study_curves, study_trials

    rows = (
        curve_rows(study, study_curves(url, study)) if curves else trial_rows(study, study_trials(url, study))
    )
    try:
        write_rows(rows, file)
    except OSError as error:
        action = "Give a file in a folder that exists and can be written."
        raise StorageError(
            "FILE", str(file), f"cannot be written ({error.strerror or error})", action
        ) from error
    if json:
        columns = list(rows[0]) if rows else []
        console.print_document({"study": study, "file": str(file), "rows": len(rows), "columns": columns})
    else:
        console.print_lines([f"{file}: {count_text(len(rows), 'row')}"])
