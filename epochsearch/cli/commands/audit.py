"""`epochsearch audit SOURCE`: what each pruner would have saved and lost on curves known to their end."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochsearch.cli.options import JsonOption, StorageOption, parse_whole, require_stored, storage_url
from epochsearch.core.errors import UsageError, nearest
from epochsearch.core.spec import OBJECTIVES, Objective

if TYPE_CHECKING:
    from epochsearch.search.comparing.audit import CurvesAudit

COLUMNS = ("pruner", "saved", "stopped", "best lost", "95 % interval", "regret", "worst")


def audit(
    source: Annotated[
        str,
        typer.Argument(
            metavar="STUDY|table:FILE", help="A study run with --pruner none, or a table.", show_default=False
        ),
    ],
    pruners: Annotated[
        str, typer.Option("--pruners", metavar="A,B", help="Names, or NAME(option=value).")
    ] = "median,percentile,asha,hyperband,patient",
    shuffles: Annotated[
        str, typer.Option("--shuffles", metavar="N", help="Orders in which the curves come.")
    ] = "20",
    seed: Annotated[str, typer.Option("--seed", metavar="N", help="Of the orders.")] = "0",
    objective: Annotated[
        str | None,
        typer.Option(
            "--objective", metavar="final|best", help="[default: the study's; final]", show_default=False
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page with the figure.", show_default=False),
    ] = None,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Show what pruners would have saved and lost on complete curves.

    Per pruner: the share of epochs saved, of trials stopped, how often the best one was, and the regret.
    """
    from epochsearch.cli import console
    from epochsearch.cli.signals import ending_on_signals

    count, first = parse_whole(shuffles, "--shuffles", 1, example=20), parse_whole(seed, "--seed", 0)
    aim = _objective(objective)
    url = storage_url(storage)
    if not source.startswith("table:"):
        require_stored(url, source)
    from epochsearch.search.comparing.audit import AuditedPruner, audit_pruners

    found: CurvesAudit | None = None
    with ending_on_signals():
        for event in audit_pruners(source, url, pruners, count, first, aim):
            if isinstance(event, AuditedPruner):
                console.print_progress(f"{event.pruner.name}  done")
            else:
                found = event
    if found is None:
        raise typer.Exit(130)
    rows = audit_rows(found)
    if html is not None:
        from epochsearch.report.audit import write_audit_page

        write_audit_page(found, COLUMNS, rows, html)
    if json:
        console.print_document(audit_document(found))
        return
    console.print_lines([f"{found.source}: {found.curves} complete curves, {found.shuffles} orders", ""])
    console.print_table(COLUMNS, rows, right=COLUMNS[1:])
    lines = correlation_lines(found, unicode=console.unicode_works("stdout"))
    console.print_lines(["", *lines, *([f"Page: {html}"] if html else [])])


def audit_rows(found: CurvesAudit) -> list[tuple[str, ...]]:
    """Return the cells of each pruner under COLUMNS."""
    from epochsearch.cli.words.formats import loss_text

    return [
        (
            one.pruner.name,
            f"{one.result.share_saved:.0%}",
            f"{one.result.stopped:.0%}",
            f"{one.result.lost_best.estimate:.0%}",
            f"{one.result.lost_best.low:.0%} to {one.result.lost_best.high:.0%}",
            loss_text(one.result.regret),
            loss_text(one.result.regret_max),
        )
        for one in found.pruners
    ]


def correlation_lines(found: CurvesAudit, *, unicode: bool) -> list[str]:
    """Return how the rank correlation with the end rises, as a small curve and at a few epochs."""
    from epochsearch.cli.columns import folded
    from epochsearch.cli.console import FOLD
    from epochsearch.cli.words.formats import sparkline

    values = found.correlation
    last = len(values)
    epochs = sorted({max(1, round(last * share)) for share in (0.01, 0.1, 0.25, 0.5, 0.75)})
    shown = [f"{values[e - 1]:.2f} after epoch {e}" for e in epochs if math.isfinite(values[e - 1])]
    drawn = sparkline([value + 1 for value in values], 40, unicode=unicode)
    said = f"  {', '.join(shown)}" if shown else "  not defined: fewer than three curves, or all alike"
    return [f"Rank correlation of the loss with the end  {drawn}", *folded(said, FOLD)]


def audit_document(found: CurvesAudit) -> dict[str, Any]:
    """Return what `--json` prints."""
    from epochsearch.cli.words.documents import number

    return {
        "source": found.source,
        "objective": found.objective,
        "curves": found.curves,
        "shuffles": found.shuffles,
        "seed": found.seed,
        "pruners": [
            {
                "pruner": str(one.pruner),
                "epochs_complete": one.result.epochs_complete,
                "share_saved": one.result.share_saved,
                "stopped": one.result.stopped,
                "lost_best": {
                    "probability": one.result.lost_best.estimate,
                    "low": one.result.lost_best.low,
                    "high": one.result.lost_best.high,
                },
                "regret": number(one.result.regret),
                "regret_max": number(one.result.regret_max),
                "kept_nothing": one.result.kept_nothing,
            }
            for one in found.pruners
        ],
        "rank_correlation": [number(value) for value in found.correlation],
    }


def _objective(text: str | None) -> Objective | None:
    for known in OBJECTIVES:
        if text == known:
            return known
    if text is not None:
        raise UsageError("--objective", text, "must be final or best", nearest(text, OBJECTIVES))
    return None
