"""A trial's number says its stage."""

from __future__ import annotations

from dataclasses import replace

from epochsearch.core.choice import Choice
from epochsearch.core.stages import NAMES, Stage, stage_at, stages_of
from tests.unit.store.records import SPEC

PARTS = dict.fromkeys(NAMES, 3) | {f"{name}_{part}": 7 for name in NAMES for part in ("rows", "epochs")}


def test_stages_follow_each_other_without_a_gap() -> None:
    """Those without a trial are left out, and take no number."""
    sampler = Choice("staged", tuple((PARTS | {"carry": 0, "refine_rows": 0}).items()))

    stages = stages_of(replace(SPEC, sampler=sampler))

    assert stages == (
        Stage("explore", 0, 3, 7, 7),
        Stage("refine", 3, 3, 0, 7),
        Stage("schedules", 6, 3, 7, 7),
    )
    assert [stage_at(stages, number) for number in (0, 2, 3, 8)] == [
        stages[0],
        stages[0],
        stages[1],
        stages[2],
    ]
    assert stage_at(stages, 9) is None


def test_other_searches_have_no_stages() -> None:
    """Whatever their sampler."""
    assert stages_of(SPEC) == ()
