"""`epochsearch export`: a study's trials as CSV, JSON or Parquet; the ledger's curves as a recorded table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochsearch.cli.options import JsonOption, StorageOption, require_stored, storage_url
from epochsearch.core.errors import StorageError, UsageError, room_action

if TYPE_CHECKING:
    from epochsearch.cli.words.rows import Row

ENDINGS = (".csv", ".json", ".parquet")
TABLE_ENDINGS = (".csv", ".csv.xz", ".csv.gz", ".parquet")


def export(
    study: Annotated[
        str | None, typer.Argument(metavar="STUDY", help="Name of a study.", show_default=False)
    ] = None,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="For its trials; ends in .csv, .json or .parquet.", show_default=False
        ),
    ] = None,
    curves: Annotated[
        Path | None,
        typer.Option(
            "--curves",
            metavar="FILE",
            help="For whole curves, of the study or else of the ledger, as a table that `run table:FILE` "
            "reads; ends in .csv, .csv.xz, .csv.gz or .parquet.",
            show_default=False,
        ),
    ] = None,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Write a study's trials, or the ledger's curves, to a file."""
    _check(study, file, curves)
    url = storage_url(storage)
    require_stored(url, study or "")
    from epochsearch.cli import console
    from epochsearch.cli.words.formats import count_text

    written = []
    if study is not None and file is not None:
        from epochsearch.cli.words.rows import trial_rows
        from epochsearch.core.stages import stages_of
        from epochsearch.store.archive import study_summary, study_trials
        from epochsearch.store.resources import trial_memory

        stages = stages_of(study_summary(url, study).spec)
        rows = trial_rows(study, study_trials(url, study), trial_memory(url, study), stages)
        written.append(_written(rows, file, "FILE"))
    if curves is not None:
        written.append(_written(_curve_rows(url, study), curves, "--curves"))
    if json:
        console.print_document({"study": study, **written[0], "files": written})
    else:
        console.print_lines([f"{one['file']}: {count_text(one['rows'], 'row')}" for one in written])


def _curve_rows(url: str, study: str | None) -> list[Row]:
    from epochsearch.cli.words.rows import table_rows
    from epochsearch.store.used_curves import all_curves, used_curves

    if study is None:
        return table_rows(all_curves(url))
    used = [curve for one in used_curves(url, study) for curve in one.curves]
    return table_rows(list({curve.identity.key: curve for curve in used}.values()))


def _check(study: str | None, file: Path | None, curves: Path | None) -> None:
    """Return if the command says what to write, and where.

    Raises:
        UsageError: It does not.
    """
    if file is None and curves is None:
        lacking = "FILE" if study else "STUDY"
        raise UsageError(
            "epochsearch export", "", f"{lacking} is missing", "Type: epochsearch export STUDY FILE"
        )
    if file is not None and file.suffix.lower() not in ENDINGS:
        action = f"Example: epochsearch export {study} {file.with_suffix('').name or 'trials'}.csv"
        raise UsageError("FILE", str(file), "must end in .csv, .json or .parquet", action)
    if curves is not None and not curves.name.lower().endswith(TABLE_ENDINGS):
        rule = f"must end in {', '.join(TABLE_ENDINGS[:-1])} or {TABLE_ENDINGS[-1]}"
        raise UsageError("--curves", str(curves), rule, "Example: --curves curves.csv.xz")


def _written(rows: list[Row], file: Path, where: str) -> dict[str, Any]:
    """Write the rows and return what `--json` says of them.

    Raises:
        StorageError: The file cannot be written.
    """
    from epochsearch.cli.terminal.tables import write_rows

    try:
        write_rows(rows, file)
    except OSError as error:
        action = "Give a file in a folder that exists and can be written."
        raise StorageError(
            where, str(file), f"cannot be written ({error.strerror or error})", room_action(error, action)
        ) from error
    return {"file": str(file), "rows": len(rows), "columns": list(rows[0]) if rows else []}
