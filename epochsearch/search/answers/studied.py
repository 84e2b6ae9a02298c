"""All that is known of a study, for its report: nothing is trained, and no test row is touched."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from epochsearch.analysis.batch_costs import BatchCost, batch_costs
from epochsearch.analysis.forecasts import OrderOutcome
from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.returns import GAIN, LastShare, last_share
from epochsearch.analysis.traces import Step, Trace, anytime
from epochsearch.core.errors import SearchFailedError
from epochsearch.core.point import Point
from epochsearch.core.summary import StudySummary
from epochsearch.search.answers.advice import Advice, advice
from epochsearch.search.answers.diagnosing import DiagnosedTrial, diagnosed
from epochsearch.search.answers.recommendation import Grounds, grounds
from epochsearch.search.comparing.tracing import study_order_outcomes, study_trace
from epochsearch.store.archive import study_conditions, study_curves, study_summary
from epochsearch.store.database import open_database
from epochsearch.store.looks import SeenLook, seen_looks
from epochsearch.store.other_seeds import Losses, losses_of_other_seeds


@dataclass(frozen=True, slots=True)
class ChosenCurve:
    """The curve of the point to take."""

    found: DiagnosedTrial
    point: Point  # with the epochs to take
    interval: Interval | None  # of the best epoch; None: nothing tells
    seeds: tuple[Losses, ...]  # validation losses of the same configuration under other seeds
    advised: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class StudiedStudy:
    """A study with what it came to; what is not known is None or empty."""

    summary: StudySummary
    trials: tuple[DiagnosedTrial, ...]  # in the order of their numbers
    grounds: Grounds | None  # None: no curve has a finite loss
    chosen: ChosenCurve | None
    looks: tuple[SeenLook, ...]  # at the sealed test part
    batch_costs: tuple[BatchCost, ...]
    steps: tuple[Step, ...]  # best value so far against charged epochs
    last: LastShare | None  # what the last of the charged epochs bought
    conditions: Mapping[str, str]  # versions and machine at its start
    searched: Trace  # what it had found and been charged, step by step
    orders: tuple[OrderOutcome, ...] = ()  # of a sampler that freezes and thaws


def studied(
    storage: str,
    study: str,
    *,
    price: float | None = None,
    least: float = GAIN,
    place: tuple[str, ...] = (),
) -> StudiedStudy:
    """Return what is known of a study.

    price: money per hour; least: share of the loss that an epoch is to buy; place: the words that name the
    storage on a command line.

    Raises:
        NotFoundError: There is no such study.
    """
    try:
        known = grounds(storage, study)
    except SearchFailedError:
        known = None
    summary = study_summary(storage, study)
    curves = study_curves(storage, study)  # last: of a study that goes on they hold whatever was answered
    point, number = _point(summary, known)
    epochs = {} if point is None or number is None else {number: point.epochs}
    trials = diagnosed(storage, summary, curves, price=price, least=least, chosen=epochs)
    searched = study_trace(storage, study, summary.spec, [curve.trial for curve in curves])
    with closing(open_database(storage, create=False)) as database:
        looks = tuple(seen_looks(database, study))
    return StudiedStudy(
        summary=summary,
        trials=tuple(trials),
        grounds=known,
        chosen=_chosen(storage, summary, trials, known, point, number, place),
        looks=looks,
        batch_costs=batch_costs(curves),
        steps=anytime(searched),
        last=last_share(searched),
        conditions=study_conditions(storage, study),
        searched=searched,
        orders=study_order_outcomes(storage, study, summary.spec, curves),
    )


def _point(summary: StudySummary, known: Grounds | None) -> tuple[Point | None, int | None]:
    """Return the point to take and the number of the trial whose curve it lies on."""
    if known is not None:
        return known.recommendation.recommended.point, known.recommendation.recommended.trial
    return (summary.best.point, summary.best.number) if summary.best else (None, None)


def _chosen(
    storage: str,
    summary: StudySummary,
    trials: list[DiagnosedTrial],
    known: Grounds | None,
    point: Point | None,
    number: int | None,
    place: tuple[str, ...],
) -> ChosenCurve | None:
    found = next((one for one in trials if one.curve.trial.number == number), None)
    if found is None or point is None or number is None or found.diagnosis is None:
        return None
    return ChosenCurve(
        found=found,
        point=point,
        interval=known.recommendation.best_epoch if known else None,
        seeds=losses_of_other_seeds(storage, summary.study, [number]).get(number, ()),
        advised=advice(summary.study, summary.spec, point, found.diagnosis, place),
    )
