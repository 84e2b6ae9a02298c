"""What `run` says at its end of the study, its extension and what is recommended: a document, or facts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer

from epochsearch.cli.commands.ending import Ending
from epochsearch.cli.commands.extend import extended_document, extended_facts
from epochsearch.cli.words.further_steps import CONFIRM, recommend_command
from epochsearch.cli.words.next_steps import go_on_command, next_commands
from epochsearch.core.errors import SearchFailedError
from epochsearch.core.stages import stages_of
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import Outcome, TrialRecord
from epochsearch.search.running.events import SearchEnded

if TYPE_CHECKING:
    from epochsearch.search.extending.extended import Extension


def finish_run(
    ended: SearchEnded,
    extended: tuple[SearchEnded, Extension] | None,
    endings: list[Ending],
    url: str,
    *,
    as_json: bool,
) -> None:
    """Print how it ended.

    extended: how its extension ended, and what came of it. endings: what is recommended of each of them.

    Raises:
        typer.Exit: Every trial failed, or it was interrupted.
    """
    from epochsearch.cli import console
    from epochsearch.cli.words.stage_texts import stages_document

    summary = ended.summary
    failure = _failure(summary, ended.last_reason)
    interrupted = ended.why == "interrupted" or endings[-1].stopped
    if as_json:
        stages = stages_document(summary.spec, _staged_trials(url, summary))
        console.print_document(_document(ended, extended, endings, failure) | stages)
        if interrupted:
            console.print_note(f"go on with: {go_on_command(sys.argv, summary.study)}")
    else:
        _print(ended, extended, endings, url)
    if failure is not None:
        console.print_error(failure.message)
        raise typer.Exit(failure.exit_code)
    if interrupted or (extended is not None and extended[0].why == "interrupted"):
        raise typer.Exit(130)


def _document(
    ended: SearchEnded,
    extended: tuple[SearchEnded, Extension] | None,
    endings: list[Ending],
    failure: SearchFailedError | None,
) -> dict[str, Any]:
    from epochsearch.cli.words.documents import error_document, search_document

    document = search_document(ended.summary, ended.why) | endings[0].document()
    if failure is not None:
        document |= error_document(failure.kind, failure.message, failure.exit_code)
    if extended is not None:
        document["extended"] = extended_document(*extended) | endings[-1].document()
    return document


def _print(
    ended: SearchEnded, extended: tuple[SearchEnded, Extension] | None, endings: list[Ending], url: str
) -> None:
    from epochsearch.cli import console
    from epochsearch.cli.words.spreads import best_spread
    from epochsearch.cli.words.stage_texts import stage_facts
    from epochsearch.cli.words.texts import search_facts

    summary, interrupted = ended.summary, ended.why == "interrupted" or endings[-1].stopped
    commands = next_commands(sys.argv, summary.study, interrupted=interrupted)
    if endings[0].unsure:
        commands.insert(int(interrupted), recommend_command(sys.argv, summary.study, confirm=CONFIRM))
    facts = search_facts(summary, ended.why, best_spread(url, summary))
    facts += [*stage_facts(summary.spec, _staged_trials(url, summary)), *endings[0].facts()]
    console.print_facts([*facts, ("Next", "\n".join(commands))])
    if extended is not None:
        console.print_lines([""])
        *carried, following = extended_facts(*extended, sys.argv)
        console.print_facts([*carried, *endings[-1].facts(), following])


def _staged_trials(url: str, summary: StudySummary) -> list[TrialRecord]:
    """Return the trials of a staged search; none of another, whose end is told without them."""
    from epochsearch.store.archive import study_trials

    return study_trials(url, summary.study) if stages_of(summary.spec) else []


def _failure(summary: StudySummary, reason: str) -> SearchFailedError | None:
    failed = summary.counts.get(Outcome.FAILED, 0)
    if failed == 0 or failed < summary.finished:
        return None
    rule = "every trial failed" if failed > 1 else "the only trial failed"
    last = " ".join(reason.split()) or "not known"
    return SearchFailedError(summary.study, "", rule, f"The last reason: {last}")
