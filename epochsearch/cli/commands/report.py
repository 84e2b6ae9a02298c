"""`epochsearch report STUDY`: one HTML page with all that is known of a study, the answer first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochsearch.cli.options import (
    JsonOption,
    StorageOption,
    StudyArgument,
    parse_share,
    require_stored,
    storage_url,
)
from epochsearch.cli.search_options import option
from epochsearch.cli.words.formats import file_stem
from epochsearch.core.errors import StorageError
from epochsearch.core.price import parse_price

if TYPE_CHECKING:
    from epochsearch.search.answers.studied import StudiedStudy


def report(
    study: StudyArgument,
    html: Annotated[
        Path | None, option("--html", "FILE", "Where the page goes. [default: studies/STUDY.html]")
    ] = None,
    price: Annotated[str | None, option("--price", "X/h", "Money per hour of compute, as 2.1/h.")] = None,
    gain: Annotated[
        str | None, option("--gain", "SHARE", "Of the loss that an epoch is to buy. [default: 0.5%]")
    ] = None,
    dashboard: Annotated[
        bool, typer.Option("--dashboard/--no-dashboard", help="Put figures and a note into the dashboard.")
    ] = True,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Write a page about one study, the answer first.

    One HTML file that needs no network. The same figures and a note go into optuna-dashboard.
    """
    from epochsearch.analysis.returns import GAIN
    from epochsearch.cli import console
    from epochsearch.cli.words.report_words import answer_text, report_words

    hourly = None if price is None else parse_price(price)
    least = GAIN if gain is None else parse_share(gain, "--gain", "0.5%")
    url = storage_url(storage)
    require_stored(url, study)
    place = () if storage is None else ("--storage", storage)
    from epochsearch.search.answers.studied import studied

    with console.reserved_for_results():
        found = studied(url, study, price=hourly, least=least, place=place)
    from epochsearch.report.study_page import write_study_page

    file = html or Path("studies") / f"{file_stem(study)}.html"
    write_study_page(found, report_words(found, hourly, place), file)
    answer = answer_text(found)
    attached = dashboard and _attached(found, answer, url)
    if json:
        console.print_document(_document(found, file, attached=attached))
        return
    facts = [("Study", study), ("Take", answer), ("Diagnosis", _diagnosis(found)), ("Page", str(file))]
    if attached:
        facts.append(("Shown", "its figures and a note are in the dashboard too"))
    console.print_facts(facts)


def _attached(found: StudiedStudy, answer: str, url: str) -> bool:
    """Return whether the dashboard has it; a database that cannot be written is no reason to fail."""
    from epochsearch.cli import console
    from epochsearch.report.study_notes import attach_report

    try:
        attach_report(found, answer, url)
    except StorageError as error:
        console.print_note(f"nothing was put into the dashboard: {error.message}")
        return False
    return True


def _diagnosis(found: StudiedStudy) -> str:
    from epochsearch.analysis.diagnosis_words import verdict_sentence
    from epochsearch.cli.words.trial_texts import wrapped

    if found.chosen is None or found.chosen.found.diagnosis is None:
        return "none: no trial has ended with a finite loss"
    return wrapped(f"{verdict_sentence(found.chosen.found.diagnosis)}.")


def _document(found: StudiedStudy, file: Path, *, attached: bool) -> dict[str, Any]:
    """Return what `--json` prints: where the page is, and its answer; `show` and `recommend` say the rest."""
    from epochsearch.cli.words.recommend_documents import recommendation_document
    from epochsearch.cli.words.trial_document import diagnosis_fields, returns_fields

    chosen = found.chosen
    known = found.grounds
    return {
        "study": found.summary.study,
        "page": str(file),
        "bytes": file.stat().st_size,
        "dashboard": attached,
        "recommended": None if known is None else recommendation_document(known.recommendation),
        "trial": None if chosen is None else chosen.found.curve.trial.number,
        "diagnosis": (
            None
            if chosen is None or chosen.found.diagnosis is None
            else diagnosis_fields(chosen.found.diagnosis)
        ),
        "returns": (
            None if chosen is None or chosen.found.returns is None else returns_fields(chosen.found.returns)
        ),
        "looks": len(found.looks),
    }
