"""A study in a few numbers: what `run` ends with and what `studies` and `show` list."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from epochsearch.core.spec import StudySpec
from epochsearch.core.trial import Cost, Outcome, TrialRecord


def go_on(study: str, task: str) -> str:
    """Return how a study goes on of which too little is there."""
    command = shlex.join(["epochsearch", "run", task, "--study", study])
    return f"Go on with it, with the options that it has: {command}"


@dataclass(frozen=True, slots=True)
class StudySummary:
    """One study as it stands in the storage."""

    study: str
    spec: StudySpec
    counts: Mapping[Outcome, int]  # every outcome is a key
    cost: Cost
    wall_seconds: float  # over all runs of the study
    best: TrialRecord | None  # the completed trial with the lowest value
    updated: datetime  # UTC, timezone-aware
    running: int = 0  # trials being trained now, by a live process
    holder: str = ""  # "host:pid" of the live process that runs it, "" if none

    @property
    def finished(self) -> int:
        """Trials that ended for good: all but interrupted and running ones."""
        return sum(count for outcome, count in self.counts.items() if outcome is not Outcome.INTERRUPTED)
