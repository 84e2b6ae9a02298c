"""`epochsearch test STUDY`: the look at the sealed test part, with intervals, beside the validation score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochsearch.cli.options import (
    JsonOption,
    StorageOption,
    StudyArgument,
    parse_whole,
    require_stored,
    storage_url,
)

if TYPE_CHECKING:
    from epochsearch.cli.console import Fact
    from epochsearch.search.final.final_test import FinalTest

COLUMNS = ("score", "validation", "test", "95 % interval", "difference")


def test(
    study: StudyArgument,
    trial: Annotated[
        str | None,
        typer.Option(
            "--trial", metavar="N", help="Its point. [default: the recommended one]", show_default=False
        ),
    ] = None,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Score a study's point once on the sealed test part.

    Every look is counted and recorded. The intervals are over the test rows, by bootstrap.
    """
    from epochsearch.cli import console
    from epochsearch.cli.signals import ending_on_signals

    number = None if trial is None else parse_whole(trial, "--trial", 0, example=3)
    url = storage_url(storage)
    require_stored(url, study)
    from epochsearch.search.final.final_test import final_test

    found: FinalTest | None = None
    with ending_on_signals(), console.reserved_for_results():
        found = final_test(url, study, number)
    if found is None:
        raise typer.Exit(130)
    if json:
        console.print_document(look_document(found))
        return
    console.print_facts(point_facts(found))
    console.print_lines([""])
    console.print_table(COLUMNS, score_rows(found), right=COLUMNS[1:])
    console.print_lines(["", *look_notes(found)])


def point_facts(found: FinalTest) -> list[Fact]:
    """Return which state was looked at, on what."""
    from epochsearch.cli.words.formats import count_text, hyperparameter_text, rate_text

    point, facts = found.point, found.facts
    configuration = point.used.trial.point.configuration
    values = [
        f"learning rate  {rate_text(configuration.learning_rate, 4)}",
        f"batch size     {configuration.batch_size}",
        *(f"{name:13}  {hyperparameter_text(value)}" for name, value in configuration.extras),
    ]
    rows = "recorded"
    if facts.test_rows:
        rows = (
            f"{facts.test_rows:,} test, {facts.validation_rows:,} validation, {facts.train_rows:,} training"
        )
    folds = len(point.used.curves)
    models = f", mean over {count_text(folds, 'fold')}" if folds > 1 else ""
    averaged = ", averaged weights" if point.weights == "average" else ""
    return [
        ("Study", found.study),
        ("Point", "\n".join([f"epochs         {point.epoch}", *values])),
        ("Trial", f"{point.used.trial.number} ({point.chosen}{models}{averaged})"),
        ("Rows", rows),
    ]


def score_rows(found: FinalTest) -> list[tuple[str, ...]]:
    """Return the cells of the loss and of each metric under COLUMNS."""
    from epochsearch.cli.words.formats import loss_text

    intervals = {name: (low, high) for name, low, high in found.intervals}
    validation = {"loss": found.validation.loss, **dict(found.validation.metrics)}
    rows: list[tuple[str, ...]] = []
    for name, value in {"loss": found.test.loss, **dict(found.test.metrics)}.items():
        before, (low, high) = validation.get(name), intervals.get(name, (None, None))
        shown = f"{loss_text(low)} to {loss_text(high)}" if low is not None else "-"
        change = None if value is None or before is None else value - before
        rows.append((name, loss_text(before), loss_text(value), shown, loss_text(change)))
    return rows


def look_notes(found: FinalTest) -> list[str]:
    """Return what the figures mean, and how often anybody has looked."""
    from epochsearch.cli.columns import folded
    from epochsearch.cli.console import FOLD
    from epochsearch.cli.words.formats import count_text, loss_text

    lines: list[str] = []
    if found.optimism is not None:
        measure = found.point.measure
        apart = measure.shown_difference(found.optimism)
        said = (
            f"Optimism of the choice: the test {measure.word} is {loss_text(abs(apart))} "
            f"{'above' if apart >= 0 else 'below'} the validation {measure.word} "
            f"by which this point was chosen among {count_text(found.trials, 'trial')}."
        )
        lines += folded(said, FOLD)
    source = "from the record" if found.from_record else "evaluated now"
    lines += [
        f"Looks at this study's test part: {found.looks}, at this point: {found.looks_here} ({source})."
    ]
    if found.looks > found.looks_here:
        lines += ["Who chooses among points by their test scores has no test left."]
    return lines


def look_document(found: FinalTest) -> dict[str, Any]:
    """Return what `--json` prints."""
    from epochsearch.cli.words.documents import number

    point = found.point
    intervals = {name: {"low": low, "high": high} for name, low, high in found.intervals}
    scores = {"loss": found.test.loss, **dict(found.test.metrics)}
    return {
        "study": found.study,
        "trial": point.used.trial.number,
        "chosen": point.chosen,
        "epochs": point.epoch,
        "learning_rate": point.used.trial.point.learning_rate,
        "batch_size": point.used.trial.point.batch_size,
        "hyperparameters": dict(point.used.trial.point.configuration.extras),
        "weights": point.weights,
        "folds": len(point.used.curves),
        "rows": {
            "train": found.facts.train_rows,
            "validation": found.facts.validation_rows,
            "test": found.facts.test_rows,
        },
        "test": {
            name: {"value": number(value), **intervals.get(name, {"low": None, "high": None})}
            for name, value in scores.items()
        },
        "confidence": 0.95,
        "validation": {
            "loss": number(found.validation.loss),
            **{name: number(value) for name, value in found.validation.metrics},
        },
        "optimism": found.optimism,
        "trials": found.trials,
        "looks": {"study": found.looks, "point": found.looks_here, "from_record": found.from_record},
    }
