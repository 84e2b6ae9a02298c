"""`epochsearch predict MODEL FILE`: what a trained model says of new rows, as CSV or in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochsearch.cli.options import JsonOption
from epochsearch.core.errors import StorageError, UsageError, room_action

if TYPE_CHECKING:
    from epochsearch.search.final.prediction import Answered

ENDINGS = (".csv", ".csv.gz", ".csv.xz", ".json", ".parquet")


def predict(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", help="Folder that `epochsearch train` has written.", show_default=False
        ),
    ],
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="New rows, raw: .csv (also .gz, .xz), .parquet, .npy or .npz.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Write the answers to .csv, .json or .parquet. [default: CSV on standard output]",
            show_default=False,
        ),
    ] = None,
    leave_out: Annotated[
        str | None,
        typer.Option(
            "--leave-out", metavar="A,B", help="Columns of FILE that are no inputs.", show_default=False
        ),
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option(
            "--header/--no-header",
            help="Whether the first line of a CSV names its columns. [default: yes; to be said of numbers]",
            show_default=False,
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task",
            metavar="FILE.py[:Name]",
            help="Where the model's task lies now. [default: where it lay]",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Run a trained model on new rows.

    Of classes: the class and the probability of each; of real numbers: values in the task's own units.
    """
    from epochsearch.cli import console

    if out is not None and not out.name.lower().endswith(ENDINGS):
        rule = f"must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
        raise UsageError("--out", str(out), rule, f"Example: --out {out.with_suffix('').name or 'out'}.csv")
    left = [name.strip() for name in (leave_out or "").split(",") if name.strip()]
    from epochsearch.search.final.prediction import predict as predicted

    with console.reserved_for_results():
        answered = predicted(model, file, left, header, task)
    rows = answer_rows(answered)
    if out is not None:
        _write(rows, out)
    if json:
        document = {"model": str(model), "task": answered.record.task, "rows": answered.rows}
        document |= {"columns": list(answered.columns), "out": str(out) if out else None}
        console.print_document(document if out else document | {"answers": rows})
    elif out is not None:
        console.print_lines([f"{out}: {answered.rows} rows"])
    else:
        console.print_lines(csv_lines(answered))


def answer_rows(answered: Answered) -> list[dict[str, Any]]:
    """Return the answers as one mapping a row."""
    from epochsearch.cli.words.documents import number

    names = list(answered.columns)
    rows = zip(*answered.columns.values(), strict=True)
    return [
        {
            name: number(value) if isinstance(value, float) else value
            for name, value in zip(names, row, strict=True)
        }
        for row in rows
    ]


def csv_lines(answered: Answered) -> list[str]:
    """Return the answers as lines of CSV, every number in full."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answered.columns)
    writer.writerows(zip(*answered.columns.values(), strict=True))
    return text.getvalue().splitlines()


def _write(rows: list[dict[str, Any]], out: Path) -> None:
    from epochsearch.cli.terminal.tables import write_rows

    try:
        write_rows(rows, out)
    except OSError as error:
        rule = f"cannot be written ({error.strerror or error})"
        action = "Give a file in a folder that exists and can be written."
        raise StorageError("--out", str(out), rule, room_action(error, action)) from error
