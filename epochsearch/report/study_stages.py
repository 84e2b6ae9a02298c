"""The section of a study's page about its stages: what each was given, and what it brought."""

from __future__ import annotations

from collections.abc import Sequence

from epochsearch.analysis.stages import StageResult, stage_results
from epochsearch.core.measure import Measure
from epochsearch.core.stages import stages_of
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import TrialRecord
from epochsearch.report.markup import number, safe, table

COLUMNS = [
    "stage",
    "trials",
    "training rows",
    "epochs",
    "best",
    "in trial",
    "epochs charged",
    "epochs trained",
    "seconds charged",
]


def stages_section(summary: StudySummary, trials: Sequence[TrialRecord]) -> str:
    """Return the section; "" for a study that is not staged."""
    measure, found = summary.spec.measure, stage_results(stages_of(summary.spec), trials)
    if not found:
        return ""
    said = (
        "Each stage begins with the best of the one before it. All are judged on the same validation rows: "
        f"the best {measure.word} of one compares with that of another, though they saw other training rows."
    )
    rows = [_row(one, measure) for one in found]
    return f"<h2>Stages</h2><p class='soft'>{safe(said)}</p>{table(COLUMNS, rows)}{_verdict(found, measure)}"


def _row(one: StageResult, measure: Measure) -> list[str]:
    stage, best, cost = one.stage, one.best, one.cost
    return [
        stage.name,
        f"{one.finished} of {stage.trials}",
        f"{stage.rows:,}" if stage.rows else "all",
        str(stage.epochs),
        number(None if best is None or best.value is None else measure.shown(best.value)),
        str(best.number) if best else "-",
        f"{cost.epochs_charged:,}",
        f"{cost.epochs_trained:,}",
        number(cost.seconds_charged),
    ]


def _verdict(found: Sequence[StageResult], measure: Measure) -> str:
    """Return which stages brought nothing better; they are over, and had something before them."""
    vain = [one.stage.name for one in found[1:] if one.best is not None and not one.improved]
    if not vain:
        return ""
    return f"<p>No better {safe(measure.word)} than before came of: {safe(', '.join(vain))}.</p>"
