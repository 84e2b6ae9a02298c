"""A study that never ran, and what a search of it would tell."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from epochsearch.core.choice import Choice
from epochsearch.core.curve import EpochReport
from epochsearch.core.point import Configuration, Point
from epochsearch.core.recipe import Recipe
from epochsearch.core.space import parse_space
from epochsearch.core.spec import Limits, StudySpec
from epochsearch.core.stages import NAMES
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.search.running.events import (
    EpochDone,
    Event,
    Notice,
    SearchEnded,
    SearchStarted,
    Tick,
    TrialEnded,
    TrialFrozen,
    TrialStarted,
    TrialThawed,
)

SPEC = StudySpec(
    task="digits",
    fingerprint="0123456789abcdef",
    space=parse_space({"epochs": "5:50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32,64"}),
    sampler=Choice("tpe", (("multivariate", True),)),
    pruner=Choice("median"),
    objective="final",
    recipe=Recipe(Choice("adam"), Choice("constant")),
    seed=0,
    training_seed=0,
    folds=1,
    device="cpu",
    threads=1,
)


STAGED = Choice(
    "staged",
    (
        *((name, 2) for name in ("explore", "carry", "refine", "schedules")),
        *((f"{name}_epochs", epochs) for name, epochs in zip(NAMES, (10, 25, 50, 50), strict=True)),
        *((f"{name}_rows", rows) for name, rows in zip(NAMES, (314, 628, 0, 0), strict=True)),
    ),
)
"""Four stages of two trials each."""


def point(epochs: int = 34, learning_rate: float = 0.0012, batch_size: int = 64) -> Point:
    return Point(epochs, Configuration(learning_rate, batch_size))


def report(epoch: int, val_loss: float | None = None) -> EpochReport:
    loss = 2.3 * math.exp(-epoch / 8) + 0.05 if val_loss is None else val_loss
    return EpochReport(epoch, loss, loss, 0.01, (("accuracy", 0.9),))


def trial(
    number: int = 0, value: float | None = 0.0831, outcome: Outcome = Outcome.COMPLETED, epochs_done: int = 34
) -> TrialRecord:
    return TrialRecord(
        number=number,
        outcome=outcome,
        point=point(),
        value=value,
        seed=0,
        cost=Cost(epochs_done, max(0, epochs_done - 14), 0, 3.4, 2.0),
        epochs_done=epochs_done,
        metrics=(("accuracy", 0.9815),),
        value_epoch=None if value is None else epochs_done,
    )


def summary(best: TrialRecord | None = None, **counts: int) -> StudySummary:
    return StudySummary(
        study="digits-tpe-0",
        spec=SPEC,
        counts={outcome: counts.get(outcome.value, 0) for outcome in Outcome},
        cost=Cost(340, 200, 0, 34.0, 20.0),
        wall_seconds=12.5,
        best=best,
        updated=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


def started(limits: Limits | None = None, finished: int = 0, workers: int = 2) -> SearchStarted:
    return SearchStarted(
        study="digits-tpe-0",
        spec=SPEC,
        limits=limits or Limits(trials=50),
        storage="sqlite:///studies/epochsearch.db",
        workers=workers,
        finished=finished,
        cost=Cost(),
        wall_seconds=0.0,
        best=None,
    )


def search_events(trials: int = 6, side_by_side: int = 2) -> Iterator[Event]:
    """Yield the events of a search of `trials` trials, so many at once, each of 34 epochs."""
    yield started(Limits(trials=trials), workers=side_by_side)
    yield Notice("the learning rate is snapped to the nearest recorded one")
    charged = 0
    for first in range(0, trials, side_by_side):
        numbers = range(first, min(first + side_by_side, trials))
        for number in numbers:
            yield TrialStarted(number, point(learning_rate=10.0 ** -(1 + number % 5)))
        for epoch in range(1, 35):
            for number in numbers:
                yield EpochDone(number, report(epoch), trained=epoch > 14)
            yield Tick()
        for number in numbers:
            charged += 34
            ended = trial(number, value=1 / (number + 3))
            yield TrialEnded(ended, Cost(charged, charged * 20 // 34), is_best=True)
    yield SearchEnded(summary(trial(trials - 1), completed=trials), "trials")


def freezing_events(trials: int = 6, rounds: int = 3) -> Iterator[Event]:
    """Yield the events of a search in which each trial gets 2 epochs, and the first ones twice as many again.

    rounds: stretches of the first trial; every other one of them has a trial less.
    """
    spec = replace(SPEC, sampler=Choice("freeze-thaw"), pruner=Choice("none"))
    yield replace(started(Limits(epochs=500), workers=1), spec=spec)
    done: dict[int, int] = {}
    for step in range(rounds):
        for number in range(max(1, trials - step)):
            upto, first, cost = 2 ** (step + 1), done.get(number, 0), Cost(sum(done.values()))
            at = point(50, 10.0 ** -(1 + number % 5))
            if first:
                yield TrialThawed(number, at, upto, cost)
            else:
                yield TrialStarted(number, at, upto)
            for epoch in range(first + 1, upto + 1):
                yield EpochDone(number, report(epoch, (number + 1) / epoch), trained=True)
            done[number] = upto
            record = replace(trial(number, (number + 1) / upto, epochs_done=upto), frozen=True)
            yield TrialFrozen(record, Cost(sum(done.values())), is_best=number == 0)
