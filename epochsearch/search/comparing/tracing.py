"""What a stored search had found and been charged, step by step, and what became of its orders.

A search that freezes and thaws has a step an order: its trials do not end one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from epochsearch.analysis.forecasts import OrderOutcome, order_outcomes
from epochsearch.analysis.stretches import traced_orders
from epochsearch.analysis.traces import Trace, TracedTrial, trace
from epochsearch.core.spec import StudySpec
from epochsearch.core.trial import TrialCurve, TrialRecord
from epochsearch.store.archive import study_curves
from epochsearch.store.orders import study_orders


def study_trace(storage: str, study: str, spec: StudySpec, trials: Sequence[TrialRecord]) -> Trace:
    """Return the trace of a study of these trials.

    Raises:
        NotFoundError: There is no such database.
    """
    steps = order_steps(storage, study, spec)
    return (
        Trace(study, "", spec.seed, steps) if steps else trace(trials, study=study, entry="", seed=spec.seed)
    )


def order_steps(storage: str, study: str, spec: StudySpec) -> tuple[TracedTrial, ...]:
    """Return the steps of a search that freezes and thaws; none of another one."""
    if not spec.freezes:
        return ()
    epochs = {
        curve.trial.number: [(spec.measure.of(report), report.seconds) for report in curve.reports]
        for curve in study_curves(storage, study)
    }
    return traced_orders(study_orders(storage, study), epochs, spec.space.lengths[0])


def study_order_outcomes(
    storage: str, study: str, spec: StudySpec, curves: Sequence[TrialCurve]
) -> tuple[OrderOutcome, ...]:
    """Return what became of each order of a study as they were given; none if its sampler gives none."""
    if not spec.freezes:
        return ()
    values = {one.trial.number: [spec.measure.of(report) for report in one.reports] for one in curves}
    return order_outcomes(study_orders(storage, study), values, spec.space.max_epochs)
