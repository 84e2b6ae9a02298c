"""The words of a study's page that other commands say too: one wording for the terminal and the page."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from epochsearch.cli.words.order_texts import thawing_lines
from epochsearch.cli.words.recommend_texts import (
    RIVAL_COLUMNS,
    ending_text,
    recommendation_facts,
    rival_line,
    rival_rows,
)
from epochsearch.cli.words.returns_texts import last_share_text, returns_lines
from epochsearch.cli.words.texts import cost_text, counts_text, study_facts
from epochsearch.search.answers.advice import run_again

if TYPE_CHECKING:
    from epochsearch.cli.console import Fact
    from epochsearch.report.study_page import Words
    from epochsearch.search.answers.studied import StudiedStudy

MATTERS = ("Matters", "Scaling", "Edge")
SPEC = ("Task", "Space", "Sampler", "Pruner", "Objective", "Training", "Split", "Seed")


def report_words(found: StudiedStudy, price: float | None, place: Sequence[str]) -> Words:
    """Return the words; price: money per hour; place: the words that name the storage."""
    from epochsearch.report.study_page import Words

    said = recommendation_facts(found.grounds) if found.grounds else []
    returns = found.chosen.found.returns if found.chosen else None
    return Words(
        recommendation=[_renamed(fact) for fact in said if fact[0] not in (*MATTERS, "Take")],
        matters=[fact for fact in said if fact[0] in MATTERS],
        rivals=_rivals(found),
        returns=[] if returns is None else returns_lines(returns),
        last_share=last_share_text(found.searched, found.summary.spec.measure),
        cost=_cost(found, price),
        spec=[fact for fact in study_facts(found.summary) if fact[0] in SPEC],
        commands=_commands(found, place),
        thawing=thawing_lines(found.orders, [one.curve.trial for one in found.trials]),
    )


def answer_text(found: StudiedStudy) -> str:
    """Return the point to take and how sure that is, in a few lines."""
    if found.grounds is None:
        return "nothing yet: no trial has ended with a finite loss"
    return ending_text(found.grounds.recommendation, found.summary.spec.measure)


def _renamed(fact: Fact) -> Fact:
    """Return a fact under a label that the cost has no use for."""
    return (
        ("Best epoch", fact[1].removeprefix("best epoch of this configuration "))
        if fact[0] == "Epochs"
        else fact
    )


def _rivals(found: StudiedStudy) -> tuple[str, Sequence[str], Sequence[Sequence[str]]] | None:
    known = found.grounds
    if known is None or known.rivals is None or len(known.rivals) < 2:
        return None
    measure = known.spec.measure
    extras = [name for name, _ in known.spec.space.extras]
    rows = rival_rows(known.rivals, measure)
    columns = (measure.word, *RIVAL_COLUMNS[1:], *extras)
    return rival_line(known.rivals, known.recommendation.noise), columns, rows if len(rows) > 1 else []


def _cost(found: StudiedStudy, price: float | None) -> list[Fact]:
    from epochsearch.cli.words.formats import duration_text

    summary = found.summary
    wall, training = summary.wall_seconds, summary.cost.seconds_trained
    time = f"{duration_text(wall)} on the clock, {duration_text(training)} of training"
    if price is not None:
        time += f"; it cost {price * training / 3600:.3g} at {price:g} an hour"
    return [("Trials", counts_text(summary)), ("Epochs", cost_text(summary.cost)), ("Time", time)]


def _commands(found: StudiedStudy, place: Sequence[str]) -> list[Fact]:
    study = found.summary.study
    said = []
    if found.chosen is not None:
        command = run_again(found.summary.spec, found.chosen.point, place)
        said.append(("train the point again (from the ledger, where that has it)", command))
    verify = shlex.join(["epochsearch", "verify", study, *place])
    return [*said, ("check that the curves are what training gives, bit for bit", verify)]
