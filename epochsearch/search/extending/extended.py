"""Where an extension stands, configuration by configuration, read from its trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from epochsearch.analysis.extension import Ending, ExtensionRule, decide
from epochsearch.analysis.intervals import Interval
from epochsearch.core.extension import extended_study, least_gain, starting_points
from epochsearch.core.measure import Measure
from epochsearch.core.point import Point
from epochsearch.core.trial import Outcome, TrialCurve, TrialRecord
from epochsearch.store.archive import study_curves, study_summary


@dataclass(frozen=True, slots=True)
class Extended:
    """One configuration and how far it was carried on."""

    start: Point  # as the extended study has it
    trials: tuple[TrialRecord, ...]  # of the extension, in the order of their numbers
    ending: Ending | None  # why it stopped; None: it is to go on
    gain: Interval | None  # predicted of its next epoch, a share of the loss; None: too short to tell

    @property
    def first(self) -> TrialRecord | None:
        """The trial that repeats the starting point; None: it has not been read yet."""
        return next((one for one in self.completed if one.point.epochs == self.start.epochs), None)

    @property
    def longest(self) -> TrialRecord | None:
        """The completed trial of most epochs."""
        return max(self.completed, key=lambda one: one.point.epochs, default=None)

    @property
    def completed(self) -> tuple[TrialRecord, ...]:
        """Its trials that have a value."""
        return tuple(one for one in self.trials if one.outcome is Outcome.COMPLETED)

    @property
    def epochs_trained(self) -> int:
        """Epochs that were run for it."""
        return sum(one.cost.epochs_trained for one in self.trials)


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension as it stands in the storage: what became of each configuration."""

    source: str  # the study that is extended
    study: str  # the extension
    rule: ExtensionRule
    configurations: tuple[Extended, ...]  # in the order of their rank in the source


def read_extension(storage: str, name: str) -> Extension:
    """Return where the extension called `name` stands.

    Raises:
        NotFoundError: There is no such study.
    """
    spec = study_summary(storage, name).spec
    rule = ExtensionRule(least_gain(spec.sampler), spec.space.max_epochs)
    found = carried_on(starting_points(spec.sampler), study_curves(storage, name), rule, spec.measure)
    return Extension(extended_study(spec.sampler), name, rule, found)


def carried_on(
    starts: Sequence[Point], trials: Sequence[TrialCurve], rule: ExtensionRule, measure: Measure
) -> tuple[Extended, ...]:
    """Return each starting point with what came of it.

    trials: of the extension, with their curves; measure: what the objective reads off an epoch.
    """
    mine = (
        [one for one in trials if one.trial.point.configuration == start.configuration] for start in starts
    )
    return tuple(_carried(start, found, rule, measure) for start, found in zip(starts, mine, strict=True))


def _carried(start: Point, trials: Sequence[TrialCurve], rule: ExtensionRule, measure: Measure) -> Extended:
    records = tuple(one.trial for one in trials)
    for outcome, ending in ((Outcome.FAILED, Ending.FAILED), (Outcome.DIVERGED, Ending.DIVERGED)):
        if any(record.outcome is outcome for record in records):
            return Extended(start, records, ending, None)
    done = [one for one in trials if one.trial.outcome is Outcome.COMPLETED]
    if not done:
        return Extended(start, records, None, None)
    longest = max(done, key=lambda one: len(one.reports))
    decision = decide([measure.of(report) for report in longest.reports], rule)
    gain = decision.forecast.gain if decision.forecast else None
    return Extended(start, records, decision.ending, gain)
