"""The diagnosis of a study's trials: their curves from the ledger, and what each has to be compared with.

What is reachable is the lowest level that another trial of the study reached, or a random forest on the
same rows if that is lower. A task that can no longer be loaded as it was searched lends no forest and no
chance.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from epochsearch.analysis.diagnosis import FEWEST, diagnose
from epochsearch.analysis.findings import Diagnosis, Reference
from epochsearch.analysis.loss_scale import loss_scale
from epochsearch.analysis.returns import GAIN, CurveReturns, curve_returns
from epochsearch.analysis.shape import shape
from epochsearch.core.errors import EpochsearchError, NotFoundError, nearest
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import TrialCurve
from epochsearch.store.archive import study_curves, study_summary
from epochsearch.store.other_seeds import losses_of_other_seeds
from epochsearch.tasks.facts import examine
from epochsearch.tasks.forest import forest_loss
from epochsearch.tasks.loading import load_task

FOREST = "a random forest on the same data"


@dataclass(frozen=True, slots=True)
class DiagnosedTrial:
    """A trial, its curve as far as it used it, and what that says; None where it has no epoch."""

    curve: TrialCurve
    diagnosis: Diagnosis | None
    returns: CurveReturns | None


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What is known of a task's data apart from any trial, in the units of its loss; None: not known."""

    forest: float | None = None
    chance: float | None = None


def diagnosed_trial(
    storage: str, study: str, number: int, *, price: float | None = None, least: float = GAIN
) -> tuple[StudySummary, DiagnosedTrial]:
    """Return a study's summary and the diagnosis of one of its trials.

    price: money per hour; least: share of the loss that an epoch is to buy (see `curve_returns`).

    Raises:
        NotFoundError: There is no such study or trial.
    """
    summary, curves = study_summary(storage, study), study_curves(storage, study)
    if number not in [curve.trial.number for curve in curves]:
        raise _no_trial(study, number, curves)
    found = diagnosed(storage, summary, curves, only=[number], price=price, least=least)
    return summary, found[0]


def diagnosed(
    storage: str,
    summary: StudySummary,
    curves: Sequence[TrialCurve],
    *,
    only: Collection[int] | None = None,
    price: float | None = None,
    least: float = GAIN,
    chosen: Mapping[int, int] | None = None,
) -> list[DiagnosedTrial]:
    """Return the diagnosis of a study's trials, in the order of `curves`.

    curves: of all its trials; only: the numbers of those that are wanted; None: all. chosen: by number, an
    epoch in place of the one that the trial's value is of.
    """
    epochs = {curve.trial.number: curve.trial.value_epoch for curve in curves} | dict(chosen or {})
    wanted = [curve for curve in curves if only is None or curve.trial.number in only]
    seeds = losses_of_other_seeds(storage, summary.study, only)
    known, levels = yardstick(summary), _levels(curves)
    return [
        DiagnosedTrial(
            curve,
            _diagnosis(
                curve,
                _reference(curve, levels, known),
                seeds.get(curve.trial.number, ()),
                epochs[curve.trial.number],
            ),
            curve_returns(
                [report.val_loss for report in curve.reports],
                [report.seconds for report in curve.reports],
                memory=[report.memory_bytes for report in curve.reports],
                price=price,
                least=least,
            ),
        )
        for curve in wanted
    ]


def yardstick(summary: StudySummary) -> Yardstick:
    """Return what is known of the study's data; reads them, if they are still what was searched."""
    try:
        task = load_task(summary.spec.task)
        facts = examine(task)
        if facts.fingerprint != summary.spec.fingerprint:
            return Yardstick()
        known = None if task.recorded else facts.chance_loss  # a table's is the usual loss after one epoch
        return Yardstick(forest_loss(task), known)
    except EpochsearchError:
        return Yardstick()


def _diagnosis(
    curve: TrialCurve, reference: Reference, seeds: Sequence[Sequence[float]], chosen: int | None
) -> Diagnosis | None:
    if not curve.reports:
        return None
    done = len(curve.reports)
    return diagnose(
        [report.train_loss for report in curve.reports],
        [report.val_loss for report in curve.reports],
        chosen=chosen if chosen is not None and chosen <= done else None,
        reference=reference,
        siblings=seeds,
    )


def _levels(curves: Sequence[TrialCurve]) -> list[tuple[float, TrialCurve]]:
    """Return the lowest level of each finite curve that is long enough, the lowest first."""
    found = []
    for curve in curves:
        losses = [report.val_loss for report in curve.reports if math.isfinite(report.val_loss)]
        if len(losses) >= FEWEST:
            scale = loss_scale(losses)
            found.append((scale.loss(shape(losses, scale).lowest), curve))
    return sorted(found, key=lambda pair: (pair[0], pair[1].trial.number))


def _reference(curve: TrialCurve, levels: Sequence[tuple[float, TrialCurve]], known: Yardstick) -> Reference:
    """Return what this curve is compared with: another configuration's level, or the forest's loss."""
    own = curve.trial.point.configuration
    found = Reference(chance=known.chance)
    other = next((pair for pair in levels if pair[1].trial.point.configuration != own), None)
    if other is not None:
        found = replace(found, reachable=other[0], source=f"trial {other[1].trial.number}")
    if known.forest is not None and (found.reachable is None or known.forest < found.reachable):
        found = replace(found, reachable=known.forest, source=FOREST)
    return found


def _no_trial(study: str, number: int, curves: Sequence[TrialCurve]) -> NotFoundError:
    numbers = [curve.trial.number for curve in curves]
    if not numbers:
        action = "Start it with: epochsearch run"
    elif len(numbers) == max(numbers) + 1:
        action = f"Its trials are 0 to {max(numbers)}."
    else:
        action = nearest(str(number), [str(one) for one in numbers])
    return NotFoundError("--trial", str(number), f"study {study} has no such trial", action)
