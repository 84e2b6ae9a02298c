"""`epochsearch show STUDY`: its spec, its best points, what became of its trials, and what it cost.

With `--trial N`, one trial: every epoch, the diagnosis of its curve, and what to do about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from epochsearch.cli.options import (
    JsonOption,
    StorageOption,
    StudyArgument,
    parse_share,
    parse_whole,
    require_stored,
    storage_url,
)
from epochsearch.core.errors import UsageError
from epochsearch.core.extension import is_extension
from epochsearch.core.price import parse_price

if TYPE_CHECKING:
    from epochsearch.cli.console import Fact
    from epochsearch.core.summary import StudySummary


def show(
    study: StudyArgument,
    trial: Annotated[
        str | None,
        typer.Option("--trial", metavar="N", help="One trial: its epochs, diagnosis.", show_default=False),
    ] = None,
    price: Annotated[
        str | None,
        typer.Option(
            "--price", metavar="X/h", help="With --trial: money per hour of compute.", show_default=False
        ),
    ] = None,
    gain: Annotated[
        str | None,
        typer.Option(
            "--gain",
            metavar="SHARE",
            help="With --trial: of the loss that an epoch is to buy. [default: 0.5%]",
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="A,B,...",
            help="The best for each value of these axes, as batch-size or dropout,epochs.",
            show_default=False,
        ),
    ] = None,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Show one study: spec, best points, outcomes and cost.

    With --trial N: losses and metrics of every epoch, whether the model is under- or over-fitted, and why.
    """
    number = None if trial is None else parse_whole(trial, "--trial", 0, example=3)
    if by is not None and number is not None:
        raise UsageError("--by", by, "is of the whole study, not of one trial", "Leave out --trial.")
    for option, given in (("--price", price), ("--gain", gain)):
        if given is not None and number is None:
            raise UsageError(option, given, "goes with one trial", f"Add: --trial 0 {option} {given}")
    hourly = None if price is None else parse_price(price)
    least = None if gain is None else parse_share(gain, "--gain", "0.5%")
    url = storage_url(storage)
    require_stored(url, study)
    if by is not None:
        _show_axes(url, study, by, json=json)
    elif number is None:
        _show_study(url, study, json=json)
    else:
        _show_trial(url, study, number, hourly, least, storage, json=json)


def _show_study(url: str, study: str, *, json: bool) -> None:
    from epochsearch.store.archive import study_summary

    summary = study_summary(url, study)
    if json:
        _print_document(url, summary)
    else:
        _print_study(url, summary)


def _print_document(url: str, summary: StudySummary) -> None:
    from epochsearch.cli import console
    from epochsearch.cli.words.documents import study_document
    from epochsearch.cli.words.order_documents import orders_document
    from epochsearch.cli.words.stage_texts import stages_document
    from epochsearch.search.comparing.tracing import study_order_outcomes, study_trace
    from epochsearch.store.archive import study_curves

    curves = study_curves(url, summary.study)
    trials = [curve.trial for curve in curves]
    outcomes = study_order_outcomes(url, summary.study, summary.spec, curves)
    orders = orders_document(summary.spec, outcomes, trials)
    searched = study_trace(url, summary.study, summary.spec, trials)
    stages = stages_document(summary.spec, trials)
    console.print_document(study_document(summary, curves, searched) | orders | stages)


def _print_study(url: str, summary: StudySummary) -> None:
    from epochsearch.cli import console
    from epochsearch.cli.words.returns_texts import last_share_text
    from epochsearch.cli.words.spreads import spreads
    from epochsearch.cli.words.stage_texts import stage_facts
    from epochsearch.cli.words.texts import best_rows, best_trials, trial_columns
    from epochsearch.search.comparing.tracing import study_trace
    from epochsearch.store.archive import study_trials

    trials, measure = study_trials(url, summary.study), summary.spec.measure
    searched = study_trace(url, summary.study, summary.spec, trials)
    facts, bought = _facts(url, summary), last_share_text(searched, measure)
    facts += stage_facts(summary.spec, trials)
    console.print_facts([*facts, ("Returns", bought)] if bought else facts)
    folds = summary.spec.folds > 1
    apart = spreads(url, summary.study, best_trials(trials), measure) if folds else None
    rows = best_rows(trials, measure=measure, spreads=apart)
    if rows:
        title = f"The best {len(rows)} points" if len(rows) > 1 else "The one completed point"
        console.print_lines(["", title])
        columns = trial_columns(measure, folds=folds)
        extras = [name for name, _ in summary.spec.space.extras]
        console.print_table([*columns, *extras], rows, right=columns)


def _show_axes(url: str, study: str, axes: str, *, json: bool) -> None:
    from epochsearch.cli import console
    from epochsearch.cli.words.by_texts import (
        APART_COLUMNS,
        apart_rows,
        axis_document,
        axis_facts,
        axis_table,
    )
    from epochsearch.search.answers.best_by import read_axes

    found = read_axes(url, study, axes)
    if json:
        console.print_document(axis_document(found))
        return
    columns, rows, spare = axis_table(found)
    console.print_facts(axis_facts(found))
    console.print_lines([""])
    console.print_table(columns, rows, right=columns[len(found.axes) :], spare=spare)
    apart = apart_rows(found)
    if len(apart) > 1:
        console.print_lines([""])
        console.print_table([*columns[: len(found.axes)], *APART_COLUMNS], apart, right=APART_COLUMNS)


def _facts(url: str, summary: StudySummary) -> list[Fact]:
    """Return what is said of any study, and of an extension or of frozen configurations besides."""
    from epochsearch.cli.words.spreads import best_spread
    from epochsearch.cli.words.texts import study_facts
    from epochsearch.store.resources import trial_memory

    study = summary.study
    facts = study_facts(summary, best_spread(url, summary), trial_memory(url, study))
    if is_extension(summary.spec):
        from epochsearch.cli.words.extension_texts import extension_facts
        from epochsearch.search.extending.extended import read_extension

        facts += extension_facts(read_extension(url, study), summary.spec.measure)
    if summary.spec.freezes:
        from epochsearch.cli.words.order_texts import order_facts
        from epochsearch.search.comparing.tracing import study_order_outcomes
        from epochsearch.store.archive import study_curves

        curves = study_curves(url, study)
        outcomes = study_order_outcomes(url, study, summary.spec, curves)
        facts += order_facts(outcomes, [curve.trial for curve in curves])
    return facts


def _show_trial(
    url: str,
    study: str,
    number: int,
    price: float | None,
    least: float | None,
    named: str | None,
    *,
    json: bool,
) -> None:
    from epochsearch.analysis.returns import GAIN
    from epochsearch.cli import console
    from epochsearch.search.answers.advice import advice
    from epochsearch.search.answers.diagnosing import diagnosed_trial

    with console.reserved_for_results():
        summary, found = diagnosed_trial(url, study, number, price=price, least=least or GAIN)
    place = () if named is None else ("--storage", named)
    diagnosis = found.diagnosis
    point = found.curve.trial.point
    advised = () if diagnosis is None else advice(study, summary.spec, point, diagnosis, place, number)
    if json:
        from epochsearch.cli.words.trial_document import diagnosis_document

        console.print_document(diagnosis_document(summary, found, advised))
        return
    from epochsearch.cli.words.trial_texts import SPARE, curve_lines, epoch_table, trial_facts

    console.print_facts(trial_facts(summary, found, advised))
    chart = curve_lines(found.curve, unicode=console.unicode_works("stdout"))
    console.print_lines(["", *chart] if chart else [])
    if found.curve.reports:
        columns, rows = epoch_table(found)
        console.print_lines([""])
        console.print_table(columns, rows, right=columns, spare=SPARE)
