"""`epochsearch verify STUDY`: is what the ledger says of a study what training it again gives?"""

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
    from epochsearch.search.checks.verification import Verification


def verify(
    study: StudyArgument,
    sample: Annotated[
        str, typer.Option("--sample", metavar="N|all", help="How many trials, drawn at random.")
    ] = "5",
    seed: Annotated[str, typer.Option("--seed", metavar="N", help="Of the draw.")] = "0",
    workers: Annotated[
        str, typer.Option("--workers", metavar="N|auto", help="Fresh worker processes; auto: one per core.")
    ] = "auto",
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Train some of a study's curves again and compare bit for bit.

    PASS and exit code 0, or FAIL with the first difference and exit code 1. Nothing is written.
    """
    from epochsearch.cli import console
    from epochsearch.cli.signals import ending_on_signals

    count = 0 if sample == "all" else parse_whole(sample, "--sample", 0)
    processes = 0 if workers == "auto" else parse_whole(workers, "--workers", 1, example=2)
    draw, url = parse_whole(seed, "--seed", 0), storage_url(storage)
    require_stored(url, study)
    from epochsearch.search.checks.verification import CurveChecked
    from epochsearch.search.checks.verification import verify as verified

    result: Verification | None = None
    with ending_on_signals(), console.reserved_for_results():
        for event in verified(url, study, count, draw, processes):
            if isinstance(event, CurveChecked):
                said = "the same" if event.same else "DIFFERENT"
                console.print_progress(f"trial {event.trial}  {event.epochs} epochs  {said}")
            else:
                result = event
    if result is None:
        raise typer.Exit(130)
    if json:
        console.print_document(verification_document(result))
    else:
        console.print_facts(verification_facts(result))
    if not result.passed:
        raise typer.Exit(1)


def verification_document(result: Verification) -> dict[str, Any]:
    """Return what `--json` prints. A number that JSON cannot say is given as text."""
    found = result.difference
    return {
        "study": result.study,
        "passed": result.passed,
        "trials": {"all": result.trials, "sampled": list(result.sampled)},
        "curves": result.curves,
        "epochs": result.epochs,
        "differing": result.differing,
        "difference": None
        if found is None
        else {
            "trial": found.trial,
            "fold": found.fold,
            "epoch": found.epoch,
            "number": found.number,
            "stored": _shown(found.stored),
            "expected": _shown(found.expected),
            "expected_from": found.expected_from,
        },
    }


def verification_facts(result: Verification) -> list[Fact]:
    """Return the verdict for a person, with every digit of what differs."""
    again = f"{len(result.sampled)} of {result.trials} trials: {result.curves} curves, {result.epochs} epochs"
    facts = [("Study", result.study), ("Again", again)]
    found = result.difference
    if found is None:
        return [*facts, ("Result", "PASS: the same bit for bit")]
    place = f"trial {found.trial}, epoch {found.epoch}" + (f", fold {found.fold + 1}" if found.fold else "")
    stored = "missing" if found.stored is None else repr(found.stored)
    other = "missing" if found.expected is None else repr(found.expected)
    said = f"FAIL: {place}: {found.number}\nstored      {stored}\n{found.expected_from:10}  {other}"
    return [*facts, ("Result", said)]


def _shown(value: float | None) -> float | str | None:
    import math

    return value if value is None or math.isfinite(value) else str(value)
