"""`epochsearch train STUDY`: the recommended point trained for good, and the model written to a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from epochsearch.cli.options import (
    JsonOption,
    StorageOption,
    StudyArgument,
    parse_whole,
    require_stored,
    storage_url,
)
from epochsearch.core.errors import UsageError, nearest
from epochsearch.core.final import EXPORTS, FINAL_ROWS, UPDATES

if TYPE_CHECKING:
    from epochsearch.cli.console import Fact
    from epochsearch.core.model import ModelRecord
    from epochsearch.search.final.final_model import FinalPlanned, FinalRequest, ModelMade

MODELS = Path("models")
"""Where a model's folder stands unless `--out` says otherwise."""

_Word = TypeVar("_Word", bound=str)


def train(
    study: StudyArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder of the model. [default: models/STUDY]",
            show_default=False,
        ),
    ] = None,
    trial: Annotated[
        str | None,
        typer.Option(
            "--trial", metavar="N", help="Its point. [default: the recommended one]", show_default=False
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="ROWS",
            help="training+validation, or training. [default: training+validation]",
            show_default=False,
        ),
    ] = None,
    updates: Annotated[
        str | None,
        typer.Option(
            "--updates",
            metavar="same|epochs",
            help="With more rows: as many optimiser updates as searched, rounded to whole epochs, or as many "
            "epochs. [default: same]",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Take the searched run as it is; train nothing that is there.")
    ] = False,
    export: Annotated[
        list[str] | None,
        typer.Option(
            "--export",
            metavar="torch|onnx",
            help="Write it as a program too, which takes raw rows; may be repeated.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a model that is there.")] = False,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Train the recommended point for good and write the model.

    On training and validation rows together, unless told otherwise. The test rows stay sealed.
    """
    from epochsearch.cli import console
    from epochsearch.cli.signals import ending_on_signals
    from epochsearch.cli.words.formats import file_stem

    if keep and (on or updates):
        option = "--on" if on else "--updates"
        raise UsageError(
            "--keep", option, "a run that is kept is not trained again", "Leave one of them out."
        )
    rows, counted = _one_of("--on", on, FINAL_ROWS), _one_of("--updates", updates, UPDATES)
    forms = [_one_of("--export", text, EXPORTS) for text in export or ()]
    number = None if trial is None else parse_whole(trial, "--trial", 0, example=3)
    url = storage_url(storage)
    require_stored(url, study)
    from epochsearch.report.model_card import model_card
    from epochsearch.search.final.final_model import FinalEpoch, FinalPlanned, FinalRequest
    from epochsearch.search.final.final_model import train as trained

    folder = out or MODELS / file_stem(study)
    chosen = tuple(dict.fromkeys(forms))
    request = FinalRequest(study, folder, number, rows, counted, keep, chosen, force)
    made: ModelMade | None = None
    with ending_on_signals(), console.reserved_for_results():
        for event in trained(url, request, model_card):
            if isinstance(event, FinalPlanned):
                console.print_progress(plan_line(request, event))
            elif isinstance(event, FinalEpoch):
                console.print_progress(f"epoch {event.epoch} of {event.epochs}  loss {event.train_loss:.4f}")
            else:
                made = event
    if made is None:
        raise typer.Exit(130)
    if json:
        console.print_document(model_document(made.folder, made.record))
    else:
        console.print_facts(model_facts(made.folder, made.record))


def plan_line(request: FinalRequest, planned: FinalPlanned) -> str:
    """Return what is about to be trained, in one line."""
    plan, point = planned.plan, planned.point
    trial = f"trial {point.used.trial.number}"
    if planned.keep:
        return f"{trial} is kept as it was after epoch {point.epoch}"
    searched = f"{plan.searched_updates} in {plan.searched_epochs} epochs when searched"
    return (
        f"{trial}: {plan.epochs} epochs, {plan.updates} updates ({searched}) on {plan.row_count} rows "
        f"({plan.rows})"
    )


def model_facts(folder: Path, record: ModelRecord) -> list[Fact]:
    """Return what a person reads of a model that was made."""
    from epochsearch.cli.words.formats import duration_text, loss_text

    training, search = record.training, record.search
    length = f"{training.epochs} epochs, {training.updates:,} updates"
    if training.kept:
        length = f"the searched run after epoch {training.epochs}, kept as it was"
    elif training.rows != "training":
        length += f"\n(searched: {training.searched_epochs} epochs, {training.searched_updates:,} updates)"
        length += "\nto the nearest whole epoch" if training.epochs != training.searched_epochs else ""
    metrics = "".join(f", {name} {loss_text(value)}" for name, value in record.validation_metrics)
    test = "not looked at" if record.test is None else f"loss {loss_text(record.test.loss)}"
    files = "\n".join(str(folder / file.name) for file in record.written.files)
    return [
        ("Model", str(folder)),
        ("Point", f"trial {search.trial} of {search.study} ({search.chosen})"),
        ("Rows", f"{training.row_count:,} ({training.rows})"),
        ("Trained", length),
        ("Time", f"{duration_text(training.seconds)} of training"),
        ("Validation", f"loss {loss_text(record.validation_loss)}{metrics} (of the searched run)"),
        ("Test", f"{test} (of the searched run)"),
        ("Files", f"{files}\n{folder / 'README.md'}"),
        ("Next", f"epochsearch predict {folder} FILE\nepochsearch test {search.study}"),
    ]


def model_document(folder: Path, record: ModelRecord) -> dict[str, Any]:
    """Return what `--json` prints."""
    return {"model": str(folder), **record.to_dict()}


def _one_of(option: str, text: str | None, known: Sequence[_Word]) -> _Word:
    """Return the word that was said; the first one is the default.

    Raises:
        UsageError: There is no such word.
    """
    if text is None:
        return known[0]
    for word in known:
        if word == text:
            return word
    raise UsageError(option, text, f"must be {' or '.join(known)}", nearest(text, known))
