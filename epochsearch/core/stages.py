"""The stages of a staged search, and which of them a trial belongs to: its number says so.

A staged search is one study. All its trials are judged on the same validation rows, so their values compare
whatever part of the training rows they saw; and one study is what every command, the ledger and
optuna-dashboard know already. The options of its sampler hold each stage's budget, so that a trial's number
tells its stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from epochsearch.core.choice import Choice
from epochsearch.core.spec import StudySpec

STAGED = "staged"
"""The name of the strategy, and of its sampler."""

ROWS, SCHEDULE = "train_rows", "schedule"
"""Further hyperparameters of a staged search's points: training rows (0: all), and the schedule."""

NAMES = ("explore", "carry", "refine", "schedules")
"""The stages in their order; each is an option too, its number of trials."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage."""

    name: str
    first: int  # number of its first trial
    trials: int
    rows: int  # training rows of each; 0: all
    epochs: int  # of each, at most

    @property
    def numbers(self) -> range:
        """The numbers of its trials."""
        return range(self.first, self.first + self.trials)


def stages_of(spec: StudySpec) -> tuple[Stage, ...]:
    """Return the stages of a study, those without a trial left out; none if it is not staged."""
    return _stages(spec.sampler) if spec.sampler.name == STAGED else ()


def stage_at(stages: Sequence[Stage], number: int) -> Stage | None:
    """Return the stage of a trial; None if there is none of that number."""
    return next((stage for stage in stages if number in stage.numbers), None)


@lru_cache(maxsize=64)
def _stages(sampler: Choice) -> tuple[Stage, ...]:
    options, stages, first = sampler.values, [], 0
    for name in NAMES:
        trials, rows, epochs = (int(options[key] or 0) for key in (name, f"{name}_rows", f"{name}_epochs"))
        if trials:
            stages.append(Stage(name, first, trials, rows, epochs))
        first += trials
    return tuple(stages)
