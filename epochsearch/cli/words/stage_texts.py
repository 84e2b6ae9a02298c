"""What a person reads of a staged search: where it stands, and what each stage came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from epochsearch.analysis.stages import StageResult, stage_results
from epochsearch.cli.console import Fact
from epochsearch.cli.words.documents import number
from epochsearch.cli.words.formats import objective_text
from epochsearch.core.measure import Measure
from epochsearch.core.spec import StudySpec
from epochsearch.core.stages import Stage, stage_at, stages_of
from epochsearch.core.trial import TrialRecord


def stage_facts(spec: StudySpec, trials: Sequence[TrialRecord]) -> list[Fact]:
    """Return what a study's stages came to, a line for each; nothing of a study that is not staged."""
    found = stage_results(stages_of(spec), trials)
    return [("Stages", "\n".join(_line(one, spec.measure) for one in found))] if found else []


def stages_document(spec: StudySpec, trials: Sequence[TrialRecord]) -> dict[str, Any]:
    """Return the part of a study's document; empty for a study that is not staged."""
    found = stage_results(stages_of(spec), trials)
    return {"stages": [_document(one) for one in found]} if found else {}


def stage_standing(spec: StudySpec, trials: Sequence[int]) -> str:
    """Return where a search stands whose trials under way are these; "" if it is not staged."""
    stages = stages_of(spec)
    stage = stage_at(stages, max(trials, default=-1))
    return "" if stage is None else _placed(stages, stage)


def _placed(stages: Sequence[Stage], stage: Stage) -> str:
    rows = f"{stage.rows:,} rows" if stage.rows else "all rows"
    place = f"{stages.index(stage) + 1} of {len(stages)}"
    return f"{place}, {stage.name}: {stage.trials} trials on {rows}, up to {stage.epochs} epochs"


def _line(one: StageResult, measure: Measure) -> str:
    stage, best = one.stage, one.best
    rows = f"{stage.rows:,}" if stage.rows else "all"
    done = f"{one.finished}/{stage.trials}"
    said = f"{stage.name:<9} {done:>5}  {rows:>5} rows  {stage.epochs:>3} epochs"
    if best is None:
        return said
    mark = "" if one.improved else "  no better"
    return f"{said}  {objective_text(best.value, measure)} trial {best.number}{mark}"


def _document(one: StageResult) -> dict[str, Any]:
    stage, best, cost = one.stage, one.best, one.cost
    return {
        "stage": stage.name,
        "first_trial": stage.first,
        "trials": stage.trials,
        "finished": one.finished,
        "train_rows": stage.rows or None,
        "epochs": stage.epochs,
        "best": {"trial": best.number, "value": number(best.value)} if best else None,
        "improved": one.improved,
        "epochs_charged": cost.epochs_charged,
        "epochs_trained": cost.epochs_trained,
        "seconds_charged": number(cost.seconds_charged),
        "seconds_trained": number(cost.seconds_trained),
    }
